"""Motion as features show it: how much they change from frame to frame."""

from torch import Tensor, nn

from scenewise.methods.segments.running_mean import RunningMean

TINY = 1e-12


class Motion(nn.Module):
    """Differences of consecutive frames' features, on the scale of their root mean square in training.

    It stands for the optical flow of papers on pixels, which a store of features does not have.
    """

    def __init__(self) -> None:
        super().__init__()
        self.square = RunningMean(1)

    def forward(self, inputs: Tensor) -> Tensor:
        """(B, T, D) of standardised segments (B, T, D), T >= 2: each frame less the one before it; that of the first
        is the second's."""
        steps = inputs.diff(dim=1)
        scale = self.square.take(steps.square().mean()[None]).clamp(min=TINY).sqrt()
        steps = steps / scale
        return steps[:, [0, *range(steps.shape[1])]]
