"""From footage to figures in Python: python examples/train_from_python.py [FOLDER]

Renders a small street, extracts features without any download, trains the scene-aware autoencoder, and evaluates it.
"""

import sys
import tempfile
from pathlib import Path

import scenewise

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="scenewise-"))

street = scenewise.StreetConfig(scenes=4, videos=2, frames=60, size="160x90", seed=4)
scenewise.render_street(folder / "street", street, workers=1)
scenewise.extract(folder / "street", folder / "features", scenewise.ExtractConfig(encoder="motion-grid"))
settings = scenewise.TrainConfig(objective="contrastive", steps=30, width="64", segments_per_scene=8)
run = scenewise.train(folder / "features", folder / "run", settings)
metrics = scenewise.evaluate(run.folder)

print(f"scenes: {', '.join(run.scenes)}")
print(f"within scenes {metrics['scene_auc_mean']:.3f}, pooled {metrics['frame_auc_micro']:.3f}")
print(f"a constant a scene, pooled: {metrics['constant_per_scene_auc']['best']:.3f}")
print(f"report: {scenewise.write_report([run.folder], folder / 'report.html')}")
