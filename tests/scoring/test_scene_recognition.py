"""Scene recognition: known scenes are recognised by their constant features, and new scenes are refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scenewise.errors import IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.runs.train import train
from scenewise.scoring.scene_recognition import SCENES, Sample, fit_recogniser, read_recogniser, training_samples

WIDTH = 40
STILL = 10
"""So many features are constant in a scene and differ between scenes; the others vary equally in every scene."""


def footage(scene: int, frames: int, seed: int) -> np.ndarray:
    random = np.random.default_rng((scene, seed))
    centre = np.random.default_rng(scene).normal(size=STILL)
    features = random.normal(size=(frames, WIDTH)) * 3
    features[:, :STILL] = centre + 0.05 * random.normal(size=STILL) + 0.02 * random.normal(size=(frames, STILL))
    return features


def sample(scene: int, seed: int, frames: int = 60) -> Sample:
    rows = footage(scene, frames, seed)
    return Sample(f"scene {scene}", str(seed), np.median(rows, 0), rows.mean(0), rows.var(0))


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [sample(scene, seed) for scene in range(4) for seed in range(5)]


def test_known_scenes_are_recognised_and_new_ones_refused(samples: list[Sample]) -> None:
    recogniser = fit_recogniser(samples)
    assert recogniser.weights[:STILL].sum() > 0.95
    for scene in range(4):
        for seed in range(50, 60):
            assert recogniser.recognise(footage(scene, 60, seed)).scene == f"scene {scene}"
    for scene in range(10, 30):
        recognised = recogniser.recognise(footage(scene, 60, 0))
        assert recognised.scene is None and recognised.distance > recognised.limit


def test_something_abnormal_does_not_make_a_scene_unknown(samples: list[Sample]) -> None:
    features = footage(2, 60, 99)
    features[20:40] += 50  # all features change in a third of the sample
    features[:, STILL] = 1000  # and one feature in all of it
    assert fit_recogniser(samples).recognise(features).scene == "scene 2"


def test_a_run_of_one_scene_recognises_it(samples: list[Sample]) -> None:
    recogniser = fit_recogniser([s for s in samples if s.scene == "scene 1"])
    assert recogniser.recognise(footage(1, 60, 77)).scene == "scene 1"
    assert recogniser.recognise(footage(3, 60, 77)).scene is None


def test_one_clip_of_each_scene_suffices() -> None:
    recogniser = fit_recogniser([sample(0, 0), sample(1, 0)])
    assert recogniser.recognise(footage(0, 60, 5)).nearest == "scene 0"
    assert recogniser.recognise(footage(1, 60, 5)).scene == "scene 1"


def test_many_samples_of_one_video_do_not_make_its_scene_unknown() -> None:
    """The light changes from day to day, and hardly within a day."""
    rows = footage(1, 600, 0)
    days = [Sample("scene 1", "0", np.median(part, 0), part.mean(0), part.var(0)) for part in np.split(rows, 10)]
    later = footage(1, 60, 5)
    later[:, :STILL] += 5
    recogniser = fit_recogniser(days)
    assert recogniser.recognise(later).scene == "scene 1" and not recogniser.refuses
    # One scene with a second video shows how much scenes may change.
    assert fit_recogniser([*days, sample(2, 0), sample(2, 1)]).refuses


def test_a_run_holds_its_recogniser(make_store: Callable[..., FeatureStore], tmp_path: Path) -> None:
    store = make_store({"road": [300, 60], "walkway": [80, 80]})
    videos = store.of("train")
    assert [s.scene for s in training_samples(videos)] == ["road", "road", "road", "walkway", "walkway"]
    small = {"steps": 2, "segments_per_scene": 2, "width": "16", "latent": 8, "feed_forward": 16, "device": "cpu"}
    run = train(store.folder, tmp_path / "run", "autoencoder", small)
    written, fitted = (
        read_recogniser(run.folder, run.scenes, run.feature_width),
        fit_recogniser(training_samples(videos)),
    )
    assert written.scenes == fitted.scenes and written.limit == fitted.limit
    np.testing.assert_array_equal(written.centres, fitted.centres)
    content = bytearray((run.folder / SCENES).read_bytes())
    content[-1] ^= 1
    (run.folder / SCENES).write_bytes(content)
    with pytest.raises(IntegrityError, match=SCENES):
        read_recogniser(run.folder, run.scenes, run.feature_width)
    (run.folder / SCENES).unlink()
    with pytest.raises(IntegrityError, match=SCENES):
        read_recogniser(run.folder, run.scenes, run.feature_width)
