"""Several runs as one table: every figure as mean and spread over seeds, a row per model."""

from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from scenewise.errors import DataError
from scenewise.results.model_key import OBJECTIVES, Metrics, ModelKey, model_key, model_labels
from scenewise.results.rows import EventSpread, Spread, SummaryRow, Unit, spread_of
from scenewise.results.table import CHOSEN, figures, share, table_note

EVENT_LEVEL: dict[str, Unit] = {
    "share_found": "%",
    "delay_mean": "s",
    "delay_median": "s",
    "false_alarms_per_hour": "/h",
    "normal_frames_flagged": "%",
}
NAME_WIDTH = 20
"""Characters that the figures' names have at least, before anything else has to give way."""
HEAD_WIDTH = 14
"""Characters to which the models' heads fold: the longest of their words."""
WIDEST = 10_000
"""Characters that a table is given to say how many it wants."""
LOCALISATION = ("pixel_auc", "pixel_criterion_auc", "rbdc", "tbdc")


def summarise(metrics: Sequence[Metrics]) -> list[SummaryRow]:
    """One row per model, averaged over seeds; scene-agnostic before scene-aware, those that remember last.

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

    def place(key: ModelKey) -> tuple[int, bool]:
        known = objectives.index(key.objective) if key.objective in objectives else len(objectives)
        return known, key.remembers and key.scene_aware

    order = sorted(groups, key=place)
    labels = model_labels(order)
    return [_row(key, labels[key], groups[key]) for key in order]


def print_table(rows: Sequence[SummaryRow], console: Console) -> None:
    """Print the rows: a line per figure, a column per model and per constant-per-scene baseline, in percent.

    Where the terminal has no room, names fold, intervals stand under their figures instead of beside them, heads fold,
    and at last there are several tables below one another.
    """
    for table in _tables(rows, console):
        console.print(table)
    console.print(Text(table_note(rows), style="dim"))


def _tables(rows: Sequence[SummaryRow], console: Console) -> list[Table]:
    """As few tables of all the rows as fit the terminal."""
    beyond = max(0, max(len(figure.name) for figure in figures(rows)) - NAME_WIDTH)
    for gap, head_width in (("  ", WIDEST), ("\n", WIDEST), ("\n", HEAD_WIDTH)):
        table = _table(rows, gap, head_width)
        wanted = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
        if wanted - beyond <= console.width:
            return [table]
    if len(rows) == 1:
        return [table]
    middle = (len(rows) + 1) // 2
    return [*_tables(rows[:middle], console), *_tables(rows[middle:], console)]


def _table(rows: Sequence[SummaryRow], gap: str, head_width: int) -> Table:
    """The rows, with `gap` between a figure and its interval; heads wider than their figures fold to `head_width`."""
    title = CHOSEN if rows[0].chosen_on_test else None
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, title=title)
    table.add_column("percent", overflow="fold")
    table.add_column("ideal", justify="right", style="dim", no_wrap=True)
    shown = figures(rows)
    cells = [[_cell(cell, gap) for cell in figure.cells] for figure in shown]
    for place, row in enumerate(rows):
        head = f"{row.label}, {row.seeds_text}".replace(" (", ", ").replace(")", "").replace(", ", "\n")
        figures_width = max(cell_len(line) for own in cells for line in own[place].plain.split("\n"))
        width = max(figures_width, min(head_width, max(map(cell_len, head.split("\n")))))
        table.add_column(Text(head), justify="right", width=width, overflow="fold")
    table.add_column("best\nconstant\na scene", justify="right", style="dim", no_wrap=True)
    table.add_column("0 or 1\na scene", justify="right", style="dim", no_wrap=True)
    group = ""
    for figure, own in zip(shown, cells, strict=True):
        if figure.group != group and group:
            table.add_section()
        group = figure.group
        name = Text(figure.name, style="bold" if figure.leading else "")
        table.add_row(name, share(figure.ideal, 0), *own, *(share(constant) for constant in figure.constants))
    return table


def _cell(cell: Spread, gap: str) -> Text:
    interval = (f"{gap}{cell.bounds()}", "dim") if cell.interval else ""
    return Text.assemble(cell.percent(), interval, no_wrap=True)


def _refuse_mixing(first: Metrics, other: Metrics) -> None:
    """Raise DataError where two runs can not stand in one table."""
    # An evaluation of before a setting counts with what was done then.
    for word, before in (("protocol", None), ("scale", None), ("macro", "defined")):
        one, another = first.get(word, before), other.get(word, before)
        if one != another:
            raise DataError(
                f"runs of {word} {one} and {another} can not stand in one table; evaluate them with the same --{word}"
            )
    budgets = [(run.get("event_level") or {}).get("alarms_per_day") for run in (first, other)]
    if None not in budgets and budgets[0] != budgets[1]:
        raise DataError(
            f"runs of {budgets[0]:g} and {budgets[1]:g} alarms a day can not stand in one table; evaluate them with "
            "the same --alarms-per-day"
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
    return f"the {metrics['objective'] or metrics['method']} run of seed {', '.join(map(str, metrics['seeds']))}"


def _row(key: ModelKey, label: str, runs: list[Metrics]) -> SummaryRow:
    """Average the runs of one model."""
    seeds = tuple(seed for run in runs for seed in run["seeds"])
    if len(set(seeds)) < len(seeds):
        raise DataError(f"{label}: a seed is given twice ({', '.join(map(str, seeds))}); give every run once")

    classes = sorted({name for run in runs for name in run["event_auc"]})

    def events(figure: str) -> dict[str, EventSpread]:
        return {
            name: EventSpread(
                spread_of(runs, figure, name, "where_abnormal"), spread_of(runs, figure, name, "where_normal")
            )
            for name in classes
        }

    first = runs[0]
    constants = first["constant_per_scene_auc"]
    event_level, localisation = first.get("event_level") or {}, first.get("localisation") or {}
    return SummaryRow(
        label=label,
        key=key,
        seeds=seeds,
        frame_auc_micro=spread_of(runs, "frame_auc_micro"),
        frame_auc_macro=spread_of(runs, "frame_auc_macro"),
        scene_auc={scene: spread_of(runs, "scene_auc", scene) for scene in first["scene_auc"]},
        scene_auc_mean=spread_of(runs, "scene_auc_mean"),
        average_precision=spread_of(runs, "average_precision"),
        equal_error_rate=spread_of(runs, "equal_error_rate"),
        event_auc=events("event_auc"),
        event_alarm_rate=events("event_alarm_rate"),
        constants=(constants["best"], constants["zero_or_one"]),
        protocol=first["protocol"],
        pairs_within_scene=first.get("pairs_within_scene"),
        macro=first.get("macro", "defined"),
        macro_left_out=first.get("macro_left_out"),
        event_level={
            name: spread_of(runs, "event_level", name, unit=unit)
            for name, unit in EVENT_LEVEL.items()
            if event_level.get("scenes")
        },
        thresholds_extrapolated=any((run.get("event_level") or {}).get("threshold_extrapolated") for run in runs),
        alarms_per_day=event_level.get("alarms_per_day"),
        localisation={name: spread_of(runs, "localisation", name) for name in LOCALISATION if name in localisation},
    )
