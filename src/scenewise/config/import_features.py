"""The choices of `scenewise features import`."""

from typing import Literal

Rows = Literal["frames", "spread"]
"""What the rows of a file stand for: each for a frame, or all of them, spread evenly, for all frames."""
MEAN: Literal["mean"] = "mean"
Crops = int | Literal["mean"]
"""Of several crops of each picture: the number of the one to take, from 0, or their mean."""
