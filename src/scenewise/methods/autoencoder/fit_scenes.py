"""An autoencoder for each scene, trained one after the other on the scene's own footage.

RUN/
├── model.safetensors         the weights of all of them: SCENE/NAME
└── scenes/SCENE/             log.csv, and while it trains the checkpoints that --resume goes on from
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from safetensors.torch import save as save_tensors
from torch import Tensor

from scenewise.config import TrainConfig
from scenewise.errors import DataError
from scenewise.features.store import open_store
from scenewise.files import write_bytes
from scenewise.methods.autoencoder.checkpoints import PARTS, Progressed, made_from
from scenewise.methods.autoencoder.training import learn
from scenewise.methods.segments.footage import footage_digest, prepare
from scenewise.methods.segments.held_out import divide
from scenewise.runs.begin import refuse_or_resume
from scenewise.runs.finish import finish
from scenewise.runs.run import MODEL, Run


def fit_scenes(features: Path, out: Path, config: TrainConfig, commands: Sequence[str] = ()) -> Run:
    """Train a model for every scene of the store in `features`, write them as one run into `out`, and return it.

    Raises ConfigError where settings do not go together or `out` holds something else, DataError where a scene's
    footage does not suffice, IntegrityError where a file of features was changed.
    """
    store = open_store(features)
    videos = store.of("train")
    if not videos:
        raise DataError(f"{store.folder}: it holds no training videos; extract the data set's train part too")
    digest = footage_digest(videos)
    origin = made_from(config, store.fingerprint.digest, digest)
    finished = refuse_or_resume(out, config, origin)
    if finished is not None:
        return finished
    divide(videos, config.segment_length, config.segment_fps)  # a scene of too little footage is told before any work
    scenes = tuple(sorted({video.scene for video in videos}))
    tensors: dict[str, Tensor] = {}
    states: dict[str, Progressed] = {}
    parameters = 0
    for scene in scenes:
        own = replace(store, videos=tuple(video for video in videos if video.scene == scene))
        model, state = learn(prepare(own, config), store.width, config, out / PARTS / scene, origin)
        tensors |= {f"{scene}/{name}": value for name, value in state.best.items()}
        states[scene] = state
        parameters += sum(parameter.numel() for parameter in model.parameters())
    write_bytes(out / MODEL, save_tensors(tensors))
    training = {
        "steps": config.steps,
        "best_step": max(state.best_step for state in states.values()),
        "best_steps": {scene: state.best_step for scene, state in states.items()},
        "held_out_error": fmean(state.best_error for state in states.values()),
        "held_out_errors": {scene: state.best_error for scene, state in states.items()},
        "seconds": round(sum(state.seconds for state in states.values()), 1),
        "parameters": parameters,
    }
    return finish(out, config, store, digest, scenes, training, commands)
