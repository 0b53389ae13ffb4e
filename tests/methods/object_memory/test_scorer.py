"""A run that remembers: the same scores in any cut, and a scale on which 1.0 is the 99th percentile of normal."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from conftest import MADE_FROM
from scenewise.config import EvaluateConfig, ExtractConfig, TrainConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder
from scenewise.errors import DataError
from scenewise.evaluation.protocol import evaluate
from scenewise.features.backgrounds import FOLDER
from scenewise.features.store import VIDEO_JSON, Block, FeatureStore, StoredVideo, write_block, write_store
from scenewise.files import record_checksums, write_bytes, write_json
from scenewise.methods.object_memory.fit import remember_videos
from scenewise.methods.object_memory.scene_memory import every_frame, frame_scores
from scenewise.methods.object_memory.scorer import MemoryScorer
from scenewise.methods.object_memory.term_scales import FRAME_WEIGHT, FRAME_WEIGHT_BY_SHAPE, normal_scores
from scenewise.methods.scores import Chunk, chunk_of
from scenewise.objects.object_table import Objects, joined, no_objects
from scenewise.runs.run import Run
from scenewise.runs.train import train
from scenewise.scoring.calibration import read_calibration
from scenewise.scoring.smoothing import smooth

FPS, FRAMES, WIDTH = 10.0, 120, 8
FUSION = TrainConfig(method="fusion")


def walkers(seed: int, frames: int = FRAMES, every: int = 2) -> Objects:
    """A walker every 30 frames, for 25; between them nobody."""
    random = np.random.default_rng(seed)
    parts = []
    for track, begin in enumerate(range(0, frames, 30)):
        at = np.arange(begin, min(begin + 25, frames), every, dtype=np.int32)
        at = at[at % every == 0]
        look = random.normal(size=WIDTH)
        features = look + 0.2 * random.normal(size=(len(at), WIDTH))
        corner = np.stack([0.01 * (at - begin), np.full(len(at), 0.3)], axis=1)
        box = np.concatenate([corner, corner + 0.2], axis=1).astype(np.float32)
        speed = random.lognormal(-2, 0.2, (len(at), 3)).astype(np.float32)
        number, area = np.full(len(at), track, np.int32), np.full(len(at), 0.04, np.float32)
        parts.append(Objects(at, box, area, speed, speed[:, :2], number, features.astype(np.float16)))
    return joined(parts)


def stored(folder: Path, split: str, scene: str, name: str, objects: Objects, seed: int) -> StoredVideo:
    own = folder / split / scene / name
    features = np.random.default_rng(seed).normal(size=(FRAMES, 6)).astype(np.float16)
    for first in range(0, FRAMES, 64):
        part = features[first : first + 64]
        times = (first + np.arange(len(part))) / FPS
        found = objects.between(first, first + 64)
        write_block(own, Block(first, part, times, np.zeros(len(part), np.uint8), None, found), MADE_FROM)
    write_json(own / VIDEO_JSON, {"format": 1, "frames": FRAMES})
    record_checksums(own, [VIDEO_JSON])
    return StoredVideo(
        scene,
        name,
        split,
        FPS,
        FRAMES,
        0,
        6,
        None,
        64,
        own,
        f"{name}.mp4",
        None,
        None,
        None,
        WIDTH,  # type: ignore[arg-type]
    )


def make(folder: Path, scenes: dict[str, list[Objects]]) -> FeatureStore:
    """A store whose training videos hold these objects; a test video of walkers a scene."""
    videos = []
    for place, (scene, films) in enumerate(scenes.items()):
        for number, objects in enumerate(films):
            videos.append(stored(folder, "train", scene, f"{number:02d}", objects, 100 * place + number))
        videos.append(stored(folder, "test", scene, "00", walkers(77 + place), 777 + place))
        empty = {"picture": np.zeros((6, 8, 3), np.uint8), "noise": np.zeros((6, 8), np.float32)}
        write_bytes(folder / FOLDER / f"{scene}.safetensors", save_tensors(empty))
        record_checksums(folder / FOLDER, [f"{scene}.safetensors"])
    videos.sort(key=lambda video: video.split, reverse=True)
    config = ExtractConfig(objects_every=2)
    store = FeatureStore(folder, Fingerprint({"kind": "test"}, {}), tuple(videos), {}, (), config)
    write_store(store)
    return store


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[FeatureStore, Run]:
    folder = tmp_path_factory.mktemp("memory")
    scenes = {name: [walkers(10 * place + n) for n in range(6)] for place, name in enumerate(("road", "way"))}
    store = make(folder / "features", scenes)
    return store, train(store.folder, folder / "run", FUSION)


def cut(video: StoredVideo, at: list[int]) -> list[Chunk]:
    features, objects = video.features(), video.all_objects()
    edges = [0, *at, FRAMES]
    return [Chunk(features[begin:end], objects.between(begin, end)) for begin, end in pairwise(edges) if end > begin]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.lists(st.integers(1, FRAMES - 1), max_size=12).map(sorted))
def test_scores_do_not_depend_on_the_cut(trained: tuple[FeatureStore, Run], at: list[int]) -> None:
    store, run = trained
    scorer = MemoryScorer(run)
    video = store.of("test")[0]
    whole = scorer.score([chunk_of(block) for block in video.blocks()], FPS, video.scene)
    parts = list(scorer.stream(cut(video, at), FPS, video.scene))
    np.testing.assert_allclose(np.concatenate([part.scores for part in parts]), whole.scores, atol=1e-3)
    assert len(whole.scores) == FRAMES and whole.objects is not None
    given = 0
    for part in parts:
        assert part.objects is not None
        own = (whole.objects.frame >= given) & (whole.objects.frame < given + len(part.scores))
        np.testing.assert_array_equal(part.objects.frame, whole.objects.frame[own])
        np.testing.assert_array_equal(part.objects.track, whole.objects.track[own])
        np.testing.assert_allclose(part.objects.score, whole.objects.score[own], atol=1e-3)
        given += len(part.scores)


def test_the_cut_does_not_show_where_walkers_stop_and_go(trained: tuple[FeatureStore, Run]) -> None:
    """At 30 frames a second, where whether something moves is looked at over more frames than are skipped."""
    fps, frames = 30.0, 600
    scorer = MemoryScorer(trained[1])
    for seed in (0, 2):
        random = np.random.default_rng(seed)
        own = walkers(seed, frames)
        stands = random.random((len(own), 1)) < 0.55
        speed = np.where(stands, 0.001, own.speed * random.lognormal(0, 1, (len(own), 1))).astype(np.float32)
        own = Objects(**{**vars(own), "speed": speed, "track": own.track // 8})  # each in sight for 8 seconds
        features = random.normal(size=(frames, 6)).astype(np.float16)

        def scores(n: int, own: Objects = own, features: NDArray[np.float16] = features) -> NDArray[np.float32]:
            pieces = [Chunk(features[at : at + n], own.between(at, at + n)) for at in range(0, frames, n)]
            return scorer.score(pieces, fps, "way").scores

        whole = scores(frames)
        for pieces in (7, 16, 64):
            np.testing.assert_allclose(scores(pieces), whole, atol=1e-3)


def test_a_scorer_goes_the_way_that_calibrates(trained: tuple[FeatureStore, Run]) -> None:
    """The terms of one video by both ways, before anything is left out or smoothed."""
    store, run = trained
    scorer = MemoryScorer(replace(run, config=replace(run.config, smoothing=0.0)))
    videos = [video for video in store.of("train") if video.scene == "way"]
    memory, scale = scorer.memory("way"), scorer.scales["way"]
    for video in videos[:2]:
        objects = video.all_objects()
        score, _ = memory.object_scores(objects, scorer.appearance, FPS)
        looked_at = np.arange(0, FRAMES, 2)
        term = every_frame(frame_scores(score, objects, looked_at, memory.crowd), looked_at, np.arange(FRAMES))
        by_objects = scale.of_objects(term)
        assert memory.residual is not None
        by_frames = scale.of_frames(memory.residual.score(video.features()))
        found = scorer.score([chunk_of(block) for block in video.blocks()], FPS, "way").scores
        np.testing.assert_allclose(found, by_objects + scorer.frame_weight * by_frames, atol=1e-3)


@pytest.mark.parametrize(
    ("kind", "weight"), [(ShapeObjectEncoder().identity["kind"], FRAME_WEIGHT_BY_SHAPE), ("vision-tower", FRAME_WEIGHT)]
)
def test_frames_count_as_much_where_objects_are_told_by_shape(
    trained: tuple[FeatureStore, Run], kind: str, weight: float
) -> None:
    store, run = trained
    run = replace(run, fingerprint=Fingerprint({"objects": {"object_encoder": {"kind": kind}}}, {}))
    video = store.of("train")[0]
    terms = load_tensors((run.folder / "normal_terms.safetensors").read_bytes())
    scale, (raw, *_) = normal_scores(run, [one for one in store.of("train") if one.scene == video.scene])
    one, other = (terms[f"{video.scene}/{video.name}/{part}"] for part in ("objects", "frames"))
    expected = smooth(scale.of_objects(one) + weight * scale.of_frames(other), run.config.smoothing, video.fps)
    np.testing.assert_allclose(raw, expected, atol=1e-6)
    assert MemoryScorer(run).frame_weight == weight


def test_one_is_the_99th_percentile_of_what_was_left_out(trained: tuple[FeatureStore, Run]) -> None:
    store, run = trained
    calibration = read_calibration(run)
    for scene in run.scenes:
        scaled = calibration.scales[scene].apply(calibration.held_out_scores[scene])
        assert len(scaled) == 6 * FRAMES, "all of the normal footage"
        assert np.quantile(scaled, 0.99) == pytest.approx(1, abs=1e-4) and np.median(scaled) == pytest.approx(
            0, abs=1e-4
        )
    terms = load_tensors((run.folder / "normal_terms.safetensors").read_bytes())
    assert {key.rsplit("/", 1)[0] for key in terms} == {f"{v.scene}/{v.name}" for v in store.of("train")}
    assert all(term.shape == (FRAMES,) for term in terms.values())


def test_a_scene_that_the_run_does_not_know_is_told_in_one_line(trained: tuple[FeatureStore, Run]) -> None:
    store, run = trained
    pieces = [chunk_of(block) for block in store.of("test")[0].blocks()]
    with pytest.raises(DataError, match=r"scene alley has no normal footage in .*; it knows road, way$"):
        MemoryScorer(run).score(pieces, FPS, "alley")


@pytest.mark.parametrize("scope", ["scene", "pooled"])
def test_no_scale_helps_where_a_test_scene_is_unknown(tmp_path: Path, scope: str) -> None:
    store = make(tmp_path / "features", {"road": [walkers(n) for n in range(4)]})
    other = make(tmp_path / "other", {"alley": [walkers(n) for n in range(4)]})
    config = TrainConfig(method="object-memory", scope=scope)  # type: ignore[arg-type]
    run = train(store.folder, tmp_path / "run", config)
    with pytest.raises(DataError, match=r"scene alley has no normal footage"):
        evaluate(run.folder, EvaluateConfig(features=other.folder, scale="raw"))
    with pytest.raises(DataError, match=r"train with their footage$"):
        evaluate(run.folder, EvaluateConfig(features=other.folder))


def test_the_nearest_normal_example_is_where_it_says(trained: tuple[FeatureStore, Run]) -> None:
    store, run = trained
    scorer = MemoryScorer(run)
    video = store.of("test")[1]
    found = scorer.score([chunk_of(block) for block in video.blocks()], FPS, video.scene).objects
    assert found is not None
    by_title = {one.title: one.all_objects() for one in store.of("train")}
    for row in found.nearest_row[::7].tolist():
        example = scorer.normal_example(video.scene, row)
        assert example is not None and example.video.startswith(f"train/{video.scene}/")
        own = by_title[example.video]
        assert (own.box[own.frame == example.frame] == np.float32(example.box)).all(axis=1).any()
    assert scorer.normal_example(video.scene, -1) is None


@pytest.mark.parametrize("method", ["object-memory", "fusion"])
@pytest.mark.parametrize("scope", ["scene", "pooled"])
def test_a_scene_where_nothing_ever_moves_and_one_of_a_single_video(tmp_path: Path, method: str, scope: str) -> None:
    films = {"empty": [no_objects(WIDTH)] * 2, "road": [walkers(n) for n in range(5)], "single": [walkers(50)]}
    store = make(tmp_path / "features", films)
    run = train(store.folder, tmp_path / "run", TrainConfig(method=method, scope=scope))  # type: ignore[arg-type]
    scorer, scales = MemoryScorer(run), read_calibration(run).scales
    for video in store.of("test"):
        found = scorer.score([chunk_of(block) for block in video.blocks()], FPS, video.scene)
        assert len(found.scores) == FRAMES and np.isfinite(found.scores).all()
        scaled = scales[video.scene].apply(found.scores)
        if video.scene == "empty" and scope == "scene":
            assert scaled[:20].min() > 1 and scaled.max() < 1e5, "whatever moves there is new"
        assert (scorer.memory(video.scene).residual is None) == (method == "object-memory")
    if scope == "scene":
        assert scorer.memories["empty"].objects is None and scorer.memories["single"].objects is not None


def test_few_frames_of_a_memory_are_left_out_by_their_stretch(trained: tuple[FeatureStore, Run]) -> None:
    store, run = trained
    videos = [video for video in store.of("train") if video.scene == "road"]
    found = remember_videos(videos, MemoryScorer(run).appearance, 2, with_frames=True)
    assert found.memory.objects is not None and set(found.memory.objects.groups) == set(range(6))
    assert [len(term) for term in found.object_terms] == [FRAMES] * 6 == [len(term) for term in found.frame_terms or []]
    for term in found.object_terms:
        assert not term[26:29].any() and (term[:24] > 0).all()  # nobody between two walkers
