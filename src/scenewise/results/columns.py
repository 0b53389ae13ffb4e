"""Which columns a table shows: by the names that its figures have in files, such as `scene_auc_mean`."""

from collections.abc import Collection, Sequence

from scenewise.did_you_mean import did_you_mean
from scenewise.errors import ConfigError
from scenewise.evaluation.metric import Metric
from scenewise.results.metrics_list import METRICS

SHORT = ("scene_auc_mean", "frame_auc_micro", "event_level/share_found", "event_level/false_alarms_per_hour")
"""The columns of a table that fits a terminal, a README or a page of a paper."""
ALL = "all"
"""In `--columns`: every column."""


def chosen_columns(columns: Sequence[Metric], names: Sequence[str]) -> tuple[Metric, ...]:
    """Of `columns` those that `names` name, in the order of the names; without names those of SHORT that are there, and
    figures of the user's own, which nobody would compute to leave them out.

    `scene_auc` names the figures of all scenes, `event_auc/car` all of one class. Raises ConfigError if a name stands
    for none of the columns.
    """
    if ALL in names:
        return tuple(columns)
    found: dict[str, Metric] = {}
    ours = {metric.path[0] for metric in METRICS}
    short = (*SHORT, *(metric.key for metric in columns if metric.path[0] not in ours))
    for name in names or short:
        named = [one for one in columns if f"{one.key}/".startswith(f"{name}/")]
        if names and not named:
            raise _unknown(name, [one.key for one in columns])
        found |= {one.key: one for one in named}
    return tuple(found.values()) or tuple(columns)


def require_known(names: Sequence[str]) -> None:
    """Raise ConfigError if a name begins like no figure of ours, whatever the scenes and classes: before the work."""
    known = list(dict.fromkeys(metric.path[0] for metric in METRICS))
    for name in names:
        if name != ALL and name.partition("/")[0] not in known:
            raise _unknown(name, known)


def _unknown(name: str, known: Collection[str]) -> ConfigError:
    beginnings = dict.fromkeys(key.partition("/")[0] for key in known)
    return ConfigError(
        f"--columns {name}: there is no such figure; expected some of {', '.join(beginnings)}, or {ALL}"
        f"{did_you_mean(name, {*beginnings, *known})}"
    )
