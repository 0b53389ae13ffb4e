"""The figures of metrics.json, from truth and scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.config import EvaluateConfig
from scenewise.evaluation.baselines import constant_per_scene_auc
from scenewise.evaluation.labels import Truth, abnormal_ranges
from scenewise.evaluation.metrics import average_precision, equal_error_rate, frame_auc, mean_of_defined
from scenewise.evaluation.scene_dependence import ScoredVideo, scene_dependence
from scenewise.features.store import StoredVideo
from scenewise.scoring.calibration import Calibration


def figures_of(
    calibration: Calibration,
    config: EvaluateConfig,
    videos: tuple[StoredVideo, ...],
    truths: dict[StoredVideo, Truth],
    scores: dict[StoredVideo, NDArray[np.float32]],
) -> dict[str, Any]:
    """The figures of `metrics.json`, from each test video's truth and its scores (N,)."""
    labelled = {video: labels for video in videos if (labels := truths[video][0]) is not None}
    scenes = sorted({video.scene for video in labelled})
    of_scene = {scene: [video for video in labelled if video.scene == scene] for scene in scenes}
    labels_of = {scene: np.concatenate([labelled[video] for video in own]) for scene, own in of_scene.items()}
    scores_of = {scene: np.concatenate([scores[video] for video in own]) for scene, own in of_scene.items()}
    labels = np.concatenate([*labels_of.values(), np.empty(0, bool)])
    pooled = np.concatenate([*scores_of.values(), np.empty(0, np.float32)])
    scene_auc = {scene: frame_auc(labels_of[scene], scores_of[scene]) for scene in scenes}
    video_auc = {video: frame_auc(own, scores[video]) for video, own in labelled.items()}
    held_out = calibration.held_out_scores
    if config.scale == "scene":
        held_out = {scene: calibration.scales[scene].apply(own) for scene, own in held_out.items()}
    scored = [ScoredVideo(video.scene, scores[video], *truths[video]) for video in videos]
    event_auc, event_alarm_rate = scene_dependence(scored, held_out, 1.0 if config.scale == "scene" else None)
    return {
        "frame_auc_micro": frame_auc(labels, pooled),
        "frame_auc_macro": mean_of_defined(list(video_auc.values())),
        "macro_left_out": sum(auc is None for auc in video_auc.values()),
        "scene_auc": scene_auc,
        "scene_auc_mean": mean_of_defined(list(scene_auc.values())),
        "average_precision": average_precision(labels, pooled),
        "equal_error_rate": equal_error_rate(labels, pooled),
        "constant_per_scene_auc": constant_per_scene_auc(labels_of),
        "event_auc": event_auc,
        "event_alarm_rate": event_alarm_rate,
        "frames": len(labels),
        "abnormal_frames": int(labels.sum()),
        "videos": len(labelled),
        "unlabelled_videos": len(videos) - len(labelled),
        "per_video": [_video_entry(video, truths[video], video_auc.get(video)) for video in videos],
    }


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
