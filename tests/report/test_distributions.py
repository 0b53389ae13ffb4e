"""Histograms and ROC curves by scene, against the scores and labels they are made of."""

import json
from pathlib import Path

import numpy as np
import pytest
from miniature_runs import Miniature, write_run

from scenewise.checksums import record_checksums
from scenewise.evaluation.metrics import frame_auc
from scenewise.evaluation.roc import FALSE_ALARMS
from scenewise.files import write_json
from scenewise.report.report_data import Gathered, gather
from scenewise.report.sections import distributions
from scenewise.report.sections.distributions import BINS


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    folder = tmp_path_factory.mktemp("runs")
    return gather(
        [write_run(folder / f"{name}{seed}", name, seed) for name in Miniature().scene_auc for seed in (0, 1)]
    )


def test_a_histogram_counts_every_frame_of_its_kind_once(gathered: Gathered) -> None:
    road, walkway = distributions.show(gathered).distributions
    assert (road.normal_frames, road.abnormal_frames) == (240, 0)
    assert (walkway.normal_frames, walkway.abnormal_frames) == (240 - 42, 42)
    for one in walkway.histograms:
        assert len(one.normal) == BINS and one.normal.sum() == pytest.approx(1) == one.abnormal.sum()
        videos = gathered.scenes[1].videos
        number = gathered.models.index(one.model)
        scores = np.concatenate([video.series[number].seeds for video in videos], axis=1)
        above = walkway.from_left(1.0) * BINS
        abnormal = scores[:, np.concatenate([video.labels for video in videos])]
        assert one.abnormal[int(above) + 1 :].sum() <= np.mean(abnormal > 1) <= one.abnormal[int(above) :].sum() + 1e-9
    assert road.histograms[0].abnormal.sum() == 0


def test_outlines_close_and_reach_up_for_normal_and_down_for_abnormal(gathered: Gathered) -> None:
    walkway = distributions.show(gathered).distributions[1]
    for above in (True, False):
        outline = walkway.outline(walkway.histograms[0].normal, above=above)
        heights = [int(part.partition("h")[0]) for part in outline.removesuffix("z").split("V")[1:]]
        assert len(heights) == BINS + 1 and heights[-1] == 1000
        assert (min(heights) >= 0 and max(heights) <= 1000) if above else (min(heights) >= 1000)


def test_the_area_under_the_drawn_curve_is_the_mean_auc(gathered: Gathered) -> None:
    road, walkway = distributions.show(gathered).distributions
    assert road.roc is None and "No frame is labelled abnormal" in road.spoken
    videos = gathered.scenes[1].videos
    labels = np.concatenate([video.labels for video in videos])
    for number, series in enumerate(walkway.roc.series):
        scores = np.concatenate([video.series[number].seeds for video in videos], axis=1)
        expected = np.mean([frame_auc(labels, one) for one in scores])
        assert np.trapezoid(series.mean / 100, FALSE_ALARMS) == pytest.approx(expected, abs=2e-3)


def test_an_unlabelled_scene_among_others_says_so(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "contrastive", 0)
    path = run / "evaluation" / "metrics.json"
    metrics = json.loads(path.read_text())
    for video in metrics["per_video"]:
        if video["scene"] == "road":
            video |= {"abnormal_frames": None, "abnormal_ranges": [], "events": []}
    write_json(path, metrics)
    record_checksums(path.parent, ["metrics.json"])
    road, walkway = distributions.show(gather([run])).distributions
    assert road.roc is None and road.histograms == [] and road.spoken and walkway.histograms
