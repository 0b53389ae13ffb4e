"""Patch memory: coresets, distances place by place, boxes of places; and that it finds what is normal elsewhere."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from conftest import MADE_FROM
from scenewise.checksums import record_checksums
from scenewise.config import EvaluateConfig, ExtractConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, IntegrityError
from scenewise.evaluation.folder import read_maps
from scenewise.features.blocks import Block, write_block
from scenewise.features.store import VIDEO_JSON, FeatureStore, StoredVideo, write_store
from scenewise.files import write_json
from scenewise.methods.frames.region_scorer import cells
from scenewise.methods.method import RunContent
from scenewise.methods.patch_memory import PatchMemoryMethod, PatchMemorySettings, weighted_distance
from scenewise.methods.scores import Chunk, chunk_of, memories_of
from scenewise.protocols import evaluate
from scenewise.runs.train import train
from scenewise.scoring.coreset import greedy_coreset

GRID, WIDTH, FRAMES, EVERY = (2, 3), 5, 30, 2


def region_features(seed: int) -> NDArray[np.float16]:
    """(FRAMES, 6, WIDTH): each place is around a point of its own."""
    random = np.random.default_rng(seed)
    middle = 4 * np.eye(6, WIDTH) + np.arange(6)[:, None]
    return (middle + 0.2 * random.normal(size=(FRAMES, 6, WIDTH))).astype(np.float16)


def write_regions(folder: Path, scene: str, name: str, split: str, regions: NDArray[np.float16]) -> StoredVideo:
    own = folder / split / scene / name
    frames = regions.mean(axis=1).astype(np.float16)
    for first in range(0, FRAMES, 16):
        part = slice(first, first + 16)
        seconds, count = np.arange(FRAMES)[part] / 10, len(frames[part])
        write_block(own, Block(first, frames[part], seconds, np.zeros(count, np.uint8), regions[part]), MADE_FROM)
    shape = [regions.shape[1], WIDTH]
    described = {"format": 1, "frames": FRAMES, "lost": 0, "width": WIDTH, "regions": shape, "block": 16}
    write_json(own / VIDEO_JSON, {**described, "made_from": MADE_FROM})
    record_checksums(own, [VIDEO_JSON])
    return StoredVideo(
        scene,
        name,
        split,
        10.0,
        FRAMES,
        0,
        WIDTH,
        (shape[0], WIDTH),
        16,
        own,
        f"{name}.mp4",
        None,
        None,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    folder = tmp_path_factory.mktemp("regions") / "features"
    videos = [write_regions(folder, "lawn", f"{n:02d}", "train", region_features(n)) for n in range(5)]
    videos.append(write_regions(folder, "lawn", "00", "test", region_features(50)))
    config = ExtractConfig(regions="2x3", objects_every=EVERY)
    found = FeatureStore(folder, Fingerprint({"kind": "toy"}, {}), tuple(videos), {}, (), config)
    write_store(found)
    return found


def test_a_coreset_is_the_greedy_one() -> None:
    vectors = np.random.default_rng(1).normal(size=(60, 3))
    chosen = greedy_coreset(vectors, 8).tolist()
    for count in range(1, 8):
        apart = cdist(vectors, vectors[chosen[:count]]).min(axis=1)
        assert apart[chosen[count]] == pytest.approx(apart.max(), rel=1e-5)
    assert greedy_coreset(vectors[:5], 8).tolist() == [0, 1, 2, 3, 4]
    wide = np.random.default_rng(2).normal(size=(40, 300))
    assert len(set(greedy_coreset(wide, 10).tolist())) == 10


@pytest.mark.parametrize("b", [1, 2, 9, 100])
def test_distances_are_weighted_as_in_the_paper(b: int) -> None:
    """Slowly, term by term."""
    random = np.random.default_rng(3)
    vectors, bank = random.normal(size=(300, 4)), random.normal(size=(20, 4)).astype(np.float32)
    found, rows = weighted_distance(vectors, bank, b)
    for vector, value, row in zip(vectors, found, rows, strict=True):
        apart = np.linalg.norm(bank - vector, axis=1)
        near = np.argsort(np.linalg.norm(bank - bank[apart.argmin()], axis=1))[:b]
        weight = 1 - np.exp(apart.min() / 2) / np.exp(apart[near] / 2).sum() if b > 1 else 1
        assert row == apart.argmin() and value == pytest.approx(weight * apart.min(), rel=1e-4)


@pytest.mark.parametrize("reach", [0, 1])
def test_normal_frames_are_scored_by_the_coresets_of_the_other_videos(store: FeatureStore, reach: int) -> None:
    settings = PatchMemorySettings(coreset=1000, reach=reach, neighbours=1)
    fitted = PatchMemoryMethod().fit(store, settings, Path())
    for number, normal in enumerate(fitted.normal_scores["lawn"]):
        others = np.concatenate([region_features(n) for n in range(5) if n != number]).astype(np.float64)
        for frame in range(0, FRAMES, 7):
            of_places = []
            for place in range(6):
                row, column = divmod(place, 3)
                near = [p for p in range(6) if abs(p // 3 - row) <= reach and abs(p % 3 - column) <= reach]
                bank = others[:, near].reshape(-1, WIDTH)
                of_places.append(cdist(region_features(number)[frame, place][None].astype(float), bank).min())
            assert normal.scores[frame] == pytest.approx(max(of_places), rel=1e-3)


def test_what_is_normal_at_one_place_is_not_at_another(store: FeatureStore, tmp_path: Path) -> None:
    """The toy that isolates the idea: a region that is ordinary at place 0 appears at place 5, and gets its box."""
    run = train(store.folder, tmp_path / "run", "patch-memory", {"coreset": 20})
    scorer = run.open_scorer("cpu")
    regions = region_features(60)
    regions[10:, 5] = region_features(61)[10:, 0]
    features = regions.mean(axis=1)
    (scored,) = scorer.stream([Chunk(features, None, regions)], 10.0, "lawn")
    assert scored.scores[10:].min() > 3 * scored.scores[:10].max()
    assert scored.objects is not None and scored.objects.frame.tolist() == np.repeat(np.arange(0, 30, 2), 6).tolist()
    late = scored.objects.select(scored.objects.frame >= 10)
    highest = late.score.reshape(-1, 6).argmax(axis=1)
    assert (highest == 5).all()
    assert scored.maps is not None and scored.maps.shape == (FRAMES, *GRID)
    np.testing.assert_array_equal(scored.maps.max(axis=(1, 2)), scored.scores)
    np.testing.assert_array_equal(scored.maps[::2].ravel(), scored.objects.score)
    np.testing.assert_allclose(late.box[5], [2 / 3, 1 / 2, 1, 1], rtol=1e-6)
    example = scored.objects.nearest_example(0)
    assert (
        example is not None
        and example.video.startswith("train/lawn/")
        and example.box in {tuple(box) for box in cells(2, 3)[[0, 1, 3, 4]].tolist()}
    )
    stored = np.concatenate([block.regions for block in store.of("train")[int(example.video[-2:])].blocks()])  # type: ignore[misc]
    place = cells(2, 3).tolist().index(list(example.box))
    model = run.content().tensors["lawn/bank"].reshape(-1, WIDTH)
    assert (stored[example.frame, place] == model[scored.objects.nearest[0]]).all(), "the example is what was near"
    memory = memories_of(scorer)["lawn"]
    assert (
        memory.examples[example.row] == example
        and (memory.appearance[example.row] == stored[example.frame, place]).all()
    )


def test_scores_and_boxes_do_not_depend_on_the_chunks(store: FeatureStore, tmp_path: Path) -> None:
    scorer = train(store.folder, tmp_path / "run", "patch-memory", {"coreset": 20}).open_scorer("cpu")
    (video,) = store.of("test")
    whole = list(scorer.stream(map(chunk_of, video.blocks()), 10.0, "lawn"))
    blocks = list(video.blocks())
    features = np.concatenate([block.features for block in blocks])
    regions = np.concatenate([block.regions for block in blocks])  # type: ignore[misc]
    chunks = [Chunk(features[at : at + 7], None, regions[at : at + 7]) for at in range(0, FRAMES, 7)]
    parts = list(scorer.stream(chunks, 10.0, "lawn"))
    for name in ("frame", "box", "score", "nearest"):
        expected, found = (np.concatenate([getattr(one.objects, name) for one in many]) for many in (whole, parts))
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(*(np.concatenate([p.scores for p in many]) for many in (whole, parts)), rtol=1e-5)
    with pytest.raises(IntegrityError, match="region features"):
        list(scorer.stream([Chunk(features, None)], 10.0, "lawn"))


def test_its_boxes_are_located(store: FeatureStore, tmp_path: Path) -> None:
    run = train(store.folder, tmp_path / "run", "patch-memory", {"scope": "pooled", "coreset": 10})
    assert evaluate(run.folder, EvaluateConfig(unlabelled=True))["localisation"] is not None
    assert (run.folder / "evaluation" / "objects" / "lawn_00.safetensors").is_file()
    maps = read_maps(run.folder / "evaluation", "lawn_00", FRAMES)
    scores = np.load(run.folder / "evaluation" / "scores" / "lawn_00.npy")
    assert maps is not None and maps.shape == (FRAMES, *GRID) and maps.dtype == np.float16
    assert (maps.max(axis=(1, 2)) <= scores + np.abs(scores) / 1000 + 1e-3).all()
    with pytest.raises(IntegrityError, match="maps"):
        read_maps(run.folder / "evaluation", "lawn_00", FRAMES + 1)


def test_places_of_a_picture_that_was_cut_are_no_boxes(store: FeatureStore, tmp_path: Path) -> None:
    cut = replace(store, extract_config=ExtractConfig(regions="2x3", fit="crop"))
    settings = PatchMemorySettings(coreset=10)
    fitted = PatchMemoryMethod().fit(cut, settings, tmp_path)
    content = RunContent(tmp_path, settings, fitted.tensors, fitted.facts, ("lawn",), WIDTH, EVERY)
    scorer = PatchMemoryMethod().open(content, "cpu")
    scored = list(scorer.stream(map(chunk_of, store.of("test")[0].blocks()), 10.0, "lawn"))
    assert not memories_of(scorer)
    assert (
        all(part.objects is None and part.maps is None for part in scored)
        and sum(len(part.scores) for part in scored) == FRAMES
    )


def test_features_without_regions_or_of_an_unknown_grid_are_told(store: FeatureStore, tmp_path: Path) -> None:
    plain = tuple(replace(video, regions=None) for video in store.videos)
    with pytest.raises(ConfigError, match="extract again with --regions"):
        PatchMemoryMethod().fit(replace(store, videos=plain), PatchMemorySettings(), tmp_path)
    for config in (None, ExtractConfig(regions="3x3")):
        with pytest.raises(ConfigError, match="6 regions a frame"):
            PatchMemoryMethod().fit(replace(store, extract_config=config), PatchMemorySettings(), tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("grid", np.array([3, 3])), ("video", np.full((6, 20), 9, np.int32)), ("bank", np.zeros((6, 20, 0), np.float16))],
)
def test_damaged_coresets_are_told(store: FeatureStore, tmp_path: Path, name: str, value: NDArray[np.number]) -> None:
    run = train(store.folder, tmp_path / "run", "patch-memory", {"coreset": 20})
    content = run.content()
    with pytest.raises(IntegrityError, match="train again"):
        run.method.open(content._replace(tensors={**content.tensors, f"lawn/{name}": value}), "cpu")
    with pytest.raises(IntegrityError, match="videos"):
        run.method.open(content._replace(facts={}), "cpu")
