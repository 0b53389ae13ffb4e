"""The same event here and there: which one is shown, and how every model scores it."""

import json
from pathlib import Path

import numpy as np
import pytest
from miniature_runs import FPS, Miniature, write_run

from scenewise.checksums import record_checksums
from scenewise.files import write_json
from scenewise.report.report_data import gather
from scenewise.report.sections import comparison
from scenewise.report.sections.comparison import Comparison


def changed(folder: Path, **more: object) -> Path:
    """The run with other values in its metrics.json."""
    path = folder / "evaluation" / "metrics.json"
    write_json(path, {**json.loads(path.read_text()), **more})
    record_checksums(folder / "evaluation", ["metrics.json"])
    return folder


def compared(*runs: Path) -> list[Comparison]:
    return comparison.show(gather(runs)).comparisons


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Of three scenes, the first of which allows what the others forbid."""
    folder = tmp_path_factory.mktemp("runs")
    mini = Miniature(scenes=("road", "lawn", "arcade"), videos=("02", "01"))
    runs = [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(3)]
    (found,) = compared(*runs)
    return found


def test_the_event_is_the_first_by_name_and_the_frame_its_middle(one: Comparison) -> None:
    assert one.name == "bicycle"
    assert (one.allowed.video.scene, one.allowed.video.name) == ("road", "01"), "the only scene that allows it"
    assert (one.forbidden.video.scene, one.forbidden.video.name) == ("arcade", "01"), "before lawn by name"
    assert one.allowed.frame == (40 + 60) // 2


def test_the_verdict_is_that_of_the_mean_score_at_that_frame(one: Comparison) -> None:
    for exhibit, abnormal in ((one.allowed, False), (one.forbidden, True)):
        for verdict in exhibit.verdicts:
            seeds = [run.scores(exhibit.video.scene, exhibit.video.name, 120) for run in verdict.model.runs]
            mean = np.mean(seeds, axis=0)
            assert verdict.score == pytest.approx(mean[50])
            assert verdict.flagged == (mean[50] > 1) and verdict.right == ((mean[50] > 1) == abnormal)
            assert verdict.word == ("flagged" if mean[50] > 1 else "allowed")
            assert verdict.above == pytest.approx(np.mean(mean[40:61] > 1))
            assert verdict.seeds_agreeing == sum((scores[50] > 1) == verdict.flagged for scores in seeds)


def test_both_curves_show_the_event_and_what_is_around_it_on_the_same_axes(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "contrastive", 0, Miniature(frames=600))
    per_video = json.loads((run / "evaluation" / "metrics.json").read_text())["per_video"]
    for video in per_video:
        long = {"class": "bicycle", "first_frame": 200, "last_frame": 299, "abnormal": False}  # four seconds
        short = {"class": "bicycle", "first_frame": 20, "last_frame": 29, "abnormal": True}
        video["events"] = [long if video["scene"] == "road" else short]
        if video["scene"] != "road":
            video |= {"abnormal_frames": 10, "abnormal_ranges": [[20, 29]]}
    (one,) = compared(changed(run, per_video=per_video))
    allowed, forbidden = one.allowed.chart, one.forbidden.chart
    assert (allowed.start, allowed.end) == (150, 350), "half its length before and after it"
    assert (forbidden.start, forbidden.end) == (0, 200), "as long; the video begins 20 frames before it"
    np.testing.assert_array_equal(forbidden.series[0].mean, one.forbidden.video.series[0].mean[:200])
    assert allowed.axis == forbidden.axis
    assert one.forbidden.ranges == [(20, 29)] and one.allowed.ranges == []
    assert [(tick.at / FPS, tick.text) for tick in allowed.x_ticks] == [(n, f"0:{n:02d}") for n in (6, 8, 10, 12, 14)]


def test_raw_scores_have_no_verdict(tmp_path: Path) -> None:
    (one,) = compared(changed(write_run(tmp_path / "run", "contrastive", 0), scale="raw"))
    (verdict,) = one.allowed.verdicts
    assert (verdict.flagged, verdict.right, verdict.above, verdict.word) == (None, None, None, "no verdict")


def test_without_labels_there_is_nothing_to_compare(tmp_path: Path) -> None:
    assert comparison.show(gather([write_run(tmp_path / "run", "contrastive", 0, Miniature(labelled=False))])) is None


def test_an_allowed_event_counts_only_where_nothing_else_is_abnormal(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "contrastive", 0)
    per_video = json.loads((run / "evaluation" / "metrics.json").read_text())["per_video"]
    for video in per_video:
        if video["scene"] == "road":  # the bicycle is allowed at frames 40 to 60; the video's rest is abnormal
            first = 0 if video["name"] == "01" else 50
            video |= {"abnormal_frames": 120 - first, "abnormal_ranges": [[first, 119]]}
            video["events"].append({"class": "cart", "first_frame": first, "last_frame": 119, "abnormal": True})
    (one,) = compared(changed(run, per_video=per_video))
    assert one.allowed.video.name == "02", "nothing of the one in 01 counts"
    assert one.allowed.frame == (40 + 49) // 2
    scores = one.allowed.video.series[0].mean
    assert one.allowed.verdicts[0].above == pytest.approx(np.mean(scores[40:50] > 1))
    assert [event.name for event in one.allowed.events] == ["bicycle", "cart"]


def test_a_class_that_one_scene_judges_both_ways_is_no_comparison(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "contrastive", 0)
    per_video = json.loads((run / "evaluation" / "metrics.json").read_text())["per_video"]
    for video in per_video:
        if video["scene"] == "road":
            video["events"] = [
                {"class": "cart", "first_frame": 10 * k, "last_frame": 10 * k + 5, "abnormal": bool(k)} for k in (0, 1)
            ]
    assert compared(changed(run, per_video=per_video)) == []
