"""Trained models of segments applied to videos: a frame's score is its error, averaged over windows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.methods.scores import Chunk, Scored
from scenewise.methods.segments.frame_errors import stream_frame_errors
from scenewise.methods.segments.model import SegmentModel
from scenewise.methods.segments.segment_rate import Thinning
from scenewise.methods.segments.settings import StepSettings

BATCH = 256
"""Segments scored at a time: bounds the memory, and does not change a score."""
ALL_SCENES = "*"
"""Key of the one model for all scenes."""


class SegmentScorer:
    """Holds one model for all scenes, or one per scene.

    Scores are computed in float32, whatever the models were trained in.
    """

    def __init__(
        self,
        models: Mapping[str, SegmentModel],
        scenes: Sequence[str],
        settings: StepSettings,
        device: torch.device,
    ) -> None:
        """`models` {scene, or ALL_SCENES: model}, on `device`, trained on `scenes`."""
        self.models, self.scenes, self.settings, self.device = models, tuple(scenes), settings, device
        own = min(model.own_errors or settings.segment_length + 1 for model in models.values())
        self.waits = own - 1
        """Picked frames after a frame at which its windows have ended; of windows whose every frame counts, T."""

    def look_ahead(self, fps: float) -> float:
        """Seconds until the last window that may hold a frame has ended, and no other can hold it any more."""
        if self.settings.segment_fps is None:
            return self.waits / fps
        # How far a picked frame's score reaches is known by the next pick.
        return (self.waits + 1) / self.settings.segment_fps

    def least_look_ahead(self, fps: float) -> float:
        """Seconds, in whole frames, until the next window has ended: only then a frame has a score."""
        if self.settings.segment_fps is None:
            return (self.settings.stride - 1) / fps
        # As above, one more pick.
        return ceil(self.settings.stride * fps / self.settings.segment_fps - 1e-6) / fps

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """Errors of frames as features arrive; `look_ahead` as `stream_frame_errors` keeps to it.

        Raises DataError if `scene` has no model, or if the model asks for the scene and does not know it.
        """
        model = self.models.get(ALL_SCENES) or self.models.get(scene)
        if model is None:
            raise DataError(f"scene {scene} has no model in the run; it knows {', '.join(self.models)}")
        at = place_of(scene, self.scenes if ALL_SCENES in self.models else (scene,), model)
        settings = self.settings
        thinning = None if settings.segment_fps is None else Thinning(fps, settings.segment_fps)
        frames = self.waits
        if look_ahead is not None:  # the small addend keeps 3 / 25 seconds from falling to 2 frames by rounding
            asked = int(look_ahead * (settings.segment_fps or fps) + 1e-6)
            frames = min(frames, asked if thinning is None else max(asked - 1, 0))
        features = (chunk.features for chunk in chunks)
        errors = stream_frame_errors(
            features if thinning is None else thinning.thin(features),
            lambda segments: segment_errors(model, segments, at, self.device),
            settings.segment_length,
            settings.stride,
            settings.aggregate,
            frames,
        )
        for scores in errors if thinning is None else thinning.spread(errors):
            yield Scored(scores, None)


def place_of(scene: str, scenes: Sequence[str], model: SegmentModel) -> int:
    """The place of `scene` in `scenes`, which `model` was trained on; -1 if it is not there and `model` need not know.

    Raises DataError if it has to.
    """
    if scene in scenes:
        return scenes.index(scene)
    if model.needs_scene:
        raise DataError(f"scene {scene} was not in the training; the run knows {', '.join(scenes)}")
    return -1


@torch.inference_mode()
def segment_errors(
    model: SegmentModel, segments: NDArray[Any], scene: int, device: torch.device
) -> NDArray[np.float32]:
    """Score of each frame, (B, T), of segments (B, T, D) of the scene at place `scene`."""
    errors = []
    for begin in range(0, len(segments), BATCH):
        batch = torch.from_numpy(segments[begin : begin + BATCH]).to(device)
        scenes = torch.full((len(batch),), scene, device=device)
        errors.append(model.frame_errors(batch, scenes).float().cpu().numpy())
    return np.concatenate(errors)


def errors_in_scene(
    model: SegmentModel, scenes: Sequence[str], device: torch.device, segments: NDArray[Any], scene: str
) -> NDArray[np.float32]:
    """`segment_errors` of a scene by its name. Raises DataError as `place_of` does."""
    return segment_errors(model, segments, place_of(scene, scenes, model), device)
