"""From footage to figures in Python: python examples/train_from_python.py [FOLDER]

Renders a small street, extracts features without any download, learns what is normal in each scene, and evaluates that.
"""

import sys
import tempfile
from pathlib import Path

import scenewise

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="scenewise-"))

street = scenewise.StreetConfig(scenes=4, videos=2, frames=60, size="160x90", seed=4)
scenewise.render_street(folder / "street", street, workers=1)
scenewise.extract(folder / "street", folder / "features", scenewise.ExtractConfig(encoder="motion-grid"))
run = scenewise.train(folder / "features", folder / "run")
metrics = scenewise.evaluate(run.folder)

print(f"scenes: {', '.join(run.scenes)}")
print(f"within scenes {metrics['scene_auc_mean']:.3f}, pooled {metrics['frame_auc_micro']:.3f}")
print(f"a constant a scene, pooled: {metrics['constant_per_scene_auc']['best']:.3f}")
print(f"report: {scenewise.write_report([run.folder], folder / 'report.html')}")
