"""Where a model places normal footage in its latent space."""

import numpy as np
import torch
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.features.store import FeatureStore
from scenewise.methods.method import Embedded
from scenewise.methods.segments.feature_table import FeatureTable, frames_bytes
from scenewise.methods.segments.held_out import FrameRange
from scenewise.methods.segments.model import SegmentModel
from scenewise.methods.segments.segment_rate import frames_needed
from scenewise.methods.segments.settings import StepSettings
from scenewise.methods.segments.windows import window_starts


def embed_normal(
    model: SegmentModel, settings: StepSettings, scenes: tuple[str, ...], store: FeatureStore, per_scene: int
) -> Embedded:
    """Embed at most `per_scene` segments of each of the `scenes`, from all training videos, held-out ones too.

    The segments hardly overlap and lie evenly over the footage, so runs of one segment length embed the same ones.
    Computed on the CPU in float32, whatever the model was trained on, so that a picture of them repeats itself.

    Raises DataError if the model has no latent space or a scene no footage in the store, IntegrityError if features
    were changed or are gone.
    """
    embeddings, scene_of = [], []
    for scene in scenes:
        segments = _evenly_spread_segments(settings, store, scene, per_scene)
        with torch.inference_mode():
            embeddings.append(model.embedding(torch.from_numpy(segments)).numpy())
        scene_of += [scene] * len(segments)
    return Embedded(np.concatenate(embeddings), np.array(scene_of))


def _evenly_spread_segments(settings: StepSettings, store: FeatureStore, scene: str, count: int) -> NDArray[np.float16]:
    """At most `count` segments (B, T, D) of the scene's training videos."""
    length = settings.segment_length
    ranges = [
        FrameRange(video, 0, video.frames)
        for video in store.of("train")
        if video.scene == scene
        and video.frames
        >= frames_needed(length, video.fps, settings.segment_fps)  # training does not use shorter ones either
    ]
    if not ranges:
        raise DataError(
            f"{store.folder}: expected training videos of scene {scene}, which the run knows, and found none of "
            f"{length} frames or more; extract the data set's train part that the run was trained on"
        )
    table = FeatureTable(ranges, frames_bytes(ranges) > settings.memory_budget * 2**30, settings.segment_fps)
    starts = np.concatenate(table.starts(length, lambda frames, length: window_starts(frames, length, length)))
    chosen = np.linspace(0, len(starts) - 1, min(count, len(starts))).round().astype(np.int64)
    return table.gather(starts[chosen], length)
