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
from scenewise.evaluation.rows import Spread
from scenewise.evaluation.summary import print_table, summarise
from scenewise.evaluation.table import figures


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
    wide, narrow = asdict(TrainConfig(width="256")), asdict(TrainConfig(width="64", standardise=False))
    runs = [metrics(seed=seed, config={**config, "seed": seed}) for config in (wide, narrow) for seed in (0, 1)]
    rows = summarise(runs)
    assert [row.label.partition("(reconstruction)")[2] for row in rows] == [
        ", standardise on, width 256",
        ", standardise off, width 64",
    ]
    assert [row.seeds for row in rows] == [(0, 1), (0, 1)]
    assert "width 64" in printed(runs)


def test_how_training_was_run_makes_no_other_model() -> None:
    one = asdict(TrainConfig())
    other = asdict(TrainConfig(seed=1, resume=True, device="cpu", precision="float32", memory_budget=1.0))
    older = {name: value for name, value in one.items() if name != "segment_fps"} | {"seed": 2}
    (row,) = summarise([metrics(seed=seed, config=config) for seed, config in enumerate((one, other, older))])
    assert row.seeds == (0, 1, 2) and row.label == "autoencoder, scene-agnostic (reconstruction)"


def test_encoders_of_one_name_are_told_apart_by_their_digest() -> None:
    rows = summarise([metrics(encoder_digest="a" * 64), metrics(encoder_digest="b" * 64)])
    assert [row.label.rpartition(", ")[2] for row in rows] == ["encoder aaaaaaaa", "encoder bbbbbbbb"]


def test_an_older_evaluation_without_settings_stands_by_itself() -> None:
    rows = summarise([metrics(), metrics(config=asdict(TrainConfig()), encoder_digest="motion-grid")])
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
