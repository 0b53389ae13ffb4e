"""The demo's story: the default first, win or lose; differences of printed figures; 80 columns; no comma in a name."""

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from example_metrics import memory, metrics
from markdown_it import MarkdownIt
from rich.console import Console

from scenewise.results.story import as_markdown_table, print_story, story_of
from scenewise.results.table import table_of

CLASSES = ("bicycle", "car", "motorbike", "on_lawn")


def of_classes(abnormal: float, normal: float) -> dict[str, dict[str, float]]:
    return {name: {"where_abnormal": abnormal, "where_normal": normal} for name in CLASSES}


def runs(default: float, agnostic: float = 0.61949, aware: float = 0.61551) -> list[dict[str, Any]]:
    """The default and two autoencoders of two seeds, with these AUC within scenes."""
    of_default = {"event_auc": of_classes(0.972, 0.592), "event_alarm_rate": of_classes(0.698, 0.004)}
    of_others = {"event_auc": of_classes(0.9, 0.8), "event_alarm_rate": of_classes(0.5, 0.4)}
    autoencoders = [
        metrics(objective, seed, within, **of_others)
        for objective, within in (("reconstruction", agnostic), ("contrastive", aware))
        for seed in range(2)
    ]
    return [*autoencoders, memory(scene_auc_mean=default, **of_default)]


def sentence(*given: float) -> str:
    return story_of(table_of(runs(*given))).sentence.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("default", "said"),
    [
        (0.80061, "the default fusion comes first with a mean AUC of 80.1 %: 18.2 points above the scene-agnostic"),
        (0.61751, "the default fusion does not win: it comes second of 3 with a mean AUC of 61.8 %, 0.1 points below"),
        (0.55, "the default fusion does not win: it comes third of 3 with a mean AUC of 55.0 %, 6.9 points below the"),
        (0.61947, "the default fusion does not win: it comes first of 3 with a mean AUC of 61.9 %, level with the"),
    ],
)
def test_the_default_stands_first_and_the_sentence_says_whether_it_wins(default: float, said: str) -> None:
    assert sentence(default).startswith(f"Within scenes, {said}")


def test_differences_are_those_of_the_printed_figures() -> None:
    for default in (0.80061, 0.7004, 0.55, 0.61751):
        own, *others = map(Decimal, re.findall(r"(\d+\.\d) %", sentence(default)))
        points = re.findall(r"(\d+\.\d) points (above|below)", sentence(default))
        assert [Decimal(size) * (1 if where == "above" else -1) for size, where in points] == [own - o for o in others]


def test_of_many_models_the_sentence_names_the_best() -> None:
    many = [metrics("reconstruction", within=0.5 + 0.01 * place, title=f"model {place}") for place in range(8)]
    said = story_of(table_of([*many, memory(scene_auc_mean=0.9)])).sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert said.count(" points above ") == 4 and "model 7 (57.0 %)" in said and "model 3" not in said
    assert said.endswith("The table has 4 more.")


def test_without_the_default_the_best_stands_first() -> None:
    story = story_of(table_of(runs(0.9)[:4]))
    assert "the scene-agnostic autoencoder comes first" in story.sentence
    assert "chance is 50" in story_of(table_of([memory()])).sentence


def test_the_three_numbers_are_means_over_the_classes_that_depend_on_the_scene() -> None:
    figures = story_of(table_of(runs(0.8))).figures
    assert [(one.value, one.rival, one.ideal) for one in figures] == [
        ("80.0", "61.9", "100"),
        ("69.8", "50.0", "100"),
        ("0.4", "40.0", "0"),
    ]
    assert {one.rival_name for one in figures} == {"scene-agnostic autoencoder"}
    no_alarms = [run | {"event_alarm_rate": {}} for run in runs(0.8)]
    assert [one.name for one in story_of(table_of(no_alarms)).figures] == ["AUC within scenes"]


def test_nothing_measured_is_said() -> None:
    story = story_of(table_of([run | {"scene_auc_mean": None} for run in runs(0.8)]))
    assert story.sentence.startswith("No scene has both") and story.figures == []


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_terminal_shows_every_figure_in_80_columns(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    print_story(story_of(table_of(runs(0.80061))), console)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= min(width, 80) and "…" not in text
    assert all(figure in text for figure in ("80.1", "61.9", "61.6", "97.2", "59.2", "84.7", "78.1", "69.8"))
    if width >= 80:
        (line,) = [line for line in text.splitlines() if line.startswith("motorbike, allowed")]
        assert line.split()[2:] == ["50", "59.2", "80.0", "80.0", "50.0", "50.0"], "one table, in the sentence's order"


def test_the_table_in_markdown_has_the_figures_of_the_metrics() -> None:
    given = runs(0.80061)
    tokens = MarkdownIt("commonmark").enable("table").parse(as_markdown_table(story_of(table_of(given))))
    cells = [token.content for token in tokens if token.type == "inline"]
    rows = [cells[start : start + 3 + len(CLASSES)] for start in range(0, len(cells), 3 + len(CLASSES))]
    table = {row[0]: row[1:] for row in rows}
    assert list(table)[2:] == [
        "fusion (default)", "scene-agnostic autoencoder", "scene-aware autoencoder", "best constant per scene",
        "0 or 1 per scene",
    ]  # fmt: skip
    default = given[-1]
    assert table["fusion (default)"] == [
        f"{100 * default['scene_auc_mean']:.1f}",
        f"{100 * default['frame_auc_micro']:.1f}",
        *(
            f"{100 * pair['where_abnormal']:.1f} / {100 * pair['where_normal']:.1f}"
            for pair in default["event_auc"].values()
        ),
    ]
    assert table["scene-agnostic autoencoder"][0] == "61.9 ± 0.0"
    assert table["best constant per scene"][1] == "84.7"
