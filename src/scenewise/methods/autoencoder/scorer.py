"""A trained autoencoder applied to videos: a frame's score is its reconstruction error."""

from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.methods.autoencoder.losses import reconstruction_error
from scenewise.methods.autoencoder.model import Autoencoder
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.scores import Chunk, Scored
from scenewise.methods.segments.frame_errors import stream_frame_errors
from scenewise.methods.segments.segment_rate import Thinning

BATCH = 256
"""Segments scored at a time: bounds the memory, and does not change a score."""
ALL_SCENES = "*"
"""Key of the one model for all scenes."""


class AutoencoderScorer:
    """Holds one model for all scenes, or one per scene.

    Scores are computed in float32, whatever the models were trained in.
    """

    def __init__(self, models: Mapping[str, Autoencoder], settings: AutoencoderSettings, device: torch.device) -> None:
        """`models` {scene, or ALL_SCENES: model}, on `device`."""
        self.models, self.settings, self.device = models, settings, device

    def look_ahead(self, fps: float) -> float:
        """Seconds until the last window that may hold a frame has ended, and no other can hold it any more."""
        if self.settings.segment_fps is None:
            return self.settings.segment_length / fps
        # How far a picked frame's score reaches is known by the next pick.
        return (self.settings.segment_length + 1) / self.settings.segment_fps

    def least_look_ahead(self, fps: float) -> float:
        """Seconds, in whole frames, until the next window has ended: only then a frame has a score."""
        if self.settings.segment_fps is None:
            return (self.settings.stride - 1) / fps
        # As above, one more pick.
        return ceil(self.settings.stride * fps / self.settings.segment_fps - 1e-6) / fps

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """Reconstruction errors, at least 0, as features arrive; `look_ahead` as `stream_frame_errors` keeps to it.

        Raises DataError if `scene` has no model.
        """
        model = self.models.get(ALL_SCENES) or self.models.get(scene)
        if model is None:
            raise DataError(f"scene {scene} has no model in the run; it knows {', '.join(self.models)}")
        settings = self.settings
        thinning = None if settings.segment_fps is None else Thinning(fps, settings.segment_fps)
        frames = None
        if look_ahead is not None:  # the small addend keeps 3 / 25 seconds from falling to 2 frames by rounding
            frames = int(look_ahead * (settings.segment_fps or fps) + 1e-6)
            frames = frames if thinning is None else max(frames - 1, 0)
        features = (chunk.features for chunk in chunks)
        errors = stream_frame_errors(
            features if thinning is None else thinning.thin(features),
            lambda segments: segment_errors(model, segments, self.device),
            settings.segment_length,
            settings.stride,
            settings.aggregate,
            frames,
        )
        for scores in errors if thinning is None else thinning.spread(errors):
            yield Scored(scores, None)


@torch.inference_mode()
def segment_errors(model: Autoencoder, segments: NDArray[Any], device: torch.device) -> NDArray[np.float32]:
    """Reconstruction error of each frame, (B, T), of segments (B, T, D)."""
    errors = []
    for begin in range(0, len(segments), BATCH):
        batch = torch.from_numpy(segments[begin : begin + BATCH]).to(device)
        reconstruction = model(batch)
        errors.append(reconstruction_error(reconstruction.inputs, reconstruction.outputs).cpu().numpy())
    return np.concatenate(errors)
