"""All figures of metrics.json from truth and scores: where each figure stands, and which are undefined."""

import json
from pathlib import Path

import numpy as np
import pytest

from conftest import write_video
from scenewise.config import EvaluateConfig
from scenewise.datasets import LabelSource
from scenewise.errors import ConfigError
from scenewise.evaluation.figures import figures_of
from scenewise.evaluation.regions import Detections
from scenewise.features.store import StoredVideo
from scenewise.scoring.calibration import Calibration, SceneScale
from scenewise.scoring.threshold import NormalScores

RNG = np.random.default_rng(0)
SCENES = ("lawn", "road")
CALIBRATION = Calibration(
    {scene: SceneScale(0.5, 0.7) for scene in SCENES},
    {scene: (NormalScores(RNG.normal(0.5, 0.1, 250).astype(np.float32), 25.0),) for scene in SCENES},
)
LABELS = np.arange(100) // 20 == 2


@pytest.fixture
def videos(tmp_path: Path) -> tuple[StoredVideo, ...]:
    """Two of each scene; lawn's second one has masks."""
    masks = np.zeros((100, 6, 6), np.uint8)
    masks[LABELS, :3, :3] = 1
    np.save(tmp_path / "masks.npy", masks)
    more = {("lawn", "01"): {"masks": LabelSource(tmp_path / "masks.npy")}}
    return tuple(
        write_video(tmp_path, scene, name, "test", np.zeros((100, 2)), **more.get((scene, name), {}))
        for scene in SCENES
        for name in ("00", "01")
    )


def figures(videos: tuple[StoredVideo, ...], calibration: Calibration = CALIBRATION, **more: object) -> dict:
    """Scores that are high on abnormal frames; the first video has none."""
    truths = {video: (LABELS & (video != videos[0]), None) for video in videos}
    scores = {video: (RNG.normal(0, 0.4, 100) + 5 * truths[video][0]).astype(np.float32) for video in videos}
    detections = more.pop("detections", None)
    config = EvaluateConfig(**more)  # type: ignore[arg-type]
    metrics = figures_of(calibration, config, videos, truths, scores, detections)  # type: ignore[arg-type]
    return json.loads(json.dumps(metrics, allow_nan=False))


def test_the_mean_over_videos_names_its_convention(videos: tuple[StoredVideo, ...]) -> None:
    metrics = figures(videos)
    assert (metrics["macro"], metrics["macro_undefined"]) == ("defined", 1)
    assert metrics["per_video"][0]["frame_auc"] is None
    padded = figures(videos, macro="padded")
    assert (padded["macro"], padded["macro_undefined"]) == ("padded", 0)
    assert padded["frame_auc_macro"] >= metrics["frame_auc_macro"] and padded["per_video"][0]["frame_auc"] is None


def test_every_figure_lies_in_its_interval(videos: tuple[StoredVideo, ...]) -> None:
    metrics = figures(videos)
    for name in ("frame_auc_micro", "frame_auc_macro"):
        low, high = metrics["intervals"][name]
        assert low <= metrics[name] <= high
    assert metrics["intervals"]["scene_auc"]["lawn"] is None, "its one event is often not drawn"
    assert metrics["scene_auc"]["lawn"] > 0.9 and metrics["intervals"]["scene_auc_mean"] is None
    assert metrics["bootstrap"]["resamples"] == 1000
    assert metrics["pairs_within_scene"] == pytest.approx((20 * 180 + 40 * 160) / (60 * 340))


def test_the_event_level_reports_that_held_out_footage_is_too_short(videos: tuple[StoredVideo, ...]) -> None:
    level = figures(videos)["event_level"]
    assert level["events"] == level["events_found"] == 3 and level["threshold_extrapolated"]
    threshold = level["scenes"]["lawn"]["threshold"]
    assert threshold["hours"] == pytest.approx(10 / 3600) and threshold["missing_hours"] == pytest.approx(1 - 10 / 3600)
    long = figures(videos, alarms_per_day=24 * 3600 / 5)["event_level"]
    assert not long["threshold_extrapolated"] and long["scenes"]["lawn"]["threshold"]["value"] < threshold["value"]


def test_raw_scores_raise_the_same_alarms(videos: tuple[StoredVideo, ...]) -> None:
    truths = dict.fromkeys(videos, (LABELS, None))
    raw = {video: (0.5 + 0.2 * RNG.normal(0, 1, 100) + LABELS).astype(np.float32) for video in videos}
    scaled = {video: CALIBRATION.scales[video.scene].apply(scores) for video, scores in raw.items()}
    on_raw = figures_of(CALIBRATION, EvaluateConfig(scale="raw"), videos, truths, raw)
    assert on_raw["event_level"] == figures_of(CALIBRATION, EvaluateConfig(), videos, truths, scaled)["event_level"]


def test_a_scene_without_normal_footage_has_intervals_but_no_threshold(videos: tuple[StoredVideo, ...]) -> None:
    metrics = figures(videos, Calibration({}, {}), scale="raw")
    assert metrics["event_level"]["scenes_without_threshold"] == ["lawn", "road"]
    assert metrics["event_level"]["share_found"] is None and metrics["intervals"]["frame_auc_micro"] is not None


def test_boxes_are_compared_with_masks(videos: tuple[StoredVideo, ...]) -> None:
    assert figures(videos)["localisation"] is None
    box = Detections(np.flatnonzero(LABELS), np.array([[0, 0, 3, 3]] * 20), np.ones(20))
    nothing = Detections(np.empty(0, int), np.empty((0, 4)), np.empty(0))
    detections = {video: box if video.masks else nothing for video in videos}
    metrics = figures(videos, detections=detections)["localisation"]
    assert (metrics["rbdc"], metrics["tbdc"], metrics["pixel_auc"]) == (1.0, 1.0, 1.0)
    assert (metrics["videos"], metrics["videos_without_masks"]) == (2, 2)


def test_a_budget_of_no_alarms_is_refused() -> None:
    with pytest.raises(ConfigError, match="--alarms-per-day"):
        EvaluateConfig(alarms_per_day=0)
