"""How certain the ranking is: whether the best model is ahead by more than the luck of the seed; and remarks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scenewise.report.display_names import class_name
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content
from scenewise.results.ranking import spoken
from scenewise.results.rows import Row, Spread, share
from scenewise.results.table import Table

TITLE = ""
CLEAR = 2.0
"""A difference counts if it is more than this many times its standard deviation over seeds."""


@dataclass(frozen=True)
class Findings:
    """What the table says."""

    headline: str
    detail: str
    """How far the headline can be trusted."""
    remarks: list[str]


@dataclass(frozen=True, eq=False)
class FindingsContent(Content):
    """What stands below the first screen."""

    findings: Findings
    unread: dict[str, str]
    """{test video that could not be read: why}, of any run."""
    encoders: list[str]


def show(gathered: Gathered) -> FindingsContent | None:
    """What the table of all models says; None without labels."""
    if not gathered.labelled:
        return None
    failed = [one for run in gathered.runs for one in run.metrics["failed_videos"]]
    return FindingsContent(
        findings(gathered.table, [spoken(model.row, model.short) for model in gathered.models]),
        {one["video"]: one["reason"] for one in failed},
        list(dict.fromkeys(model.row.encoder for model in gathered.models)),
    )


def findings(table: Table, names: Sequence[str]) -> Findings:
    """Put the table into words; the page calls its models by `names`, and every word follows from the figures."""
    named = {row.title: name for row, name in zip(table.measured, names, strict=True)}
    ranked = sorted((row for row in table.measured if _auc(row).values), key=_within, reverse=True)
    if not ranked:
        headline = "Nothing here can be measured within scenes."
        detail = "No scene has both normal and abnormal labelled frames."
    elif len(ranked) == 1:
        headline, detail = _alone(ranked[0], named[ranked[0].title])
    else:
        best, other = ranked[0], _counterpart(ranked)
        headline, detail = _compared(best, other, named[best.title], named[other.title])
    remarks = [_scene_knowledge(ranked, named), _events(table, named), _pooled(table, named), _undefined(table)]
    return Findings(headline, detail, [remark for remark in remarks if remark])


def _auc(row: Row) -> Spread:
    return row.cell("scene_auc_mean")


def _within(row: Row) -> float:
    return _auc(row).mean or 0.0


def _printed(row: Row) -> Decimal:
    """In percent, as it is printed: what is subtracted from what a reader sees gives what a reader gets."""
    return Decimal(share(_within(row)))


def _percent(value: float | None, digits: int = 1) -> str:
    return f"{share(value, digits)}\N{NO-BREAK SPACE}%"


def _counterpart(ranked: Sequence[Row]) -> Row:
    """The model with which the best one is compared.

    If the best model is scene-aware, the counterpart is scene-agnostic, and the other way round: if possible of the
    same method and encoder, and then with the fewest settings that differ. Without such a model, and if the best one
    scores objects, so that scene knowledge is only one of several differences, it is the second best.
    """
    best = ranked[0]
    if best.needs_objects:
        return ranked[1]
    others = [row for row in ranked if row.scene_aware != best.scene_aware]
    related = [row for row in others if _basis(row) == _basis(best)]
    if related:
        return min(related, key=lambda row: len(set(row.settings) ^ set(best.settings)))
    return (others or list(ranked[1:]))[0]


def _basis(row: Row) -> tuple[str, str]:
    """What two models share if only their knowledge of the scenes is to be compared."""
    return row.method, row.encoder_digest


def _alone(row: Row, name: str) -> tuple[str, str]:
    spread = _auc(row)
    headline = f"Within scenes, {name} reaches a mean AUC of {_percent(spread.mean)}; chance is {_percent(0.5, 0)}."
    if row.deterministic:
        certainty = "Nothing in it is drawn at random, so no seed changes it."
    elif spread.deviation is None:
        certainty = "This is one run: how much of it is the luck of its seed is not known."
    else:
        certainty = f"Over {row.seeds_text} it varies by ±\N{NO-BREAK SPACE}{share(spread.deviation)} points."
    if spread.interval is not None and spread.interval[0] <= 0.5 <= spread.interval[1]:
        certainty += f" On other test footage of these cameras it may reach {spread.bounds()}, which includes chance."
    return headline, f"{certainty} No other model was given to compare it with."


def _compared(best: Row, other: Row, best_name: str, other_name: str) -> tuple[str, str]:
    """Which model is better, if either: the difference of the means against its deviation over seeds."""
    difference = _printed(best) - _printed(other)
    figures = f"a mean AUC of {_percent(_within(best))} against {_percent(_within(other))}"
    points = f"The difference of {difference} points"
    ahead = f"Within scenes, {best_name} is ahead of {other_name}: {figures}."
    reach = _on_other_footage(best, other, best_name, other_name)
    holds = f" That holds for these test videos; on others {reach}" if reach else ""
    if best.deterministic and other.deterministic:
        return ahead, f"{points} is not due to a seed: nothing in either is drawn at random.{holds}"
    deviations = _deviation(best), _deviation(other)
    if deviations[0] is None or deviations[1] is None:
        elsewhere = f" On other test videos {reach}" if reach else ""
        return ahead, f"{points} rests on a single seed, so nothing says whether it is more than luck.{elsewhere}"
    deviation = math.hypot(deviations[0], deviations[1])
    spread = f"its spread over the seeds (±\N{NO-BREAK SPACE}{100 * deviation:.1f})"
    if _within(best) - _within(other) > CLEAR * deviation:
        headline = f"Within scenes, {best_name} wins over {other_name}: {figures}."
        return headline, f"{points} is more than twice {spread}.{holds}"
    headline = f"Within scenes, neither {best_name} nor {other_name} wins: {figures}."
    return headline, f"{points} is not clearly larger than {spread}."


def _deviation(row: Row) -> float | None:
    """Over seeds; zero if nothing is drawn at random."""
    return 0.0 if row.deterministic else _auc(row).deviation


def _on_other_footage(best: Row, other: Row, best_name: str, other_name: str) -> str:
    """What both may reach on other test videos; empty if their intervals lie apart, or there are none."""
    ends = _auc(best).interval, _auc(other).interval
    if ends[0] is None or ends[1] is None or ends[0][0] > ends[1][1]:
        return ""
    return f"of the same cameras {best_name} may reach {_auc(best).bounds()}, {other_name} {_auc(other).bounds()}."


def _scene_knowledge(ranked: Sequence[Row], named: dict[str, str]) -> str:
    """What scene knowledge adds to a deterministic method; nothing if the headline compares these two models."""
    parts = []
    for row in (row for row in ranked if row.deterministic and row.scene_aware):
        agnostic = [other for other in ranked if _basis(other) == _basis(row) and not other.scene_aware]
        if agnostic and {row.title, agnostic[0].title} != {one.title for one in ranked[:2]}:
            points = _printed(row) - _printed(agnostic[0])
            side = "above" if points >= 0 else "below"
            parts.append(f"{named[row.title]} is {abs(points)} points {side} {named[agnostic[0].title]}")
    return f"What knowing the scene adds, within scenes: {'; '.join(parts)}." if parts else ""


def _events(table: Table, named: dict[str, str]) -> str:
    """Scene dependence: the classes of event that are abnormal in one scene and normal in another."""
    first = table.measured[0]
    classes = dict.fromkeys(column.path[1] for column in table.columns if column.path[0] == "event_auc")
    both = [name for name in classes if all(_event(first, name, where).values for where in ("abnormal", "normal"))]
    if not both:
        return ""
    parts = []
    for row in table.measured:
        abnormal, normal = (
            sum(_event(row, name, where).mean or 0.0 for name in both) / len(both) for where in ("abnormal", "normal")
        )
        parts.append(f"{named[row.title]} reaches {_percent(abnormal)} and {_percent(normal)}")
    named_classes = ", ".join(map(class_name, both))
    return (
        f"The same class of event ({named_classes}), first where it is abnormal, then where it is normal: "
        f"{'; '.join(parts)}. Ideal are {_percent(1.0, 0)} and {_percent(0.5, 0)}."
    )


def _event(row: Row, name: str, where: str) -> Spread:
    return row.cell("event_auc", name, f"where_{where}")


def _pooled(table: Table, named: dict[str, str]) -> str:
    """Pooled AUC against the best constant per scene, which sees no frame."""
    constant = table.constants[0].cell("frame_auc_micro").mean
    if constant is None or len(table.tested.scenes) < 2:  # in one scene a constant is no baseline
        return ""
    pairs = table.tested.pairs_within_scene
    within = "" if pairs is None else f" ({_percent(pairs)} of the pairs compared lie within one scene)"
    fact = (
        f"Pooled over all scenes{within}, one well chosen constant per scene, which sees no frame, reaches an AUC of "
        f"{_percent(constant)}"
    )
    below = [named[row.title] for row in table.measured if (row.cell("frame_auc_micro").mean or 0.0) <= constant]
    if not below:
        return f"{fact}; every model is above it."
    return f"{fact}; {' and '.join(below)} stay{'s' if len(below) == 1 else ''} below it, so read pooled AUC with care."


def _undefined(table: Table) -> str:
    """Scenes without an AUC."""
    first = table.measured[0]
    scenes = [scene for scene in table.tested.scenes if not first.cell("scene_auc", scene).values]
    if not scenes:
        return ""
    return f"Without both normal and abnormal labelled frames, and so without an AUC: {', '.join(scenes)}."
