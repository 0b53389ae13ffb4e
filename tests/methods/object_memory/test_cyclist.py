"""Real footage: a cyclist where nobody rides is abnormal, and boxed."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from scenewise.features.store import open_store
from scenewise.methods.scores import chunk_of
from scenewise.runs.score_stream import score_all
from scenewise.runs.train import train


@pytest.mark.slow
def test_a_cyclist_on_the_walkway_is_abnormal_and_boxed(walkway_features: Path, footage: Path, tmp_path: Path) -> None:
    run = train(walkway_features, tmp_path / "run", "object-memory")
    (video,) = open_store(walkway_features).of("test")
    chunks = map(chunk_of, video.blocks())
    found = score_all(run.open_scorer("cpu"), chunks, video.fps, video.scene, run.settings.smoothing)
    labels = np.load(footage / "two-walkways" / "labels" / "walkway" / "06.npy")
    assert len(found.scores) == len(labels) and found.objects is not None
    assert roc_auc_score(labels, found.scores) > 0.85
    boxed = 0
    for frame in range(80, 142, 2):  # he rides to the right, past everyone, at a steady speed
        place = np.array([0.40 + 0.008 * (frame - 80), 0.69])
        boxes = found.objects.box[(found.objects.frame == frame) & (found.objects.score > 0.5)]
        boxed += bool(((boxes[:, :2] <= place) & (place <= boxes[:, 2:])).all(axis=1).any())
    assert boxed > 20, "of 31 frames"
