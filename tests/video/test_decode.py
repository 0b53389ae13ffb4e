"""Decoding: frames keep their numbers and times, whatever the damage."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numbered_video import Decoded, decode_all, draw, overwrite, places, write

from scenewise.errors import VideoError
from scenewise.video.decode import decode, read_frames

INTACT = [
    ("mp4", "libx264", {"b_frames": 3}),
    ("mkv", "libx264", {"b_frames": 3}),
    ("ts", "libx264", {"b_frames": 3}),
    ("avi", "libx264", {"b_frames": 2}),
    ("flv", "libx264", {"b_frames": 2}),
    ("mp4", "libx265", {"b_frames": 3}),
    ("avi", "mpeg4", {"b_frames": 2}),
    ("mov", "mpeg4", {"b_frames": 2}),
    ("avi", "msmpeg4", {}),
    ("wmv", "wmv2", {}),
    ("ts", "mpeg2video", {"b_frames": 2}),
    ("mpg", "mpeg2video", {"b_frames": 2}),
    ("ts", "mpeg2video", {"b_frames": 2, "flags": "+ildct+ilme"}),
    ("avi", "mjpeg", {"pixels": "yuvj420p"}),
    ("mkv", "ffv1", {}),
    ("mkv", "ffv1", {"pixels": "gray"}),
    ("mkv", "ffv1", {"pixels": "yuv420p10le"}),
    ("mkv", "ffv1", {"pixels": "bgra"}),
    ("mov", "prores_ks", {"pixels": "yuv422p10le"}),
    ("webm", "libvpx", {"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "realtime"}),
    ("webm", "libvpx-vp9", {"lag-in-frames": "16", "deadline": "realtime", "cpu-used": "8"}),
]


@pytest.mark.parametrize(("suffix", "codec", "options"), INTACT)
def test_intact_files_lose_nothing(tmp_path: Path, suffix: str, codec: str, options: dict[str, object]) -> None:
    decoded = decode_all(write(tmp_path / f"video.{suffix}", codec, **options))  # type: ignore[arg-type]
    assert decoded.numbers == list(range(48))
    assert not decoded.lost.any()
    np.testing.assert_allclose(decoded.times, np.arange(48) / 25, atol=0.001)


def test_packed_b_frames(tmp_path: Path) -> None:
    """DivX in AVI: a P- and a B-frame in one packet, an empty frame in the place of the second."""
    source = write(tmp_path / "plain.mkv", "mpeg4", b_frames=1, keyint=100)
    with av.open(source) as container:
        coded = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    picture = b"\0\0\1\xb6"  # start code of a picture; the two bits behind it are its type, 2 for B
    packed = [coded[0].replace(picture, b"\0\0\1\xb2DivX503b1393p" + picture)]
    for data in coded[1:]:
        if data[data.find(picture) + 4] >> 6 == 2:
            packed[-1:] = [packed[-1] + data, picture + b"\x50\0\x7f"]
        else:
            packed.append(data)
    with av.open(tmp_path / "packed.avi", "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p"
        for number, data in enumerate(packed):
            packet = av.Packet(data)
            packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, number, number, number == 0
            container.mux(packet)
    decoded = decode_all(tmp_path / "packed.avi")
    assert decoded.numbers == list(range(48))
    assert not decoded.lost.any()


def test_variable_rate_gaps_are_not_losses(tmp_path: Path) -> None:
    times = [0, 40, 80, 400, 440, 441, 3000, 3500, 3510, 9000] + [9100 + 33 * n for n in range(20)]
    for suffix in ("mkv", "mp4"):
        path = write(tmp_path / f"video.{suffix}", "libx264", frames=30, b_frames=2, milliseconds=times)
        decoded = decode_all(path)
        assert decoded.numbers == list(range(30))
        assert not decoded.lost.any()
        np.testing.assert_allclose(decoded.times, np.array(times) / 1000, atol=0.001)


def test_edit_list_cuts_frames_without_losing_any(tmp_path: Path) -> None:
    """A stream copied from the middle of a group of pictures: players show the frames after the cut."""
    source = write(tmp_path / "whole.mp4", "libx264", b_frames=2)
    with av.open(source) as whole, av.open(tmp_path / "cut.mp4", "w") as cut:
        stream = cut.add_stream_from_template(whole.streams.video[0])
        begin = int(17 / 25 / whole.streams.video[0].time_base)
        for packet in whole.demux(video=0):
            if packet.size and packet.pts >= 12 / 25 / packet.time_base:
                packet.pts, packet.dts, packet.stream = packet.pts - begin, packet.dts - begin, stream
                cut.mux(packet)
    decoded = decode_all(tmp_path / "cut.mp4")
    assert decoded.numbers == list(range(17, 48))
    assert not decoded.lost.any()
    np.testing.assert_allclose(decoded.times, np.arange(31) / 25, atol=0.001)


def test_leading_pictures_of_an_open_group_are_not_losses(tmp_path: Path) -> None:
    """Cut at a key frame, the B-frames sent after it but shown before it refer to lost frames; no player shows them."""
    for codec, key in (("libx264", "x264-params"), ("libx265", "x265-params")):
        params = "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"
        path = tmp_path / f"{codec}.mkv"
        with av.open(path, "w") as container:
            more = ":log-level=none" if codec == "libx265" else ""
            stream = container.add_stream(codec, rate=25, options={key: params + more})
            stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p"
            for number in range(48):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(draw(number), format="rgb24")))
            container.mux(stream.encode(None))
        with av.open(path) as whole, av.open(tmp_path / "cut.mkv", "w") as cut:
            stream = cut.add_stream_from_template(whole.streams.video[0])
            packets = [packet for packet in whole.demux(video=0) if packet.size]
            second = [packet.is_keyframe for packet in packets].index(True, 1)
            assert packets[second + 1].pts < packets[second].pts
            for packet in packets[second:]:
                packet.stream = stream
                cut.mux(packet)
        first = round(packets[second].pts * 25 / 1000)
        decoded = decode_all(tmp_path / "cut.mkv")
        assert decoded.numbers == list(range(first, 48))
        assert not decoded.lost.any()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Videos to damage, by container and kind."""
    folder = tmp_path_factory.mktemp("sound")
    made = {}
    for suffix in ("mp4", "mkv", "ts"):
        for b_frames in (0, 3):
            kind = f"h264-b{b_frames}.{suffix}"
            made[kind] = write(folder / kind, "libx264", b_frames=b_frames)
    made["h265-b3.mp4"] = write(folder / "h265-b3.mp4", "libx265", b_frames=3)
    made["mpeg4-b2.mkv"] = write(folder / "mpeg4-b2.mkv", "mpeg4", b_frames=2)
    made["vp9.webm"] = write(folder / "vp9.webm", "libvpx-vp9", deadline="realtime", **{"cpu-used": "8"})
    made["mpeg4-b2.avi"] = write(folder / "mpeg4-b2.avi", "mpeg4", b_frames=2)
    made["intra.mp4"] = write(folder / "intra.mp4", "libx264", keyint=1)
    made["mjpeg.avi"] = write(folder / "mjpeg.avi", "mjpeg", pixels="yuvj420p")
    made["prores.mov"] = write(folder / "prores.mov", "prores_ks", pixels="yuv422p10le")
    return made


def check_lost_frames_repeat(decoded: Decoded) -> None:
    good = np.flatnonzero(~decoded.lost)
    for number in np.flatnonzero(decoded.lost):
        before = good[good < number]
        source = before[-1] if before.size else good[0]
        np.testing.assert_array_equal(decoded.frames[number], decoded.frames[source])


DAMAGE = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("kind", ["intra.mp4", "mjpeg.avi", "prores.mov"])
@given(data=st.data())
@DAMAGE
def test_each_damaged_key_frame_is_lost_and_no_other(
    sound: dict[str, Path], tmp_path: Path, kind: str, data: st.DataObject
) -> None:
    packets = places(sound[kind])
    first = 1 if kind == "intra.mp4" else 0  # the first packet of all holds what every other needs
    damaged = data.draw(st.sets(st.integers(first, len(packets) - 1), min_size=1, max_size=6))
    path = overwrite(sound[kind], tmp_path / kind, [packets[number] for number in damaged], seed=min(damaged))
    decoded = decode_all(path)
    assert set(np.flatnonzero(decoded.lost)) == damaged
    assert [n for n in range(48) if n not in damaged] == [decoded.numbers[n] for n in range(48) if n not in damaged]
    np.testing.assert_allclose(decoded.times, np.arange(48) / 25, atol=0.001)
    check_lost_frames_repeat(decoded)


@pytest.mark.parametrize(
    "kind",
    [f"h264-b{b_frames}.{suffix}" for suffix in ("mp4", "mkv", "ts") for b_frames in (0, 3)]
    + ["h265-b3.mp4", "mpeg4-b2.mkv", "vp9.webm", "mpeg4-b2.avi"],
)
@given(data=st.data())
@DAMAGE
def test_damage_never_shifts_a_frame(sound: dict[str, Path], tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """Damage stays inside its group of pictures, up to the next key frame; all others keep number, time and picture."""
    packets = places(sound[kind])
    chosen = data.draw(st.sets(st.integers(0, len(packets) - 1), min_size=1, max_size=3))
    keys = [number for number, packet in enumerate(packets) if packet.is_key]
    touched: set[int] = set()
    for number in chosen:
        begin = max(key for key in keys if key <= number)
        end = min((key for key in keys if key > number), default=len(packets))
        after = packets[end].number if end < len(packets) else len(packets)
        before = min(packet.number for packet in packets[begin:end])
        # AVI stores no presentation times, so that a lost frame's place is only known to within the B-frames.
        touched |= set(range(max(before - 2 * kind.endswith("avi"), 0), after))
    if touched == set(range(48)):
        return
    path = overwrite(sound[kind], tmp_path / kind, [packets[number] for number in chosen], seed=min(chosen))
    decoded = decode_all(path)
    assert len(decoded.numbers) == 48
    assert set(np.flatnonzero(decoded.lost)) <= touched
    assert {n for n in range(48) if decoded.numbers[n] != n} <= touched
    np.testing.assert_allclose(decoded.times, np.arange(48) / 25, atol=0.001)
    check_lost_frames_repeat(decoded)
    if kind.startswith("h26") and not kind.endswith("ts"):
        assert {packets[number].number for number in chosen} <= set(np.flatnonzero(decoded.lost))


@pytest.mark.parametrize("kind", ["h264-b3.ts", "h264-b3.mkv", "mpeg4-b2.avi", "front.mp4"])
@given(share=st.floats(0.3, 0.999))
@DAMAGE
def test_cut_files_give_no_extra_frames(sound: dict[str, Path], tmp_path: Path, kind: str, share: float) -> None:
    if kind not in sound:
        sound[kind] = write(sound["intra.mp4"].parent / kind, "libx264", b_frames=3, muxer={"movflags": "faststart"})
    content = sound[kind].read_bytes()
    cut = int(len(content) * share)
    there = [packet.number for packet in places(sound[kind]) if packet.spans and packet.spans[0][0] < cut]
    if len(there) < 13:  # a group of pictures
        return
    path = tmp_path / kind
    path.write_bytes(content[:cut])
    decoded = decode_all(path)
    assert len(there) - 2 <= len(decoded.numbers) <= len(there)
    sure = min(set(range(48)) - set(there), default=48) - 4  # the last packet is cut, and others refer to it
    assert decoded.numbers[:sure] == list(range(sure))
    assert not decoded.lost[:sure].any()


def test_blocks_are_full_but_the_last(tmp_path: Path) -> None:
    path = write(tmp_path / "video.mp4", "libx264", frames=20)
    whole = decode_all(path)
    for batch in (1, 7, 20, 64):
        blocks = list(decode(path, batch=batch))
        assert [len(block.frames) for block in blocks[:-1]] == [batch] * (len(blocks) - 1)
        assert [block.first for block in blocks] == list(range(0, 20, batch))
        np.testing.assert_array_equal(np.concatenate([block.frames for block in blocks]), whole.frames)
        assert all(block.frames.dtype == np.uint8 and block.timestamps.dtype == np.float64 for block in blocks)
        assert all(len(block.timestamps) == len(block.lost) == len(block.frames) for block in blocks)


@pytest.mark.parametrize("size", [(127, 63), (130, 66), (18, 10)])
def test_odd_sizes_and_downscaling(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write(tmp_path / "video.mkv", "ffv1", frames=3, size=size, pixels="bgr0")
    frames = decode_all(path).frames
    np.testing.assert_array_equal(frames, [draw(number, *size) for number in range(3)])
    small = decode_all(path, decode_height=size[1] // 2).frames
    assert small.shape[1] == size[1] // 2
    assert small.shape[2] % 2 == 0
    assert abs(small.shape[2] - size[0] * small.shape[1] / size[1]) <= 1
    assert decode_all(path, decode_height=size[1]).frames.shape == frames.shape
    np.testing.assert_allclose(small.mean((1, 2)), frames.mean((1, 2)), atol=6)


@pytest.mark.parametrize("pixels", ["bgr0", "yuv444p"])
def test_downscaling_averages_areas(tmp_path: Path, pixels: str) -> None:
    path = write(tmp_path / "video.mkv", "ffv1", frames=3, pixels=pixels)
    small = decode_all(path, decode_height=16).frames
    reference = np.stack([draw(n).reshape(16, 4, 32, 4, 3).mean((1, 3)) for n in range(3)])
    np.testing.assert_allclose(small, reference, atol=2)


def test_a_size_that_changes_in_mid_file(tmp_path: Path) -> None:
    """A camera whose settings change; later frames are scaled to the size of the first."""
    parts = [write(tmp_path / f"{width}.ts", "libx264", frames=30, size=(width, 64)) for width in (128, 192)]
    (tmp_path / "both.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    decoded = decode_all(tmp_path / "both.ts")
    assert decoded.frames.shape == (60, 64, 128, 3)
    assert decoded.numbers == [*range(30), *range(30)]
    assert not decoded.lost.any()
    np.testing.assert_allclose(np.diff(decoded.times), 1 / 25, atol=0.001)


def test_rotated_as_a_player_shows_it(tmp_path: Path) -> None:
    path = write(tmp_path / "video.mp4", "libx264", frames=4)
    upright = decode_all(path).frames
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    # ISO 14496-12, 8.3.2: x' = a x + c y, y' = b x + d y; so the top edge becomes the right one.
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    decoded = decode_all(path)
    np.testing.assert_array_equal(decoded.frames, np.rot90(upright, -1, (1, 2)))
    assert decode_all(path, decode_height=64).frames.shape == (4, 64, 32, 3)


@pytest.mark.parametrize("matrix", [1, 5])
@pytest.mark.parametrize("full", [False, True])
def test_colours_follow_the_matrix_and_range_that_the_file_states(tmp_path: Path, matrix: int, full: bool) -> None:
    colours = np.array([[200, 40, 40], [40, 180, 60], [50, 60, 210], [128, 128, 128]], np.uint8)
    picture = np.repeat(np.repeat(colours.reshape(2, 2, 3), 32, 0), 64, 1)
    with av.open(tmp_path / "video.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv444p"
        context = stream.codec_context
        context.colorspace, context.color_range = matrix, 2 if full else 1
        red, blue = (0.2126, 0.0722) if matrix == 1 else (0.299, 0.114)
        rgb = picture / 255.0
        luma = rgb @ [red, 1 - red - blue, blue]
        planes = [luma, (rgb[..., 2] - luma) / (2 - 2 * blue) + 0.5, (rgb[..., 0] - luma) / (2 - 2 * red) + 0.5]
        if full:
            coded = [planes[0] * 255, *(127.5 + (plane - 0.5) * 255 + 0.5 for plane in planes[1:])]
        else:
            coded = [16 + planes[0] * 219, *(128 + (plane - 0.5) * 224 for plane in planes[1:])]
        frame = av.VideoFrame.from_ndarray(np.stack(coded).round().clip(0, 255).astype(np.uint8), format="yuv444p")
        frame.colorspace, frame.color_range = matrix, 2 if full else 1
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    frame = decode_all(tmp_path / "video.mkv").frames[0]
    np.testing.assert_allclose(frame.astype(int), picture, atol=4)


def test_a_few_frames_by_number(tmp_path: Path) -> None:
    path = write(tmp_path / "video.ts", "libx264", b_frames=3)
    frames = decode_all(path).frames
    frames = read_frames(path, [40, 3, 3, 0, 48, 1000])
    assert sorted(frames) == [0, 3, 40]
    for number, frame in frames.items():
        np.testing.assert_array_equal(frame, frames[number])
    assert read_frames(path, []) == {}
    assert read_frames(path, [5], decode_height=32)[5].shape == (32, 64, 3)


def test_the_file_is_closed_if_reading_stops_early(tmp_path: Path) -> None:
    path = write(tmp_path / "video.mp4", "libx264")
    blocks = decode(path, batch=4)
    next(blocks)
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc here to see open files in")

    def is_open() -> bool:
        return path.resolve() in [entry.resolve() for entry in Path("/proc/self/fd").iterdir()]

    assert is_open()
    blocks.close()  # type: ignore[attr-defined]
    assert not is_open()


def test_the_times_of_joined_recordings_go_on(tmp_path: Path) -> None:
    """Two transport streams, one after the other: the clock starts again, and no frame is lost."""
    path = write(tmp_path / "one.ts", "libx264", b_frames=3)
    (tmp_path / "two.ts").write_bytes(path.read_bytes() * 2)
    decoded = decode_all(tmp_path / "two.ts")
    assert decoded.numbers == [*range(48), *range(48)]
    assert not decoded.lost.any()
    assert (np.diff(decoded.times) > 0).all()
    np.testing.assert_allclose(decoded.times[-1], 95 / 25, atol=0.13)


def test_no_good_frame_is_one_clear_error(sound: dict[str, Path], tmp_path: Path) -> None:
    path = overwrite(sound["mjpeg.avi"], tmp_path / "gone.avi", places(sound["mjpeg.avi"]), seed=0)
    with pytest.raises(VideoError, match=r"gone\.avi.*not one frame"):
        list(decode(path))


@pytest.mark.slow
def test_real_footage_has_its_documented_counts(footage: Path) -> None:
    counts = {
        "avenue/train/12.avi": 145,
        "avenue/train/16.avi": 244,
        "cameras/car-detection.mp4": 377,
        "cameras/person-bicycle-car-detection.mp4": 459,
        "cameras/one-by-one-person-detection.mp4": 1394,
        "cameras/highway.avi": 374,
    }
    counted = {}
    for name in counts:
        blocks = list(decode(footage / name, batch=128, decode_height=36))
        counted[name] = sum(len(block.frames) for block in blocks)
        assert not any(block.lost.any() for block in blocks)
        assert (np.diff(np.concatenate([block.timestamps for block in blocks])) > 0).all()
    assert counted == counts


def test_real_test_videos_have_a_frame_a_label(footage: Path) -> None:
    for labels in sorted((footage / "two-walkways/labels").glob("*/*.npy"))[:6]:
        path = footage / "two-walkways/test" / labels.parent.name / f"{labels.stem}.mp4"
        assert sum(len(block.frames) for block in decode(path, batch=128)) == len(np.load(labels))
