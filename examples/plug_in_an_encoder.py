"""Your own encoder, and the store it fills: python examples/plug_in_an_encoder.py [FOLDER]

An encoder is any object with the attributes of `scenewise.Encoder`. This one sees nothing but colours.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import scenewise


class ColourHistogram:
    """Eight levels of each colour over the whole picture: (N, 24)."""

    width = 24
    batch = 32
    carries_state = False
    identity: dict[str, Any] = {"kind": "colour-histogram", "revision": 1, "levels": 8}  # noqa: RUF012  the protocol's
    execution: dict[str, Any] = {"numpy": np.__version__}  # noqa: RUF012

    def reset(self) -> None:
        """Nothing is remembered from frame to frame."""

    def encode(self, frames: NDArray[np.uint8]) -> scenewise.Encoded:
        """Frames (N, H, W, 3) uint8 RGB to features (N, 24)."""
        levels = frames // 32
        shares = [(levels == level).mean(axis=(1, 2)) for level in range(8)]
        return scenewise.Encoded(np.concatenate(shares, axis=1).astype(np.float32), None)


folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="scenewise-"))
street = scenewise.StreetConfig(scenes=4, videos=2, frames=40, size="160x90", seed=4)
scenewise.render_street(folder / "street", street, workers=1)
summary = scenewise.extract(folder / "street", folder / "features", encoder=ColourHistogram())
store = scenewise.open_store(folder / "features")
print(f"{summary.frames} frames of {len(store.videos)} videos, {store.width} features each")
for video in store.videos[:3]:
    print(video.title, np.round(video.features().mean(axis=0)[:6].astype(float), 3))
