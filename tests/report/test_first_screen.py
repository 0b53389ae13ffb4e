"""The slide: which pictures, what is outlined in them, and the verdicts in the order of the sentence."""

import json
import re
from pathlib import Path

import pytest
from miniature_runs import Miniature, write_run
from object_runs import write_object_run

from conftest import write_mp4
from scenewise.checksums import record_checksums
from scenewise.files import write_json
from scenewise.report.event_pairs import event_pairs
from scenewise.report.labelled_box import labelled_box
from scenewise.report.page import write_report
from scenewise.report.report_data import gather
from scenewise.report.sections import first_screen
from scenewise.report.thumbnails import Shot, thumbnails
from scenewise.video.square import Box

BOXES = [[40, 0.1, 0.2, 0.3, 0.4], [60, 0.3, 0.2, 0.5, 0.6]]


def with_events(folder: Path, **more: object) -> Path:
    """The run, its events with more keys."""
    path = folder / "evaluation" / "metrics.json"
    metrics = json.loads(path.read_text())
    for video in metrics["per_video"]:
        video["events"] = [event | more for event in video["events"]]
    write_json(path, metrics)
    record_checksums(folder / "evaluation", ["metrics.json"])
    return folder


def boxes(*runs: Path) -> list[Box | None]:
    """Of the allowed and the forbidden bicycle."""
    (pair,) = event_pairs(gather(runs).scenes)
    return [labelled_box(pair.allowed), labelled_box(pair.forbidden)]


def test_a_box_of_the_labels_is_interpolated_at_the_shown_frame(tmp_path: Path) -> None:
    run = with_events(write_run(tmp_path / "run", "contrastive", 0), boxes=BOXES)
    for found in boxes(run):
        assert found == pytest.approx((0.2, 0.2, 0.4, 0.5)), "frame 50 is half way"


def test_without_boxes_nothing_is_outlined_though_objects_are_tracked(tmp_path: Path) -> None:
    assert boxes(write_object_run(tmp_path / "run", Miniature(), Path("gone.mp4"))) == [None, None]


def test_the_outline_is_where_the_thing_is_in_the_cut_out(tmp_path: Path) -> None:
    film = write_mp4(tmp_path / "film.mp4", 12, size=(64, 48))
    box = (0.5, 0.25, 0.75, 0.5)  # 16 x 12 pixels at (32, 12)
    wanted = Shot(film, 3, 480, box, 2.0)
    (picture,) = thumbnails([wanted]).values()
    assert (picture.width, picture.height) == (32, 32), "twice the longer side, from (24, 2)"
    assert picture.outlined == pytest.approx((8 / 32, 10 / 32, 24 / 32, 22 / 32))
    assert thumbnails([Shot(film, 3)])[Shot(film, 3)].outlined is None


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The default among two autoencoders."""
    folder = tmp_path_factory.mktemp("runs")
    mini = Miniature(source=write_mp4(folder / "film.mp4", 120))
    runs = [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(2)]
    runs.append(write_object_run(folder / "fusion", mini, mini.source))
    runs = [with_events(run, boxes=BOXES) for run in runs]
    html = write_report(runs, folder / "report.html").read_text()
    return re.search(r'<section class="slide".*?</section>', html, re.DOTALL)[0]


def test_the_strip_lists_the_models_in_the_order_of_the_sentence_each_with_a_mark_and_a_score(page: str) -> None:
    rows = re.findall(r"<li .*?</li>", page, re.DOTALL)
    names = [re.search(r'swatch"></span>(.*?)</span>', row)[1].replace("\N{NON-BREAKING HYPHEN}", "-") for row in rows]
    assert names == ["fusion", "scene-aware autoencoder", "scene-agnostic autoencoder"]
    headline = re.search(r"<h1.*?</h1>", page)[0].replace("\N{NON-BREAKING HYPHEN}", "-")
    assert [headline.index(name) for name in names] == sorted(headline.index(name) for name in names)
    for row in rows:
        marks, scores = re.findall(r'aria-label="(\w+), (.*?):"', row), re.findall(r'score">(.*?)<', row)
        alarms = [float(score) > 1 for score in scores]
        assert [alarm == "alarm" for _, alarm in marks] == alarms
        assert [mark == "right" for mark, _ in marks] == [not alarms[0], alarms[1]]


def test_the_slide_has_two_outlined_pictures_and_three_numbers(page: str) -> None:
    assert page.count("<img ") == 2 and page.count('class="labelled"') == 2
    assert "the labelled thing" in page
    assert len(re.findall(r"<dt>", page)) == 3


def test_a_slide_of_raw_scores_has_no_marks_and_one_without_events_no_strip(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "contrastive", 0)
    path = run / "evaluation" / "metrics.json"
    write_json(path, json.loads(path.read_text()) | {"scale": "raw", "event_alarm_rate": {}})
    record_checksums(run / "evaluation", ["metrics.json"])
    content = first_screen.show(gather([run]))
    assert all(call.right is None for calls in content.twins[0].calls for call in calls)
    assert len(content.story.figures) == 1
    plain = write_run(tmp_path / "plain", "contrastive", 0, Miniature(labelled=False))
    assert first_screen.show(gather([plain])) is None


def test_at_most_three_classes_and_the_rest_is_counted(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "contrastive", 0)
    path = run / "evaluation" / "metrics.json"
    metrics = json.loads(path.read_text())
    for video in metrics["per_video"]:
        video["events"] = [event | {"class": name} for event in video["events"] for name in "edcba"]
    write_json(path, metrics)
    record_checksums(run / "evaluation", ["metrics.json"])
    content = first_screen.show(gather([run]))
    assert [one.name for one in content.twins] == ["a", "b", "c"] and content.more == 2
