"""An encoder of your own, from footage to events: python examples/plug_in_an_encoder.py [FOLDER]

A class derived from `scenewise.Encoder` is named as `module:Class`, here and as `--encoder` of `scenewise extract`. The
name is recorded in the features and in the run, so that `score` opens the class again. This one encodes colours alone.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import scenewise


class ColourHistogram(scenewise.Encoder):
    """Shares of eight levels of each colour over the whole picture: (N, 24)."""

    width = 24
    identity: dict[str, Any] = {"kind": "colour-histogram", "revision": 1, "levels": 8}  # noqa: RUF012
    execution: dict[str, Any] = {"numpy": np.__version__}  # noqa: RUF012

    def encode(self, frames: NDArray[np.uint8]) -> scenewise.Encoded:
        """Frames (N, H, W, 3) uint8 RGB to features (N, 24)."""
        levels = frames // 32
        shares = [(levels == level).mean(axis=(1, 2)) for level in range(8)]
        return scenewise.Encoded(np.concatenate(shares, axis=1).astype(np.float32), None)


def main(folder: Path) -> None:
    """Render a small street, and go all the way to the events of one of its videos."""
    street = scenewise.StreetConfig(scenes=4, videos=2, frames=40, size="128x72", seed=4)
    scenewise.render_street(folder / "street", street, workers=1)
    config = scenewise.ExtractConfig(encoder="plug_in_an_encoder:ColourHistogram")
    scenewise.extract(folder / "street", folder / "features", config)
    run = scenewise.train(folder / "features", folder / "run")
    metrics = scenewise.evaluate(run.folder)
    print(f"within scenes {metrics['scene_auc_mean']:.3f}, pooled {metrics['frame_auc_micro']:.3f}")
    video = folder / "street" / "test" / "road" / "001.mp4"
    scored = scenewise.score_videos(run.folder, [video], folder / "scored")
    for result in scored.videos:
        print(f"{result['scene']}: highest {result['highest']:.1f} at {result['highest_time']:.1f} s")
        for event in result["events"]:
            print(f"  {event['start']:.1f} to {event['end']:.1f} s, peak {event['peak_score']:.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="scenewise-")))
