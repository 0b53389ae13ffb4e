"""The pace of a video is the median interval between its pictures; what its clock does wrong is found and survived."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numbered_video import decode_all, write

from scenewise.video.count import count_frames
from scenewise.video.frame_clock import FrameClock
from scenewise.video.frame_order import Time
from scenewise.video.probe import claimed_rate
from scenewise.video.source import open_source

TICK = Fraction(1, 12800)
STEP = 512
"""Ticks between two frames at 25 frames per second."""


def restamped(path: Path, out: Path, time_of: Callable[[int], float]) -> Path:
    """The packets of `path` (48 frames at 25 frames per second, no B-frames), packet n at `time_of(n)` seconds."""
    with av.open(path) as source, av.open(out, "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for number, packet in enumerate(packet for packet in source.demux(stream) if packet.size):
            packet.pts = packet.dts = round(time_of(number) / packet.time_base)
            packet.stream = copy
            target.mux(packet)
    return out


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("pace") / "intact.mp4", "libx264", b_frames=0)


CLOCKS: dict[str, tuple[Callable[[int], float], tuple[str, ...]]] = {
    "an hour ahead": (lambda n: n / 25 + 3600 * (n >= 40), ("jumps ahead by 1:00:00.0 near frame 40",)),
    "twenty seconds ahead": (lambda n: n / 25 + 20 * (n >= 3), ("jumps ahead by 0:20.0 near frame 3",)),
    "two jumps": (lambda n: n / 25 + 60 * (n >= 9) + 600 * (n >= 40), ("by 1:00.0 near frame 9 (and 1 times more)",)),
    "collapsed": (lambda n: n / 25 if n < 20 else 0.76 + (n - 19) * 0.001, ("still for 28 frames near frame 20",)),
    "pauses": (lambda n: n / 25 + 6 * (n // 20), ()),
    "bursts": (lambda n: 0.2 * (n // 5) + 0.002 * (n % 5), ()),
    "slower bursts": (lambda n: 0.2 * (n // 5) + 0.008 * (n % 5), ()),
    "long bursts": (lambda n: 0.32 * (n // 8) + 0.02 * (n % 8), ()),
    "short and long": (lambda n: 0.08 * (n // 2) + 0.02 * (n % 2), ()),
    "long and short": (lambda n: 0.08 * (n // 2) + 0.06 * (n % 2), ()),
    "twice the same": (lambda n: 0.08 * (n // 2) + 0.0001 * (n % 2), ()),
}


@pytest.mark.parametrize("name", CLOCKS)
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_the_pace_does_not_depend_on_the_clock(intact: Path, tmp_path: Path, name: str, suffix: str) -> None:
    time_of, told = CLOCKS[name]
    source = open_source(restamped(intact, tmp_path / f"clock.{suffix}", time_of))
    assert source.fps == pytest.approx(25, rel=0.06)
    assert len(source.faults) == len(told)
    assert all(words in fault for words, fault in zip(told, source.faults, strict=True))
    assert [fault for _, fault in count_frames(tmp_path / f"clock.{suffix}").faults] == list(source.faults)
    times = np.concatenate([block.timestamps for block in source.blocks(7)])
    assert len(times) == 48 and (np.diff(times) >= 0).all()
    pauses = 6 * (47 // 20) if name == "pauses" else 0
    assert times[-1] == pytest.approx(47 / 25 + pauses, abs=0.17)


@pytest.mark.parametrize("suffix", ["ts", "mpg"])
def test_joined_recordings_keep_their_pace(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"one.{suffix}", "mpeg2video", b_frames=2)
    joined = tmp_path / f"joined.{suffix}"
    joined.write_bytes(path.read_bytes() * 3)
    source = open_source(joined)
    assert (source.fps, open_source(path).fps) == (25, 25)
    assert open_source(path).faults == ()
    (fault,) = source.faults
    assert fault.startswith("its clock starts again near frame 48 (and 1 times more)")
    assert np.diff(decode_all(joined).times).max() < 0.13


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "libx264"), ("mov", "mpeg4"), ("flv", "libx264"), ("wmv", "wmv2")]
)
def test_joined_recordings_that_are_not_read_are_said(tmp_path: Path, suffix: str, codec: str) -> None:
    path = write(tmp_path / f"one.{suffix}", codec)
    joined = tmp_path / f"joined.{suffix}"
    joined.write_bytes(path.read_bytes() * 3)
    assert open_source(path).faults == ()
    (fault,) = open_source(joined).faults
    assert fault.startswith(
        "2 more recordings are joined to its first one and not read, or only in part (67% of the file)"
    )
    assert [fault] == [fault for _, fault in count_frames(joined).faults]


@pytest.mark.parametrize("back", [0.5, 1.0, 3.0, 600.0])
@pytest.mark.parametrize("suffix", ["ts", "mkv"])
def test_a_clock_that_goes_back(intact: Path, tmp_path: Path, suffix: str, back: float) -> None:
    """Two recordings of the same clock, which was set back in between; in TS it may look like an overflow."""
    first = restamped(intact, tmp_path / f"first.{suffix}", lambda n: 1000 + n / 25)
    second = restamped(intact, tmp_path / f"second.{suffix}", lambda n: 1000 + 48 / 25 - back + n / 25)
    joined = tmp_path / f"joined.{suffix}"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    source = open_source(joined)
    assert source.fps == 25
    (fault,) = source.faults
    assert re.match("its clock (starts again|jumps ahead by 26:20:43.7) near frame 4", fault)
    times = np.concatenate([block.timestamps for block in source.blocks(7)])
    np.testing.assert_allclose(times, np.arange(96) / 25, atol=0.09)


@pytest.mark.parametrize("movflags", ["frag_keyframe+empty_moov", "frag_keyframe", "frag_keyframe+dash"])
def test_joined_recordings_in_fragments_are_said(tmp_path: Path, movflags: str) -> None:
    """FFmpeg passes over the first part of each later one, or over all of them."""
    path = write(tmp_path / "one.mp4", "libx264", keyint=20, muxer={"movflags": movflags})
    joined = tmp_path / "joined.mp4"
    joined.write_bytes(path.read_bytes() * 2)
    assert open_source(path).faults == ()
    assert open_source(joined).faults[-1].startswith("another recording is joined to its first one")


def test_two_paces_in_equal_parts(intact: Path, tmp_path: Path) -> None:
    """The median lies between the two, and no interval is like it."""
    one = restamped(intact, tmp_path / "one.ts", lambda n: n / 10)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() + restamped(intact, tmp_path / "two.ts", lambda n: n / 50).read_bytes())
    source = open_source(joined)
    assert source.fps == pytest.approx(1 / 0.06)


def test_a_rate_that_no_times_support(intact: Path, tmp_path: Path) -> None:
    """A clock that never moves: the rate that its codec claims is used."""
    source = open_source(restamped(intact, tmp_path / "still.mkv", lambda n: n / 1000))
    assert source.fps == 25
    assert "stands still" in source.faults[0]


def test_a_rate_that_nothing_claims() -> None:
    stream = SimpleNamespace(average_rate=Fraction(90000), guessed_rate=None)
    assert claimed_rate(stream, 10) == 10  # type: ignore[arg-type]
    assert claimed_rate(stream) == 25  # type: ignore[arg-type]


def test_a_time_lapse_is_believed(intact: Path, tmp_path: Path) -> None:
    source = open_source(restamped(intact, tmp_path / "lapse.mkv", lambda n: 60.0 * n))
    assert source.fps == pytest.approx(1 / 60)
    assert source.faults == ()


def test_uneven_pictures_are_said(intact: Path, tmp_path: Path) -> None:
    """25 pictures a second by day, 5 by night."""
    source = open_source(restamped(intact, tmp_path / "night.mp4", lambda n: min(n, 30) / 25 + max(n - 30, 0) / 5))
    assert source.fps == 25
    assert source.faults == ("36% of its frames do not come at its pace of 25 frames per second",)


@given(
    st.lists(st.integers(STEP - 200, STEP + 200), min_size=3, max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(-(10**8), 10**8)), max_size=4),
)
def test_times_never_go_back_and_follow_what_can_be_believed(steps: list[int], shifts: list[tuple[int, int]]) -> None:
    ticks = np.cumsum([0, *steps])
    for place, shift in shifts:
        ticks[place:] += shift
    clock = FrameClock(TICK, 25)
    seconds = [clock.seconds(Time(0, int(tick))) for tick in ticks]
    assert (np.diff(seconds) >= 0).all()
    assert seconds[0] == 0
    if not shifts:
        assert seconds == pytest.approx(((ticks - ticks[0]) * float(TICK)).tolist())
        assert clock.faults == ()
    jumps = len({place for place, _ in shifts if place <= len(steps)})
    assert seconds[-1] <= float(sum(steps) * TICK) + jumps * 11 + 1e-9


def test_a_stream_believes_a_jump_that_its_reader_waited_for() -> None:
    """A camera was silent for 20 seconds, and its clock says so; then its clock jumps by an hour in no time."""
    now = iter([20.5, 20.6, 20.7])
    clock = FrameClock(TICK, 25, lambda: next(now))
    assert clock.seconds(Time(0, 0)) == 0
    assert clock.seconds(Time(0, 20 * 12800)) == 20.5
    assert clock.seconds(Time(0, 3620 * 12800)) == pytest.approx(20.6)
