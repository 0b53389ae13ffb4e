"""The report's page, read as a browser would read it: its figures are those of metrics.json, and nothing is loaded."""

import itertools
import json
import os
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from miniature_runs import FRAMES, Miniature, write_run

from scenewise.checksums import record_checksums
from scenewise.cli import run as command
from scenewise.errors import ConfigError, DataError, IntegrityError
from scenewise.files import write_json
from scenewise.report.page import write_report
from scenewise.report.report_data import gather
from scenewise.report.sections import table
from scenewise.report.sections.table import draw_table

PLAIN = Miniature()
VOID = {"meta", "img", "link", "br", "input"}


class Page(HTMLParser):
    """Elements, table cells and text of a page; fails where tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.json: list[dict] = []
        self.text = ""
        self._script = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self._script = dict(attrs).get("type") or "" if tag == "script" else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            if self._script == "application/json":
                self.json.append(json.loads(data))
        elif "style" not in self.open:
            self.text += data
            if {"td", "th"} & set(self.open):
                self.rows[-1][-1] += data

    def row(self, name: str) -> list[str]:
        """The first table row that begins with `name`, white space put in order."""
        return next(cells for cells in self.cells() if cells and cells[0] == name)

    def cells(self) -> list[list[str]]:
        return [[" ".join(cell.split()) for cell in row] for row in self.rows]

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def write(folder: Path, objectives: tuple[str, ...], seeds: int, mini: Miniature = PLAIN) -> list[Path]:
    return [write_run(folder / f"{name}-{seed}", name, seed, mini) for name in objectives for seed in range(seeds)]


def page_of(runs: list[Path], **more: object) -> Page:
    return Page(write_report(runs, runs[0].parent / "report.html", **more).read_text())


def whole_videos(page: Page) -> list[dict]:
    """The plots of the videos; those before them, if any, compare an event in two scenes."""
    return [plot for plot in page.json if plot["unit"] == "frame"][-4:]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write(tmp_path_factory.mktemp("runs"), ("reconstruction", "contrastive"), 3)


@pytest.fixture(scope="module")
def page(runs: list[Path]) -> Page:
    return page_of(runs, commands=["make demo"])


def test_the_table_holds_the_figures_of_the_metrics(runs: list[Path], page: Page) -> None:
    metrics = [json.loads((run / "evaluation" / "metrics.json").read_text()) for run in runs]
    within = [100 * np.array([one["scene_auc_mean"] for one in metrics[part]]) for part in (slice(3), slice(3, 6))]
    expected = [f"{values.mean():.1f} ± {values.std(ddof=1):.1f}" for values in within]
    assert page.row("mean within scenes")[1:6] == ["100", *expected, "50.0", "50.0"]
    assert page.row("pooled AUC")[4:6] == ["75.0", "72.0"]
    assert page.row("road")[2:4] == ["–", "–"]  # noqa: RUF001
    assert page.row("bicycle, normal there")[1:4] == ["50", "80.0 ± 0.0", "55.0 ± 0.0"]
    assert page.row("Figure")[2].endswith("scene-agnostic (reconstruction) 3 seeds")


def test_intervals_alarms_and_pairs_stand_in_the_table(tmp_path: Path) -> None:
    page = page_of(write(tmp_path, ("reconstruction", "contrastive"), 2, replace(PLAIN, measured=True)))
    assert page.row("mean within scenes")[2:4] == ["70.5 ± 0.7 60.5 to 80.5", "85.5 ± 0.7 75.5 to 95.5"]
    assert page.row("bicycle, normal there")[2] == "80.0 ± 0.0"
    assert page.row("abnormal events found")[1:4] == ["100", "75.0 ± 0.0", "75.0 ± 0.0"]
    assert page.row("false alarms")[2] == "2.5 ± 0.0/h" and page.row("found after, mean")[2] == "1.2 ± 0.0 s"
    lines = [one for one in page.attributes("i") if "interval" in (one.get("class") or "")]
    assert len(lines) == 2 * 4, "two models, four AUCs with an interval"
    text = " ".join(page.text.split())
    assert text.count("39.7 %") == 2 and "extrapolated" in text


def test_a_plugged_in_figure_stands_in_the_table_and_its_picture(tmp_path: Path) -> None:
    runs = write(tmp_path, ("reconstruction", "contrastive"), 1)
    toy = {"path": ["plugged_in", "calm"], "group": "toys", "name": "<calm>", "unit": "number", "ideal": None}
    path = runs[0] / "evaluation" / "metrics.json"
    described = {"plugged_in": {"calm": 1.25}, "metrics": [{**toy, "better": "higher"}]}
    write_json(path, json.loads(path.read_text()) | described)
    record_checksums(path.parent, ["metrics.json"])
    assert page_of(runs).row("<calm>")[1:4] == ["", "1.250", "–"]  # noqa: RUF001
    drawn = [text.get_text() for text in draw_table(table.show(gather(runs))).axes[0].texts]
    assert "<calm>" in drawn and "1.250" in drawn


def test_what_was_chosen_on_test_data_is_marked(tmp_path: Path, page: Page) -> None:
    marked = page_of(write(tmp_path, ("contrastive",), 1, replace(PLAIN, protocol="published")))
    assert len([one for one in marked.attributes("span") if one.get("class") == "chosen"]) == 3
    assert marked.text.lower().count("chosen on test data") == 7, "the same, protocol, note, two words of the glossary"
    assert not [one for one in page.attributes("span") if one.get("class") == "chosen"]


def test_every_test_video_has_its_curves_with_the_scores_of_the_files(runs: list[Path], page: Page) -> None:
    plots = whole_videos(page)
    assert len(plots) == 4
    first = plots[0]
    scores = np.mean([np.load(run / "evaluation" / "scores" / "road_01.npy") for run in runs[3:]], axis=0)
    assert first["curves"][1]["label"] == "scene-aware autoencoder"
    np.testing.assert_allclose(first["curves"][1]["values"], np.maximum(scores, 0), atol=5.1e-3)
    assert first["end"] == FRAMES and first["events"][0]["name"] == "bicycle" and not first["events"][0]["abnormal"]


def test_what_is_labelled_is_marked_with_its_class(page: Page) -> None:
    spans = [attributes for attributes in page.attributes("span") if "event" in (attributes.get("class") or "")]
    # The comparison's pair first, then every video.
    assert [one["class"].split()[1] for one in spans] == ["normal", "abnormal", *["normal"] * 2, *["abnormal"] * 2]
    assert spans[4]["title"] == "bicycle, abnormal here, frames 40 to 60"
    assert "bicycle, frames 40 to 60: normal here" in page.text


def test_how_it_was_made_stands_in_the_page(page: Page) -> None:
    for word in (
        "make demo",
        "--objective contrastive --seed 2",
        "1,234,567",
        "motion-grid",
        "2.13.0",
        "evaluation/SHA256SUMS",
    ):
        assert word in page.text
    assert page.row("Run")[-1] == "objective", "the setting in which the runs differ"
    assert len(re.findall("[0-9a-f]{64}", page.text)) == 6 * 4


def test_the_page_loads_nothing(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "base")
        for name in ("src", "href", "srcset", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:", "#")), (tag, value)


def test_the_page_is_ordered_for_those_who_hear_it(page: Page) -> None:
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert headings.count(1) == 1 and headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(headings))
    assert all("scope" in attributes for attributes in page.attributes("th"))
    assert len(page.attributes("caption")) == len(page.attributes("table"))
    assert all(attributes.get("alt") for attributes in page.attributes("img"))
    plots = [attributes for attributes in page.attributes("div") if attributes.get("role") == "img"]
    assert plots and all("frames" in (one["aria-label"] or "") or "step" in (one["aria-label"] or "") for one in plots)
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_the_same_runs_give_the_same_bytes(runs: list[Path], tmp_path: Path) -> None:
    first, second = (write_report(runs, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert first == second


def test_odd_names_are_text_and_nothing_else(tmp_path: Path) -> None:
    odd = "<b>&\"'</script>{{ 1 }}"
    mini = Miniature(scenes=("road", odd.replace("/", "")), videos=("<i>",))
    page = page_of(write(tmp_path, ("reconstruction",), 1, mini))
    assert all(one.get("class") in ("title", "x-title", None) for one in page.attributes("b"))
    assert not page.attributes("i")[0].get("onclick")
    assert "{{ 1 }}" in page.text and "<b>&\"'<script>" in page.text and "<i>" in page.text


def test_a_single_run_is_marked(tmp_path: Path) -> None:
    page = page_of(write(tmp_path, ("reconstruction", "contrastive"), 1))
    assert page.row("Figure")[3].endswith("1 seed")
    assert page.row("mean within scenes")[2] == "70.0", "no spread is made up"
    assert "single seed" in page.text


def test_a_source_that_is_gone_gives_its_reason_instead_of_a_picture(page: Page) -> None:
    assert not page.attributes("img")
    assert "No picture: gone.mp4 is no longer where it was" in page.text


def test_unlabelled_videos_are_shown_and_said(tmp_path: Path) -> None:
    page = page_of(write(tmp_path, ("contrastive",), 2, Miniature(labelled=False)))
    assert "unlabelled" in page.text
    assert len(whole_videos(page)) == 4


def test_other_settings_are_other_models_named_by_them(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / width, "contrastive", 0, replace(PLAIN, width=width)) for width in ("64", "256")]
    assert [one["label"] for one in whole_videos(page_of(runs))[0]["curves"]] == [
        "scene-aware autoencoder width 64",
        "scene-aware autoencoder width 256",
    ]


def test_test_videos_that_could_not_be_read_stand_in_the_summary(tmp_path: Path) -> None:
    failed = ({"video": "test/road/<b>[x]", "path": "x.mp4", "reason": "x.mp4: no frame"},)
    text = " ".join(page_of(write(tmp_path, ("contrastive",), 2, replace(PLAIN, failed=failed))).text.split())
    assert "1 test video could not be read" in text and "test/road/<b>[x]: x.mp4: no frame" in text


def test_what_is_no_evaluated_run_is_an_error(tmp_path: Path) -> None:
    (run,) = write(tmp_path, ("reconstruction",), 1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="expected a run"):
        write_report([tmp_path / "empty"], tmp_path / "report.html")
    scores = run / "evaluation" / "scores" / "road_01.npy"
    content = bytearray(scores.read_bytes())
    content[-1] ^= 1
    scores.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"road_01\.npy"):
        write_report([run], tmp_path / "report.html")
    (run / "evaluation" / "metrics.json").unlink()
    with pytest.raises(DataError, match="not evaluated yet"):
        write_report([run], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_the_published_evaluation_is_another_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "run", "contrastive", 0, replace(PLAIN, protocol="published"))
    (run / "evaluation").rename(run / "evaluation-published")
    write_run(run, "contrastive", 0, replace(PLAIN, scene_auc={"contrastive": 0.61}))
    assert command(["report", str(run)]) == 0
    assert command(["report", str(run), "--protocol", "published"]) == 0
    strict, published = (Page((run / name).read_text()) for name in ("report.html", "report-published.html"))
    assert published.text.lower().count("chosen on test data") > strict.text.lower().count("chosen on test data")
    (of_strict,), (of_published,) = (
        [row for row in page.rows if row and row[0] == "mean within scenes"] for page in (strict, published)
    )
    assert of_strict[2] == "61.0" and of_published[2] == "85.0"
    assert "evaluation-published/metrics.json" in published.text
    shutil.rmtree(run / "evaluation-published")
    capsys.readouterr()
    assert command(["report", str(run), "--protocol", "published"]) == 2
    assert f"scenewise evaluate {run} --protocol published" in capsys.readouterr().err


def test_a_page_takes_the_place_of_no_folder_no_device_and_no_file_of_the_run(tmp_path: Path) -> None:
    (run,) = write(tmp_path, ("reconstruction",), 1)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    for out in (tmp_path / "folder", tmp_path / "pipe", run / "run.json", run / "log.csv", run / "SHA256SUMS"):
        with pytest.raises(ConfigError, match=f"--out {out}: "):
            write_report([run], out)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    (tmp_path / "png").mkdir()
    (tmp_path / "png" / "SHA256SUMS").write_text("0123 *theirs.txt\n")
    with pytest.raises(IntegrityError, match="png/SHA256SUMS"):
        write_report([run], tmp_path / "report.html", png=tmp_path / "png")
    assert not (tmp_path / "report.html").exists()
