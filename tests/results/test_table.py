"""Which figures a table has, what constants reach, and what the notes say."""

from typing import Any

import pytest
from example_metrics import EVENT_LEVEL, memory, metrics

from scenewise.results.notes import notes
from scenewise.results.table import Table, table_of


def texts(table: Table) -> dict[str, list[str]]:
    """{figure: its text of every model}."""
    return {column.name: [cell.text() for cell in table.cells(column)] for column in table.columns}


def test_pooled_within_scenes_and_constants_stand_in_one_table() -> None:
    table = table_of([metrics(), metrics("contrastive")])
    constants = {column.key: [cell.text() for cell in table.constant_cells(column)] for column in table.columns}
    assert constants["frame_auc_micro"] == ["84.7", "78.1"]
    assert constants["scene_auc_mean"] == constants["event_auc/bicycle/where_abnormal"] == ["50.0", "50.0"]
    assert constants["event_alarm_rate/bicycle/where_abnormal"] == ["–", "–"]  # noqa: RUF001
    assert constants["scene_auc/road"] == ["–", "–"], "undefined for every model"  # noqa: RUF001
    ideals = {column.name: column.ideal for column in table.columns if column.group == "same class of event, AUC"}
    assert ideals == {"bicycle, abnormal there": 1.0, "bicycle, normal there": 0.5}
    assert texts(table)["road"] == ["–", "–"]  # noqa: RUF001


def test_the_figures_of_a_group_stand_together_and_class_by_class() -> None:
    both = {"where_abnormal": 0.9, "where_normal": 0.5}
    table = table_of([metrics(event_auc={"car": both, "*": both})])
    assert [column.path for column in table.columns if column.path[0] == "event_auc"] == [
        ("event_auc", name, where) for name in ("*", "car") for where in ("where_abnormal", "where_normal")
    ]
    names = [group for group, _ in table.groups]
    assert len(set(names)) == len(names)


def test_the_event_level_has_its_units() -> None:
    table = table_of([metrics(seed=seed, event_level=EVENT_LEVEL) for seed in (0, 1)])
    assert any("24 alarms per day" in group for group, _ in table.groups)
    lines = {name: cells[0] for name, cells in texts(table).items()}
    assert lines["abnormal events found"] == "75.0 ± 0.0"
    assert lines["found after, mean"] == "1.2 ± 0.0 s" and lines["false alarms"] == "3.0 ± 0.0/h"
    assert lines["normal frames flagged"] == "–"  # noqa: RUF001
    assert any("too short" in note for note in notes(table))
    assert not any("too short" in note for note in notes(table.with_columns(table.columns[:2])))


def test_a_figure_that_one_run_lacks_is_a_gap_and_one_that_all_lack_is_no_line() -> None:
    runs = [metrics(), metrics("contrastive", event_level=EVENT_LEVEL, localisation={"rbdc": 0.25, "tbdc": None})]
    lines = texts(table_of(runs))
    assert lines["abnormal events found"] == ["–", "75.0"]  # noqa: RUF001
    assert lines["regions found (RBDC)"] == ["–", "25.0"] and "tracks found (TBDC)" not in lines  # noqa: RUF001
    names = texts(table_of([metrics()]))
    assert "abnormal events found" not in names and "mean AUC over videos" in names


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"macro_undefined": 3}, "mean AUC over videos (3 undefined)"),
        ({"macro": "padded", "macro_undefined": 0}, "mean AUC over videos, padded"),
    ],
)
def test_the_mean_over_videos_is_named_by_its_convention(changes: dict[str, Any], name: str) -> None:
    assert name in texts(table_of([metrics(**changes)]))


def test_the_notes_say_what_chance_may_have_done() -> None:
    several = " ".join(notes(table_of([metrics(seed=seed) for seed in (0, 1)])))
    assert "deviation over seeds" in several and "may be chance" not in several
    assert "may be chance" in " ".join(notes(table_of([metrics()])))
    alone = " ".join(notes(table_of([memory()])))
    assert "nothing is drawn at random" in alone and "may be chance" not in alone


def test_what_was_chosen_on_test_data_says_so_first() -> None:
    assert "chosen on test data" in notes(table_of([metrics(protocol="published")]))[0].lower()
    assert "chosen on test data" not in " ".join(notes(table_of([metrics()]))).lower()
