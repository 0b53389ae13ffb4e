"""What every encoder of frames is to the rest of the program.

An encoder of your own is a class derived from Encoder in a file of yours, given as `--encoder package.module:Class`.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.config import ExtractConfig

if TYPE_CHECKING:
    from typing import Self

    from scenewise.encoders.object_encoder import ObjectEncoder


class Encoded(NamedTuple):
    """Features of N frames."""

    features: NDArray[np.float32]
    """(N, D), one row per frame."""
    regions: NDArray[np.float32] | None
    """(N, R, D'), R places in row-major order, if `--regions` asks for them; D' may differ from D."""


class Encoder(ABC):
    """Frozen: frames (N, H, W, 3) uint8 RGB in, features (N, D) out.

    Features never depend on how the frames of a video are cut into calls. A derived class sets `width` and `identity`
    and defines `encode`; the rest has defaults.
    """

    flags: ClassVar[frozenset[str]] = frozenset()
    """The settings of `extract`, by field name, that the encoder uses; others are refused rather than ignored."""

    width: int
    """D, the feature width."""
    batch: int = 32
    """Frames a call that suit it best."""
    carries_state: bool = False
    """Whether a frame's features depend on the frames before it in the same video."""
    light: bool = False
    """Whether one process a core encodes faster than one process with all cores, and fits into memory so often."""
    identity: dict[str, Any]
    """Plain JSON: all that decides the features, and the `kind` of encoder. Never a path or a time."""
    execution: dict[str, Any] = {}  # noqa: RUF012  never written to
    """Plain JSON: device, precision, library versions; recorded, and only warned about."""

    @classmethod
    def from_config(cls, config: ExtractConfig) -> "Self":
        """The encoder as `config` asks for it; by default the class is called without arguments."""
        return cls()

    def object_encoder(self) -> "ObjectEncoder":
        """What encodes the objects in the frames that this encoder encodes; by default their shape, without weights."""
        from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder

        return ShapeObjectEncoder()

    def reset(self) -> None:  # noqa: B027  most encoders carry no state
        """Forget the video before; called at every video's start."""

    @abstractmethod
    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features of the next N frames (N, H, W, 3) uint8 RGB of the current video."""
