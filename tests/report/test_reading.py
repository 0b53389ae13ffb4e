"""What a reader can rely on: words that are explained, the default first and boldest, folds that say what they hold."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from miniature_runs import Miniature, write_run
from object_runs import write_object_run
from PIL import Image

from conftest import write_mp4
from scenewise.checksums import record_checksums
from scenewise.files import write_bytes, write_json
from scenewise.formats.pictures import jpeg_of
from scenewise.report.colours import MOST_DRAWN
from scenewise.report.display_names import class_name
from scenewise.report.page import write_report
from scenewise.report.report_data import gather
from scenewise.report.sections import moments
from scenewise.report.words import WORDS, address, term
from scenewise.runs.thumbnails import THUMBNAILS, Thumbnails, to_bytes

DOCS = Path(__file__).resolve().parents[2] / "docs"


def html_of(*runs: Path) -> str:
    return write_report(runs, runs[0].parent / "report.html").read_text()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mp4(tmp_path_factory.mktemp("film") / "film.mp4", 120)


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory, film: Path) -> str:
    """Two autoencoders, and the default, which was given last."""
    folder = tmp_path_factory.mktemp("runs")
    mini = Miniature(source=film, measured=True)
    runs = [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(2)]
    return html_of(*runs, write_object_run(folder / "fusion", mini, film))


def test_every_link_of_the_page_has_its_target(html: str) -> None:
    links = re.findall(r'href="#([^"]+)"', html)
    targets = set(re.findall(r'id="([^"]+)"', html))
    assert len([link for link in links if link.startswith("word-")]) > 10 and set(links) <= targets
    assert set(re.findall(r'data-full="([^"]+)"', html)) <= targets
    with pytest.raises(KeyError):
        term("no word of ours")


def test_the_words_are_those_of_the_glossary() -> None:
    text = re.sub(r"\[(.+?)\]\(.+?\)|`", lambda found: found[1] or "", (DOCS / "glossary.md").read_text())
    rows = dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|$", text, re.MULTILINE))
    assert {word: rows[word] for word in WORDS} == WORDS
    assert len({address(word) for word in WORDS}) == len(WORDS)


def test_the_default_is_named_first_and_drawn_boldest_and_last(html: str) -> None:
    legends = re.findall(r'<(?:div|span) class="legend">(.*?)</(?:div|figcaption)>', html, re.DOTALL)
    first = [re.search(r"accent-(\d)( leads)?", legend) for legend in legends if "accent" in legend]
    assert len(first) > 3
    of_training = [found for found in first if found[1] != "0"]  # the default is not trained in steps
    assert all(found[2] for found in first if found not in of_training) and len(of_training) < len(first)
    for svg in re.findall(r"<svg viewBox.*?</svg>", html, re.DOTALL):
        curves = re.findall(r'class="curve accent-(\d)( leads)?"', svg)
        assert [accent for accent, bold in curves if bold] == [accent for accent, _ in curves if accent == "0"]
        assert not any(bold for _, bold in curves[:-1]), "what is drawn last lies above the others"


def test_what_is_folded_says_what_is_inside(html: str) -> None:
    folds = re.findall(r"<details([^>]*)>\s*<summary>(.*?)</summary>", html, re.DOTALL)
    assert len(folds) > 10 and len(folds) == html.count("<details")
    assert all(re.sub(r"<[^>]+>|\s", "", inside) for _, inside in folds)
    opened = [inside for attributes, inside in folds if " open" in attributes]
    for section in ("table", "latent_space", "training", "provenance", "words"):
        assert not any(f'id="{section}"' in inside for inside in opened)
    assert sum('class="video" open' in f'class="video"{attributes[14:]}' for attributes, _ in folds) == 1


def test_of_many_models_six_are_drawn_and_all_are_in_the_table(tmp_path: Path) -> None:
    runs = [
        write_run(
            tmp_path / f"run{width}", "contrastive", 0, Miniature(width=str(width), scene_auc={"contrastive": auc})
        )
        for width, auc in zip(range(10, 18), (0.5, 0.9, 0.6, 0.8, 0.7, 0.65, 0.75, 0.85), strict=True)
    ]
    gathered = gather(runs)
    assert [model.short.split()[-1] for model in gathered.drawn] == ["11", "17", "13", "16", "14", "15"]
    assert len(gathered.models) == 8 and len(gathered.scenes[0].videos[0].series) == MOST_DRAWN
    page = html_of(*runs)
    assert "the table has all 8" in page and page.count('data-label="scene-aware autoencoder width 10"') > 5


def test_without_labels_there_are_moments_curves_and_examples_and_no_table_of_dashes(
    tmp_path: Path, film: Path
) -> None:
    run = write_object_run(tmp_path / "run", Miniature(source=film, labelled=False), film)
    jpeg = jpeg_of(Image.new("RGB", (40, 40), (200, 30, 30)), 80)
    kept = Thumbnails((jpeg,), np.array([5], np.int32), (np.zeros(9, np.uint16),), {"road": 0, "walkway": 0})
    write_bytes(run / THUMBNAILS, to_bytes(kept))
    record_checksums(run, [THUMBNAILS])
    page = re.sub('data:image/[^"]*', "", html_of(run))
    assert not re.findall(r"<t[dh][^>]*>\s*\N{EN DASH}\s*</t", page) and 'id="table"' not in page
    assert "No test video has" in page and page.count("<h1") == 1 and 'class="gallery"' in page
    assert "<h3>road, walkway <small>1 of 9</small></h3>" in page and page.count('alt="a normal example of') == 1
    assert (
        'id="videos"' in page and "AUC" not in re.search(r'aria-labelledby="videos".*?</section>', page, re.DOTALL)[0]
    )
    scores = [one.height.score for one in moments.show(gather([run])).moments]
    highest = max(np.load(path).max() for path in (run / "evaluation" / "scores").glob("*.npy"))
    assert scores == sorted(scores, reverse=True) and scores[0] == pytest.approx(highest)


def test_what_raised_a_flagged_frame_is_said_if_no_box_says_it(tmp_path: Path, film: Path) -> None:
    """An autoencoder has no boxes; the objects of the other run are flagged, so their boxes say it."""
    mini = Miniature(source=film)
    assert "raised by the frame as a whole" in html_of(write_run(tmp_path / "ae", "contrastive", 0, mini)).lower()
    assert "raised by" not in html_of(write_object_run(tmp_path / "run", mini, film)).lower()


def test_no_score_below_0_is_shown(html: str) -> None:
    shown = re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)
    texts = re.findall(r">([^<]+)<", re.sub(r'<details class="folded">.*?</details>', "", shown, flags=re.DOTALL))
    assert not [text for text in texts if re.search(r"(^|\s)[-\u2212]\d", text)]


def test_events_are_called_as_people_call_them(tmp_path: Path) -> None:
    assert class_name("on_lawn") == "on the lawn" and class_name("abandoned_object") == "abandoned object"
    assert class_name("on_the_lawn") == "on the lawn" and class_name("bicycle") == "bicycle" and class_name("_") == "_"
    run = write_run(tmp_path / "run", "contrastive", 0)
    path = run / "evaluation" / "metrics.json"
    metrics = json.loads(path.read_text())
    for video in metrics["per_video"]:
        video["events"] = [event | {"class": "on_lawn"} for event in video["events"]]
    for kind in ("event_auc", "event_alarm_rate"):
        metrics[kind] = {"on_lawn": metrics[kind]["bicycle"]}
    write_json(path, metrics)
    record_checksums(path.parent, ["metrics.json"])
    page = html_of(run)
    assert "on the lawn, abnormal there" in page and '<p class="kind">on the lawn</p>' in page
    assert "on_lawn" not in page
