"""What a model of segments is to its training and to its scorer."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scenewise.errors import DataError


class SegmentModel(nn.Module, ABC):
    """Losses to learn by, and an error of every frame to score by.

    Everything that training changes is a parameter or a buffer, so that checkpoints hold it: also an older copy of the
    model (a module whose parameters need no gradient) and a memory that no gradient reaches (a buffer).

    Features are standardised by `mean` and `deviation` (D,), which travel with the weights.
    """

    mean: Tensor
    deviation: Tensor

    needs_scene: bool = False
    """Whether `frame_errors` looks at the scenes: then only scenes that it was trained on can be scored."""
    own_errors: int | None = None
    """Only the last so many frames of a segment have an error of their own; the errors before them are for frames that
    no window ends with, a video's first. None if all have."""

    def __init__(self, feature_width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(feature_width))
        self.register_buffer("deviation", torch.ones(feature_width))

    @abstractmethod
    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """The terms of step `step` (0 is the first), unweighted, and what the optimiser minimises under `loss`.

        `segments` (B, T, D) are raw features, `scenes` (B,) the place of each one's scene in the run's scenes. Each
        term is a scalar and becomes a column of log.csv by its name, such as `reconstruction_loss`. Runs under
        autocast. A term that must not reach a weight is detached from it; a weight that no term reaches stays.
        """

    @abstractmethod
    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Anomaly score of each frame, (B, T), float32, of segments (B, T, D) of raw features.

        `scenes` as in `losses`, in which -1 stands for a scene that the run does not know (unless `needs_scene`).
        """

    def held_out_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """What chooses the checkpoint, by its mean over held-out normal footage: `frame_errors`, (B, T).

        A model whose scores are relative to errors of the same step, and so do not fall, says here what does.
        """
        return self.frame_errors(segments, scenes)

    def after_step(self, segments: Tensor, scenes: Tensor, step: int) -> None:
        """What changes outside the gradient, after the optimiser's step; called without gradients."""
        return

    def may_be_kept(self, step: int) -> bool:
        """Whether the weights after `step` steps may be chosen, by their held-out error; if none may, the last are."""
        return True

    def embedding(self, segments: Tensor) -> Tensor:
        """Segments (B, T, D) of raw features in a latent space, (B, Z). Raises DataError if there is none."""
        raise DataError("the method has no latent space")

    def standardise(self, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> None:
        """Take the statistics (D,) of the training features."""
        self.mean.copy_(torch.from_numpy(mean))
        self.deviation.copy_(torch.from_numpy(deviation))

    def standardised(self, segments: Tensor) -> Tensor:
        """Segments (B, T, D) of raw features on the scale of the training features."""
        return (segments.float() - self.mean) / self.deviation


def reconstruction_error(inputs: Tensor, reconstructed: Tensor) -> Tensor:
    """Mean squared error of each frame, (B, T), of segments (B, T, D)."""
    return (inputs - reconstructed).square().mean(dim=-1)


def last_for_all(errors: Tensor, length: int) -> Tensor:
    """Errors (B, P) of the last frames of segments of `length`, and their mean for the frames before them, (B, T)."""
    before = errors.mean(dim=1, keepdim=True).expand(-1, length - errors.shape[1])
    return torch.cat([before, errors], dim=1)
