"""A metrics.json in miniature: two scenes, the second one without an abnormal frame."""

from typing import Any

TITLES = {
    "reconstruction": "autoencoder, scene-agnostic (reconstruction)",
    "contrastive": "autoencoder, scene-aware (+ contrastive)",
    "contrastive+classification": "autoencoder, scene-aware (+ contrastive + classification)",
}
EVENT_LEVEL = {
    "alarms_per_day": 24.0,
    "share_found": 0.75,
    "delay_mean": 1.25,
    "delay_median": 0.5,
    "false_alarms_per_hour": 3.0,
    "normal_frames_flagged": None,
    "threshold_extrapolated": True,
    "scenes": {"road": {}},
}
TOY = {
    "path": ["toy", "calm"],
    "group": "of one's own",
    "name": "calm_ness & co",
    "unit": "number",
    "ideal": 2.0,
    "better": "higher",
}
"""A plugged-in figure, as metrics.json describes it."""


def metrics(objective: str = "reconstruction", seed: int = 0, within: float = 0.7, **changes: Any) -> dict[str, Any]:
    """A metrics.json of an autoencoder with this objective."""
    video = {"scene": "lawn [b]", "name": "01", "frames": 90, "abnormal_frames": 20, "abnormal_ranges": [[5, 24]]}
    return {
        "format": 1,
        "protocol": "strict",
        "scale": "scene",
        "method": "autoencoder",
        "title": TITLES[objective],
        "scene_aware": objective != "reconstruction",
        "deterministic": False,
        "needs_objects": False,
        "settings": {"objective": objective, "width": "256", "standardise": True},
        "seeds": [seed],
        "encoder": "motion-grid",
        "encoder_digest": "a" * 64,
        "frame_auc_micro": 0.8,
        "frame_auc_macro": 0.6,
        "macro": "defined",
        "macro_undefined": 0,
        "scene_auc": {"lawn [b]": within, "road": None},
        "scene_auc_mean": within,
        "average_precision": 0.5,
        "equal_error_rate": 0.3,
        "constant_per_scene_auc": {"best": 0.847, "zero_or_one": 0.781},
        "pairs_within_scene": None,
        "event_auc": {"bicycle": {"where_abnormal": 0.9, "where_normal": None}},
        "event_alarm_rate": {"bicycle": {"where_abnormal": 0.4, "where_normal": None}},
        "videos": 2,
        "frames": 180,
        "abnormal_frames": 20,
        "per_video": [video, {**video, "scene": "road", "abnormal_frames": 0, "abnormal_ranges": []}],
    } | changes


def memory(seed: int = 0, *, scene_aware: bool = True, **changes: Any) -> dict[str, Any]:
    """A metrics.json of a deterministic method that scores objects."""
    scope = "scene" if scene_aware else "pooled"
    facts = {
        "method": "fusion",
        "title": f"fusion, {'scene-aware' if scene_aware else 'scene-agnostic'}",
        "scene_aware": scene_aware,
        "deterministic": True,
        "needs_objects": True,
        "settings": {"scope": scope, "smoothing": 0.4},
    }
    return metrics(seed=seed) | facts | changes
