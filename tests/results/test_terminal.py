"""The table in a terminal: every figure, and nothing wider than it."""

import io
from typing import Any

import pytest
from example_metrics import metrics
from rich.console import Console

from scenewise.results.table import table_of
from scenewise.results.terminal import print_table


def printed(runs: list[dict[str, Any]], width: int = 120) -> str:
    """What the table looks like without colours."""
    console = Console(file=io.StringIO(), width=width)
    print_table(table_of(runs), console)
    return console.file.getvalue()


def with_interval(**more: Any) -> dict[str, Any]:
    return metrics(intervals={"scene_auc_mean": [0.5, 0.8], "scene_auc": {"road": None}}, **more)


def test_names_are_no_markup() -> None:
    video = {"scene": "[", "name": "/x]", "frames": 90, "abnormal_frames": 20, "abnormal_ranges": [[5, 24]]}
    events = {"[red]cart[/x]": {"where_abnormal": 0.9, "where_normal": 0.5}}
    text = printed([metrics(per_video=[video], scene_auc={"[/x]": 0.7, "cam [front]": 0.6}, event_auc=events)])
    assert all(name in text for name in ("[/x]", "cam [front]", "[red]cart[/x], abnormal there"))


def test_figures_spread_seeds_and_ideals_are_printed() -> None:
    text = printed([metrics(seed=0, within=0.70), metrics(seed=1, within=0.72), metrics("contrastive", within=0.9)])
    lines = {line.strip().split("  ")[0]: line.split() for line in text.splitlines() if line.strip()}
    assert lines["mean within scenes"][-6:] == ["71.0", "±", "1.4", "90.0", "50.0", "50.0"]
    assert lines["pooled AUC"][-2:] == ["84.7", "78.1"]
    assert "lawn [b]" in lines, "a scene's name is no markup"
    assert "2 seeds" in text and "1 seed" in text and "no spread" in " ".join(text.split())
    assert "100" in text and "50" in text


def test_two_models_fit_a_terminal() -> None:
    text = printed([metrics(name, seed) for name in ("reconstruction", "contrastive") for seed in range(3)], 80)
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


def test_intervals_stand_beside_their_figures_or_under_them() -> None:
    runs = [with_interval(pairs_within_scene=0.397)]
    assert "70.0  50.0 to 80.0" in printed(runs, 100)
    assert "50.0 to 80.0" in printed(runs, 60) and "70.0  50.0" not in printed(runs, 60)
    text = " ".join(printed(runs, 100).split())
    assert "95 % interval for other test footage" in text and "39.7 % lie within one scene" in text


def test_what_was_chosen_on_test_data_says_so() -> None:
    text = " ".join(printed([metrics(protocol="published")]).split())
    assert text.startswith("chosen on test data") and "promise too much" in text
    assert "chosen on test data" not in printed([metrics()])
