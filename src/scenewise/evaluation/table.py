"""The table: the figures that keep each other honest, side by side.

Pooled AUC alone shows nothing: on ShanghaiTech-SD one constant a scene reaches 84.7 %. So pooled AUC never stands
without the within-scene AUC, the scene-dependence figures and what the best constants reach. Models and constants are
columns, so that many scenes and classes make the table longer, and it still fits a terminal and a phone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scenewise.evaluation.rows import UNDEFINED, EventSpread, Spread, SummaryRow

POOLED, WITHIN, EVENTS = "all scenes pooled", "within scenes", "same class of event, AUC"
ALARMS, FURTHER = "same class of event, frames above 1.0", "further figures"
NONE = (None, None)


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
    """The table's lines, for every way of showing it; `everything` adds alarm rates and the other pooled figures.

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
            lines.append(Figure(ALARMS, name, ideal, cells))
        lines.append(Figure(FURTHER, "mean AUC over videos", 1.0, tuple(row.frame_auc_macro for row in rows)))
        lines.append(Figure(FURTHER, "average precision, pooled", 1.0, tuple(row.average_precision for row in rows)))
        lines.append(Figure(FURTHER, "equal error rate, pooled", 0.0, tuple(row.equal_error_rate for row in rows)))
    return lines


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


def table_note(rows: Sequence[SummaryRow]) -> str:
    """What a reader of the table has to know."""
    spread = "Mean ± sample standard deviation over seeds. "
    if any(len(row.seeds) == 1 for row in rows):
        spread += "A column of 1 seed has no spread: differences may be chance. "
    return (
        f"{spread}Ideal: AUC 100; an event that is normal there 50, as likely above a normal frame as below. "
        f"Constants see no frame, only the scene's name, and are chosen with the test labels. {UNDEFINED}: undefined."
    )
