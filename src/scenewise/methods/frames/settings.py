"""The settings of every method that is fitted in one pass.

Annotations are no texts here, unlike in the files of the methods: the command line reads those of inherited fields in
the file of the derived class.
"""

from dataclasses import dataclass
from typing import Literal

from scenewise.config import require_between
from scenewise.methods.method import Settings


@dataclass(frozen=True)
class OnePassSettings(Settings):
    """The settings that every method fitted in one pass has."""

    smoothing: float = 1.0
    """Standard deviation in seconds of the Gaussian that smooths scores inside each video; 0 for none."""
    scope: Literal["scene", "pooled"] = "scene"
    """scene: a model for each scene; pooled: one for all scenes."""

    def __post_init__(self) -> None:
        require_between(self, 0, 3600, "smoothing")
