"""Tiny videos whose frames show their numbers as bright and dark squares, and ways to damage them."""

from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from scenewise.video.decode import decode

WIDTH, HEIGHT = 128, 64


def draw(number: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """A frame (H, W, 3) that shows `number` (below 256) as 2 rows of 4 squares on a moving ramp."""
    frame = np.empty((height, width, 3), np.uint8)
    frame[:] = (60 + (np.arange(width) // 4 + number) % 90)[None, :, None]
    for bit in range(8):
        top, left = (bit // 4) * (height // 2), (bit % 4) * (width // 4)
        frame[top + 4 : top + height // 2 - 4, left + 4 : left + width // 4 - 4] = 235 if number >> bit & 1 else 16
    return frame


def read_number(frame: NDArray[np.uint8]) -> int:
    """The number that `draw` put there."""
    height, width = frame.shape[:2]
    number = 0
    for bit in range(8):
        top, left = (bit // 4) * (height // 2), (bit % 4) * (width // 4)
        square = frame[top + height // 6 : top + height // 3, left + width // 12 : left + width // 6]
        number |= int(square.mean() > 125) << bit
    return number


def write(
    path: Path,
    codec: str,
    *,
    frames: int = 48,
    b_frames: int = 0,
    keyint: int = 12,
    pixels: str = "yuv420p",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    milliseconds: list[int] | None = None,
    muxer: dict[str, str] | None = None,
    **codec_options: str,
) -> Path:
    """Encode numbered frames at 25 a second, or at the times of `milliseconds`."""
    options = dict(codec_options)
    if codec == "libx264":
        options["x264-params"] = f"keyint={keyint}:min-keyint={keyint}:scenecut=0:bframes={b_frames}:b-adapt=0"
    if codec == "libx265":
        options["x265-params"] = f"keyint={keyint}:min-keyint={keyint}:bframes={b_frames}:open-gop=0:log-level=none"
    with av.open(path, "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        context: Any = stream.codec_context
        context.gop_size, context.max_b_frames, context.thread_count = keyint, b_frames, 1
        if milliseconds is not None:
            context.time_base = Fraction(1, 1000)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(draw(number, *size), format="rgb24")
            frame.pts = number if milliseconds is None else milliseconds[number]
            frame.time_base = Fraction(1, 25) if milliseconds is None else Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class Decoded(NamedTuple):
    """A whole video: its frames (N, H, W, 3), the numbers read from them, times and lost marks (N,)."""

    frames: NDArray[np.uint8]
    numbers: list[int]
    times: NDArray[np.float64]
    lost: NDArray[np.bool_]


def decode_all(path: Path, **options: Any) -> Decoded:
    """All blocks of `decode`, joined."""
    blocks = list(decode(path, **options))
    frames = np.concatenate([block.frames for block in blocks])
    times = np.concatenate([block.timestamps for block in blocks])
    return Decoded(frames, [read_number(frame) for frame in frames], times, np.concatenate([b.lost for b in blocks]))


class Place(NamedTuple):
    """Where a packet's payload lies in its file, and which frame it is."""

    spans: list[tuple[int, int]]
    """Byte ranges; several in TS, where a payload is spread over packets of 188 bytes."""
    number: int
    is_key: bool


def places(path: Path) -> list[Place]:
    """The payload of every packet, in the file's order."""
    content = path.read_bytes()
    with av.open(path) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        spans = (
            _spans_in_ts(content) if path.suffix == ".ts" else _spans(content, [bytes(packet) for packet in packets])
        )
    shown = sorted(packet.pts for packet in packets)
    return [
        Place(span, shown.index(packet.pts), packet.is_keyframe) for span, packet in zip(spans, packets, strict=True)
    ]


def _spans(content: bytes, payloads: list[bytes]) -> list[list[tuple[int, int]]]:
    ranges, at = [], 0
    for payload in payloads:
        at = content.index(payload, at)
        ranges.append([(at, at + len(payload))])
        at += len(payload)
    return ranges


def _spans_in_ts(content: bytes) -> list[list[tuple[int, int]]]:
    """The coded slices of every access unit.

    Without the NAL units before them, the start code and the slice type: the parser needs these to see that there is a
    picture at all.
    """
    units: list[list[tuple[int, int]]] = []
    for at in range(0, len(content), 188):
        if (content[at + 1] & 31) << 8 | content[at + 2] != 0x100:  # PID of the only stream, as FFmpeg numbers it
            continue
        begin = at + 4 + (1 + content[at + 4] if content[at + 3] & 0x20 else 0)  # adaptation field
        if content[at + 1] & 0x40:  # a PES packet starts
            begin += 9 + content[begin + 8]
            units.append([])
        units[-1].append((begin, at + 188))
    for spans in units:
        payload = b"".join(content[begin:end] for begin, end in spans)
        keep = max(payload.rfind(b"\0\0\1" + bytes([kind])) for kind in (0x65, 0x41, 0x01)) + 8
        while spans and keep >= spans[0][1] - spans[0][0]:
            keep -= spans[0][1] - spans[0][0]
            del spans[0]
        if spans:
            spans[0] = (spans[0][0] + keep, spans[0][1])
    return units


def overwrite(path: Path, target: Path, damaged: list[Place], seed: int) -> Path:
    """Copy `path` to `target` with random bytes in place of the payloads of `damaged`."""
    random = np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    for place in damaged:
        for begin, end in place.spans:
            content[begin:end] = random.bytes(end - begin)
    target.write_bytes(content)
    return target
