"""All figures of metrics.json, from the truth and the scores of the test videos."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.config import EvaluateConfig
from scenewise.evaluation.event_level import AlarmVideo, event_level
from scenewise.evaluation.intervals import HeldOut, intervals
from scenewise.evaluation.localisation import localisation
from scenewise.evaluation.metrics import (
    average_precision,
    constant_per_scene_auc,
    equal_error_rate,
    frame_auc,
    mean_of_defined,
    padded_auc,
    pairs_within_scene,
    scene_aucs,
)
from scenewise.evaluation.regions import Detections
from scenewise.evaluation.scene_dependence import ScoredVideo, scene_dependence
from scenewise.features.store import StoredVideo
from scenewise.labels.labels import Truth, abnormal_ranges
from scenewise.scoring.calibration import Calibration
from scenewise.scoring.threshold import alarm_threshold

FrameScores = NDArray[np.float32]
"""(N,): one score per frame."""


def figures_of(
    calibration: Calibration,
    config: EvaluateConfig,
    videos: tuple[StoredVideo, ...],
    truths: dict[StoredVideo, Truth],
    scores: dict[StoredVideo, FrameScores],
    detections: dict[StoredVideo, Detections] | None = None,
    maps: dict[StoredVideo, NDArray[np.floating]] | None = None,
) -> dict[str, Any]:
    """The figures of `metrics.json`, from each test video's truth and its scores (N,).

    If the method says where in the picture a frame is abnormal, `detections` or `maps`, (N, rows, columns), hold it.
    """
    labelled = {video: labels for video in videos if (labels := truths[video][0]) is not None}
    scenes = sorted({video.scene for video in labelled})
    videos_of = {scene: [video for video in labelled if video.scene == scene] for scene in scenes}
    labels_of = {scene: np.concatenate([labelled[video] for video in videos_of[scene]]) for scene in scenes}
    scores_of = {scene: np.concatenate([scores[video] for video in videos_of[scene]]) for scene in scenes}
    labels = np.concatenate([*labels_of.values(), np.empty(0, bool)])
    pooled = np.concatenate([*scores_of.values(), np.empty(0, np.float32)])
    scene_auc = scene_aucs(labels_of, scores_of)
    video_auc = {video: frame_auc(of_video, scores[video]) for video, of_video in labelled.items()}
    over_videos = list(video_auc.values())
    if config.macro == "padded":
        over_videos = [padded_auc(of_video, scores[video]) for video, of_video in labelled.items()]
    return {
        "frame_auc_micro": frame_auc(labels, pooled),
        "frame_auc_macro": mean_of_defined(over_videos),
        "macro": config.macro,
        "macro_undefined": sum(auc is None for auc in over_videos),
        "scene_auc": scene_auc,
        "scene_auc_mean": mean_of_defined(list(scene_auc.values())),
        "average_precision": average_precision(labels, pooled),
        "equal_error_rate": equal_error_rate(labels, pooled),
        "constant_per_scene_auc": constant_per_scene_auc(labels_of),
        "pairs_within_scene": pairs_within_scene(labels_of),
        **_scene_dependent(calibration, config, videos, truths, scores),
        "event_level": _event_level(calibration, config, videos, truths, scores),
        "localisation": localisation({video: truths[video] for video in videos}, detections, maps),
        "frames": len(labels),
        "abnormal_frames": int(labels.sum()),
        "videos": len(labelled),
        "unlabelled_videos": len(videos) - len(labelled),
        "per_video": [video_entry(video, truths[video], video_auc.get(video)) for video in videos],
    }


def _scene_dependent(
    calibration: Calibration,
    config: EvaluateConfig,
    videos: tuple[StoredVideo, ...],
    truths: dict[StoredVideo, Truth],
    scores: dict[StoredVideo, FrameScores],
) -> dict[str, Any]:
    """The scene-dependence figures and the intervals of all figures; both also use held-out normal footage."""
    parts_of = calibration.smoothed
    if config.scale == "scene":
        parts_of = {scene: tuple(calibration.normal_scores(scene)) for scene in parts_of}
    held_out = {scene: np.concatenate([part.scores for part in parts]) for scene, parts in parts_of.items()}
    alarm_at = 1.0 if config.scale == "scene" else None
    scored = [ScoredVideo(video.scene, scores[video], *truths[video]) for video in videos]
    event_auc, event_alarm_rate = scene_dependence(scored, held_out, alarm_at)
    normal = {
        scene: HeldOut(held_out[scene], tuple(len(part.scores) for part in parts)) for scene, parts in parts_of.items()
    }
    interval_of, bootstrap = intervals(scored, [video.fps for video in videos], normal, alarm_at, config.macro)
    return {
        "event_auc": event_auc,
        "event_alarm_rate": event_alarm_rate,
        "intervals": interval_of,
        "bootstrap": bootstrap,
    }


def _event_level(
    calibration: Calibration,
    config: EvaluateConfig,
    videos: tuple[StoredVideo, ...],
    truths: dict[StoredVideo, Truth],
    scores: dict[StoredVideo, FrameScores],
) -> dict[str, Any]:
    """`event_level` of metrics.json. Thresholds are on the scene scale, so raw scores are brought to it first."""
    thresholds = {
        scene: alarm_threshold(calibration.normal_scores(scene), config.alarms_per_day, config.merge)
        for scene in calibration.scales
    }
    scaled = []
    for video in videos:
        scores_of_video = scores[video]
        if config.scale == "raw" and video.scene in thresholds:
            scores_of_video = calibration.scales[video.scene].apply(scores_of_video)
        scaled.append(AlarmVideo(video.scene, video.fps, scores_of_video, *truths[video]))
    return event_level(scaled, thresholds, config.alarms_per_day, config.merge)


def video_entry(video: StoredVideo, truth: Truth, auc: float | None) -> dict[str, Any]:
    """An entry of `per_video` in metrics.json."""
    labels, events = truth
    return {
        "scene": video.scene,
        "name": video.name,
        "frames": video.frames,
        "lost_frames": video.lost,
        "fps": video.fps,
        "source": video.source,
        "abnormal_frames": None if labels is None else int(labels.sum()),
        "abnormal_ranges": [] if labels is None else [list(pair) for pair in abnormal_ranges(labels)],
        "events": [event.model_dump(by_alias=True, exclude_defaults=True) for event in events or ()],
        "frame_auc": auc,
    }
