"""Event level: what an operator gets at a budget of alarms. Which events are found, how late, with how many alarms.

The threshold of every scene is chosen on its held-out normal training footage (`scoring/threshold.py`), never on test
data. An event is found where one of its frames scores above it. An alarm is false where none of its frames above the
threshold is abnormal; so an alarm that never ends costs nothing, and the share of normal frames that it covers stands
beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.metrics import Labels
from scenewise.labels.labels import Event, abnormal_ranges
from scenewise.scoring.events import find_events
from scenewise.scoring.threshold import AlarmThreshold


class WatchedVideo(NamedTuple):
    """What the event level needs to know of one test video."""

    scene: str
    fps: float
    scores: NDArray[np.float32]
    """(N,) on the scene scale."""
    labels: Labels | None
    events: tuple[Event, ...] | None


class Watched(NamedTuple):
    """What alarms did in some videos."""

    delays: tuple[float, ...]
    """Seconds from the first frame of every event that is found to its first frame above the threshold."""
    events: int
    false_alarms: int
    normal_hours: float
    normal_frames: int
    flagged: int
    """Normal frames above the threshold."""


def event_level(
    videos: Sequence[WatchedVideo], thresholds: dict[str, AlarmThreshold], alarms_per_day: float, merge: float
) -> dict[str, Any]:
    """`event_level` of metrics.json: over all scenes, and under `scenes` for each.

    Counts the videos with labels or events whose scene has a threshold; `merge` seconds below it do not end an alarm.
    """
    known = [video for video in videos if video.labels is not None or video.events is not None]
    seen = {
        scene: [watch(one, thresholds[scene].value, merge) for one in known if one.scene == scene]
        for scene in sorted({video.scene for video in known} & thresholds.keys())
    }
    return {
        "alarms_per_day": alarms_per_day,
        "merge": merge,
        **_figures(watched for own in seen.values() for watched in own),
        "threshold_extrapolated": any(thresholds[scene].extrapolated for scene in seen),
        "scenes": {scene: {**_figures(own), "threshold": asdict(thresholds[scene])} for scene, own in seen.items()},
        "scenes_without_threshold": sorted({video.scene for video in known} - thresholds.keys()),
    }


def watch(video: WatchedVideo, threshold: float, merge: float) -> Watched:
    """What alarms above `threshold` did in one video.

    Its abnormal events are those of its events file; without one, runs of abnormal labels. Normal is a frame that is
    neither labelled abnormal nor in an abnormal event.
    """
    above = video.scores > threshold
    labelled = np.zeros(len(above), bool) if video.labels is None else video.labels
    if video.events is None:
        happened = abnormal_ranges(labelled)
    else:
        happened = [(event.first_frame, event.last_frame) for event in video.events if event.abnormal]
    abnormal = labelled.copy()
    for first, last in happened:
        abnormal[first : last + 1] = True
    delays = [
        float(above[first : last + 1].argmax()) / video.fps for first, last in happened if above[first : last + 1].any()
    ]
    alarms = find_events(video.scores, threshold, round(merge * video.fps))
    false = sum(not (above & abnormal)[alarm.first_frame : alarm.last_frame + 1].any() for alarm in alarms)
    normal = int((~abnormal).sum())
    return Watched(
        tuple(delays), len(happened), false, normal / video.fps / 3600, normal, int((above & ~abnormal).sum())
    )


def _figures(videos: Iterable[Watched]) -> dict[str, Any]:
    """Figures of some videos together; None where there is nothing to measure them on."""
    watched = list(videos)
    delays = [delay for one in watched for delay in one.delays]
    events, false = sum(one.events for one in watched), sum(one.false_alarms for one in watched)
    hours, normal = sum(one.normal_hours for one in watched), sum(one.normal_frames for one in watched)
    return {
        "events": events,
        "events_found": len(delays),
        "share_found": len(delays) / events if events else None,
        "delay_mean": float(np.mean(delays)) if delays else None,
        "delay_median": float(np.median(delays)) if delays else None,
        "false_alarms": false,
        "normal_hours": hours,
        "false_alarms_per_hour": false / hours if hours else None,
        "normal_frames_flagged": sum(one.flagged for one in watched) / normal if normal else None,
    }
