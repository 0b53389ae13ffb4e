"""Runs averaged over their seeds, one row per model; what cannot stand in one table is refused."""

import copy
from statistics import stdev
from typing import Any

import pytest
from example_metrics import EVENT_LEVEL, TITLES, memory, metrics
from hypothesis import given
from hypothesis import strategies as st

from scenewise.errors import DataError
from scenewise.results.group_runs import group_runs
from scenewise.results.rows import Spread


def test_runs_of_one_model_are_averaged_over_their_seeds() -> None:
    (row,) = group_runs([metrics(seed=seed, within=within) for seed, within in enumerate([0.70, 0.74, 0.78])])
    assert row.seeds == (0, 1, 2) and row.runs == (0, 1, 2)
    cell = row.cell("scene_auc_mean")
    assert cell.mean == pytest.approx(0.74)
    assert cell.deviation == pytest.approx(stdev([0.70, 0.74, 0.78]))
    assert cell.text() == "74.0 ± 4.0"


def test_scene_agnostic_models_come_first_and_methods_with_objects_last() -> None:
    runs = [memory(), metrics("contrastive"), memory(scene_aware=False), metrics()]
    rows = group_runs(runs)
    assert [row.title for row in rows] == [
        TITLES["reconstruction"], TITLES["contrastive"], "fusion, scene-agnostic", "fusion, scene-aware"
    ]  # fmt: skip
    assert [row.scene_aware for row in rows] == [False, True, False, True]
    assert [(row.feature, row.seeds_text) for row in rows] == [("image", "1 seed")] * 2 + [
        ("object", "deterministic")
    ] * 2
    assert [runs[row.runs[0]]["title"] for row in rows] == [row.title for row in rows]


def test_another_encoder_is_another_model() -> None:
    rows = group_runs([metrics(), metrics(encoder="clip-vit-l-14", encoder_digest="b" * 64)])
    assert [row.title.rpartition(", ")[2] for row in rows] == ["motion-grid", "clip-vit-l-14"]


def test_runs_of_other_settings_are_not_averaged_and_the_titles_say_which() -> None:
    wide = {"objective": "reconstruction", "width": "256", "standardise": True}
    runs = [metrics(seed=seed, settings=settings) for settings in (wide, {**wide, "width": "64", "standardise": False})
            for seed in (0, 1)]  # fmt: skip
    rows = group_runs(runs)
    assert [row.title.partition("(reconstruction)")[2] for row in rows] == [
        ", standardise on, width 256",
        ", standardise off, width 64",
    ]
    assert [row.seeds for row in rows] == [(0, 1), (0, 1)]


def test_encoders_of_one_name_are_told_apart_by_their_digest() -> None:
    rows = group_runs([metrics(), metrics(encoder_digest="b" * 64)])
    assert [row.title.rpartition(", ")[2] for row in rows] == ["encoder aaaaaaaa", "encoder bbbbbbbb"]


def test_methods_that_share_a_title_are_told_apart() -> None:
    rows = group_runs([metrics(), metrics(method="plugged.in:Method")])
    assert len({row.title for row in rows}) == 2 and rows[1].title.endswith(", plugged.in:Method")


def test_undefined_figures_stay_undefined() -> None:
    (row,) = group_runs([metrics(seed=0), metrics(seed=1)])
    assert row.cell("scene_auc", "road") == Spread() and row.cell("scene_auc", "road").mean is None
    assert row.cell("event_auc", "bicycle", "where_normal").text() == "–"  # noqa: RUF001


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_a_spread_lies_between_its_values_and_one_run_has_none(values: list[float]) -> None:
    spread = Spread(tuple(values))
    assert min(values) - 1e-9 <= spread.mean <= max(values) + 1e-9
    assert (spread.deviation is None) == (len(values) == 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"protocol": "published"}, "protocol strict and published"),
        ({"scale": "raw"}, "scale scene and raw"),
        ({"macro": "padded"}, "macro defined and padded"),
        ({"object_masks": {"road": "b" * 64}}, "in different parts of road cannot stand"),
        ({"per_video": []}, "test/lawn [b]/01 is 90 frames long (20 abnormal)"),
    ],
)
def test_what_cannot_stand_in_one_table_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(DataError) as caught:
        group_runs([metrics(), metrics("contrastive", **change)])
    assert reason in str(caught.value)


def test_other_labels_of_the_same_frames_are_refused() -> None:
    other = copy.deepcopy(metrics("contrastive"))
    other["per_video"][0]["abnormal_ranges"] = [[6, 25]]
    with pytest.raises(DataError, match="same videos and labels"):
        group_runs([metrics(), other])


def test_other_alarm_budgets_are_refused() -> None:
    other = {**EVENT_LEVEL, "alarms_per_day": 1.0}
    with pytest.raises(DataError, match="24 and of 1 alarm per day"):
        group_runs([metrics(event_level=EVENT_LEVEL), metrics("contrastive", event_level=other)])


def test_a_seed_given_twice_and_no_run_at_all_are_refused() -> None:
    with pytest.raises(DataError, match="a seed is given twice"):
        group_runs([metrics(), metrics()])
    with pytest.raises(DataError, match="at least one run"):
        group_runs([])


def test_an_interval_is_the_mean_of_its_runs_ends() -> None:
    def run(seed: int, low: float, high: float) -> dict[str, Any]:
        return metrics(seed=seed, intervals={"scene_auc_mean": [low, high], "scene_auc": {"road": None}})

    (row,) = group_runs([run(0, 0.5, 0.8), run(1, 0.6, 0.9)])
    assert row.cell("scene_auc_mean").interval == pytest.approx((0.55, 0.85))
    assert row.cell("scene_auc_mean").bounds() == "55.0 to 85.0"
    assert row.cell("frame_auc_micro").interval is None and row.cell("scene_auc", "road").bounds() == ""
    (row,) = group_runs([run(0, 0.5, 0.8), metrics(seed=1)])
    assert row.cell("scene_auc_mean").interval is None, "a run without an interval leaves none"
