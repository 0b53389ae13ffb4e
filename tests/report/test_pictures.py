"""The pictures as files: which, how large, and the same bytes from the same runs."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from miniature_runs import Miniature, write_run
from PIL import Image

from scenewise.cli import run as command
from scenewise.files import check
from scenewise.report.content import gather
from scenewise.report.pictures import write_pictures

SVG = "{http://www.w3.org/2000/svg}"


def runs(folder: Path, mini: Miniature, seeds: int = 2) -> list[Path]:
    return [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(seeds)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    arguments = ["report", *map(str, runs(folder, Miniature(videos=("01",)))), "--png", str(folder / "png")]
    assert command([*arguments, "--out", str(folder / "report.html")]) == 0
    return folder / "png"


def test_the_names_are_stable_and_every_file_is_whole(folder: Path) -> None:
    names = ["comparison_bicycle", "curve_road_01", "curve_walkway_01", "histogram_road", "histogram_walkway"]
    names += ["roc_walkway", "table", "training"]
    expected = sorted(f"{name}{suffix}" for name in names for suffix in (".png", ".svg"))
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", *expected]
    for name in expected:
        check(folder / name)


def test_pictures_have_200_dots_an_inch_and_something_on_them(folder: Path) -> None:
    for path in folder.glob("*.png"):
        with Image.open(path) as picture:
            assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
            grey = np.asarray(picture.convert("L"))
        assert grey.max() == 255 and grey.min() < 120 and (grey < 250).mean() > 0.005, path.name


def test_vector_pictures_are_vectors(folder: Path) -> None:
    for path in folder.glob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert root.tag == f"{SVG}svg" and len(root.findall(f".//{SVG}path")) > 10
        assert not root.findall(f".//{SVG}image"), "the only pixels would be frames, and these are gone"


def test_the_same_runs_give_the_same_bytes_and_odd_names_are_text(tmp_path: Path) -> None:
    mini = Miniature(scenes=("road", "$x_1^ & <b>"), videos=("a$b$",), frames=40)
    content = gather(runs(tmp_path, mini, seeds=1))
    first = {path.name: path.read_bytes() for path in write_pictures(content, tmp_path / "a")}
    second = {path.name: path.read_bytes() for path in write_pictures(content, tmp_path / "b")}
    assert first == second and "roc_$x_1^ & <b>.svg" in first


def test_unlabelled_runs_have_a_table_and_curves_only(tmp_path: Path) -> None:
    content = gather(runs(tmp_path, Miniature(videos=("01",), labelled=False, frames=40), seeds=1))
    names = {path.stem for path in write_pictures(content, tmp_path / "png")}
    assert names == {"table", "curve_road_01", "curve_walkway_01", "training"}
