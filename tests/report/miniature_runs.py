"""Evaluated runs in miniature: the files that `scenewise train` and `scenewise evaluate` leave, with drawn scores."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scenewise.checksums import record_checksums
from scenewise.files import write_json
from scenewise.runs.run import FORMAT

FRAMES = 120
TITLES = {
    "reconstruction": "autoencoder, scene-agnostic (reconstruction)",
    "contrastive": "autoencoder, scene-aware (+ contrastive)",
}
FPS = 25.0


@dataclass(frozen=True)
class Miniature:
    """What is drawn."""

    scenes: tuple[str, ...] = ("road", "walkway")
    videos: tuple[str, ...] = ("01", "02")
    frames: int = FRAMES
    source: Path = Path("gone.mp4")
    labelled: bool = True
    scene_auc: dict[str, float] = field(default_factory=lambda: {"reconstruction": 0.70, "contrastive": 0.85})
    """{objective: mean within-scene AUC}; a hundredth is added a seed."""
    width: str = "256"
    measured: bool = False
    """Whether intervals, alarms at a budget and pairs within scenes are there."""
    protocol: str = "strict"
    failed: tuple[dict[str, str], ...] = ()


def write_run(folder: Path, objective: str, seed: int, mini: Miniature = Miniature()) -> Path:
    """Write one run folder and return it."""
    rng = np.random.default_rng([seed, len(objective)])
    per_video = [_video(folder, mini, scene, name, rng) for scene in mini.scenes for name in mini.videos]
    write_json(folder / "evaluation" / "metrics.json", _metrics(mini, objective, seed, per_video))
    scores = [f"scores/{video['scene']}_{video['name']}.npy" for video in per_video]
    record_checksums(folder / "evaluation", ["metrics.json", *scores])
    write_json(
        folder / "run.json",
        {
            "format": FORMAT,
            "method": "autoencoder",
            "settings": {"objective": objective, "steps": 500, "seed": seed, "width": mini.width},
            "seed": seed,
            "encoder": {"identity": {"kind": "motion-grid", "width": 128}, "execution": {"device": "cpu"}},
            "extract_config": None,
            "footage": "b" * 64,
            "scenes": list(mini.scenes),
            "features": "features",
            "feature_width": 128,
            "versions": {"scenewise": "0.1.0", "python": "3.11", "torch": "2.13.0"},
            "facts": {"seconds": 12.5, "parameters": 1234567},
            "summary": {"best step": f"{400 + seed} of 500"},
            "commands": [f"scenewise train features --objective {objective} --seed {seed} --out {folder.name}"],
        },
    )
    _write_log(folder / "log.csv", objective, rng)
    record_checksums(folder, ["run.json", "log.csv"])
    return folder


def _video(folder: Path, mini: Miniature, scene: str, name: str, rng: np.random.Generator) -> dict[str, Any]:
    """One video's scores as a file, and its entry in per_video: a bicycle, normal in the first scene alone."""
    time = np.arange(mini.frames)
    scores = 0.4 + 0.3 * np.sin(time / 9) + 0.15 * rng.standard_normal(mini.frames)
    first, last = mini.frames // 3, mini.frames // 2
    bicycle_abnormal = scene != mini.scenes[0]
    scores[first : last + 1] += 2.5 if bicycle_abnormal else 0.2
    path = folder / "evaluation" / "scores" / f"{scene}_{name}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, scores.astype(np.float32))
    abnormal = bicycle_abnormal and mini.labelled
    return {
        "scene": scene,
        "name": name,
        "frames": mini.frames,
        "lost_frames": 0,
        "fps": FPS,
        "source": str(mini.source),
        "abnormal_frames": (last - first + 1 if abnormal else 0) if mini.labelled else None,
        "abnormal_ranges": [[first, last]] if abnormal else [],
        "events": [{"class": "bicycle", "first_frame": first, "last_frame": last, "abnormal": bicycle_abnormal}]
        if mini.labelled
        else [],
        "frame_auc": 0.9 + float(rng.uniform(0, 0.05)) if abnormal else None,
    }


def _metrics(mini: Miniature, objective: str, seed: int, per_video: list[dict[str, Any]]) -> dict[str, Any]:
    within = mini.scene_auc[objective] + 0.01 * seed
    where_normal = 0.55 if objective == "contrastive" else 0.8
    events = {"bicycle": {"where_abnormal": within, "where_normal": where_normal}} if mini.labelled else {}
    return {
        "format": 1,
        "protocol": mini.protocol,
        "scale": "scene",
        "method": "autoencoder",
        "title": TITLES[objective],
        "scene_aware": objective != "reconstruction",
        "deterministic": False,
        "needs_objects": False,
        "settings": {"objective": objective, "width": mini.width},
        "seeds": [seed],
        "encoder": "motion-grid",
        "encoder_digest": "a" * 64,
        "frame_auc_micro": within - 0.05,
        "frame_auc_macro": within - 0.02,
        "macro": "defined",
        "macro_undefined": len(mini.videos),
        "pairs_within_scene": None,
        "scene_auc": {scene: None if scene == mini.scenes[0] else within for scene in mini.scenes},
        "scene_auc_mean": within,
        "average_precision": 0.6,
        "equal_error_rate": 0.2,
        "constant_per_scene_auc": {"best": 0.75, "zero_or_one": 0.72},
        "event_auc": events,
        "event_alarm_rate": events,
        "frames": len(per_video) * mini.frames,
        "abnormal_frames": sum(video["abnormal_frames"] or 0 for video in per_video),
        "videos": len(per_video),
        "unlabelled_videos": 0 if mini.labelled else len(per_video),
        "failed_videos": list(mini.failed),
        "per_video": per_video,
        **(_measured(mini, within) if mini.measured else {}),
    }


def _measured(mini: Miniature, within: float) -> dict[str, Any]:
    """An interval of ten points either side of what is within scenes, and an alarm budget."""
    ends = [within - 0.1, within + 0.1]
    return {
        "pairs_within_scene": 0.397,
        "intervals": {
            "frame_auc_micro": ends,
            "scene_auc": {scene: None if scene == mini.scenes[0] else ends for scene in mini.scenes},
            "scene_auc_mean": ends,
            "event_auc": {"bicycle": {"where_abnormal": ends, "where_normal": None}},
        },
        "event_level": {
            "alarms_per_day": 24.0,
            "share_found": 0.75,
            "delay_mean": 1.25,
            "delay_median": 0.5,
            "false_alarms_per_hour": 2.5,
            "normal_frames_flagged": 0.01,
            "threshold_extrapolated": True,
            "scenes": {scene: {} for scene in mini.scenes},
        },
        "localisation": None,
    }


def _write_log(path: Path, objective: str, rng: np.random.Generator) -> None:
    lines = ["step,loss,reconstruction_loss,contrastive_loss,classification_loss,held_out_error"]
    for step in range(1, 501):
        reconstruction = 0.1 + 3 * np.exp(-step / 60) + 0.02 * rng.random()
        contrastive = f"{1 + 2 * np.exp(-step / 90):.5f}" if objective != "reconstruction" else ""
        held_out = f"{0.12 + 2 * np.exp(-step / 80):.5f}" if step % 50 == 0 else ""
        lines.append(f"{step},{2 * reconstruction:.5f},{reconstruction:.5f},{contrastive},,{held_out}")
    path.write_text("\n".join(lines) + "\n")
