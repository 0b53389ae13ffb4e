"""Planted causes: which part of an object's score spoke, and in which other scene it would be normal."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from two_kinds import AS_THEY_ARE, FPS, appearance, bank_of, changed, footage, normal, normal_objects, objects

from scenewise.methods.object_memory.elsewhere import packed, scores_in
from scenewise.methods.object_memory.memory_bank import NormalObjects
from scenewise.methods.object_memory.scene_model import ALL_SCENES, PARTS, SceneModel, leave_one_group_out
from scenewise.methods.object_memory.scorer import ObjectMemoryScorer
from scenewise.methods.object_memory.speed import SpeedScale
from scenewise.methods.object_memory.tensors import State
from scenewise.methods.scores import Chunk, ScoredObjects, join_scored, scores_elsewhere
from scenewise.objects.object_table import Objects

ALL_TERMS = np.ones(4, np.float32)
ORDINARY = 0.5
"""Scores below are those of ordinary objects."""


def model_of(videos: tuple[NormalObjects, ...]) -> SceneModel:
    """What is normal in `videos`, each a fold, with all terms counting in full."""
    bank = bank_of(videos)
    folds = [np.full(60, own.folds[0], np.int32) for own in videos]
    return SceneModel(bank, leave_one_group_out(bank, videos, folds, every=1).scale, ALL_TERMS, None)


def walkers_alone() -> tuple[NormalObjects, ...]:
    return tuple(own.select(own.objects.track % 2 == 0) for own in normal())


@pytest.fixture(scope="module")
def scorer() -> ObjectMemoryScorer:
    """A path for walkers, and one for walkers and cyclists."""
    models = {"walkway": model_of(walkers_alone()), "cycleway": model_of(normal())}
    state = State(appearance(), models, dict.fromkeys(models, AS_THEY_ARE))
    return ObjectMemoryScorer(state, {"walkway": [], "cycleway": []}, frame_weight=0.0, every=1)


def seen(scorer: ObjectMemoryScorer, known: Objects, scene: str) -> ScoredObjects:
    features = np.zeros((int(known.frame.max()) + 1, 4), np.float16)
    parts = [part.objects for part in scorer.stream([Chunk(features, known)], FPS, scene)]
    return join_scored([part for part in parts if part is not None])


def of_kind(known: Objects, kind: int) -> Objects:
    return known.select(known.track % 2 == kind)


def alien() -> Objects:
    """Walkers at their speed that look like nothing that was ever seen."""
    known = of_kind(objects(50), 0)
    features = known.features.copy()
    features[:, 1:4] += 4
    return changed(known, features=features)


def running() -> Objects:
    """Walkers who look like all and are three times as fast."""
    return objects(51, fast=True)


def astray() -> Objects:
    """Walkers as all, lower in the picture than anybody went."""
    known = of_kind(objects(50), 0)
    box, centre = known.box.copy(), known.centre.copy()
    box[:, [1, 3]] += 0.67 - box[:, [1]]
    centre[:, 1] = (box[:, 1] + box[:, 3]) / 2
    return changed(known, box=box, centre=centre)


CAUSES = [("appearance", alien), ("speed", running), ("place", astray)]


@pytest.mark.parametrize(("cause", "planted"), CAUSES)
def test_a_planted_cause_is_the_part_that_spoke(
    scorer: ObjectMemoryScorer, cause: str, planted: Callable[[], Objects]
) -> None:
    found = seen(scorer, planted(), "walkway")
    assert found.parts is not None and found.part_names == PARTS
    assert (found.score > 1).mean() > 0.95, "it is found"
    spoke = found.parts[found.score > 1][:, PARTS.index(cause)]
    assert (spoke > 0.5).mean() > 0.95 and np.median(spoke) > 0.9


def test_a_way_that_nobody_takes_is_told_by_direction(scorer: ObjectMemoryScorer) -> None:
    """Everybody walks to the right; he walks to the left, at their speed and where they go."""
    known = of_kind(objects(50), 0)
    box, centre = known.box.copy(), known.centre.copy()
    gone = 0.02 * known.frame / FPS
    box[:, [0, 2]] += (0.12 - 2 * gone)[:, None]
    centre[:, 0] += 0.12 - 2 * gone
    found = seen(scorer, changed(known, box=box, centre=centre), "walkway")
    flagged = found.score > 1
    assert found.parts is not None and flagged.mean() > 0.5
    assert np.median(found.parts[flagged][:, PARTS.index("direction")]) > 0.5


@pytest.mark.parametrize("planted", [alien, running, astray])
def test_shares_add_up_to_the_score(scorer: ObjectMemoryScorer, planted: Callable[[], Objects]) -> None:
    found = seen(scorer, planted(), "cycleway")
    assert found.parts is not None and (found.parts >= 0).all()
    raised = found.score > 0
    np.testing.assert_allclose(found.parts[raised].sum(axis=1), 1, atol=1e-5)
    assert not found.parts[~raised].any(), "nothing raised what is ordinary"


def elsewhere(scorer: ObjectMemoryScorer, found: ScoredObjects) -> NDArray[np.float32]:
    """Scores on the cycleway of what was seen on the walkway."""
    by_scene = scores_elsewhere(scorer, found.described, found.box, "walkway")
    assert list(by_scene) == ["cycleway"]
    return by_scene["cycleway"]


def test_what_would_be_normal_in_the_other_scene_is_told(scorer: ObjectMemoryScorer) -> None:
    cyclists = of_kind(objects(52), 1)
    found = seen(scorer, cyclists, "walkway")
    assert (found.score > 1).all()
    assert (elsewhere(scorer, found) < ORDINARY).mean() > 0.9
    there = seen(scorer, cyclists, "cycleway")
    known = np.isfinite(elsewhere(scorer, found))
    assert abs(np.median(elsewhere(scorer, found)[known]) - np.median(there.score)) < 0.4, "as if it were there"


def test_what_would_be_normal_nowhere_is_not(scorer: ObjectMemoryScorer) -> None:
    assert (elsewhere(scorer, seen(scorer, alien(), "walkway")) > ORDINARY).all()
    crawling = of_kind(objects(52), 1)  # cyclists at a seventh of a walker's speed
    first = np.array([crawling.box[crawling.track == one][0] for one in range(9) if one in crawling.track])
    begin = first[np.unique(crawling.track, return_inverse=True)[1]]
    box = (begin + 0.05 * (crawling.box - begin)).astype(np.float32)
    middle = (box[:, :2] + box[:, 2:]) / 2
    slow = changed(crawling, box=box, centre=middle, speed=(0.05 * crawling.speed).astype(np.float32))
    assert (elsewhere(scorer, seen(scorer, slow, "walkway")) > ORDINARY).mean() > 0.95


def test_an_object_of_another_size_is_imagined_as_tall_as_those_alike(scorer: ObjectMemoryScorer) -> None:
    """A camera that sees all half as large sees them half as fast, and the same person would be as normal there."""
    cyclists = of_kind(objects(52), 1)
    bank = scorer.state.models["walkway"].bank
    assert bank is not None
    near = normal_objects(cyclists, 0).described(bank.measures)
    half = (0.5 * cyclists.box).astype(np.float32)
    smaller = changed(cyclists, box=half, centre=cyclists.centre / 2, speed=cyclists.speed / 2)
    far = normal_objects(smaller, 0).described(bank.measures)
    model = scorer.state.models["cycleway"]
    as_large, as_small = (
        scores_in(model, bank.measures, packed(one), boxes) for one, boxes in ((near, cyclists.box), (far, half))
    )
    both = np.isfinite(as_large) & np.isfinite(as_small)
    assert both.mean() > 0.8
    np.testing.assert_allclose(as_large[both], as_small[both], atol=0.1)


def test_nothing_is_said_of_what_is_cut_off_or_of_one_bank_for_all(scorer: ObjectMemoryScorer) -> None:
    found = seen(scorer, of_kind(objects(52), 1), "walkway")
    assert found.described is not None
    cut = found.box.copy()
    cut[:, 0] = 0
    assert np.isinf(scorer.elsewhere(found.described, cut, "walkway")["cycleway"]).all()
    pooled = State(appearance(), {ALL_SCENES: model_of(normal())}, {"walkway": AS_THEY_ARE})
    alone = ObjectMemoryScorer(pooled, {ALL_SCENES: []}, frame_weight=0.0, every=1)
    pooled_too = seen(alone, footage()[0], "walkway")
    assert scores_elsewhere(alone, pooled_too.described, pooled_too.box, "walkway") == {}


def test_speeds_come_back_from_normalised_ones() -> None:
    scale, random = SpeedScale(0.3, 0.05, 0.02), np.random.default_rng(3)
    speed, bottom = random.lognormal(-2, 1, (40, 3)), random.random(40)
    np.testing.assert_allclose(scale.speed_of(scale.normalise(speed, bottom), bottom), speed, rtol=1e-4)
