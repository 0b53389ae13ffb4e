"""Several runs as one table: every figure as mean and spread over seeds, a row per model."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenewise.errors import DataError
from scenewise.evaluation.model_key import OBJECTIVES, Metrics, ModelKey, model_key, model_labels
from scenewise.evaluation.rows import EventSpread, Spread, SummaryRow
from scenewise.evaluation.table import figures, share, table_note


def summarise(metrics: Sequence[Metrics]) -> list[SummaryRow]:
    """One row per model, averaged over seeds; scene-agnostic before scene-aware, else in the order given.

    Raises DataError where the runs were not evaluated on the same videos with the same labels, protocol and scale,
    or where a model's seed is given twice.
    """
    if not metrics:
        raise DataError("no evaluated run was given; give at least one run folder")
    for other in metrics[1:]:
        _refuse_mixing(metrics[0], other)
    groups: dict[ModelKey, list[Metrics]] = {}
    for one in metrics:
        groups.setdefault(model_key(one), []).append(one)
    objectives = list(OBJECTIVES)
    order = sorted(
        groups, key=lambda key: objectives.index(key.objective) if key.objective in objectives else len(objectives)
    )
    labels = model_labels(order)
    return [_row(key, labels[key], groups[key]) for key in order]


def print_table(rows: Sequence[SummaryRow], console: Console) -> None:
    """Print the rows: a line per figure, a column per model and per constant-per-scene baseline, in percent."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("percent", overflow="fold")
    table.add_column("ideal", justify="right", style="dim", no_wrap=True)
    for row in rows:
        head = f"{row.label}, {row.seeds_text}".replace(" (", ", ").replace(")", "").replace(", ", "\n")
        table.add_column(Text(head), justify="right", no_wrap=True)
    table.add_column("best\nconstant\na scene", justify="right", style="dim", no_wrap=True)
    table.add_column("best\n0 or 1\na scene", justify="right", style="dim", no_wrap=True)
    group = ""
    for figure in figures(rows):
        if figure.group != group and group:
            table.add_section()
        group = figure.group
        name = Text(figure.name, style="bold" if figure.leading else "")
        cells = [Text(cell.percent(), no_wrap=True) for cell in figure.cells]
        table.add_row(name, share(figure.ideal, 0), *cells, *(share(constant) for constant in figure.constants))
    console.print(table)
    console.print(Text(table_note(rows), style="dim"))


def _refuse_mixing(first: Metrics, other: Metrics) -> None:
    """Raise DataError where two runs can not stand in one table."""
    for word in ("protocol", "scale"):
        if first[word] != other[word]:
            raise DataError(
                f"runs of {word} {first[word]} and {other[word]} can not stand in one table; "
                f"evaluate them with the same --{word}"
            )
    videos, others = _videos(first), _videos(other)
    if videos != others:
        name = next(name for name in sorted(videos | others) if videos.get(name) != others.get(name))
        raise DataError(
            f"runs of other test data can not stand in one table: test/{name[0]}/{name[1]} is "
            f"{_told(videos.get(name))} in {_named(first)} and {_told(others.get(name))} in {_named(other)}; "
            "give runs evaluated on the same videos and labels"
        )


def _videos(metrics: Metrics) -> dict[tuple[str, str], tuple[int, int | None, str]]:
    """{(scene, name): (frames, abnormal frames, abnormal ranges)} of all test videos."""
    return {
        (video["scene"], video["name"]): (video["frames"], video["abnormal_frames"], str(video["abnormal_ranges"]))
        for video in metrics["per_video"]
    }


def _told(video: tuple[int, int | None, str] | None) -> str:
    if video is None:
        return "absent"
    abnormal = "no labels" if video[1] is None else f"{video[1]} abnormal"
    return f"{video[0]} frames long ({abnormal})"


def _named(metrics: Metrics) -> str:
    return f"the {metrics['objective']} run of seed {', '.join(map(str, metrics['seeds']))}"


def _row(key: ModelKey, label: str, runs: list[Metrics]) -> SummaryRow:
    """Average the runs of one model."""
    seeds = tuple(seed for run in runs for seed in run["seeds"])
    if len(set(seeds)) < len(seeds):
        raise DataError(f"{label}: a seed is given twice ({', '.join(map(str, seeds))}); give every run once")

    classes = sorted({name for run in runs for name in run["event_auc"]})

    def events(figure: str) -> dict[str, EventSpread]:
        return {
            name: EventSpread(
                _spread(runs, figure, name, "where_abnormal"), _spread(runs, figure, name, "where_normal")
            )
            for name in classes
        }

    constants = runs[0]["constant_per_scene_auc"]
    return SummaryRow(
        label=label,
        key=key,
        seeds=seeds,
        frame_auc_micro=_spread(runs, "frame_auc_micro"),
        frame_auc_macro=_spread(runs, "frame_auc_macro"),
        scene_auc={scene: _spread(runs, "scene_auc", scene) for scene in runs[0]["scene_auc"]},
        scene_auc_mean=_spread(runs, "scene_auc_mean"),
        average_precision=_spread(runs, "average_precision"),
        equal_error_rate=_spread(runs, "equal_error_rate"),
        event_auc=events("event_auc"),
        event_alarm_rate=events("event_alarm_rate"),
        constants=(constants["best"], constants["zero_or_one"]),
    )


def _spread(runs: Sequence[Metrics], *path: str) -> Spread:
    """The figure that `path` leads to in every run's metrics; a run where it is absent or null is left out."""
    values, seeds = [], []
    for run in runs:
        found: Any = run
        for name in path:
            found = None if found is None else found.get(name)
        if found is not None:
            values.append(float(found))
            seeds += run["seeds"]
    return Spread(tuple(values), tuple(seeds))
