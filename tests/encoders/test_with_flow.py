"""Optical flow behind the features: what it measures, and that extract, train, evaluate and score agree on it."""

import csv
from pathlib import Path

import av
import numpy as np

from scenewise.cli import run as cli
from scenewise.config import ExtractConfig
from scenewise.encoders.motion_grid import CELLS
from scenewise.encoders.open_encoder import open_encoder
from scenewise.encoders.with_flow import CHANNELS, FLOW_WIDTH
from scenewise.features.store import open_store
from scenewise.runs.run import open_run


def passing(frames: int, step: int, start: int = 10) -> np.ndarray:
    """(N, 90, 160, 3): a textured square that goes `step` pixels a frame to the right over grey."""
    random = np.random.default_rng(5)
    square, drawn = random.integers(0, 255, (24, 24, 3), np.uint8), np.full((frames, 90, 160, 3), 120, np.uint8)
    for number in range(frames):
        left = (start + number * step) % 130
        drawn[number, 33:57, left : left + 24] = square
    return drawn


def test_what_goes_to_the_right_is_flow_to_the_right_whatever_the_batches() -> None:
    config = ExtractConfig(encoder="motion-grid", flow=True)
    encoder, plain = open_encoder(config), open_encoder(ExtractConfig(encoder="motion-grid"))
    frames = passing(30, 2)
    features = encoder.encode(frames).features
    assert features.shape == (30, plain.width + FLOW_WIDTH) and encoder.width == features.shape[1]
    np.testing.assert_array_equal(features[:, : plain.width], plain.encode(frames).features)
    flow = features[:, plain.width :].reshape(30, CELLS, len(CHANNELS)).max(axis=1)
    assert not flow[0].any(), "a video's first frame has no flow"
    usual = dict(zip(CHANNELS, np.median(flow[10:], axis=0), strict=True))
    assert usual["speed"] > 1 and usual["right"] > 3 * max(usual["left"], 0.01)
    encoder.reset()
    again = np.concatenate([encoder.encode(part).features for part in np.split(frames, [1, 7, 20])])
    np.testing.assert_allclose(again, features, atol=1e-5)


def test_features_with_flow_go_through_every_stage(tmp_path: Path) -> None:
    for number in range(4):
        split = "train" if number < 3 else "test"
        path = tmp_path / "data" / split / "road" / f"{number}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(path, "w") as container:
            stream = container.add_stream("libx264", rate=10)
            stream.height, stream.width, stream.pix_fmt = 90, 160, "yuv420p"
            for picture in passing(40, 2, start=7 * number):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
    features, run = tmp_path / "features", tmp_path / "run"
    assert cli(["extract", str(tmp_path / "data"), "--out", str(features), "--encoder", "motion-grid", "--flow",
                "--no-objects"]) == 0  # fmt: skip
    assert open_store(features).fingerprint.flow_width == FLOW_WIDTH
    few = ["--steps", "3", "--width", "16", "--latent", "8", "--feed-forward", "16", "--segments-per-scene", "4",
           "--checkpoint-every", "3"]  # fmt: skip
    assert cli(["train", str(features), "--out", str(run), "--method", "appearance-motion", *few]) == 0
    assert open_run(run).content().flow_width == FLOW_WIDTH
    assert cli(["evaluate", str(run), "--unlabelled"]) == 0
    video = tmp_path / "data" / "test" / "road" / "3.mp4"
    assert cli(["score", str(run), str(video), "--scene", "road", "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out" / "3" / "scores.csv").open(newline="") as file:
        scores = [float(row["scene_score"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(scores, np.load(run / "evaluation" / "scores" / "road_3.npy"), rtol=1e-3, atol=1e-3)
