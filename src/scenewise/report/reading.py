"""The table in words: who wins within scenes, and whether that is more than the luck of the seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scenewise.results.model_key import ModelKey
from scenewise.results.rows import SummaryRow
from scenewise.results.table import share

CLEAR = 2.0
"""A difference counts once it is this many times its own standard deviation over seeds."""


@dataclass(frozen=True)
class Reading:
    """What the table says."""

    headline: str
    detail: str
    """How far the headline can be trusted."""
    remarks: list[str]


def reading(rows: Sequence[SummaryRow], names: Sequence[str]) -> Reading:
    """Read the rows, which the page calls by `names`; every word follows from the figures."""
    called = {row.key: name for row, name in zip(rows, names, strict=True)}
    ranked = sorted((row for row in rows if row.scene_auc_mean.values), key=_within, reverse=True)
    if not ranked:
        headline = "Nothing here can be kept_objects within scenes."
        detail = "No scene has both normal and abnormal labelled frames."
    elif len(ranked) == 1:
        headline, detail = _alone(ranked[0], called[ranked[0].key])
    else:
        best, other = ranked[0], _counterpart(ranked)
        headline, detail = _compared(best, other, called[best.key], called[other.key])
    remarks = [_scopes(ranked, called), _events(rows, called), _pooled(rows, called), _undefined(rows[0])]
    return Reading(headline, detail, [remark for remark in remarks if remark])


def _within(row: SummaryRow) -> float:
    return row.scene_auc_mean.mean or 0.0


def _percent(value: float | None, digits: int = 1) -> str:
    return f"{share(value, digits)}\N{NO-BREAK SPACE}%"


def _counterpart(ranked: Sequence[SummaryRow]) -> SummaryRow:
    """Whom the best is compared with: the best that is scene-aware where it is not, or the other way round; the same
    method and encoder are preferred, and among them the same settings. Without one, and where the best is of a method
    that remembers, the second best: there scene knowledge is only one of several differences.
    """
    best = ranked[0]
    if best.key.remembers:
        return ranked[1]
    others = [row for row in ranked if row.scene_aware != best.scene_aware]
    akin = [row for row in others if _ground(row) == _ground(best)]
    alike = [row for row in akin if row.key.settings == best.key.settings]
    return (alike or akin or others or list(ranked[1:]))[0]


def _ground(row: SummaryRow) -> tuple[str, str]:
    """What two models share that are compared for their objective alone."""
    return row.key.method, row.key.encoder_digest


def _alone(row: SummaryRow, name: str) -> tuple[str, str]:
    spread = row.scene_auc_mean
    headline = f"Within scenes, {name} reaches a mean AUC of {_percent(spread.mean)}; chance is {_percent(0.5, 0)}."
    if row.key.remembers:
        certainty = "Nothing in it is drawn at random, so no seed changes it."
    elif spread.deviation is None:
        certainty = "This is one run: how much of it is the luck of its seed is not known."
    else:
        certainty = f"Over {row.seeds_text} it varies by ±\N{NO-BREAK SPACE}{share(spread.deviation)} points."
    if spread.interval is not None and spread.interval[0] <= 0.5 <= spread.interval[1]:
        certainty += f" On other test footage of these cameras it may reach {spread.bounds()}, which includes chance."
    return headline, f"{certainty} No other model was given to compare it with."


def _compared(best: SummaryRow, other: SummaryRow, best_name: str, other_name: str) -> tuple[str, str]:
    """Who wins, if anyone: the difference of the means against its own deviation over seeds."""
    difference = _within(best) - _within(other)
    figures = f"a mean AUC of {_percent(_within(best))} against {_percent(_within(other))}"
    points = f"The difference of {100 * difference:.1f} points"
    if best.key.remembers and other.key.remembers:
        headline = f"Within scenes, {best_name} is ahead of {other_name}: {figures}."
        by_chance = "is no luck of a seed, since nothing in either is drawn at random"
        return headline, f"{points} {by_chance}.{_on_other_footage(best, other, best_name, other_name)}"
    deviations = _deviation(best), _deviation(other)
    if deviations[0] is None or deviations[1] is None:
        headline = f"Within scenes, {best_name} is ahead of {other_name}: {figures}."
        return headline, f"{points} rests on a single seed, so nothing says whether it is more than luck."
    deviation = math.hypot(deviations[0], deviations[1])
    spread = f"its own spread over the seeds (±\N{NO-BREAK SPACE}{100 * deviation:.1f})"
    if difference > CLEAR * deviation:
        headline = f"Within scenes, {best_name} wins over {other_name}: {figures}."
        return headline, f"{points} is more than twice {spread}.{_on_other_footage(best, other, best_name, other_name)}"
    headline = f"Within scenes, neither {best_name} nor {other_name} wins: {figures}."
    return headline, f"{points} is not clearly larger than {spread}."


def _deviation(row: SummaryRow) -> float | None:
    """Over seeds; none at all where nothing is drawn at random."""
    return 0.0 if row.key.remembers else row.scene_auc_mean.deviation


def _on_other_footage(best: SummaryRow, other: SummaryRow, best_name: str, other_name: str) -> str:
    """What a win over seeds does not say, where the intervals over test footage overlap."""
    ends = best.scene_auc_mean.interval, other.scene_auc_mean.interval
    if ends[0] is None or ends[1] is None or ends[0][0] > ends[1][1]:
        return ""
    return (
        f" That holds for these test videos; on others of the same cameras {best_name} may reach "
        f"{best.scene_auc_mean.bounds()}, {other_name} {other.scene_auc_mean.bounds()}."
    )


def _scopes(ranked: Sequence[SummaryRow], called: dict[ModelKey, str]) -> str:
    """What a memory a scene brings over one memory for all; nothing where the headline compares these two."""
    told = []
    for row in (row for row in ranked if row.key.remembers and row.scene_aware):
        pooled = [other for other in ranked if _ground(other) == _ground(row) and not other.scene_aware]
        if pooled and {row.key, pooled[0].key} != {one.key for one in ranked[:2]}:
            points = 100 * (_within(row) - _within(pooled[0]))
            told.append(f"{called[row.key]} is {points:+.1f} points from {called[pooled[0].key]}")
    return f"What knowing the scene brings, within scenes: {'; '.join(told)}." if told else ""


def _events(rows: Sequence[SummaryRow], called: dict[ModelKey, str]) -> str:
    """Scene dependence: the classes of event that are abnormal in one scene and normal in another."""
    both = [
        name for name, event in rows[0].event_auc.items() if event.where_abnormal.values and event.where_normal.values
    ]
    if not both:
        return ""
    told = []
    for row in rows:
        events = [row.event_auc[name] for name in both]
        abnormal = sum(event.where_abnormal.mean or 0.0 for event in events) / len(both)
        normal = sum(event.where_normal.mean or 0.0 for event in events) / len(both)
        told.append(f"{called[row.key]} reaches {_percent(abnormal)} and {_percent(normal)}")
    return (
        f"The same class of event ({', '.join(both)}) where it is abnormal and where it is normal: "
        f"{'; '.join(told)}. Ideal are {_percent(1.0, 0)} and {_percent(0.5, 0)}."
    )


def _pooled(rows: Sequence[SummaryRow], called: dict[ModelKey, str]) -> str:
    """Pooled AUC against the constant that sees no frame."""
    constant = rows[0].constants[0]
    if constant is None or len(rows[0].scene_auc) < 2:  # in one scene a constant is no baseline
        return ""
    pairs = rows[0].pairs_within_scene
    within = "" if pairs is None else f", where {_percent(pairs)} of the pairs compared lie within one scene"
    fact = (
        f"Pooled over all scenes{within}, one well chosen constant a scene, blind to every frame, reaches an AUC of "
        f"{_percent(constant)}"
    )
    below = [called[row.key] for row in rows if (row.frame_auc_micro.mean or 0.0) <= constant]
    if not below:
        return f"{fact}; every model is above it."
    return f"{fact}; {' and '.join(below)} stay{'s' if len(below) == 1 else ''} below it, so read pooled AUC with care."


def _undefined(row: SummaryRow) -> str:
    """Scenes without an AUC of their own."""
    scenes = [scene for scene, spread in row.scene_auc.items() if not spread.values]
    if not scenes:
        return ""
    return (
        f"Without both normal and abnormal labelled frames, and so without an AUC of "
        f"{'its' if len(scenes) == 1 else 'their'} own: {', '.join(scenes)}."
    )
