"""Scenes are recognised by what stands still in them, and a new one is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scenewise.errors import IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.files import record_checksums
from scenewise.scoring.scene_recognition import (
    SCENES,
    Sample,
    fit_recogniser,
    read_recogniser,
    training_samples,
    write_recogniser,
)

WIDTH = 40
STILL = 10
"""Features that tell scenes apart; all the others are what moves, the same in every scene."""


def footage(scene: int, frames: int, seed: int) -> np.ndarray:
    random = np.random.default_rng((scene, seed))
    still = np.random.default_rng(scene).normal(size=STILL)
    features = random.normal(size=(frames, WIDTH)) * 3
    features[:, :STILL] = still + 0.05 * random.normal(size=STILL) + 0.02 * random.normal(size=(frames, STILL))
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
        found = recogniser.recognise(footage(scene, 60, 0))
        assert found.scene is None and found.distance > found.limit


def test_something_abnormal_does_not_make_a_scene_unknown(samples: list[Sample]) -> None:
    features = footage(2, 60, 99)
    features[20:40] += 50  # for a third of the sample everything is different
    features[:, STILL] = 1000  # and one feature all along
    assert fit_recogniser(samples).recognise(features).scene == "scene 2"


def test_one_scene_alone_knows_itself(samples: list[Sample]) -> None:
    recogniser = fit_recogniser([one for one in samples if one.scene == "scene 1"])
    assert recogniser.recognise(footage(1, 60, 77)).scene == "scene 1"
    assert recogniser.recognise(footage(3, 60, 77)).scene is None


def test_one_clip_of_each_scene_suffices() -> None:
    recogniser = fit_recogniser([sample(0, 0), sample(1, 0)])
    assert recogniser.recognise(footage(0, 60, 5)).nearest == "scene 0"
    assert recogniser.recognise(footage(1, 60, 5)).scene == "scene 1"


def test_one_video_of_many_samples_does_not_refuse_its_own_scene() -> None:
    """Light that drifts from day to day, and hardly within one."""
    rows = footage(1, 600, 0)
    days = [Sample("scene 1", "0", np.median(part, 0), part.mean(0), part.var(0)) for part in np.split(rows, 10)]
    later = footage(1, 60, 5)
    later[:, :STILL] += 5
    recogniser = fit_recogniser(days)
    assert recogniser.recognise(later).scene == "scene 1" and not recogniser.refuses
    # One scene with a second video tells how much scenes may change.
    assert fit_recogniser([*days, sample(2, 0), sample(2, 1)]).refuses


def test_a_video_is_cut_into_samples_and_a_short_one_is_one(make_store: Callable[..., FeatureStore]) -> None:
    videos = make_store({"road": [300, 60], "walkway": [80, 80]}).of("train")
    samples = training_samples(videos)
    assert [one.scene for one in samples] == ["road", "road", "road", "walkway", "walkway"]
    rows = videos[0].features().astype(np.float64)
    np.testing.assert_array_equal(samples[1].median, np.median(rows[128:256], axis=0))
    np.testing.assert_array_equal(samples[2].variance, videos[1].features().astype(np.float64).var(axis=0))


def test_it_comes_back_from_the_folder_of_a_run(samples: list[Sample], tmp_path: Path) -> None:
    fitted = fit_recogniser(samples)
    write_recogniser(tmp_path, fitted)
    record_checksums(tmp_path, [SCENES])
    found = read_recogniser(tmp_path, fitted.scenes)
    assert found.scenes == fitted.scenes and found.limit == fitted.limit
    for name in ("centres", "deviation", "weights"):
        np.testing.assert_array_equal(getattr(found, name), getattr(fitted, name))
    content = bytearray((tmp_path / SCENES).read_bytes())
    content[-1] ^= 1
    (tmp_path / SCENES).write_bytes(content)
    for _ in range(2):
        with pytest.raises(IntegrityError, match=SCENES):
            read_recogniser(tmp_path, fitted.scenes)
        (tmp_path / SCENES).unlink(missing_ok=True)
