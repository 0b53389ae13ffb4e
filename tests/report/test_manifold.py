"""The latent space in the report: what is drawn, what is measured, and what is said where neither can be."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from conftest import scene_features, write_video
from scenewise.config import TrainConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import DataError
from scenewise.evaluation.protocol import evaluate
from scenewise.features.store import FeatureStore, write_store
from scenewise.methods.autoencoder.embedding import Embedded
from scenewise.report.manifold import HEIGHT, manifold
from scenewise.report.page import write_report
from scenewise.report.scene_marks import COLOURS, SHAPES, scene_marks
from scenewise.runs.train import train

SMALL = TrainConfig(
    method="autoencoder", steps=40, segments_per_scene=6, width="16", latent=8, feed_forward=16, segment_length=8
)
SMALL = replace(SMALL, learning_rate=3e-3)


def blobs(apart: float, count: int = 40, seed: int = 0) -> Embedded:
    """Two scenes, directions around two points that lie `apart`, of any length."""
    random = np.random.default_rng(seed)
    points = random.normal(size=(2 * count, 12)) * 0.3 + 1
    points[:count, 0] += apart
    lengths = random.uniform(0.1, 50, (2 * count, 1))
    scenes = np.repeat(["road", "lawn"], count)
    return Embedded((points * lengths).astype(np.float32), scenes)


def slow_silhouettes(points: np.ndarray, scenes: list[str]) -> list[float]:
    """Rousseeuw 1987, a point at a time."""
    found = []
    for i, own in enumerate(scenes):
        far = {
            scene: [np.linalg.norm(points[i] - points[j]) for j in range(len(scenes)) if j != i and scenes[j] == scene]
            for scene in set(scenes)
        }
        a = np.mean(far[own])
        b = min(np.mean(distances) for scene, distances in far.items() if scene != own)
        found.append((b - a) / max(a, b))
    return found


def test_the_silhouette_is_measured_on_directions() -> None:
    embedded = blobs(apart=2)
    unit = embedded.embeddings / np.linalg.norm(embedded.embeddings, axis=1, keepdims=True)
    expected = slow_silhouettes(unit.astype(np.float64), embedded.scenes.tolist())
    found = manifold(embedded)
    assert found.silhouette == pytest.approx(np.mean(expected), abs=1e-4)
    assert found.of_scene["road"] == pytest.approx(np.mean(expected[:40]), abs=1e-4)
    assert found.of_scene["lawn"] == pytest.approx(np.mean(expected[40:]), abs=1e-4)


def test_scenes_apart_measure_more_than_mixed_ones_and_are_drawn_apart() -> None:
    far, mixed = manifold(blobs(apart=20)), manifold(blobs(apart=0))
    assert far.silhouette > 0.6 and abs(mixed.silhouette) < 0.1
    road, lawn = far.places["road"], far.places["lawn"]
    gap = np.linalg.norm(road.mean(axis=0) - lawn.mean(axis=0))
    assert gap > np.linalg.norm(road - road.mean(axis=0), axis=1).max()


def test_the_picture_is_filled_and_not_distorted() -> None:
    places = np.concatenate(list(manifold(blobs(apart=3)).places.values()))
    low, high = places.min(axis=0), places.max(axis=0)
    assert (low >= -1e-6).all() and high[0] <= 1 + 1e-6 and high[1] <= HEIGHT + 1e-6
    assert high[0] - low[0] == pytest.approx(1, abs=1e-5) or high[1] - low[1] == pytest.approx(HEIGHT, abs=1e-5)


def test_the_same_embeddings_give_the_same_picture_with_any_number_of_threads() -> None:
    pictures = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            pictures.append(b"".join(one.tobytes() for one in manifold(blobs(apart=1, count=120)).places.values()))
    assert pictures[0] == pictures[1]


def test_a_single_scene_has_a_picture_and_no_silhouette() -> None:
    embedded = blobs(apart=1)
    alone = manifold(Embedded(embedded.embeddings, np.repeat("road", len(embedded.scenes))))
    assert alone.silhouette is None and alone.of_scene == {"road": None}
    assert alone.places["road"].shape == (80, 2)


def test_too_little_to_draw_is_told() -> None:
    few = Embedded(np.eye(3, dtype=np.float32), np.array(["road", "road", "lawn"]))
    with pytest.raises(DataError, match="at least 4 different embeddings"):
        manifold(few)
    collapsed = Embedded(np.ones((50, 4), np.float32), np.repeat(["road", "lawn"], 25))
    with pytest.raises(DataError, match="got 1"):
        manifold(collapsed)
    four = Embedded(np.eye(4, dtype=np.float32), np.array(["a", "b", "c", "d"]))
    assert manifold(four).silhouette is None, "a segment a scene has nothing to be near to"


def test_every_scene_has_a_mark_of_its_own() -> None:
    marks = scene_marks(f"{number:02d}" for number in range(len(COLOURS) * len(SHAPES)))
    assert len(set(marks.values())) == len(marks) == 56
    places = np.array([[0.1, 0.25], [0.5, 0.7499]])
    assert re.findall(r"M\d+ \d+", marks["03"].path(places)) == ["M100 250", "M500 750"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both forms with both objectives, the first with two seeds; beside them the features they were trained on."""
    tmp_path = tmp_path_factory.mktemp("runs")
    random = np.random.default_rng(0)
    videos = [
        write_video(tmp_path / "features", scene, f"{number:02d}", split, scene_features(place, frames, 12, random))
        for place, scene in enumerate(("lawn", "road"))
        for number, (split, frames) in enumerate((("train", 64), ("train", 64), ("test", 60)))
    ]
    store = FeatureStore(tmp_path / "features", Fingerprint({"kind": "test"}, {}), tuple(videos), {}, ())
    write_store(store)
    wanted = [("autoencoder", "reconstruction", 1), ("autoencoder", "reconstruction", 0)]
    wanted += [
        ("variational", "reconstruction", 0),
        ("autoencoder", "contrastive", 0),
        ("variational", "contrastive", 0),
    ]
    folders = []
    for method, objective, seed in wanted:
        folder = tmp_path / f"{method}-{objective}-{seed}"
        train(store.folder, folder, replace(SMALL, method=method, objective=objective, seed=seed))
        evaluate(folder)
        folders.append(folder)
    return folders


def section(runs: list[Path], out: Path) -> str:
    html = write_report(runs, out).read_text()
    (found,) = re.findall(r'<section class="latent".*?</section>', html, re.DOTALL)
    return found


def test_the_page_shows_every_model_s_lowest_seed(runs: list[Path], tmp_path: Path) -> None:
    html = section(runs, tmp_path / "report.html")
    tree = ElementTree.fromstring(html)
    captions = [" ".join("".join(one.itertext()).split()) for one in tree.iter("figcaption")]
    assert captions == [
        f"{method}, {objective} seed 0"
        for method in ("autoencoder", "variational")
        for objective in ("scene-agnostic (reconstruction)", "scene-aware (+ contrastive)")
    ], "scene-agnostic beside scene-aware"
    pictures = [one for one in tree.iter("svg") if one.get("role") == "img"]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in tree.find(".//tbody")}
    assert list(rows) == ["all scenes", "lawn", "road"]
    for picture, silhouette in zip(pictures, rows["all scenes"], strict=True):
        assert "32 segments of lawn, road" in picture.get("aria-label")
        assert f"silhouette by scene {silhouette}" in picture.get("aria-label")
        marks = [path.get("d").count("M") for path in picture]
        assert marks == [16, 16]
        colours = [path.get("style") for path in picture]
        assert len(set(colours)) == 2
        assert colours == [key.get("style") for key in tree.iter("svg") if key.get("class") == "key"]
    assert write_report(runs, tmp_path / "again.html").read_bytes() == (tmp_path / "report.html").read_bytes()


def test_features_that_are_gone_are_said_and_the_rest_of_the_page_stands(runs: list[Path], tmp_path: Path) -> None:
    features = runs[0].parent / "features"
    shutil.move(features, tmp_path / "elsewhere")
    try:
        html = section(runs, tmp_path / "report.html")
    finally:
        shutil.move(tmp_path / "elsewhere", features)
    assert html.count("No picture: ") == 4 and "expected a folder of features" in html
    assert "<table" not in html and "t-SNE" not in html
    assert 'id="videos"' in (tmp_path / "report.html").read_text()
