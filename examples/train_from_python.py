"""From footage to figures in Python: python examples/train_from_python.py [FOLDER]

Renders a small street, extracts features without any download, trains two methods, and compares their figures.
"""

import sys
import tempfile
from pathlib import Path

import scenewise

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="scenewise-"))
features = folder / "features"

street = scenewise.StreetConfig(scenes=4, videos=2, frames=40, size="128x72", seed=4)
scenewise.render_street(folder / "street", street, workers=1)
scenewise.extract(folder / "street", features, scenewise.ExtractConfig(encoder="motion-grid"))

scenewise.train(features, folder / "fusion")  # the default method
small = {"steps": 20, "width": "32", "segments_per_scene": 4, "learning_rate": 1e-3}
scenewise.train(features, folder / "autoencoder", method="autoencoder", settings=small)

runs = [folder / "fusion", folder / "autoencoder"]
for run in runs:
    metrics = scenewise.evaluate(run)
    print(f"{run.name}: within scenes {metrics['scene_auc_mean']:.3f}, pooled {metrics['frame_auc_micro']:.3f}")
print(f"best constant per scene, pooled: {metrics['constant_per_scene_auc']['best']:.3f}")
print(f"report: {scenewise.write_report(runs, folder / 'report.html')}")
