"""The figures of metrics.json, from truth and scores."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.config import EvaluateConfig
from scenewise.evaluation.baselines import constant_per_scene_auc, pairs_within_scene
from scenewise.evaluation.event_level import WatchedVideo, event_level
from scenewise.evaluation.intervals import HeldOut, intervals
from scenewise.evaluation.localisation import localisation
from scenewise.evaluation.metrics import average_precision, equal_error_rate, frame_auc, mean_of_defined, padded_auc
from scenewise.evaluation.pixel_level import Map
from scenewise.evaluation.regions import Detections
from scenewise.evaluation.scene_dependence import ScoredVideo, scene_dependence
from scenewise.features.store import StoredVideo
from scenewise.labels.labels import Truth, abnormal_ranges
from scenewise.scoring.calibration import Calibration
from scenewise.scoring.threshold import alarm_threshold

FrameScores = NDArray[np.float32]
"""(N,) one a frame."""


def figures_of(
    calibration: Calibration,
    config: EvaluateConfig,
    videos: tuple[StoredVideo, ...],
    truths: dict[StoredVideo, Truth],
    scores: dict[StoredVideo, FrameScores],
    detections: dict[StoredVideo, Detections] | None = None,
    maps: dict[StoredVideo, Iterable[Map]] | None = None,
) -> dict[str, Any]:
    """The figures of `metrics.json`, from each test video's truth and its scores (N,).

    Methods that say where in the picture it is abnormal give `detections` or `maps`, an (H, W) a frame, too.
    """
    labelled = {video: labels for video in videos if (labels := truths[video][0]) is not None}
    scenes = sorted({video.scene for video in labelled})
    of_scene = {scene: [video for video in labelled if video.scene == scene] for scene in scenes}
    labels_of = {scene: np.concatenate([labelled[video] for video in own]) for scene, own in of_scene.items()}
    scores_of = {scene: np.concatenate([scores[video] for video in own]) for scene, own in of_scene.items()}
    labels = np.concatenate([*labels_of.values(), np.empty(0, bool)])
    pooled = np.concatenate([*scores_of.values(), np.empty(0, np.float32)])
    scene_auc = {scene: frame_auc(labels_of[scene], scores_of[scene]) for scene in scenes}
    video_auc = {video: frame_auc(own, scores[video]) for video, own in labelled.items()}
    over_videos = list(video_auc.values())
    if config.macro == "padded":
        over_videos = [padded_auc(own, scores[video]) for video, own in labelled.items()]
    return {
        "frame_auc_micro": frame_auc(labels, pooled),
        "frame_auc_macro": mean_of_defined(over_videos),
        "macro": config.macro,
        "macro_left_out": sum(auc is None for auc in over_videos),
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
        "per_video": [_video_entry(video, truths[video], video_auc.get(video)) for video in videos],
    }


def _scene_dependent(
    calibration: Calibration,
    config: EvaluateConfig,
    videos: tuple[StoredVideo, ...],
    truths: dict[StoredVideo, Truth],
    scores: dict[StoredVideo, FrameScores],
) -> dict[str, Any]:
    """The scene-dependence figures, and every figure's interval: both count held-out normal footage beside the test."""
    parts = calibration.smoothed
    if config.scale == "scene":
        parts = {scene: tuple(calibration.normal_scores(scene)) for scene in parts}
    held_out = {scene: np.concatenate([part.scores for part in own]) for scene, own in parts.items()}
    alarm_at = 1.0 if config.scale == "scene" else None
    scored = [ScoredVideo(video.scene, scores[video], *truths[video]) for video in videos]
    event_auc, event_alarm_rate = scene_dependence(scored, held_out, alarm_at)
    normal = {scene: HeldOut(held_out[scene], tuple(len(part.scores) for part in own)) for scene, own in parts.items()}
    found, drawn = intervals(scored, [video.fps for video in videos], normal, alarm_at, config.macro)
    return {"event_auc": event_auc, "event_alarm_rate": event_alarm_rate, "intervals": found, "bootstrap": drawn}


def _event_level(
    calibration: Calibration,
    config: EvaluateConfig,
    videos: tuple[StoredVideo, ...],
    truths: dict[StoredVideo, Truth],
    scores: dict[StoredVideo, FrameScores],
) -> dict[str, Any]:
    """Thresholds are on the scene scale, so scores of any other scale are brought there."""
    thresholds = {
        scene: alarm_threshold(calibration.normal_scores(scene), config.alarms_per_day, config.merge)
        for scene in calibration.scales
    }
    watched = []
    for video in videos:
        own = scores[video]
        if config.scale == "raw" and video.scene in thresholds:
            own = calibration.scales[video.scene].apply(own)
        watched.append(WatchedVideo(video.scene, video.fps, own, *truths[video]))
    return event_level(watched, thresholds, config.alarms_per_day, config.merge)


def _video_entry(video: StoredVideo, truth: Truth, auc: float | None) -> dict[str, Any]:
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
        "events": [event.model_dump(by_alias=True) for event in events or ()],
        "frame_auc": auc,
    }
