"""Where a run places normal footage in its latent space."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.features.store import FeatureStore
from scenewise.methods.segments.feature_table import FeatureTable, frames_bytes
from scenewise.methods.segments.held_out import Stretch
from scenewise.methods.segments.segment_rate import frames_needed
from scenewise.methods.segments.windows import window_starts
from scenewise.runs.run import Run, load_model


class Embedded(NamedTuple):
    """B segments of normal footage in the latent space."""

    embeddings: NDArray[np.float32]
    """(B, Z), not normalised."""
    scenes: NDArray[np.str_]
    """(B,): whose footage each segment is, in the order of the run's scenes."""


def embed_normal(run: Run, store: FeatureStore, per_scene: int) -> Embedded:
    """Embed at most `per_scene` segments of each of the run's scenes, from all training videos, held-out ones too.

    The segments hardly overlap and lie evenly over the footage, so runs of one segment length embed the same ones.
    Computed on the CPU in float32, whatever the run was trained on, so that a picture of them repeats itself.

    Raises FingerprintError where the features come from another encoder, DataError where the run has no latent space
    that its scenes share or a scene has no footage in the store, IntegrityError where features or weights were changed
    or are gone.
    """
    if run.config.remembers:
        raise DataError(f"--method {run.config.method} remembers normal footage as it is: it has no latent space")
    if run.config.by_scene:
        raise DataError("each scene has a model of its own, and so a latent space that no other scene is in")
    run.fingerprint.require(store.fingerprint, f"the features in {store.folder}")
    model = load_model(run, torch.device("cpu"))
    embeddings, scenes = [], []
    for scene in run.scenes:
        segments = _evenly_spread_segments(run, store, scene, per_scene)
        with torch.inference_mode():
            embeddings.append(model(torch.from_numpy(segments)).embedding.numpy())
        scenes += [scene] * len(segments)
    return Embedded(np.concatenate(embeddings), np.array(scenes))


def _evenly_spread_segments(run: Run, store: FeatureStore, scene: str, count: int) -> NDArray[np.float16]:
    """At most `count` segments (B, T, D) of the scene's training videos."""
    length = run.config.segment_length
    stretches = [
        Stretch(video, 0, video.frames)
        for video in store.of("train")
        if video.scene == scene
        and video.frames
        >= frames_needed(length, video.fps, run.config.segment_fps)  # shorter ones are left out of training as well
    ]
    if not stretches:
        raise DataError(
            f"{store.folder}: expected training videos of scene {scene}, which the run knows, and found none of "
            f"{length} frames or more; extract the data set's train part that the run was trained on"
        )
    table = FeatureTable(stretches, frames_bytes(stretches) > run.config.memory_budget * 2**30, run.config.segment_fps)
    starts = np.concatenate(table.starts(length, lambda frames, length: window_starts(frames, length, length)))
    chosen = np.linspace(0, len(starts) - 1, min(count, len(starts))).round().astype(np.int64)
    return table.gather(starts[chosen], length)
