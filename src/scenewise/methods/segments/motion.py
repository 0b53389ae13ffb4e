"""Appearance and motion of a frame, as its features show them."""

from torch import Tensor, nn

from scenewise.methods.segments.method import Widths
from scenewise.methods.segments.running_mean import RunningMean

TINY = 1e-12


class Motion(nn.Module):
    """Tells motion from appearance.

    If features end in optical flow (`extract --flow`), that is the motion, and the features before it the appearance.
    Otherwise all features are the appearance, and the motion is how they differ from frame to frame, on the scale of
    the differences' root mean square in training.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.flow = min(widths.flow, widths.features - 1)
        self.appearance_width = widths.features - self.flow
        """Features of a frame's appearance."""
        self.width = self.flow or widths.features
        """Features of its motion."""
        self.square = RunningMean(1)

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Appearance (B, T, appearance_width) and motion (B, T, width) of standardised segments (B, T, D), T >= 2.

        The difference of the first frame is that of the second.
        """
        if self.flow:
            return inputs[..., : -self.flow], inputs[..., -self.flow :]
        steps = inputs.diff(dim=1)
        scale = self.square.take(steps.square().mean()[None]).clamp(min=TINY).sqrt()
        steps = steps / scale
        return inputs, steps[:, [0, *range(steps.shape[1])]]
