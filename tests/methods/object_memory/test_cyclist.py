"""Real footage: a cyclist where nobody rides is abnormal, and boxed."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from scenewise.config import ExtractConfig
from scenewise.features.extract import extract
from scenewise.features.store import open_store
from scenewise.methods.scores import chunk_of
from scenewise.runs.score_stream import score_all
from scenewise.runs.train import train

TRAIN = ("01", "05", "10")


@pytest.mark.slow
def test_a_cyclist_on_the_walkway_is_abnormal_and_boxed(footage: Path, tmp_path: Path) -> None:
    real, data = footage / "two-walkways", tmp_path / "data"
    for name in (*(f"train/walkway/{clip}" for clip in TRAIN), "test/walkway/06"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / f"{name}.mp4").symlink_to(real / f"{name}.mp4")
    encoder = footage / "encoders" / "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    extract(data, tmp_path / "features", ExtractConfig(encoder=f"openvino:{encoder}"))
    run = train(tmp_path / "features", tmp_path / "run", "object-memory")
    (video,) = open_store(tmp_path / "features").of("test")
    chunks = map(chunk_of, video.blocks())
    found = score_all(run.open_scorer("cpu"), chunks, video.fps, video.scene, run.settings.smoothing)
    labels = np.load(real / "labels" / "walkway" / "06.npy")
    assert len(found.scores) == len(labels) and found.objects is not None
    assert roc_auc_score(labels, found.scores) > 0.85
    boxed = 0
    for frame in range(80, 142, 2):  # he rides to the right, past everyone, at a steady speed
        place = np.array([0.40 + 0.008 * (frame - 80), 0.69])
        boxes = found.objects.box[(found.objects.frame == frame) & (found.objects.score > 0.5)]
        boxed += bool(((boxes[:, :2] <= place) & (place <= boxes[:, 2:])).all(axis=1).any())
    assert boxed > 20, "of 31 frames"
