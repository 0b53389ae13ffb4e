"""The table in a terminal: every figure, and nothing wider than it."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from example_metrics import EVENT_LEVEL, memory, metrics
from rich.console import Console

from scenewise.errors import ConfigError
from scenewise.results.table import table_of
from scenewise.results.terminal import print_table


def printed(runs: list[dict[str, Any]], width: int = 120, names: Sequence[str] = ()) -> str:
    """What the table looks like without colours."""
    console = Console(file=io.StringIO(), width=width)
    print_table(table_of(runs), console, names)
    return console.file.getvalue()


INTERVALS = {"frame_auc_micro": [0.5, 0.9], "scene_auc_mean": [0.5, 0.8], "scene_auc": {"lawn [b]": [0.5, 0.8]}}


def line_of(text: str, begins: str) -> str:
    """The one line that begins so."""
    (line,) = [line for line in text.splitlines() if line.startswith(f" {begins}")]
    return line


def test_names_are_no_markup() -> None:
    video = {"scene": "[", "name": "/x]", "frames": 90, "abnormal_frames": 20, "abnormal_ranges": [[5, 24]]}
    events = {"[red]cart[/x]": {"where_abnormal": 0.9, "where_normal": 0.5}}
    text = printed([metrics(per_video=[video], scene_auc={"[/x]": 0.7, "cam [front]": 0.6}, event_auc=events)])
    assert all(name in text for name in ("[/x]", "cam [front]", "[red]cart[/x], abnormal there"))


def test_every_model_and_constant_is_a_line_with_the_figures_that_say_most() -> None:
    runs = [metrics(seed=0, within=0.70), metrics(seed=1, within=0.72), metrics("contrastive", within=0.9), memory()]
    text = printed([{**one, "event_level": EVENT_LEVEL} for one in runs])
    figures = line_of(text, "scene-agnostic autoencoder, 2 seeds").split()[4:]
    assert figures == ["71.0", "±", "1.4", "80.0", "±", "0.0", "75.0", "3.0/h"]
    assert "1 seed" in line_of(text, "scene-aware autoencoder") and "90.0" in line_of(text, "scene-aware autoencoder")
    assert line_of(text, "best constant per scene").split()[-2:] == ["50.0", "84.7"]
    assert line_of(text, "0 or 1 per scene").split()[-2:] == ["50.0", "78.1"]
    assert "at a budget of 24 alarms per day" in " ".join(text.split())


def test_the_default_comes_first_and_is_deterministic() -> None:
    text = printed([metrics("contrastive", within=0.9), memory(scene_auc_mean=0.6), memory(1, scene_aware=False)])
    first, second = (text.index(name) for name in ("scene-aware fusion", "autoencoder, 1 seed"))
    assert first < second and text.count("the default") == 1
    assert "deterministic" in text[first:second] and "1 seed" not in text[first:second]


@pytest.mark.parametrize("models", [1, 2, 3])
@pytest.mark.parametrize("seeds", [1, 2])
def test_one_table_of_all_models_at_80_columns(models: int, seeds: int) -> None:
    objectives = ("reconstruction", "contrastive", "contrastive+classification")[:models]
    runs = [
        metrics(one, seed, frame_auc_micro=0.81 + place / 100, intervals=INTERVALS, event_level=EVENT_LEVEL)
        for place, one in enumerate(objectives)
        for seed in range(seeds)
    ]
    text = printed(runs, 80)
    assert max(map(len, text.splitlines())) <= 80 and "…" not in text
    assert text.count("best constant per scene") == 1, "one table"
    assert text.count("50.0 to 80.0") >= models, "whole, each of them"
    assert all(f"{81 + place}.0" in text for place in range(models))
    assert text.count("75.0") == models and text.count("3.0/h") == models


def test_many_models_name_how_many_more_there_are() -> None:
    runs = [{**metrics(seed=0, within=0.5 + place / 100), "settings": {"width": str(place)}} for place in range(12)]
    text = printed(runs, 80)
    assert max(map(len, text.splitlines())) <= 80
    assert len([line for line in text.splitlines() if "1 seed" in line or line.strip() == "seed"]) >= 12
    assert "more models: --format csv" in text and line_of(text, "lawn [b]")


def test_an_interval_has_a_column_of_its_own_and_says_why_it_is_missing() -> None:
    text = printed([metrics(intervals=INTERVALS)], 80)
    assert line_of(text, "lawn [b]").split() == ["lawn", "[b]", "100", "70.0", "50.0", "to", "80.0"]
    assert line_of(text, "road").split() == ["road", "100", "–", "only", "normal", "frames"]  # noqa: RUF001
    assert line_of(text, "bicycle, abnormal there").split()[-4:] == ["90.0", "too", "few", "events"]
    assert line_of(text, "pooled AUC").split()[-3:] == ["50.0", "to", "90.0"], "of one model, in any terminal"
    assert "95 % interval for other test footage" in " ".join(text.split())


def test_chosen_columns_stand_alone() -> None:
    text = printed([metrics()], 80, ["event_auc", "average_precision"])
    heads = " ".join(text[: text.index("─")].split())
    assert "bicycle" in heads and "average" in heads and "within" not in heads
    assert "50.0" in line_of(text, "best constant per scene") and "road" not in text
    with pytest.raises(ConfigError, match=r"scene_auc_men.*did you mean scene_auc_mean"):
        printed([metrics()], 80, ["scene_auc_men"])


def test_what_was_chosen_on_test_data_says_so() -> None:
    text = " ".join(printed([metrics(protocol="published")]).split())
    assert text.startswith("chosen on test data") and "promise too much" in text
    assert "chosen on test data" not in printed([metrics()])
