"""The three numbers that say most: AUC within scenes, alarms where a class is forbidden, and where it is allowed.

The classes are those that one scene forbids and another allows. An alarm is a frame above 1.0, the 99th percentile of
the scene's normal footage.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from scenewise.results.ranking import WITHIN, Ranking
from scenewise.results.rows import Row, share
from scenewise.results.table import Table

ALARMS = "event_alarm_rate"


@dataclass(frozen=True)
class KeyFigure:
    """One number of the ranking's lead, beside that of the best other model."""

    name: str
    value: str
    """In percent, without the sign."""
    rival: str
    """The best other model's; empty if there is no other model."""
    rival_name: str
    ideal: str
    """In percent."""


def key_figures(table: Table, ranking: Ranking) -> list[KeyFigure]:
    """The three; only the first if no class of event depends on the scene, or scores are raw and have no alarms."""
    found = [_figure(ranking, "AUC within scenes", "100", lambda row: row.cell(WITHIN).mean)]
    classes = dependent_classes(table)
    if classes:
        for name, ideal, where in (
            ("alarms where a class is forbidden", "100", "where_abnormal"),
            ("alarms where a class is allowed", "0", "where_normal"),
        ):
            found.append(_figure(ranking, name, ideal, _alarms_in(classes, where)))
    return found


def dependent_classes(table: Table) -> list[str]:
    """The classes of event whose alarms every model has both where they are forbidden and where they are allowed."""
    named = dict.fromkeys(column.path[1] for column in table.columns if column.path[0] == ALARMS)
    places = ("where_abnormal", "where_normal")
    return [
        name
        for name in named
        if all(row.cell(ALARMS, name, where).values for row in table.measured for where in places)
    ]


def _alarms_in(classes: Sequence[str], where: str) -> Callable[[Row], float | None]:
    """The mean over the classes of the share of frames that alarm."""
    return lambda row: fmean(row.cell(ALARMS, name, where).mean or 0.0 for name in classes)


def _figure(ranking: Ranking, name: str, ideal: str, figure: Callable[[Row], float | None]) -> KeyFigure:
    rival = ranking.rival
    beside = ("", "") if rival is None else (share(figure(rival.row)), rival.name)
    return KeyFigure(name, share(figure(ranking.lead.row)), *beside, ideal)
