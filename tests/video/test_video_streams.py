"""Files with several video streams, and recordings that begin inside a group of pictures."""

from pathlib import Path

import av
import numpy as np
import pytest
from numbered_video import decode_all, draw, read_number, write

from scenewise.errors import VideoError
from scenewise.video import video_streams
from scenewise.video.count import count_frames
from scenewise.video.source import open_source

SMALL, LARGE = (128, 64), (256, 128)


def write_streams(path: Path, streams: list[tuple[tuple[int, int], int, int]], begin: int = 0) -> Path:
    """Video streams side by side, each of (size, first number, frames); the last one begins at the picture `begin`."""
    with av.open(path, "w") as container:
        made = []
        for size, first, frames in streams:
            stream = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            made.append((stream, size, first, frames))
        for number in range(max(frames for _, _, _, frames in made)):
            for stream, size, first, frames in made:
                if number < frames and (number >= begin or stream is not made[-1][0]):
                    picture = av.VideoFrame.from_ndarray(draw(first + number, *size), format="rgb24")
                    picture.pts = number
                    container.mux(stream.encode(picture))
        for stream, *_ in made:
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_the_largest_stream_that_moves_is_read(tmp_path: Path, suffix: str) -> None:
    """A still that is larger, the sub stream of a recorder, and its main stream."""
    streams = [((512, 256), 200, 1), (SMALL, 100, 12), (LARGE, 0, 12)]
    path = write_streams(tmp_path / f"recorder.{suffix}", streams)
    source = open_source(path)
    assert source.size == (128, 256)
    assert decode_all(path).numbers == list(range(12))
    told = "it holds 2 video streams; the largest of them that moves is read: 256x128"
    assert source.faults == (told,)
    assert (path, told) in count_frames(path).faults


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_cover_picture_is_nothing_to_speak_of(tmp_path: Path, suffix: str) -> None:
    path = write_streams(tmp_path / f"cover.{suffix}", [((512, 256), 200, 1), (SMALL, 0, 12)])
    assert decode_all(path).numbers == list(range(12))
    assert open_source(path).faults == ()


def test_two_cameras_of_one_size_are_said(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "two.mkv", [(SMALL, 0, 12), (SMALL, 100, 12)])
    assert decode_all(path).numbers == list(range(12))
    assert open_source(path).faults == ("it holds 2 video streams; the largest of them that moves is read: 128x64",)


def test_a_stream_that_goes_on_under_another_identifier_is_said(tmp_path: Path) -> None:
    """The PID of the video changes midway, as if a recorder had switched its input."""
    for place, pid in enumerate(("256", "300")):
        write(tmp_path / f"{place}.ts", "libx264", frames=24 + place, muxer={"mpegts_start_pid": pid})
    path = tmp_path / "switched.ts"
    path.write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    assert len(decode_all(path).numbers) == 24
    told = "it goes on in another stream after 24 frames; the 25 frames there are not read: cut it"
    assert open_source(path).faults == (told,)
    assert count_frames(path).faults == ((path, told),)


@pytest.mark.parametrize("distance", [188, 192])
def test_a_stream_in_the_middle_that_is_unknown_when_the_file_is_opened(tmp_path: Path, distance: int) -> None:
    """FFmpeg looks for streams in the first 5 MB of a file and at its end."""
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    parts = []
    for place, (pid, frames) in enumerate((("256", 60), ("300", 25), ("256", 25))):
        with av.open(tmp_path / f"{place}.ts", "w", options={"mpegts_start_pid": pid}) as container:
            stream = container.add_stream("mpeg2video", rate=25)
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            stream.bit_rate, stream.codec_context.qmax = 20_000_000, 2
            for number in range(frames):
                picture = av.VideoFrame.from_ndarray(np.roll(noise, 7 * number, axis=0), format="rgb24")
                picture.pts = number
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        parts.append((tmp_path / f"{place}.ts").read_bytes())
    packets = np.frombuffer(b"".join(parts), np.uint8).reshape(-1, 188)
    path = tmp_path / "switched.ts"
    path.write_bytes(np.pad(packets, ((0, 0), (distance - 188, 0))).tobytes())
    assert len(decode_all(path).numbers) == 85
    told = "it goes on in another stream; the 25 frames there are not read: cut it"
    assert told in open_source(path).faults
    assert (path, told) in count_frames(path).faults


def test_a_larger_stream_that_follows_is_read_and_what_came_before_is_said(tmp_path: Path) -> None:
    """A camera was set up anew in the middle of a recording."""
    path = write_streams(tmp_path / "grown.mkv", [(SMALL, 0, 24), (LARGE, 0, 36)], begin=24)
    assert decode_all(path).numbers == list(range(24, 36))
    assert open_source(path).faults == ("it begins in another stream; the 24 frames there are not read: cut it",)


def test_a_larger_stream_that_begins_late_is_not_called_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_streams, "_WINDOW", 10)
    path = write_streams(tmp_path / "late.mkv", [(SMALL, 0, 24), (LARGE, 100, 12)], begin=8)
    assert open_source(path).faults == (
        "it holds 2 video streams; the largest of them that moves among its first 10 pictures is read: 128x64",
    )


def cut_into(path: Path, target: Path, packets: int) -> Path:
    """A copy of the TS `path` whose video begins at this packet; the tables before it are kept."""
    with av.open(path) as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.size]
    content = path.read_bytes()
    target.write_bytes(content[: 3 * 188] + content[places[packets] :])
    return target


@pytest.mark.parametrize("keyint", [50, 500])
def test_a_recording_that_begins_inside_a_group_of_pictures(tmp_path: Path, keyint: int) -> None:
    """What describes the pictures comes with the next key frame: after 2 seconds, or after 20."""
    whole = write(tmp_path / "whole.ts", "libx264", frames=keyint + 20, keyint=keyint, preset="ultrafast")
    path = cut_into(whole, tmp_path / "cut.ts", 5)
    decoded = decode_all(path)
    assert decoded.lost.sum() == keyint - 5 and decoded.lost[: keyint - 5].all()
    assert decoded.numbers[keyint - 5 :] == [number % 256 for number in range(keyint, keyint + 20)]
    assert open_source(path).fps == 25


@pytest.mark.parametrize(("suffix", "codec"), [("mkv", "mpeg4"), ("avi", "msmpeg4"), ("wmv", "wmv2"), ("flv", "flv")])
def test_guesses_before_the_first_key_frame_are_lost(tmp_path: Path, suffix: str, codec: str) -> None:
    whole = write(tmp_path / f"whole.{suffix}", codec)
    path = tmp_path / f"cut.{suffix}"
    with av.open(whole) as source, av.open(path, "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(packet for packet in source.demux(video=0) if packet.size):
            if number >= 5:
                packet.stream = stream
                target.mux(packet)
    decoded = decode_all(path)
    assert len(decoded.numbers) == 43
    assert decoded.numbers[7:] == list(range(12, 48))
    assert np.flatnonzero(decoded.lost).tolist() == list(range(7))


def test_a_stream_without_a_known_size_is_one_clear_line(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.ts", "libx264", frames=40, keyint=500, preset="ultrafast")
    path = cut_into(whole, tmp_path / "cut.ts", 5)
    with pytest.raises(VideoError, match="codec or picture size of its video stream is unknown"):
        open_source(path)


def test_frames_are_read_from_the_chosen_stream(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "recorder.mkv", [(SMALL, 100, 12), (LARGE, 0, 12)])
    block = next(open_source(path).blocks(4))
    assert [read_number(frame) for frame in block.frames] == [0, 1, 2, 3]
