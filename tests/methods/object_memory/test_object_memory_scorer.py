"""Object memory and fusion as methods: one score per frame however it comes, as soon as it is known."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from two_kinds import changed

from object_stores import EVERY, FPS, FRAMES, WIDTH, object_store, walkers
from scenewise.config import EvaluateConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder
from scenewise.errors import DataError, IntegrityError
from scenewise.features.store import FeatureStore, StoredVideo
from scenewise.methods.object_memory.description import TRACK_SECONDS
from scenewise.methods.object_memory.fit import fit_part
from scenewise.methods.object_memory.method import Fusion, frame_weight
from scenewise.methods.object_memory.scene_model import ENOUGH_SIGHTINGS, NOTHING, in_every_frame, object_term
from scenewise.methods.object_memory.scorer import ObjectMemoryScorer
from scenewise.methods.object_memory.term_scales import FRAME_WEIGHT, FRAME_WEIGHT_BY_SHAPE
from scenewise.methods.object_memory.track_medians import Reach, sightings, track_medians
from scenewise.methods.scores import Chunk, Scored, chunk_of, join_scored, memories_of
from scenewise.objects.object_table import no_objects
from scenewise.protocols import evaluate
from scenewise.runs.run import Run
from scenewise.runs.train import train
from scenewise.scoring.calibration import read_calibration


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> tuple[FeatureStore, Run]:
    """A run of the default method, and what it was fitted to."""
    folder = tmp_path_factory.mktemp("fusion")
    scenes = {name: [walkers(10 * place + n) for n in range(6)] for place, name in enumerate(("road", "way"))}
    store = object_store(folder / "features", scenes)
    return store, train(store.folder, folder / "run", "fusion")


@pytest.fixture(scope="module")
def scorer(fused: tuple[FeatureStore, Run]) -> ObjectMemoryScorer:
    found = fused[1].open_scorer("cpu")
    assert isinstance(found, ObjectMemoryScorer)
    return found


@pytest.fixture(scope="module")
def video(fused: tuple[FeatureStore, Run]) -> StoredVideo:
    return fused[0].of("test")[0]


def cut(video: StoredVideo, at: list[int]) -> list[Chunk]:
    features, objects = video.features(), video.all_objects()
    edges = [0, *at, FRAMES]
    return [Chunk(features[begin:end], objects.between(begin, end)) for begin, end in pairwise(edges) if end > begin]


def whole(scorer: ObjectMemoryScorer, video: StoredVideo, look_ahead: float | None = None) -> Scored:
    """The scores of a video in one piece."""
    return together(list(scorer.stream(map(chunk_of, video.blocks()), FPS, video.scene, look_ahead)))


def together(parts: list[Scored]) -> Scored:
    return Scored(np.concatenate([part.scores for part in parts]), join_scored([part.objects for part in parts]))  # type: ignore[misc]


CUTS = st.lists(st.integers(1, FRAMES - 1), max_size=12).map(sorted)
LOOK_AHEADS = st.one_of(st.none(), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.8, 1.25, 2.0, 2.3, 2.4, 9.0]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=CUTS, look_ahead=LOOK_AHEADS)
def test_scores_do_not_depend_on_the_chunks(
    scorer: ObjectMemoryScorer, video: StoredVideo, at: list[int], look_ahead: float | None
) -> None:
    expected = whole(scorer, video, look_ahead)
    parts = list(scorer.stream(cut(video, at), FPS, video.scene, look_ahead))
    np.testing.assert_allclose(together(parts).scores, expected.scores, atol=1e-3)
    assert len(expected.scores) == FRAMES and expected.objects is not None
    given = 0
    for part in parts:
        assert part.objects is not None
        here = (expected.objects.frame >= given) & (expected.objects.frame < given + len(part.scores))
        np.testing.assert_array_equal(part.objects.frame, expected.objects.frame[here])
        np.testing.assert_array_equal(part.objects.track, expected.objects.track[here])
        np.testing.assert_allclose(part.objects.score, expected.objects.score[here], atol=1e-3)
        given += len(part.scores)


@pytest.mark.parametrize("look_ahead", [None, 0.6])
def test_chunks_do_not_count_where_walkers_stop_and_go(scorer: ObjectMemoryScorer, look_ahead: float | None) -> None:
    """At 30 frames per second, where whether something moves is decided over more frames than lie between two that were
    examined."""
    fps, frames = 30.0, 400
    for seed in (0, 2):
        random = np.random.default_rng(seed)
        found = walkers(seed, frames)
        stands = random.random((len(found), 1)) < 0.55
        speed = np.where(stands, 0.001, found.speed * random.lognormal(0, 1, (len(found), 1))).astype(np.float32)
        found = changed(found, speed=speed, track=found.track // 8)  # each in sight for 8 seconds
        features = random.normal(size=(frames, 6)).astype(np.float16)

        def scores(n: int, found=found, features=features) -> NDArray[np.float32]:  # type: ignore[no-untyped-def]
            chunks = [Chunk(features[at : at + n], found.between(at, at + n)) for at in range(0, frames, n)]
            return together(list(scorer.stream(chunks, fps, "way", look_ahead))).scores

        expected = scores(frames)
        for length in (7, 64):
            np.testing.assert_allclose(scores(length), expected, atol=1e-3)


def test_a_look_ahead_that_suffices_changes_nothing_and_a_shorter_one_does(
    scorer: ObjectMemoryScorer, video: StoredVideo
) -> None:
    expected, enough = whole(scorer, video), scorer.look_ahead(FPS)
    for look_ahead in (enough, enough + 0.1, 100.0):
        found = whole(scorer, video, look_ahead)
        np.testing.assert_array_equal(found.scores, expected.scores)
        assert found.objects is not None and expected.objects is not None
        np.testing.assert_array_equal(found.objects.score, expected.objects.score)
    assert not np.array_equal(whole(scorer, video, 0.0).scores, expected.scores)


@pytest.mark.parametrize("look_ahead", [None, 0.0, 0.2, 0.5, 1.0, 1.7, 2.4])
def test_scores_are_given_out_in_time(scorer: ObjectMemoryScorer, video: StoredVideo, look_ahead: float | None) -> None:
    """Fed one frame at a time. A frame between two examined ones waits for the second in any case."""
    fed = given = 0

    def one_by_one() -> object:
        nonlocal fed
        for chunk in cut(video, list(range(1, FRAMES))):
            fed += 1
            yield chunk

    seconds = scorer.look_ahead(FPS) if look_ahead is None else look_ahead
    delays = []
    for part in scorer.stream(one_by_one(), FPS, video.scene, look_ahead):
        delays += [fed - 1 - frame for frame in range(given, given + len(part.scores))]
        given += len(part.scores)
    assert given == FRAMES and max(delays) <= round(max(seconds, scorer.least_look_ahead(FPS)) * FPS)
    if look_ahead is None:
        assert max(delays) >= round(seconds * FPS) - 1, "it is the least that the scores need"


def test_a_score_depends_on_nothing_after_its_look_ahead(scorer: ObjectMemoryScorer, video: StoredVideo) -> None:
    for look_ahead in (0.4, 1.0, scorer.look_ahead(FPS)):
        until = 60
        seen = until + round(look_ahead * FPS)
        features, objects = video.features(), video.all_objects()
        first = [Chunk(features[:seen], objects.between(0, seen))]
        found = together(list(scorer.stream(first, FPS, video.scene, look_ahead))).scores[:until]
        np.testing.assert_allclose(found, whole(scorer, video, look_ahead).scores[:until], atol=1e-3)


def test_a_scorer_goes_the_way_that_calibrates(fused: tuple[FeatureStore, Run], scorer: ObjectMemoryScorer) -> None:
    """The terms of a video by both ways. For the way that calibrates, its objects are of a fold that no bank knows."""
    from scenewise.methods.object_memory.memory_bank import NormalObjects

    store, _ = fused
    model, scale = scorer.state.models["way"], scorer.state.scales["way"]
    for video in [video for video in store.of("train") if video.scene == "way"][:2]:
        objects = video.all_objects()
        embedded = scorer.state.appearance.embed(objects.features)
        normal = NormalObjects(objects, embedded, np.full(len(objects), 99, np.int32), FPS)
        scores = np.full(len(objects), np.nan, np.float32)
        moved, reach = normal.moving(), Reach(TRACK_SECONDS, FPS)
        moving = normal.select(moved)
        assert model.bank is not None
        raw = model.bank.left_out(moving.described(model.bank.measures), moving.folds)
        seen = sightings(moving.objects, reach, EVERY, ENOUGH_SIGHTINGS)
        scores[moved] = model.object_scores(track_medians(raw, moving.objects, reach), moving.objects.box, seen)
        examined = np.arange(0, FRAMES, EVERY)
        term = in_every_frame(object_term(scores, objects.frame, examined), examined, np.arange(FRAMES))
        assert model.residual is not None
        of_frames = scale.of_frames(model.residual.score(video.features()))
        expected = scale.of_objects(term) + scorer.frame_weight * of_frames
        np.testing.assert_allclose(whole(scorer, video).scores, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("objects", "weight"),
    [
        ({"distinguishes_classes": ShapeObjectEncoder().distinguishes_classes}, FRAME_WEIGHT_BY_SHAPE),
        ({"distinguishes_classes": True}, FRAME_WEIGHT),
        ({}, FRAME_WEIGHT),
    ],
)
def test_frames_count_as_much_as_objects_whose_encoder_knows_outlines_only(
    fused: tuple[FeatureStore, Run], objects: dict[str, bool], weight: float
) -> None:
    assert frame_weight(replace(fused[0], fingerprint=Fingerprint({"objects": objects}, {}))) == weight


def test_one_is_the_99th_percentile_of_normal(fused: tuple[FeatureStore, Run]) -> None:
    _, run = fused
    calibration = read_calibration(run.folder)
    for scene in run.scenes:
        scaled = np.concatenate([part.scores for part in calibration.normal_scores(scene)])
        assert len(scaled) == 6 * FRAMES, "all of the normal footage"
        assert np.quantile(scaled, 0.99) == pytest.approx(1, abs=1e-4)
        assert np.median(scaled) == pytest.approx(0, abs=1e-4)


def test_an_unknown_scene_and_footage_without_objects_are_told(scorer: ObjectMemoryScorer, video: StoredVideo) -> None:
    with pytest.raises(DataError, match="scene alley"):
        list(scorer.stream(map(chunk_of, video.blocks()), FPS, "alley"))
    with pytest.raises(IntegrityError, match="objects"):
        list(scorer.stream([Chunk(video.features(), None)], FPS, video.scene))


@pytest.mark.parametrize("scope", ["scene", "pooled"])
def test_no_scale_helps_where_a_test_scene_is_unknown(tmp_path: Path, scope: str) -> None:
    store = object_store(tmp_path / "features", {"road": [walkers(n) for n in range(4)]})
    other = object_store(tmp_path / "other", {"alley": [walkers(n) for n in range(4)]})
    run = train(store.folder, tmp_path / "run", "object-memory", {"scope": scope})
    for scale in ("raw", "scene"):
        with pytest.raises(DataError, match="alley"):
            evaluate(run.folder, EvaluateConfig(features=str(other.folder), scale=scale, unlabelled=True))  # type: ignore[arg-type]


def test_the_nearest_normal_example_is_where_it_says(
    fused: tuple[FeatureStore, Run], scorer: ObjectMemoryScorer
) -> None:
    store, _ = fused
    video = store.of("test")[1]
    found = whole(scorer, video).objects
    assert found is not None and len(found)
    by_title = {one.title: one for one in store.of("train")}
    for row in range(0, len(found), 7):
        example = found.nearest_example(row)
        assert example is not None and example.video.startswith(f"train/{video.scene}/")
        there = by_title[example.video].all_objects()
        assert (there.box[there.frame == example.frame] == np.float32(example.box)).all(axis=1).any()
        assert example.source == by_title[example.video].source
        assert memories_of(scorer)[video.scene].examples[example.row] == example


def test_scenes_of_one_bank_share_what_they_remember(fused: tuple[FeatureStore, Run], tmp_path: Path) -> None:
    store, run = fused
    own = memories_of(run.open_scorer("cpu"))
    assert own.keys() == set(run.scenes) and len({id(memory) for memory in own.values()}) == len(run.scenes)
    pooled = train(store.folder, tmp_path / "run", "object-memory", {"scope": "pooled"}).open_scorer("cpu")
    shared = memories_of(pooled)
    assert shared.keys() == own.keys() and len({id(memory) for memory in shared.values()}) == 1
    assert all(len(memory.examples) == len(memory.appearance) > 0 for memory in [*own.values(), *shared.values()])


@pytest.mark.parametrize("method", ["object-memory", "fusion"])
@pytest.mark.parametrize("scope", ["scene", "pooled"])
def test_a_scene_where_nothing_ever_moves_and_one_of_a_single_video(tmp_path: Path, method: str, scope: str) -> None:
    scenes = {"empty": [no_objects(WIDTH)] * 2, "road": [walkers(n) for n in range(5)], "single": [walkers(50)]}
    store = object_store(tmp_path / "features", scenes)
    run = train(store.folder, tmp_path / "run", method, {"scope": scope})
    scorer, scales = run.open_scorer("cpu"), read_calibration(run.folder).scales
    assert isinstance(scorer, ObjectMemoryScorer)
    for video in store.of("test"):
        found = whole(scorer, video)
        assert len(found.scores) == FRAMES and np.isfinite(found.scores).all()
        scaled = scales[video.scene].apply(found.scores)
        if video.scene == "empty" and scope == "scene":
            assert scaled[:20].min() > 1 and scaled.max() < 1e5, "whatever moves there is abnormal"
            assert found.objects is not None and found.objects.nearest_example(0) is None
    models = scorer.state.models
    assert all((model.residual is None) == (method == "object-memory") for model in models.values())
    if scope == "scene":
        assert models["empty"].bank is None and models["single"].bank is not None


def test_terms_of_normal_footage(fused: tuple[FeatureStore, Run], scorer: ObjectMemoryScorer) -> None:
    videos = [video for video in fused[0].of("train") if video.scene == "road"]
    found = fit_part(videos, scorer.state.appearance, EVERY, with_frames=True)
    assert found.model.bank is not None and set(found.model.bank.folds) == set(range(6))
    assert [len(term) for term in found.object_terms] == [FRAMES] * 6 == [len(term) for term in found.frame_terms]
    for term in found.object_terms:
        assert (term[26:29] == NOTHING).all() and (term[:24] > NOTHING).all()  # nobody between two walkers


def test_hardly_any_object_is_told(tmp_path: Path) -> None:
    store = object_store(tmp_path / "features", {"empty": [no_objects(WIDTH)] * 2})
    with pytest.raises(DataError, match="0 moving objects"):
        Fusion().fit(store, Fusion.Settings(), tmp_path)
