"""Evaluated runs in miniature of a method that scores objects: no log, objects beside the scores."""

import json
from pathlib import Path

import numpy as np
from miniature_runs import Miniature, write_run

from scenewise.checksums import record_checksums
from scenewise.evaluation.object_scores import ObjectScores, TrainingVideo, to_bytes
from scenewise.files import write_bytes, write_json

BOX = (0.5, 0.4, 0.7, 0.8)
"""Where the object with the highest score is."""


def write_object_run(
    folder: Path, mini: Miniature, source: Path, *, method: str = "fusion", scope: str = "scene"
) -> Path:
    """A run of `method`, its normal examples from frame 5 of `source`.

    Every frame has an object of score 2.5 in BOX and an ordinary one of -0.25 at the picture's right edge.
    """
    write_run(folder, "contrastive", 0, mini)
    (folder / "log.csv").unlink()
    info = json.loads((folder / "run.json").read_text())
    info |= {"method": method, "settings": {"scope": scope}, "facts": {"seconds": 3.5, "parameters": 4321}}
    info["summary"] = {"objects in the memory bank": "2,400: road 1,200, walkway 1,200"}
    write_json(folder / "run.json", info)
    record_checksums(folder, ["run.json"])
    path = folder / "evaluation" / "metrics.json"
    metrics = json.loads(path.read_text()) | {
        "method": method,
        "title": f"{method}, {'scene-agnostic' if scope == 'pooled' else 'scene-aware'}",
        "scene_aware": scope != "pooled",
        "deterministic": True,
        "needs_objects": True,
        "settings": {"scope": scope},
    }
    write_json(path, metrics)
    names = ["metrics.json"]
    frame = np.repeat(np.arange(0, mini.frames, 2, dtype=np.int32), 2)
    for video in metrics["per_video"]:
        names.append(f"objects/{video['scene']}_{video['name']}.safetensors")
        shown = TrainingVideo(f"train/{video['scene']}/05", str(source), 25.0)
        objects = ObjectScores(
            frame,
            np.tile(np.array([BOX, (0.9, 0.0, 1.0, 0.3)], np.float32), (len(frame) // 2, 1)),
            np.tile(np.array([2.5, -0.25], np.float32), len(frame) // 2),
            np.tile(np.array([0, 1], np.int32), len(frame) // 2),
            np.tile(np.array([0, -1], np.int32), len(frame) // 2),
            np.full(len(frame), 5, np.int32),
            np.full((len(frame), 4), 0.25, np.float32) + np.array([0, 0, 0.5, 0.5], np.float32),
            (shown,),
            2,
            np.tile(np.array([[0.25, 0.75], [0, 0]], np.float32), (len(frame) // 2, 1)),
            np.tile(np.array([0, -1], np.int32), len(frame) // 2),
            np.tile(np.array([0.2, 0], np.float32), len(frame) // 2),
            ("appearance", "speed"),
            ("cycleway",),
            np.tile(np.array([7, 3], np.int32), len(frame) // 2),
        )
        write_bytes(folder / "evaluation" / names[-1], to_bytes(objects))
    record_checksums(folder / "evaluation", names)
    return folder
