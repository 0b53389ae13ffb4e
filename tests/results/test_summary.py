"""Runs averaged over seeds, and the table they make."""

import copy
import io
from dataclasses import asdict
from statistics import stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from scenewise.config import TrainConfig
from scenewise.errors import DataError
from scenewise.results.rows import Spread
from scenewise.results.summary import print_table, summarise
from scenewise.results.table import figures, table_note


def metrics(objective: str = "reconstruction", seed: int = 0, within: float = 0.7, **changes: Any) -> dict[str, Any]:
    """A metrics.json of two scenes, one without abnormal frames."""
    video = {"scene": "lawn [b]", "name": "01", "frames": 90, "abnormal_frames": 20, "abnormal_ranges": [[5, 24]]}
    return {
        "format": 1,
        "protocol": "strict",
        "scale": "scene",
        "method": "autoencoder",
        "objective": objective,
        "seeds": [seed],
        "encoder": "motion-grid",
        "frame_auc_micro": 0.8,
        "frame_auc_macro": 0.6,
        "scene_auc": {"lawn [b]": within, "road": None},
        "scene_auc_mean": within,
        "average_precision": 0.5,
        "equal_error_rate": 0.3,
        "constant_per_scene_auc": {"best": 0.847, "zero_or_one": 0.781},
        "event_auc": {"bicycle": {"where_abnormal": 0.9, "where_normal": None}},
        "event_alarm_rate": {"bicycle": {"where_abnormal": 0.4, "where_normal": None}},
        "per_video": [video, {**video, "scene": "road", "abnormal_frames": 0, "abnormal_ranges": []}],
    } | changes


def printed(runs: list[dict[str, Any]], width: int = 120) -> str:
    """What the table looks like without colours."""
    console = Console(file=io.StringIO(), width=width)
    print_table(summarise(runs), console)
    return console.file.getvalue()


def test_runs_of_one_model_are_averaged_over_their_seeds() -> None:
    (row,) = summarise([metrics(seed=seed, within=within) for seed, within in enumerate([0.70, 0.74, 0.78])])
    assert row.seeds == row.scene_auc_mean.seeds == (0, 1, 2)
    assert row.scene_auc_mean.mean == pytest.approx(0.74)
    assert row.scene_auc_mean.deviation == pytest.approx(stdev([0.70, 0.74, 0.78]))
    assert row.scene_auc_mean.percent() == "74.0 ± 4.0"
    assert row.constants == (0.847, 0.781)


def test_models_are_rows_scene_agnostic_first_and_named() -> None:
    rows = summarise([metrics("contrastive+classification"), metrics("contrastive"), metrics("reconstruction")])
    assert [row.label for row in rows] == [
        "autoencoder, scene-agnostic (reconstruction)",
        "autoencoder, scene-aware (+ contrastive)",
        "autoencoder, scene-aware (+ contrastive + classification)",
    ]
    assert [row.scene_aware for row in rows] == [False, True, True]


def test_another_encoder_is_another_model() -> None:
    rows = summarise([metrics(), metrics(encoder="clip-vit-l-14")])
    assert [row.label.rpartition(", ")[2] for row in rows] == ["motion-grid", "clip-vit-l-14"]


def test_runs_of_other_settings_are_not_averaged_and_the_names_say_which() -> None:
    wide, narrow = (
        asdict(TrainConfig(method="autoencoder", width="256")),
        asdict(TrainConfig(method="autoencoder", width="64", standardise=False)),
    )
    runs = [metrics(seed=seed, config={**config, "seed": seed}) for config in (wide, narrow) for seed in (0, 1)]
    rows = summarise(runs)
    assert [row.label.partition("(reconstruction)")[2] for row in rows] == [
        ", standardise on, width 256",
        ", standardise off, width 64",
    ]
    assert [row.seeds for row in rows] == [(0, 1), (0, 1)]
    assert "width 64" in printed(runs)


def test_how_training_was_run_makes_no_other_model() -> None:
    one = asdict(TrainConfig(method="autoencoder"))
    other = asdict(
        TrainConfig(method="autoencoder", seed=1, resume=True, device="cpu", precision="float32", memory_budget=1.0)
    )
    older = {name: value for name, value in one.items() if name != "segment_fps"} | {"seed": 2}
    (row,) = summarise([metrics(seed=seed, config=config) for seed, config in enumerate((one, other, older))])
    assert row.seeds == (0, 1, 2) and row.label == "autoencoder, scene-agnostic (reconstruction)"


def test_encoders_of_one_name_are_told_apart_by_their_digest() -> None:
    rows = summarise([metrics(encoder_digest="a" * 64), metrics(encoder_digest="b" * 64)])
    assert [row.label.rpartition(", ")[2] for row in rows] == ["encoder aaaaaaaa", "encoder bbbbbbbb"]


def test_an_older_evaluation_without_settings_stands_by_itself() -> None:
    rows = summarise(
        [metrics(), metrics(config=asdict(TrainConfig(method="autoencoder")), encoder_digest="motion-grid")]
    )
    assert [row.label.partition("(reconstruction)")[2] for row in rows] == [", settings not recorded", ""]


def test_names_are_no_markup() -> None:
    video = {"scene": "[", "name": "/x]", "frames": 90, "abnormal_frames": 20, "abnormal_ranges": [[5, 24]]}
    events = {"[red]cart[/x]": {"where_abnormal": 0.9, "where_normal": 0.5}}
    text = printed([metrics(per_video=[video], scene_auc={"[/x]": 0.7, "cam [front]": 0.6}, event_auc=events)])
    assert all(name in text for name in ("[/x]", "cam [front]", "[red]cart[/x], abnormal there"))


def test_undefined_figures_stay_undefined() -> None:
    (row,) = summarise([metrics(seed=0), metrics(seed=1)])
    assert row.scene_auc["road"] == Spread((), ())
    assert row.scene_auc["road"].mean is None
    assert row.event_auc["bicycle"].where_normal.percent() == "–"  # noqa: RUF001


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_a_spread_lies_between_its_values_and_one_run_has_none(values: list[float]) -> None:
    spread = Spread(tuple(values), tuple(range(len(values))))
    assert min(values) - 1e-9 <= spread.mean <= max(values) + 1e-9
    assert (spread.deviation is None) == (len(values) == 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"protocol": "published"}, "protocol strict and published"),
        ({"scale": "raw"}, "scale scene and raw"),
        (
            {"per_video": []},
            "test/lawn [b]/01 is 90 frames long (20 abnormal) in the reconstruction run of seed 0 and absent",
        ),
    ],
)
def test_what_can_not_stand_in_one_table_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError) as caught:
        summarise([metrics(), metrics("contrastive", **change)])
    assert told in str(caught.value)


def test_other_labels_of_the_same_frames_are_refused() -> None:
    other = copy.deepcopy(metrics("contrastive"))
    other["per_video"][0]["abnormal_ranges"] = [[6, 25]]
    with pytest.raises(DataError, match="same videos and labels"):
        summarise([metrics(), other])


def test_a_seed_given_twice_and_no_run_at_all_are_refused() -> None:
    with pytest.raises(DataError, match="a seed is given twice"):
        summarise([metrics(), metrics()])
    with pytest.raises(DataError, match="at least one run"):
        summarise([])


def test_pooled_within_scenes_and_constants_stand_in_one_table() -> None:
    rows = summarise([metrics(), metrics("contrastive")])
    lines = {line.name: line for line in figures(rows)}
    assert lines["pooled AUC"].constants == (0.847, 0.781)
    assert lines["mean within scenes"].constants == (0.5, 0.5)
    assert lines["road"].constants == (None, None)
    assert lines["bicycle, normal there"].ideal == 0.5
    assert "average precision, pooled" in {line.name for line in figures(rows, everything=True)}


def test_the_printed_table_says_figures_spread_seeds_and_ideals() -> None:
    text = printed([metrics(seed=0, within=0.70), metrics(seed=1, within=0.72), metrics("contrastive", within=0.9)])
    lines = {line.strip().split("  ")[0]: line.split() for line in text.splitlines() if line.strip()}
    assert lines["mean within scenes"][-6:] == ["71.0", "±", "1.4", "90.0", "50.0", "50.0"]
    assert lines["pooled AUC"][-2:] == ["84.7", "78.1"]
    assert "lawn [b]" in lines, "a scene's name is no markup"
    assert "2 seeds" in text and "1 seed" in text and "no spread" in text
    assert "100" in text and "50" in text


def test_the_printed_table_of_two_models_fits_a_terminal() -> None:
    text = printed(
        [metrics(seed=seed) for seed in range(3)] + [metrics("contrastive", seed=seed) for seed in range(3)], 80
    )
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("models", [1, 2, 3])
def test_a_narrow_terminal_loses_no_name_and_no_figure(models: int) -> None:
    objectives = ("reconstruction", "contrastive", "contrastive+classification")[:models]
    runs = [
        metrics(one, seed, frame_auc_micro=0.81 + place / 100, intervals={"frame_auc_micro": [0.51, 0.92]})
        for place, one in enumerate(objectives)
        for seed in range(2)
    ]
    text = printed(runs, 80)
    assert max(map(len, text.splitlines())) <= 80 and "…" not in text
    lines = [line for line in text.splitlines() if line.startswith(" pooled AUC ")]
    shown = " ".join(lines)
    assert all(f"{81 + place}.0 ± 0.0" in shown for place in range(models))
    assert text.count("51.0 to 92.0") == models, "whole, each of them"
    assert shown.count("84.7") == shown.count("78.1") == len(lines)
    assert len(lines) == (2 if models == 3 else 1), "no more tables than it takes"
    assert "mean within scenes" in text and "bicycle, normal there" in text
    assert len([line for line in printed(runs, 140).splitlines() if line.startswith(" pooled AUC ")]) == 1


EVENT_LEVEL = {
    "alarms_per_day": 24.0,
    "share_found": 0.75,
    "delay_mean": 1.25,
    "delay_median": 0.5,
    "false_alarms_per_hour": 3.0,
    "normal_frames_flagged": None,
    "threshold_extrapolated": True,
    "scenes": {"road": {}},
}


def with_intervals(seed: int, low: float, high: float, **more: Any) -> dict[str, Any]:
    return metrics(seed=seed, intervals={"scene_auc_mean": [low, high], "scene_auc": {"road": None}}, **more)


def test_an_interval_is_the_mean_of_its_runs_ends() -> None:
    (row,) = summarise([with_intervals(0, 0.5, 0.8), with_intervals(1, 0.6, 0.9)])
    assert row.scene_auc_mean.interval == pytest.approx((0.55, 0.85))
    assert row.scene_auc_mean.bounds() == "55.0 to 85.0"
    assert row.frame_auc_micro.interval is None and row.scene_auc["road"].bounds() == ""
    (row,) = summarise([with_intervals(0, 0.5, 0.8), metrics(seed=1)])
    assert row.scene_auc_mean.interval is None, "an older run has none"


def test_the_event_level_is_told_in_its_own_units() -> None:
    (row,) = summarise([metrics(seed=seed, event_level=EVENT_LEVEL) for seed in (0, 1)])
    lines = {line.name: line.cells[0].percent() for line in figures([row], everything=True)}
    assert lines["abnormal events found"] == "75.0 ± 0.0"
    assert lines["found after, mean, seconds"] == "1.2 ± 0.0" and lines["false alarms an hour"] == "3.0 ± 0.0"
    assert lines["normal frames flagged"] == "–"  # noqa: RUF001
    assert "too short" in table_note([row], everything=True) and "too short" not in table_note([row])


def test_an_older_run_beside_a_newer_one_has_gaps_and_alone_no_lines() -> None:
    rows = summarise([metrics(), metrics("contrastive", event_level=EVENT_LEVEL, localisation={"rbdc": 0.25})])
    lines = {line.name: [cell.percent() for cell in line.cells] for line in figures(rows, everything=True)}
    assert lines["abnormal events found"] == ["–", "75.0"]  # noqa: RUF001
    assert lines["regions found (RBDC)"] == ["–", "25.0"] and "tracks found (TBDC)" not in lines  # noqa: RUF001
    names = [line.name for line in figures(summarise([metrics()]), everything=True)]
    assert "abnormal events found" not in names and "mean AUC over videos" in names


def test_one_table_has_one_convention_and_one_budget() -> None:
    summarise([metrics(), metrics("contrastive", macro="defined")])
    with pytest.raises(DataError, match="macro defined and padded"):
        summarise([metrics(), metrics("contrastive", macro="padded")])
    other = {**EVENT_LEVEL, "alarms_per_day": 1.0}
    with pytest.raises(DataError, match="24 and 1 alarms a day"):
        summarise([metrics(event_level=EVENT_LEVEL), metrics("contrastive", event_level=other)])


def test_the_mean_over_videos_is_named_by_its_convention() -> None:
    def names(**changes: Any) -> list[str]:
        return [line.name for line in figures(summarise([metrics(**changes)]), everything=True)]

    assert "mean AUC over videos (3 left out)" in names(macro_left_out=3)
    assert "mean AUC over videos, padded" in names(macro="padded", macro_left_out=0)


def test_intervals_stand_beside_their_figures_or_under_them() -> None:
    runs = [with_intervals(0, 0.5, 0.8, pairs_within_scene=0.397)]
    assert "70.0  50.0 to 80.0" in printed(runs, 100)
    assert "50.0 to 80.0" in printed(runs, 60) and "70.0  50.0" not in printed(runs, 60)
    text = " ".join(printed(runs, 100).split())
    assert "95 % interval for other test footage" in text and "39.7 % lie within one scene" in text


def test_what_was_chosen_on_test_data_says_so() -> None:
    text = " ".join(printed([metrics(protocol="published")]).split())
    assert text.startswith("chosen on test data") and "promise too much" in text
    assert "chosen on test data" not in printed([metrics()])
