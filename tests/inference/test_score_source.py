"""One pass from a source to its sinks: the source is read once, and nothing that is held grows with the video."""

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tiny_films import pictures, write_film

from counting_encoder import CountingEncoder
from scenewise.config import ScoreConfig
from scenewise.config.limits import MAX_PIXELS
from scenewise.encoders import VideoEncoder
from scenewise.errors import ConfigError, DataError
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.inference import encoded_frames
from scenewise.inference.annotated_video import _around
from scenewise.inference.boxes import Marks
from scenewise.inference.curve_strip import SECONDS
from scenewise.inference.encoded_frames import EncodedFrames, hold, small
from scenewise.inference.events import EventList
from scenewise.inference.outline import COLUMNS, Outline
from scenewise.inference.score_source import score_source
from scenewise.inference.scored_frames import ScoredFrames, Scoring, score_frames
from scenewise.inference.scoring_setup import ScoringSetup
from scenewise.inference.tables import ScoreRow, ScoreTable, read_scores
from scenewise.inference.thresholds import Thresholds
from scenewise.inference.video_folder import score_video
from scenewise.methods.scores import Chunk, Scored
from scenewise.scoring.calibration import Calibration, SceneScale
from scenewise.scoring.level import Levels
from scenewise.scoring.scene_recognition import SceneRecogniser
from scenewise.scoring.threshold import NormalScores
from scenewise.video import probe
from scenewise.video.decode import FrameBlock
from scenewise.video.source import FrameSource, open_source

PICTURE = np.zeros((4, 6, 3), np.uint8)
NORMAL = NormalScores(np.linspace(0, 1, 50, dtype=np.float32), 10.0)


class FeatureSum:
    """A scorer: the sum of a frame's features, which is known `frames` later."""

    def __init__(self, frames: int = 0) -> None:
        self.frames = frames

    def look_ahead(self, fps: float) -> float:
        return self.frames / fps

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        needed = self.frames if look_ahead is None else round(look_ahead * fps)
        held = np.empty(0, np.float32)
        for chunk in chunks:
            held = np.concatenate([held, chunk.features.sum(axis=1, dtype=np.float32)])
            if len(held) > needed:
                yield Scored(held[: len(held) - needed], None)
                held = held[len(held) - needed :]
        if len(held):
            yield Scored(held, None)


class Collected:
    """A sink that keeps all it is given."""

    def __init__(self) -> None:
        self.frames: list[ScoredFrames] = []
        self.closed = False

    def add(self, frames: ScoredFrames) -> None:
        assert not self.closed
        self.frames.append(frames)

    def close(self) -> None:
        self.closed = True

    @property
    def scores(self) -> np.ndarray:
        return np.concatenate([part.scores for part in self.frames])


def setup_of(
    encoder: CountingEncoder,
    scene: str | None = "road",
    centres: dict[str, list[float]] | None = None,
    every: int = 1,
) -> ScoringSetup:
    """A run that knows the `centres` {scene: mean features}, or one scene alone."""
    scales = {name: SceneScale(0.0, 1.0) for name in centres or {"road": []}}
    recogniser = None
    if centres is not None and scene is None:
        ones = np.ones(4, np.float32)
        recogniser = SceneRecogniser(
            tuple(centres), np.array([*centres.values()], np.float32), 0.05 * ones, ones / 4, 1.0
        )
    return ScoringSetup(
        encoder=VideoEncoder(encoder, every),
        scorer=FeatureSum(),
        scene=scene,
        recogniser=recogniser,
        scales=scales,
        thresholds=Thresholds(Calibration(scales, dict.fromkeys(scales, (NORMAL,))), ScoreConfig()),
        smoothing=0.0,
        latency=None,
        fps=None,
        decode_height=0,
        max_pixels=MAX_PIXELS,
        masks={},
        open_detector=None,
        objects_every=1,
        run_digests={},
    )


def scored(source: FrameSource, with_tools: ScoringSetup, stop: threading.Event | None = None) -> tuple[str, Collected]:
    sink, scenes = Collected(), []

    def make_sinks(scene: str) -> list[Collected]:
        scenes.append(scene)
        return [sink]

    score_source(source, with_tools, make_sinks, lambda frames: None, stop)
    assert sink.closed and len(scenes) == 1
    return scenes[0], sink


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "video.mp4", pictures(0, 0, frames=300))


def mean_features(video: Path, encoder: CountingEncoder, mask: IgnoreMask | None = None) -> np.ndarray:
    """Features (N, 4) of the whole video in one call."""
    frames = np.concatenate([block.frames for block in open_source(video).blocks(32)])
    encoder.reset()
    return encoder.encode(frames if mask is None else mask.blank(frames)).features.astype(np.float16)


@pytest.mark.parametrize("carries_state", [False, True])
@pytest.mark.parametrize("held_bytes", [1 << 30, 1])
def test_a_scene_is_recognised_in_the_same_pass(
    video: Path, carries_state: bool, held_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded_frames, "HELD_BYTES", held_bytes)
    encoder = CountingEncoder(carries_state)
    features = mean_features(video, encoder)
    centre = np.median(features[: 128 if held_bytes > 1 else 32].astype(np.float64), axis=0).tolist()
    encoder.encoded = 0
    opened, real = [], av.open
    monkeypatch.setattr(probe.av, "open", lambda *given, **named: opened.append(given) or real(*given, **named))
    scene, sink = scored(open_source(video), setup_of(encoder, None, {"dark": [0.0] * 4, "road": centre}))
    assert scene == "road" and len(opened) == 2, "opened to ask for its rate, and to read it"
    np.testing.assert_array_equal(sink.scores, features.sum(axis=1, dtype=np.float32))
    assert encoder.encoded == 300
    given = scored(open_source(video), setup_of(CountingEncoder(carries_state), "road"))[1]
    np.testing.assert_array_equal(given.scores, sink.scores)


@pytest.mark.parametrize("scene", ["road", None], ids=["given", "recognised"])
def test_every_nth_frame_is_encoded_as_extract_does(video: Path, scene: str | None) -> None:
    frames = np.concatenate([block.frames for block in open_source(video).blocks(32)])
    features = CountingEncoder().encode(frames[::7]).features.astype(np.float16).repeat(7, axis=0)[:300]
    centre = np.median(features[:128].astype(np.float64), axis=0).tolist()
    encoder = CountingEncoder()
    sink = scored(open_source(video), setup_of(encoder, scene, {"dark": [0.0] * 4, "road": centre}, every=7))[1]
    np.testing.assert_array_equal(sink.scores, features.sum(axis=1, dtype=np.float32))
    assert encoder.encoded == 43


@pytest.mark.parametrize("carries_state", [False, True])
def test_each_scene_is_recognised_with_its_mask(video: Path, carries_state: bool, tmp_path: Path) -> None:
    masks = {}
    for scene, rows in (("left", slice(0, 30)), ("right", slice(30, 72))):
        grey = np.zeros((72, 96), np.uint8)
        grey[rows] = 255
        Image.fromarray(grey).save(tmp_path / f"{scene}.png")
        masks[scene] = IgnoreMask(tmp_path / f"{scene}.png")
    features = mean_features(video, CountingEncoder(carries_state), masks["left"])
    centre = np.median(features[:128].astype(np.float64), axis=0).tolist()
    with_masks = setup_of(
        CountingEncoder(carries_state), None, {"left": centre, "right": [0.0] * 4, "plain": [5.0] * 4}
    )
    with_masks.masks.update(masks)
    scene, sink = scored(open_source(video), with_masks)
    assert scene == "left"
    np.testing.assert_array_equal(sink.scores, features.sum(axis=1, dtype=np.float32))
    (square := Image.new("L", (50, 50))).putpixel((0, 0), 255)
    square.save(tmp_path / "square.png")
    with_masks.masks["plain"] = IgnoreMask(tmp_path / "square.png")  # cannot be of this video's camera
    assert scored(open_source(video), with_masks)[0] == "left"
    with_masks.masks.update(left=with_masks.masks["plain"], right=with_masks.masks["plain"])
    with pytest.raises(DataError, match="50x50 pixels for a video of 96x72"):
        scored(open_source(video), with_masks)


def test_a_video_of_no_known_scene_is_refused(video: Path) -> None:
    with pytest.raises(DataError, match=r"none of the scenes.*--scene dark"):
        scored(open_source(video), setup_of(CountingEncoder(), None, {"dark": [-9.0] * 4, "darker": [-99.0] * 4}))


class Endless:
    """A stream that goes on until nobody reads it any more, and cannot be read again."""

    where, name, size, fps, fps_claimed = "rtsp://camera", "camera", (4, 6), 10.0, 10.0
    frames_claimed = signature = None
    can_be_read_again = False

    def blocks(self, batch: int, decode_height: int = 0) -> Iterator[FrameBlock]:
        first = 0
        while True:
            times = (first + np.arange(2)) / 10
            yield FrameBlock(first, np.full((2, 4, 6, 3), first % 200, np.uint8), times, np.zeros(2, bool))
            first += 2


def test_a_stopped_stream_keeps_its_results(tmp_path: Path) -> None:
    stop, seen = threading.Event(), []

    def advance(frames: int) -> None:
        seen.append(frames)
        if len(seen) == 20:
            stop.set()

    described = score_video(
        Endless(), tmp_path / "camera", setup_of(CountingEncoder()), ScoreConfig(scene="road"), advance, None, stop
    )
    assert described["frames"] == sum(seen) == 40 and described["video"] == "rtsp://camera"
    assert len(list(read_scores(tmp_path / "camera"))) == 40
    with pytest.raises(ConfigError, match="earlier stream"):
        score_video(Endless(), tmp_path / "camera", setup_of(CountingEncoder()), ScoreConfig(), advance, None, stop)


def test_an_annotated_video_of_a_stream_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--annotate reads a video per second time, which rtsp://camera"):
        score_video(Endless(), tmp_path / "camera", setup_of(CountingEncoder()), ScoreConfig(), print, print)
    assert not list(tmp_path.iterdir())


def parts(frames: int, taken: list[int]) -> Iterator[EncodedFrames]:
    for first in range(0, frames, 32):
        count = min(32, frames - first)
        features = np.arange(first, first + count, dtype=np.float16)[:, None] % 97
        taken.append(first + count)
        yield EncodedFrames(features, (first + np.arange(count)) / 10, np.zeros(count, bool), [PICTURE] * count)


SCORING = Scoring("road", SceneScale(0.0, 100.0), smoothing=0.2, latency=None)


def test_scores_follow_the_frames_by_what_they_need() -> None:
    taken: list[int] = []
    done, lags = 0, []
    for part in score_frames(parts(2000, taken), FeatureSum(12), 10.0, SCORING, 1):
        assert part.first == done and len(part.scores) == len(part.times) == len(part.pictures)
        np.testing.assert_allclose(part.times, (done + np.arange(len(part.times))) / 10)
        np.testing.assert_allclose(part.scene_scores, part.scores / 100, rtol=1e-6)
        done += len(part.scores)
        lags.append(taken[-1] - done)
    assert done == 2000 and max(lags) == 12 + 8 and lags[-1] == 0


def test_the_first_blocks_are_held_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = Endless().blocks(2)
    assert [block.first for block in hold(blocks, 5)] == [0, 2, 4] and next(blocks).first == 6
    monkeypatch.setattr(encoded_frames, "HELD_BYTES", 200)  # 144 bytes a block
    assert [block.first for block in hold(Endless().blocks(2), 128)] == [0, 2]
    assert hold(iter(()), 5) == []


def test_pictures_are_small() -> None:
    assert small(np.zeros((1080, 1920, 3), np.uint8)).shape == (180, 320, 3)
    assert small(PICTURE) is PICTURE


@given(st.integers(1, 9000), st.integers(0, 99))
def test_an_outline_is_bounded_and_holds_the_extremes(frames: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=frames).astype(np.float32)
    outline = Outline()
    for part in np.array_split(np.arange(frames), 3):
        outline.add(part / 25, scores[part])
    columns = outline.columns()
    assert len(columns) < 2 * COLUMNS
    for place, (time, low, high) in enumerate(columns):
        inside = scores[place * outline.stride : (place + 1) * outline.stride]
        assert (time, low, high) == (place * outline.stride / 25, inside.min(), inside.max())


@given(st.lists(st.floats(0, 3), max_size=60))
def test_the_rows_around_each_frame(steps: list[float]) -> None:
    times = np.cumsum(steps).tolist()
    rows = [ScoreRow(index, time, 0.0) for index, time in enumerate(times)]
    rows_around = list(_around(iter(rows)))
    assert [now for now, _ in rows_around] == rows
    for now, near in rows_around:
        wanted = [row for row in rows if now.time - SECONDS <= row.time <= now.time + SECONDS]
        assert [row for row in near if abs(row.time - now.time) <= SECONDS] == wanted
        assert len(near) <= len(wanted) + 1  # the one row that was read too far


def test_the_highest_frame_is_known_without_an_event(tmp_path: Path) -> None:
    table, events = ScoreTable(tmp_path, "road"), EventList(tmp_path, Marks(Levels(1.0, 5.0)), 3)
    for part in score_frames(parts(300, []), FeatureSum(), 10.0, SCORING, 1):
        table.add(part)
        events.add(part)
    events.close()
    assert events.events == [] and events.frames == 300
    rows = list(read_scores(tmp_path))
    highest = max(rows, key=lambda row: row.score)
    assert len(rows) == 300 and (events.highest, events.highest_time) == pytest.approx((highest.score, highest.time))
