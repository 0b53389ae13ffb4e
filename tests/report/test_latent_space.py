"""The latent space in the report: what is drawn, what is measured, and the reason if neither can be."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from miniature_runs import Miniature, write_run
from safetensors.numpy import save
from threadpoolctl import threadpool_limits

from scenewise.checksums import record_checksums
from scenewise.errors import DataError
from scenewise.features.store import FeatureStore
from scenewise.files import write_bytes, write_json
from scenewise.methods.method import Embedded
from scenewise.report.colours import SCENE_COLOURS, SCENE_SHAPES, scene_marks
from scenewise.report.page import write_report
from scenewise.report.sections.latent_space import HEIGHT, project

MINI = Miniature(scenes=("lawn", "road"), videos=("01",), frames=40)


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
    for i, here in enumerate(scenes):
        far = {
            scene: [np.linalg.norm(points[i] - points[j]) for j in range(len(scenes)) if j != i and scenes[j] == scene]
            for scene in set(scenes)
        }
        a = np.mean(far[here])
        b = min(np.mean(distances) for scene, distances in far.items() if scene != here)
        found.append((b - a) / max(a, b))
    return found


def test_the_silhouette_is_measured_on_directions() -> None:
    embedded = blobs(apart=2)
    unit = embedded.embeddings / np.linalg.norm(embedded.embeddings, axis=1, keepdims=True)
    expected = slow_silhouettes(unit.astype(np.float64), embedded.scenes.tolist())
    found = project(embedded)
    assert found.silhouette == pytest.approx(np.mean(expected), abs=1e-4)
    assert found.of_scene["road"] == pytest.approx(np.mean(expected[:40]), abs=1e-4)
    assert found.of_scene["lawn"] == pytest.approx(np.mean(expected[40:]), abs=1e-4)


def test_scenes_apart_measure_more_than_mixed_ones_and_are_drawn_apart() -> None:
    far, mixed = project(blobs(apart=20)), project(blobs(apart=0))
    assert far.silhouette > 0.6 and abs(mixed.silhouette) < 0.1
    road, lawn = far.places["road"], far.places["lawn"]
    gap = np.linalg.norm(road.mean(axis=0) - lawn.mean(axis=0))
    assert gap > np.linalg.norm(road - road.mean(axis=0), axis=1).max()


def test_the_picture_is_filled_and_not_distorted() -> None:
    places = np.concatenate(list(project(blobs(apart=3)).places.values()))
    low, high = places.min(axis=0), places.max(axis=0)
    assert (low >= -1e-6).all() and high[0] <= 1 + 1e-6 and high[1] <= HEIGHT + 1e-6
    assert high[0] - low[0] == pytest.approx(1, abs=1e-5) or high[1] - low[1] == pytest.approx(HEIGHT, abs=1e-5)


@pytest.mark.slow
def test_the_same_embeddings_give_the_same_picture_with_any_number_of_threads() -> None:
    pictures = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            pictures.append(b"".join(one.tobytes() for one in project(blobs(apart=1, count=120)).places.values()))
    assert pictures[0] == pictures[1]


def test_a_single_scene_has_a_picture_and_no_silhouette() -> None:
    embedded = blobs(apart=1)
    alone = project(Embedded(embedded.embeddings, np.repeat("road", len(embedded.scenes))))
    assert alone.silhouette is None and alone.of_scene == {"road": None}
    assert alone.places["road"].shape == (80, 2)


def test_too_little_to_draw_is_an_error() -> None:
    few = Embedded(np.eye(3, dtype=np.float32), np.array(["road", "road", "lawn"]))
    with pytest.raises(DataError, match="at least 4 different embeddings"):
        project(few)
    collapsed = Embedded(np.ones((50, 4), np.float32), np.repeat(["road", "lawn"], 25))
    with pytest.raises(DataError, match="got 1"):
        project(collapsed)
    four = Embedded(np.eye(4, dtype=np.float32), np.array(["a", "b", "c", "d"]))
    assert project(four).silhouette is None, "a segment a scene has nothing to be near to"


def test_every_scene_has_another_mark() -> None:
    marks = scene_marks(f"{number:02d}" for number in range(len(SCENE_COLOURS) * len(SCENE_SHAPES)))
    assert len(set(marks.values())) == len(marks) == 56
    places = np.array([[0.1, 0.25], [0.5, 0.7499]])
    assert re.findall(r"M\d+ \d+", marks["03"].path(places)) == ["M100 250", "M500 750"]


def write_toy(folder: Path, title: str, seed: int, features: Path, *, none: bool = False) -> Path:
    """An evaluated run of a plugged-in method."""
    run = write_run(folder, "reconstruction", seed, MINI)
    path = run / "evaluation" / "metrics.json"
    toy = {"method": "toy_space:ToySpace", "title": title, "settings": {"none": none}}
    write_json(path, json.loads(path.read_text()) | toy)
    record_checksums(path.parent, ["metrics.json", *(f"scores/{scene}_01.npy" for scene in MINI.scenes)])
    info = json.loads((run / "run.json").read_text())
    info |= {"method": toy["method"], "settings": {"seed": seed, "none": none}, "features": str(features)}
    info["encoder"] = {"identity": {"kind": "test"}, "execution": {"device": "cpu"}}
    write_json(run / "run.json", info)
    write_bytes(run / "model.safetensors", save({}))
    record_checksums(run, ["run.json", "model.safetensors"])
    return run


@pytest.fixture
def runs(make_store: Callable[..., FeatureStore], tmp_path: Path) -> list[Path]:
    """A model with two seeds, another one, and one without a latent space; beside them their features."""
    features = make_store({"lawn": [30, 30], "road": [40]}).folder
    wanted = [("first", 1, False), ("first", 0, False), ("second", 2, False), ("none", 0, True)]
    return [write_toy(tmp_path / f"{title}-{seed}", title, seed, features, none=none) for title, seed, none in wanted]


def section(runs: list[Path], out: Path) -> str:
    html = write_report(runs, out).read_text()
    (found,) = re.findall(r'<section class="latent".*?</section>', html, re.DOTALL)
    return found


@pytest.mark.slow
def test_the_page_shows_every_model_s_lowest_seed(runs: list[Path], tmp_path: Path) -> None:
    html = section(runs, tmp_path / "report.html")
    tree = ElementTree.fromstring(html)
    captions = [" ".join("".join(one.itertext()).split()) for one in tree.iter("figcaption")]
    assert captions == ["first seed 0", "second seed 2", "none seed 0"]
    assert html.count("No picture: ") == html.count("this toy has no latent space") == 1
    pictures = [one for one in tree.iter("svg") if one.get("role") == "img"]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in tree.find(".//tbody")}
    assert list(rows) == ["all scenes", "lawn", "road"]
    for picture, silhouette in zip(pictures, rows["all scenes"], strict=True):
        assert "100 segments of lawn, road" in picture.get("aria-label")
        assert silhouette in picture.get("aria-label")
        assert [path.get("d").count("M") for path in picture] == [60, 40]
        colours = [path.get("style") for path in picture]
        assert len(set(colours)) == 2
        assert colours == [key.get("style") for key in tree.iter("svg") if key.get("class") == "key"]
    assert write_report(runs, tmp_path / "again.html").read_bytes() == (tmp_path / "report.html").read_bytes()


def test_features_that_are_gone_are_said_and_the_rest_of_the_page_stands(runs: list[Path], tmp_path: Path) -> None:
    shutil.move(tmp_path / "features", tmp_path / "elsewhere")
    html = section(runs, tmp_path / "report.html")
    assert html.count("No picture: ") == 3
    assert "<table" not in html and "t-SNE" not in html
    assert 'id="videos"' in (tmp_path / "report.html").read_text()
