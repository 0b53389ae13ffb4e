"""A trained run as a folder.

RUN/
├── run.json                  method, settings, seed, encoder, scenes, versions, the commands that made it
├── model.safetensors         weights of the best checkpoint by held-out error
├── log.csv                   losses by step; scenes/SCENE/log.csv, where each scene has a model of its own
├── calibration.json          each scene's scale, from held-out normal footage
├── held_out_scores.safetensors
├── normal_terms.safetensors  of object-memory and fusion: how new each normal frame is to the rest
├── backgrounds.safetensors   of the same: each empty scene, which objects of new videos stand out from
├── scenes.safetensors        how each scene looks, to recognise it in a new video
├── checkpoints/              while it trains: what --resume goes on from
├── kept/                     with --keep-checkpoints: weights that only the published protocol opens
├── evaluation/               after `scenewise evaluate`
├── evaluation-published/     after `scenewise evaluate --protocol published`: chosen on test data
└── SHA256SUMS
"""

import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as load_tensors

import scenewise
from scenewise.config import ExtractConfig, TrainConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import DataError, IntegrityError
from scenewise.files import check, read_json, record_checksums, write_json
from scenewise.methods.autoencoder.build_model import build_model
from scenewise.methods.autoencoder.model import Autoencoder

FORMAT = 1
RUN_JSON = "run.json"
MODEL = "model.safetensors"
CALIBRATION = "calibration.json"
NORMAL_TERMS = "normal_terms.safetensors"
"""Of the methods that remember: how new each normal frame is to the rest of the footage."""
BACKGROUNDS = "backgrounds.safetensors"
"""Of the methods that remember: what every scene looks like where nothing moves through it."""


@dataclass(frozen=True)
class Run:
    """What run.json says."""

    folder: Path
    config: TrainConfig
    fingerprint: Fingerprint
    scenes: tuple[str, ...]
    """In the order of the model's scene classes."""
    feature_width: int
    features: Path
    """The feature store it was trained on."""
    training: dict[str, Any]
    """best_step, held_out_error, seconds, parameters."""
    commands: tuple[str, ...]
    """The command lines that made it."""
    extract_config: ExtractConfig | None = None
    """The settings its features were extracted with."""
    footage: str = ""
    """Digest of the features it was trained and calibrated on."""


def write_run(run: Run) -> None:
    """Write run.json; the weights are written already."""
    described = {
        "format": FORMAT,
        "method": run.config.method,
        "config": asdict(run.config),
        "seed": run.config.seed,
        "encoder": {"identity": dict(run.fingerprint.identity), "execution": dict(run.fingerprint.execution)},
        "extract_config": None if run.extract_config is None else asdict(run.extract_config),
        "scenes": list(run.scenes),
        "footage": run.footage,
        "feature_width": run.feature_width,
        "features": str(run.features.resolve()),
        "training": run.training,
        "commands": list(run.commands),
        "versions": {
            "scenewise": scenewise.__version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    }
    write_json(run.folder / RUN_JSON, described)
    record_checksums(run.folder, [RUN_JSON, MODEL])


def open_run(folder: Path) -> Run:
    """The run in `folder`. Raises IntegrityError where there is none, it is not finished, or a byte was changed."""
    if not (folder / RUN_JSON).is_file():
        unfinished = (folder / "checkpoints").is_dir() or any(folder.glob("scenes/*/checkpoints"))
        remedy = (
            "go on with: scenewise train ... --resume"
            if unfinished
            else "make one with: scenewise train (--resume where that was stopped)"
        )
        raise IntegrityError(f"{folder}: expected a trained run with a {RUN_JSON}, found none; {remedy}")
    described = read_json(folder / RUN_JSON, format_version=FORMAT)
    return Run(
        folder,
        TrainConfig(**described["config"]),
        Fingerprint(described["encoder"]["identity"], described["encoder"]["execution"]),
        tuple(described["scenes"]),
        described["feature_width"],
        Path(described["features"]),
        described["training"],
        tuple(described["commands"]),
        ExtractConfig.from_json(described.get("extract_config")),
        described.get("footage", ""),
    )


def load_model(run: Run, device: torch.device, scene: str | None = None) -> Autoencoder:
    """The run's model with its weights, ready to score; of a run with a model for each scene, that of `scene`.

    Raises IntegrityError where the weights were changed, DataError where the scene has no model in the run.
    """
    tensors = load_tensors(check(run.folder / MODEL).read_bytes())
    if run.config.by_scene:
        if scene not in run.scenes:
            what = "and no one model for all" if scene is None else f"and none for {scene}"
            raise DataError(f"{run.folder} holds a model for each of {', '.join(run.scenes)}, {what}")
        prefix = f"{scene}/"
        tensors = {name.removeprefix(prefix): own for name, own in tensors.items() if name.startswith(prefix)}
    model = build_model(run.feature_width, 1 if run.config.by_scene else len(run.scenes), run.config)
    model.load_state_dict(tensors)
    return model.to(device).eval()
