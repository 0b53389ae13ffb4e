"""Clips hold the seconds around what they show, whole and in order, and play in a browser."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scenewise.inference.clips import AROUND, FARTHEST, Clips, merged
from scenewise.inference.highlights import Clip, Highlight, Highlights
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.scoring.level import Levels
from scenewise.video.source import open_source

FPS = 5
SMALL = np.zeros((2, 2, 3), np.uint8)


def film(path: Path, seconds: int, codec: str, distance: int) -> Path:
    """A film whose frame n has the grey n, with a key frame every `distance` frames."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=FPS)
        stream.height, stream.width, stream.pix_fmt, stream.gop_size = 48, 64, "yuv420p", distance
        stream.codec_context.options = {"sc_threshold": "0"} if codec == "libx264" else {}
        for number in range(seconds * FPS):
            grey = np.full((48, 64, 3), number % 240, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def clips_of(video: Path, folder: Path, spans: list[tuple[float, float]]) -> list[Highlight]:
    """The highlights of events at `spans`, with their clips."""
    source = open_source(video, FPS)
    count = sum(len(block.frames) for block in source.blocks(16))
    found = [
        Highlight(start, end, 2.0, round(start * FPS), start, SMALL, None, None, True, Levels(0.9, 1.0))
        for start, end in spans
    ]
    events = [SimpleNamespace(start=one.start, end=one.end, event=SimpleNamespace(peak_frame=one.frame))
              for one in found]  # fmt: skip
    highlights = cast(Highlights, SimpleNamespace(found=found, events=SimpleNamespace(events=events)))
    clips = Clips(source, folder, highlights)
    scores = np.zeros(count, np.float32)
    clips.add(ScoredFrames(0, scores, scores, np.arange(count) / FPS, np.zeros(count, bool), [SMALL] * count, [[]]))
    clips.close()
    return found


@pytest.mark.parametrize(("name", "codec", "distance", "copied"), [
    ("a.mp4", "libx264", 10, True),
    ("a.mkv", "libx264", 10, True),
    ("a.mp4", "libx264", 10_000, False),  # one key frame, too far from the last event
    ("a.avi", "mpeg4", 10, False),  # which browsers do not play
])  # fmt: skip
def test_a_clip_shows_the_seconds_around_its_event(
    name: str, codec: str, distance: int, copied: bool, tmp_path: Path
) -> None:
    spans = [(1.0, 2.0), (8.0, 9.0), (40.0, 41.2)]
    found = clips_of(film(tmp_path / name, 60, codec, distance), tmp_path, spans)
    whole = [round(float(frame.mean())) for block in open_source(tmp_path / name).blocks(16) for frame in block.frames]
    assert found[0].clip == found[1].clip, "they overlap"
    assert sorted(path.name for path in (tmp_path / "clips").iterdir()) == ["000005.mp4", "000200.mp4"]
    assert found[2].clip is not None and 0 <= 35 - found[2].clip.start <= (2 if copied else 0), "from a key frame on"
    for one in found:
        assert one.clip is not None
        assert one.clip.start <= max(one.start - AROUND, 0) and one.clip.stop >= one.end + AROUND - 1e-6
        with av.open(str(tmp_path / one.clip.file)) as container:
            assert container.streams.video[0].codec_context.name == "h264"
            frames = list(container.decode(video=0))
        shown = [round(float(frame.to_ndarray(format="rgb24").mean())) for frame in frames]
        first, last = round(one.clip.start * FPS), round(one.clip.stop * FPS)
        assert last - first <= len(shown) <= last - first + (3 if copied else 0), (
            "packets are copied in their own order"
        )
        np.testing.assert_allclose(shown[: last - first], whole[first:last], atol=2)
        times = [float(frame.time) for frame in frames]
        np.testing.assert_allclose(times[: last - first], np.arange(last - first) / FPS, atol=1e-3)


def test_pictures_in_a_folder_become_a_clip(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(30 * FPS):
        Image.new("RGB", (33, 25), (number, number, number)).save(tmp_path / "in" / f"{number:04d}.png")
    clip = clips_of(tmp_path / "in", tmp_path, [(20.0, 21.0)])[0].clip
    assert clip == Clip("clips/000100.mp4", 15.0, 26.0)
    with av.open(str(tmp_path / clip.file)) as container:
        greys = [float(frame.to_ndarray(format="rgb24").mean()) for frame in container.decode(video=0)]
    np.testing.assert_allclose(greys, np.arange(75, 130), atol=2)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, FARTHEST)), min_size=1, max_size=20))
def test_merged_clips_are_apart_and_cover_what_was_wanted(drawn: list[tuple[float, float]]) -> None:
    wanted = [Clip(str(number), start, start + length) for number, (start, length) in enumerate(sorted(drawn))]
    clips = merged(wanted)
    assert all(early.stop < late.start for early, late in pairwise(clips))
    for clip in wanted:
        assert sum(one.start <= clip.start and clip.stop <= one.stop for one in clips) == 1
    for place in np.linspace(0, 140, 300):

        def inside(among: list[Any], at: float = place) -> bool:
            return any(one.start <= at <= one.stop for one in among)

        assert inside(clips) == inside(wanted)
