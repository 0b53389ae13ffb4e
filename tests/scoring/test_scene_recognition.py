"""Scenes are recognised by what stands still in them, and a new one is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scenewise.config import TrainConfig
from scenewise.errors import IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.runs.run import open_run
from scenewise.runs.train import train
from scenewise.scoring.scene_recognition import SCENES, Look, fit_recogniser, read_recogniser, training_looks

WIDTH = 40
STILL = 10
"""Features that tell scenes apart; all the others are what moves, alike in every scene."""


def footage(scene: int, frames: int, seed: int) -> np.ndarray:
    random = np.random.default_rng((scene, seed))
    look = np.random.default_rng(scene).normal(size=STILL)
    features = random.normal(size=(frames, WIDTH)) * 3
    features[:, :STILL] = look + 0.05 * random.normal(size=STILL) + 0.02 * random.normal(size=(frames, STILL))
    return features


def look(scene: int, seed: int, frames: int = 60) -> Look:
    rows = footage(scene, frames, seed)
    return Look(f"scene {scene}", str(seed), np.median(rows, 0), rows.mean(0), rows.var(0))


@pytest.fixture(scope="module")
def looks() -> list[Look]:
    return [look(scene, seed) for scene in range(4) for seed in range(5)]


def test_known_scenes_are_recognised_and_new_ones_refused(looks: list[Look]) -> None:
    recogniser = fit_recogniser(looks)
    assert recogniser.weights[:STILL].sum() > 0.95
    for scene in range(4):
        for seed in range(50, 60):
            assert recogniser.recognise(footage(scene, 60, seed)).scene == f"scene {scene}"
    for scene in range(10, 30):
        found = recogniser.recognise(footage(scene, 60, 0))
        assert found.scene is None and found.distance > found.limit


def test_something_abnormal_does_not_make_a_scene_unknown(looks: list[Look]) -> None:
    features = footage(2, 60, 99)
    features[20:40] += 50  # for a third of the look everything is different
    features[:, STILL] = 1000  # and one thing all along
    assert fit_recogniser(looks).recognise(features).scene == "scene 2"


def test_one_scene_alone_knows_itself(looks: list[Look]) -> None:
    recogniser = fit_recogniser([one for one in looks if one.scene == "scene 1"])
    assert recogniser.recognise(footage(1, 60, 77)).scene == "scene 1"
    assert recogniser.recognise(footage(3, 60, 77)).scene is None


def test_one_clip_of_each_scene_suffices() -> None:
    recogniser = fit_recogniser([look(0, 0), look(1, 0)])
    assert recogniser.recognise(footage(0, 60, 5)).nearest == "scene 0"
    assert recogniser.recognise(footage(1, 60, 5)).scene == "scene 1"


def test_one_video_of_many_looks_does_not_refuse_its_own_scene() -> None:
    """Light that drifts from day to day, and hardly within one."""
    rows = footage(1, 600, 0)
    days = [Look("scene 1", "0", np.median(part, 0), part.mean(0), part.var(0)) for part in np.split(rows, 10)]
    later = footage(1, 60, 5)
    later[:, :STILL] += 5
    recogniser = fit_recogniser(days)
    assert recogniser.recognise(later).scene == "scene 1" and not recogniser.refuses
    # One scene with a second video tells how much scenes may change.
    assert fit_recogniser([*days, look(2, 0), look(2, 1)]).refuses


def test_it_travels_with_the_run(make_store: Callable[..., FeatureStore], tmp_path: Path) -> None:
    store = make_store({"road": [300, 60], "walkway": [80, 80]})
    videos = store.of("train")
    assert [one.scene for one in training_looks(videos)] == ["road", "road", "road", "walkway", "walkway"]
    small = TrainConfig(
        method="autoencoder", steps=2, segments_per_scene=2, width="16", latent=8, feed_forward=16, device="cpu"
    )
    run = train(store.folder, tmp_path / "run", small)
    written, fitted = read_recogniser(open_run(run.folder)), fit_recogniser(training_looks(videos))
    assert written.scenes == fitted.scenes and written.limit == fitted.limit
    np.testing.assert_array_equal(written.centres, fitted.centres)
    content = bytearray((run.folder / SCENES).read_bytes())
    content[-1] ^= 1
    (run.folder / SCENES).write_bytes(content)
    with pytest.raises(IntegrityError, match=SCENES):
        read_recogniser(run)
    (run.folder / SCENES).unlink()
    with pytest.raises(IntegrityError, match="--scene"):
        read_recogniser(run)
