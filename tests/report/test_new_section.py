"""A new section is one file, one template beside it and one entry in the list."""

import importlib.util
from pathlib import Path

import pytest
from miniature_runs import Miniature, write_run

from scenewise.report.page import write_report
from scenewise.report.section import Section
from scenewise.report.sections import findings

TOY = """
from dataclasses import dataclass

from matplotlib.figure import Figure

from scenewise.report.section import Content

TITLE = "Toy"


@dataclass(frozen=True, eq=False)
class ToyContent(Content):
    count: int

    def pictures(self, frames):
        return {"toy_picture": lambda: Figure()}


def show(gathered):
    return ToyContent(len(gathered.scenes)) if len(gathered.models) > 1 else None
"""
TEMPLATE = """
<section aria-labelledby="toy"><h2 id="toy">Toy</h2>
<p>{{ section.count }} scenes of {{ report.models|length }} models</p></section>
"""
MINI = Miniature(videos=("01",), frames=30)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Section:
    path = tmp_path / "toy.py"
    path.write_text(TOY)
    path.with_name("toy.html.j2").write_text(TEMPLATE)
    spec = importlib.util.spec_from_file_location("toy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr("scenewise.report.page.SECTIONS", [findings, module])
    return module


def test_a_section_from_outside_is_on_the_page_and_among_the_pictures(toy: Section, tmp_path: Path) -> None:
    runs = [write_run(tmp_path / name, name, 0, MINI) for name in MINI.scene_auc]
    html = write_report(runs, tmp_path / "report.html", png=tmp_path / "png").read_text()
    assert "2 scenes of 2 models" in html and '<a href="#toy">Toy</a>' in html
    assert (tmp_path / "png" / "toy_picture.png").is_file() and (tmp_path / "png" / "toy_picture.svg").is_file()


def test_a_section_with_nothing_to_show_is_left_out(toy: Section, tmp_path: Path) -> None:
    html = write_report([write_run(tmp_path / "run", "contrastive", 0, MINI)], tmp_path / "report.html").read_text()
    assert "#toy" not in html
