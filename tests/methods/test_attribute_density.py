"""Attribute densities: velocity and appearance of objects, scored without what follows, and by other footage."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.mixture import GaussianMixture

from object_stores import EVERY, FPS, FRAMES, object_store, walkers
from scenewise.errors import DataError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.methods.attribute_density import AttributeDensitySettings, learn
from scenewise.methods.frames.object_attributes import DIRECTIONS, Attributes, attributes_of, histogram
from scenewise.methods.frames.object_scorer import NOTHING, frame_scores
from scenewise.methods.normal_memory import memories_of
from scenewise.methods.scores import Chunk, chunk_of, join_scored
from scenewise.objects.object_table import Objects, no_objects
from scenewise.runs.run import Run
from scenewise.runs.train import train


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[FeatureStore, Run]:
    folder = tmp_path_factory.mktemp("attributes")
    scenes = {name: [walkers(20 * place + n) for n in range(6)] for place, name in enumerate(("road", "way"))}
    store = object_store(folder / "features", scenes)
    return store, train(store.folder, folder / "run", "attribute-density")


def test_a_velocity_is_shared_by_the_two_nearest_directions() -> None:
    turns = np.linspace(0, 2 * np.pi, 50)
    found = histogram(3 * np.stack([np.cos(turns), np.sin(turns)], axis=1))
    np.testing.assert_allclose(found.sum(axis=1), 3, rtol=1e-6)
    assert ((found > 1e-9).sum(axis=1) <= 2).all()
    np.testing.assert_allclose(histogram(np.array([[0.0, 2.0]]))[0], 2 * (np.arange(DIRECTIONS) == 2), atol=1e-6)
    assert (histogram(np.zeros((1, 2))) == 0).all()


def test_the_terms_are_those_of_a_mixture_and_of_nearest_neighbours() -> None:
    random = np.random.default_rng(1)
    normal, new = (
        Attributes(np.arange(n), random.normal(size=(n, 3)), random.normal(size=(n, 4)).astype(np.float16))
        for n in (100, 20)
    )
    model = learn(normal, AttributeDensitySettings(neighbours=4, gaussians=2))
    found, nearest = model.terms(new)
    mixture = GaussianMixture(2, reg_covar=1e-4, random_state=0).fit(normal.velocity)
    np.testing.assert_allclose(found[:, 0], -mixture.score_samples(new.velocity), rtol=1e-6)
    distances = cdist(new.appearance.astype(float), normal.appearance.astype(float))
    np.testing.assert_allclose(found[:, 1], np.sort(distances, axis=1)[:, :4].mean(axis=1), rtol=1e-4)
    np.testing.assert_array_equal(nearest, distances.argmin(axis=1))


def test_shares_of_the_parts_add_up_to_the_score() -> None:
    random = np.random.default_rng(4)
    normal = Attributes(np.arange(50), random.normal(size=(50, 3)), random.normal(size=(50, 4)).astype(np.float16))
    scale = np.array([[1.0, 2.0], [3.0, 3.0]])
    model = learn(normal, AttributeDensitySettings(velocity_weight=2))._replace(scale=scale)
    terms = np.array([[5, 4], [1, 4], [0, 2.5], [-3, 4], [1, 2]], float)
    np.testing.assert_allclose(model.joined(terms), [6, 2, -0.5, -2, 0], atol=1e-6)
    np.testing.assert_allclose(model.parts(terms), [[2 / 3, 1 / 3], [0, 1], [0, 0], [0, 0], [0, 0]], atol=1e-6)


def test_a_fast_object_of_usual_appearance_and_a_strange_one_of_usual_speed() -> None:
    """The toy that isolates the idea: either attribute alone suffices."""
    random = np.random.default_rng(2)

    def some(n: int) -> Attributes:
        appearance = random.normal(size=(n, 4)).astype(np.float16)
        return Attributes(np.arange(n), np.abs(random.normal(1, 0.1, (n, 1))), appearance)

    normal, usual = some(300), some(50)
    model = learn(normal, AttributeDensitySettings())
    model = model._replace(scale=np.quantile(model.terms(some(300))[0], [0.5, 0.99], axis=0))
    fast, strange = some(1)._replace(velocity=np.array([[3.0]])), some(1)._replace(appearance=np.full((1, 4), 9.0))
    highest = model.joined(model.terms(usual)[0]).max()
    assert model.joined(model.terms(fast)[0])[0] > highest
    assert model.joined(model.terms(strange)[0])[0] > highest


def test_frames_between_examined_ones_have_the_score_before() -> None:
    scores, of_frame = np.array([1, 5, 3], np.float32), np.array([4, 4, 8], np.int32)
    found = frame_scores(scores, of_frame, np.arange(3, 10), 2, 7.0)
    assert found.tolist() == [7, 5, 5, NOTHING, NOTHING, 3, 3]
    assert frame_scores(scores[:0], of_frame[:0], np.arange(3, 4), 2, 7.0).tolist() == [7]
    assert len(frame_scores(scores[:0], of_frame[:0], np.arange(0), 2)) == 0


def test_normal_objects_are_scored_by_the_other_videos(fitted: tuple[FeatureStore, Run]) -> None:
    store, run = fitted
    videos = [video for video in store.of("train") if video.scene == "road"]
    found = [attributes_of(video.all_objects(), FPS) for video in videos]
    groups = [number % 5 for number in range(6)]
    normal = run.method.fit(store, run.settings, Path()).normal_scores["road"]
    scale = run.content().tensors["road/scale"]
    for number, own in enumerate(found):
        others = [one for at, one in enumerate(found) if groups[at] != groups[number]]
        together = Attributes(*(np.concatenate(column) for column in zip(*others, strict=True)))
        model = learn(together, run.settings)._replace(scale=scale)
        frame = videos[number].all_objects().frame[own.row]
        expected = frame_scores(model.joined(model.terms(own)[0]), frame, np.arange(FRAMES), EVERY)
        np.testing.assert_allclose(normal[number].scores, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("at", [[1, 2, 50], list(range(1, FRAMES)), [37]])
def test_scores_do_not_depend_on_chunks_or_on_what_follows(fitted: tuple[FeatureStore, Run], at: list[int]) -> None:
    store, run = fitted
    video, scorer = store.of("test")[0], run.open_scorer("cpu")
    features, objects = video.features(), video.all_objects()
    whole = list(scorer.stream(map(chunk_of, video.blocks()), FPS, video.scene))
    chunks = [Chunk(features[a:b], objects.between(a, b)) for a, b in pairwise([0, *at, FRAMES])]
    parts = list(scorer.stream(chunks, FPS, video.scene))
    assert scorer.look_ahead(FPS) == 0 and sum(len(part.scores) for part in parts) == FRAMES
    expected, found = (np.concatenate([part.scores for part in many]) for many in (whole, parts))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    shown, again = (join_scored([part.objects for part in many if part.objects]) for many in (whole, parts))
    np.testing.assert_array_equal(again.frame, shown.frame)
    np.testing.assert_allclose(again.score, shown.score, rtol=1e-5, atol=1e-5)
    examined = shown.frame[shown.score == expected[shown.frame]]
    assert set(examined) == set(shown.frame), "a frame scores as its most abnormal object"


def test_each_object_has_its_nearest_normal_example(fitted: tuple[FeatureStore, Run]) -> None:
    """It lies in a training video of the scene, where that video has an object."""
    store, run = fitted
    video, scorer = store.of("test")[0], run.open_scorer("cpu")
    objects = [part.objects for part in scorer.stream(map(chunk_of, video.blocks()), FPS, video.scene) if part.objects]
    known = {one.title: one.all_objects() for one in store.of("train") if one.scene == video.scene}
    shown = join_scored(objects)
    for row in range(len(shown)):
        example = shown.nearest_example(row)
        assert example is not None
        there = known[example.video]
        assert np.abs(there.box[there.frame == example.frame] - np.array(example.box)).sum(axis=1).min() < 1e-6
    memory = memories_of(scorer)[video.scene]
    assert len(memory.examples) == len(memory.appearance) > 0


def test_what_cannot_be_scored_is_told(fitted: tuple[FeatureStore, Run], tmp_path: Path) -> None:
    _, run = fitted
    scorer = run.open_scorer("cpu")
    with pytest.raises(IntegrityError, match="not examined for objects"):
        list(scorer.stream([Chunk(np.zeros((2, 6)), None)], FPS, "road"))
    with pytest.raises(DataError, match="it knows road, way"):
        list(scorer.stream([], FPS, "lake"))
    empty: list[Objects] = [no_objects(8)] * 2
    store = object_store(tmp_path / "features", {"empty": empty})
    with pytest.raises(DataError, match="0 moving objects"):
        run.method.fit(store, run.settings, tmp_path)
    content = run.content()
    with pytest.raises(IntegrityError, match="train again"):
        tensors = {**content.tensors, "road/appearance": np.zeros((0, 8), np.float16)}
        run.method.open(content._replace(tensors=tensors), "cpu")
