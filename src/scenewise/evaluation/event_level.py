"""Event level: which events an operator with a budget of alarms finds, how late, and with how many false alarms.

The threshold of every scene is chosen on its held-out normal training footage (`scoring/threshold.py`), never on test
data. An event is found if one of its frames scores above the threshold. An alarm is false if none of its frames above
the threshold is abnormal. By that count a single alarm that never ends is not false, so the share of normal frames
above the threshold is given too.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.metrics import Labels
from scenewise.labels.labels import Event, abnormal_ranges
from scenewise.scoring.events import find_events
from scenewise.scoring.threshold import AlarmThreshold


class AlarmVideo(NamedTuple):
    """One test video, as the event level needs it."""

    scene: str
    fps: float
    scores: NDArray[np.float32]
    """(N,) on the scene scale."""
    labels: Labels | None
    events: tuple[Event, ...] | None


class AlarmCounts(NamedTuple):
    """Events, alarms and frames of one video, counted at a threshold."""

    delays: tuple[float, ...]
    """Seconds from the first frame of every event that is found to its first frame above the threshold."""
    events: int
    false_alarms: int
    normal_hours: float
    normal_frames: int
    flagged: int
    """Normal frames above the threshold."""


def event_level(
    videos: Sequence[AlarmVideo], thresholds: dict[str, AlarmThreshold], alarms_per_day: float, merge: float
) -> dict[str, Any]:
    """`event_level` of metrics.json: over all scenes, and under `scenes` for each.

    Videos count if they have labels or events and their scene has a threshold. `merge` seconds below the threshold do
    not end an alarm.
    """
    known = [video for video in videos if video.labels is not None or video.events is not None]
    counts = {
        scene: [count_alarms(video, thresholds[scene].value, merge) for video in known if video.scene == scene]
        for scene in sorted({video.scene for video in known} & thresholds.keys())
    }
    return {
        "alarms_per_day": alarms_per_day,
        "merge": merge,
        **_figures([of_video for of_scene in counts.values() for of_video in of_scene]),
        "threshold_extrapolated": any(thresholds[scene].extrapolated for scene in counts),
        "scenes": {
            scene: {**_figures(of_scene), "threshold": asdict(thresholds[scene])} for scene, of_scene in counts.items()
        },
        "scenes_without_threshold": sorted({video.scene for video in known} - thresholds.keys()),
    }


def count_alarms(video: AlarmVideo, threshold: float, merge: float) -> AlarmCounts:
    """Count what alarms above `threshold` find and miss in one video.

    The abnormal events are those of the video's events file; without one, they are the runs of abnormal labels. A frame
    is normal if it is neither labelled abnormal nor in an abnormal event.
    """
    above = video.scores > threshold
    labelled = np.zeros(len(above), bool) if video.labels is None else video.labels
    if video.events is None:
        events = abnormal_ranges(labelled)
    else:
        events = [(event.first_frame, event.last_frame) for event in video.events if event.abnormal]
    abnormal = labelled.copy()
    for first, last in events:
        abnormal[first : last + 1] = True
    delays = [
        float(above[first : last + 1].argmax()) / video.fps for first, last in events if above[first : last + 1].any()
    ]
    alarms = find_events(video.scores, threshold, round(merge * video.fps))
    false = sum(not (above & abnormal)[alarm.first_frame : alarm.last_frame + 1].any() for alarm in alarms)
    normal = int((~abnormal).sum())
    return AlarmCounts(
        tuple(delays), len(events), false, normal / video.fps / 3600, normal, int((above & ~abnormal).sum())
    )


def _figures(counts: Sequence[AlarmCounts]) -> dict[str, Any]:
    """Figures of some videos together; None if there is nothing to measure them on."""
    delays = [delay for of_video in counts for delay in of_video.delays]
    events, false = sum(of_video.events for of_video in counts), sum(of_video.false_alarms for of_video in counts)
    hours = sum(of_video.normal_hours for of_video in counts)
    normal = sum(of_video.normal_frames for of_video in counts)
    return {
        "events": events,
        "events_found": len(delays),
        "share_found": len(delays) / events if events else None,
        "delay_mean": float(np.mean(delays)) if delays else None,
        "delay_median": float(np.median(delays)) if delays else None,
        "false_alarms": false,
        "normal_hours": hours,
        "false_alarms_per_hour": false / hours if hours else None,
        "normal_frames_flagged": sum(of_video.flagged for of_video in counts) / normal if normal else None,
    }
