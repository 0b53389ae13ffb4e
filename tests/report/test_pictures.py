"""The pictures as files: which, how large, and the same bytes from the same runs."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from miniature_runs import Miniature, write_run
from PIL import Image

from scenewise.checksums import check
from scenewise.cli import run as command
from scenewise.report.pictures import write_pictures
from scenewise.report.report_data import gather
from scenewise.report.section import Report, fill_sections
from scenewise.report.sections import SECTIONS, latent_space
from scenewise.report.sections.latent_space import HEIGHT, Projection, draw_projection

SVG = "{http://www.w3.org/2000/svg}"
ENDS = (".png", ".svg")


def runs(folder: Path, mini: Miniature, seeds: int = 2) -> list[Path]:
    return [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(seeds)]


def report_of(runs: list[Path]) -> Report:
    return fill_sections(gather(runs), SECTIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    arguments = ["report", *map(str, runs(folder, Miniature(videos=("01",)))), "--png", str(folder / "png")]
    assert command([*arguments, "--out", str(folder / "report.html")]) == 0
    return folder / "png"


@pytest.mark.slow
def test_the_names_are_stable_and_every_file_is_whole(folder: Path) -> None:
    names = ["comparison_bicycle", "curve_road_01", "curve_walkway_01", "histogram_road", "histogram_walkway"]
    names += ["roc_walkway", "table", "training"]
    expected = sorted(f"{name}{suffix}" for name in names for suffix in (".png", ".svg"))
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", *expected]
    for name in expected:
        check(folder / name)


@pytest.mark.slow
def test_pictures_have_200_dots_an_inch_and_something_on_them(folder: Path) -> None:
    for path in folder.glob("*.png"):
        with Image.open(path) as picture:
            assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
            grey = np.asarray(picture.convert("L"))
        assert grey.max() == 255 and grey.min() < 120 and (grey < 250).mean() > 0.005, path.name


@pytest.mark.slow
def test_vector_pictures_are_vectors(folder: Path) -> None:
    for path in folder.glob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert root.tag == f"{SVG}svg" and len(root.findall(f".//{SVG}path")) > 10
        assert not root.findall(f".//{SVG}image"), "the only pixels would be frames, and these are gone"


@pytest.mark.slow
def test_the_same_runs_give_the_same_bytes_and_odd_names_are_text(tmp_path: Path) -> None:
    mini = Miniature(scenes=("road", "$x_1^ & <b>"), videos=("a$b$",), frames=40)
    report = report_of(runs(tmp_path, mini, seeds=1))
    first = {path.name: path.read_bytes() for path in write_pictures(report, tmp_path / "a")}
    second = {path.name: path.read_bytes() for path in write_pictures(report, tmp_path / "b")}
    assert first == second and "roc_$x_1^ & <b>.svg" in first


def test_unlabelled_runs_have_curves_only(tmp_path: Path) -> None:
    report = report_of(runs(tmp_path, Miniature(videos=("01",), labelled=False, frames=40), seeds=1))
    names = {path.stem for path in write_pictures(report, tmp_path / "png")}
    assert names == {"curve_road_01", "curve_walkway_01", "training"}


def test_every_latent_space_is_drawn_from_the_page_s_places(tmp_path: Path) -> None:
    report = report_of(runs(tmp_path, Miniature(videos=("01",), labelled=False, frames=40), seeds=1))
    random = np.random.default_rng(0)
    places = {scene: (random.random((30, 2)) * [1, HEIGHT]).astype(np.float32) for scene in ("$road", "walkway")}
    found = Projection(places, 0.417, {"$road": 0.4, "walkway": 0.43})
    (part,) = [part for part in report.parts if part.section is latent_space]
    first, second = part.content.spaces
    assert first.projection is second.projection is None, "these runs have no features"
    content = replace(part.content, spaces=[replace(first, projection=found), second])
    report = replace(report, parts=[replace(part, content=content)])
    written = {path.name: path for path in write_pictures(report, tmp_path / "png")}
    assert {name for name in written if "latent" in name} == {f"latent_scene-agnostic-autoencoder{end}" for end in ENDS}

    figure = draw_projection(found, "a name", content.marks)
    (axes,) = figure.axes
    assert "a name" in axes.get_title(loc="left") and "0.42" in axes.get_title(loc="left")
    for drawn, (scene, expected) in zip(axes.collections, places.items(), strict=True):
        np.testing.assert_array_equal(drawn.get_offsets(), expected)
        assert to_hex(drawn.get_facecolor()[0]) == content.marks[scene].light
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(places)
    shapes = {str(drawn.get_paths()[0].vertices.tolist()) for drawn in axes.collections}
    assert len(shapes) == len(places), "in grey the shape alone tells the scenes apart"


@pytest.mark.parametrize("below", ["", "figures"])
def test_a_file_in_the_folder_s_place_is_refused_before_any_work(
    tmp_path: Path, below: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("mine")
    target, out = tmp_path / "taken" / below, tmp_path / "report.html"
    folder = write_run(tmp_path / "run", "contrastive", 0)
    assert command(["report", str(folder), "--png", str(target), "--out", str(out)]) == 2
    assert f"{tmp_path / 'taken'} is a file" in capsys.readouterr().err.replace("\n", "")
    assert not out.exists() and (tmp_path / "taken").read_text() == "mine"
