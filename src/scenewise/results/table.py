"""The table: the figures that keep each other honest, side by side.

Pooled AUC alone shows nothing: on ShanghaiTech-SD one constant a scene reaches 84.7 %. So pooled AUC never stands
without the within-scene AUC, the scene-dependence figures and what the best constants reach. Models and constants are
columns, so that many scenes and classes make the table longer, and it still fits a terminal and a phone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scenewise.results.rows import UNDEFINED, EventSpread, Spread, SummaryRow

POOLED, WITHIN, EVENTS = "all scenes pooled", "within scenes", "same class of event, AUC"
ALARMS, FURTHER = "same class of event, frames above 1.0", "further figures"
BUDGET, LOCATED = "at a budget of {:g} alarms a day and camera", "where in the picture"
CHOSEN = "chosen on test data"
"""What marks a table of the published protocol."""
NONE = (None, None)
NOT_MEASURED = Spread((), ())


@dataclass(frozen=True)
class Figure:
    """One line of the table: the same figure of every model, and of the constants where they have it."""

    group: str
    name: str
    ideal: float | None
    cells: tuple[Spread, ...]
    constants: tuple[float | None, float | None] = NONE
    leading: bool = False
    """Whether it sums its group up."""

    @property
    def pictured(self) -> bool:
        """Whether it is an AUC that belongs on the table's common scale."""
        return self.group in (POOLED, WITHIN, EVENTS)


def figures(rows: Sequence[SummaryRow], *, everything: bool = False) -> list[Figure]:
    """The table's lines, for every way of showing it; `everything` adds alarms, places and the other pooled figures.

    A constant can not rank the frames of one scene, so every AUC within scenes is one half for it by definition.
    """
    first = rows[0]
    means = tuple(row.scene_auc_mean for row in rows)
    lines = [
        Figure(POOLED, "pooled AUC", 1.0, tuple(row.frame_auc_micro for row in rows), first.constants, leading=True),
        Figure(WITHIN, "mean within scenes", 1.0, means, _half(means), leading=True),
    ]
    for scene in first.scene_auc:
        cells = tuple(row.scene_auc[scene] for row in rows)
        lines.append(Figure(WITHIN, scene, 1.0, cells, _half(cells)))
    for name, ideal, cells in _events([row.event_auc for row in rows], 0.5):
        lines.append(Figure(EVENTS, name, ideal, cells, _half(cells)))
    if everything:
        for name, ideal, cells in _events([row.event_alarm_rate for row in rows], 0.0):
            if any(cell.values for cell in cells):  # no score but those on the scene scale has a 1.0
                lines.append(Figure(ALARMS, name, ideal, cells))
        lines += _at_budget(rows)
        lines += _located(rows)
        lines.append(Figure(FURTHER, _over_videos(first), 1.0, tuple(row.frame_auc_macro for row in rows)))
        lines.append(Figure(FURTHER, "average precision, pooled", 1.0, tuple(row.average_precision for row in rows)))
        lines.append(Figure(FURTHER, "equal error rate, pooled", 0.0, tuple(row.equal_error_rate for row in rows)))
    return lines


def _at_budget(rows: Sequence[SummaryRow]) -> Iterator[Figure]:
    """What the operator gets; nothing where no evaluation measured it."""
    budget = next((row.alarms_per_day for row in rows if row.event_level), None)
    if budget is None:
        return
    for key, name, ideal in (
        ("share_found", "abnormal events found", 1.0),
        ("delay_mean", "found after, mean, seconds", 0.0),
        ("delay_median", "found after, median, seconds", 0.0),
        ("false_alarms_per_hour", "false alarms an hour", 0.0),
        ("normal_frames_flagged", "normal frames flagged", 0.0),
    ):
        cells = tuple(row.event_level.get(key, NOT_MEASURED) for row in rows)
        yield Figure(BUDGET.format(budget), name, ideal, cells)


def _located(rows: Sequence[SummaryRow]) -> Iterator[Figure]:
    """Where in the picture; nothing where no method says."""
    for key, name in (
        ("rbdc", "regions found (RBDC)"),
        ("tbdc", "tracks found (TBDC)"),
        ("pixel_auc", "AUC over pixels"),
        ("pixel_criterion_auc", "AUC, 40 % of pixels"),
    ):
        cells = tuple(row.localisation.get(key, NOT_MEASURED) for row in rows)
        if any(cell.values for cell in cells):
            yield Figure(LOCATED, name, 1.0, cells)


def _over_videos(row: SummaryRow) -> str:
    if row.macro == "padded":
        return "mean AUC over videos, padded"
    return "mean AUC over videos" + (f" ({row.macro_left_out} left out)" if row.macro_left_out else "")


def _events(
    events: Sequence[dict[str, EventSpread]], ideal_where_normal: float
) -> Iterator[tuple[str, float, tuple[Spread, ...]]]:
    """Name, ideal and every model's figure: two lines a class, where it is abnormal and where it is normal."""
    for name in events[0]:
        yield f"{name}, abnormal there", 1.0, tuple(row[name].where_abnormal for row in events)
        yield f"{name}, normal there", ideal_where_normal, tuple(row[name].where_normal for row in events)


def _half(cells: Sequence[Spread]) -> tuple[float | None, float | None]:
    """What both constants reach within scenes, where the figure is defined."""
    return (0.5, 0.5) if cells[0].values else NONE


def share(value: float | None, digits: int = 1) -> str:
    """A share in [0, 1] as percent; `–` where undefined."""
    return UNDEFINED if value is None else f"{100 * value:.{digits}f}"


def table_note(rows: Sequence[SummaryRow], *, everything: bool = False) -> str:
    """What a reader of the table has to know."""
    cells = [cell for figure in figures(rows, everything=everything) for cell in figure.cells]
    first = rows[0]
    parts = []
    if first.chosen_on_test:
        parts.append(
            "Chosen on test data, as published code does it: checkpoint and smoothing are those of the best test AUC, "
            "so these figures promise too much."
        )
    parts.append("Mean ± sample standard deviation over seeds.")
    if any(len(row.seeds) == 1 for row in rows):
        parts.append("A column of 1 seed has no spread: differences may be chance.")
    if any(cell.interval for cell in cells):
        own = " (mean of its runs' ends)" if any(len(row.seeds) > 1 for row in rows) else ""
        parts.append(f"Low to high: 95 % interval{own} for other test footage of these cameras, the model as it is.")
    parts.append("Ideal: AUC 100; an event that is normal there 50, as likely above a normal frame as below.")
    parts.append(
        "Constants see no frame, only the scene's name, and are chosen with the test labels; 0 or 1: 0 for scenes "
        "without an abnormal frame, else 1."
    )
    if first.pairs_within_scene is not None and len(first.scene_auc) > 1:
        parts.append(
            f"Of the abnormal-normal pairs that pooled AUC counts, {share(first.pairs_within_scene)} % lie within one "
            "scene; the others compare cameras."
        )
    if everything and any(row.thresholds_extrapolated for row in rows):
        parts.append("Held-out footage is too short to measure the alarm budget in: its threshold is extrapolated.")
    return " ".join([*parts, f"{UNDEFINED}: undefined."])
