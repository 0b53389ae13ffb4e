"""The event level on cases drawn by hand, and against a slow walk over the frames."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.evaluation.event_level import AlarmVideo, count_alarms, event_level
from scenewise.labels.labels import Event
from scenewise.scoring.threshold import AlarmThreshold

AT_ONE = AlarmThreshold(1.0, 1.0, 1.0, False, 50.0, 0.0)


def drawing(scores: str, labels: str | None = None, *events: tuple[int, int, bool], scene: str = "a") -> AlarmVideo:
    """`#` is a score of 2 and `.` of 0; in the labels `#` is abnormal. 2 frames per second."""
    high = np.array([2.0 if mark == "#" else 0.0 for mark in scores], np.float32)
    known = None if labels is None else np.array([mark == "#" for mark in labels])
    drawn = [
        Event.model_validate({"class": "cart", "first_frame": first, "last_frame": last, "abnormal": abnormal})
        for first, last, abnormal in events
    ]
    return AlarmVideo(scene, 2.0, high, known, tuple(drawn) if events else None)


def test_found_missed_late_and_false() -> None:
    level = event_level(
        # found after 1 s; one alarm touches it. The second is missed. A false alarm follows.
        [drawing("....####..........##", "..####....###.......")],
        {"a": AT_ONE},
        24.0,
        merge=0.0,
    )
    assert (level["events"], level["events_found"], level["share_found"]) == (2, 1, 0.5)
    assert level["delay_mean"] == level["delay_median"] == 1.0
    assert level["false_alarms"] == 1
    assert level["normal_hours"] == pytest.approx(13 / 2 / 3600)
    assert level["false_alarms_per_hour"] == pytest.approx(1 / (13 / 2 / 3600))
    assert level["normal_frames_flagged"] == pytest.approx(4 / 13)
    assert not level["threshold_extrapolated"] and level["scenes"]["a"]["threshold"]["hours"] == 50.0


def test_an_alarm_already_on_finds_at_once_and_is_not_false() -> None:
    counts = count_alarms(drawing("#####.", "...##."), 1.0, 0.0)
    assert counts.delays == (0.0,) and counts.false_alarms == 0 and counts.flagged == 3


def test_an_alarm_merged_across_an_event_below_the_threshold_is_false() -> None:
    counts = count_alarms(drawing("##..##", "..##.."), 1.0, merge=2.0)
    assert counts.delays == () and counts.false_alarms == 1
    assert count_alarms(drawing("##..##", "..##.."), 1.0, merge=0.0).false_alarms == 2


def test_events_come_from_the_events_file_and_abnormal_frames_from_both() -> None:
    # Two abnormal events overlap, the normal event does not have to be found; the last frame is only labelled.
    counts = count_alarms(drawing("..#.....##", ".........#", (0, 3, True), (2, 4, True), (6, 7, False)), 1.0, 0.0)
    assert counts.events == 2 and counts.delays == (1.0, 0.0) and counts.false_alarms == 0
    assert counts.normal_frames == 4 and counts.flagged == 1


def test_scenes_are_counted_by_themselves_and_together() -> None:
    videos = [drawing("#.", "#."), drawing(".#", "..", scene="b"), drawing("##", None), drawing("#", "#", scene="c")]
    level = event_level(videos, {"a": AT_ONE, "b": AlarmThreshold(3, 2, 9, True, 0.1, 0.9)}, 24.0, 1.0)
    assert list(level["scenes"]) == ["a", "b"] and level["scenes_without_threshold"] == ["c"]
    assert level["scenes"]["b"]["share_found"] is None and level["scenes"]["b"]["false_alarms"] == 0, "above 3 only"
    assert level["events"] == 1 and level["threshold_extrapolated"]


def test_without_videos_everything_is_undefined() -> None:
    level = event_level([drawing("#.")], {"a": AT_ONE}, 24.0, 1.0)
    assert level["events"] == 0 and level["scenes"] == {}
    for name in ("share_found", "delay_mean", "delay_median", "false_alarms_per_hour", "normal_frames_flagged"):
        assert level[name] is None


@given(st.text("#.", min_size=1, max_size=40), st.data())
def test_counts_equal_a_slow_walk(scores: str, data: st.DataObject) -> None:
    labels = data.draw(st.text("#.", min_size=len(scores), max_size=len(scores)))
    counts = count_alarms(drawing(scores, labels), 1.0, 0.0)
    places = range(len(scores))
    happened = [list(run) for what, run in groupby(places, lambda k: labels[k]) if what == "#"]
    alarms = [list(run) for what, run in groupby(places, lambda k: scores[k]) if what == "#"]
    first_seen = [[k for k in run if scores[k] == "#"][:1] for run in happened]
    assert counts.events == len(happened)
    assert counts.delays == tuple(
        (seen[0] - run[0]) / 2 for run, seen in zip(happened, first_seen, strict=True) if seen
    )
    assert counts.false_alarms == sum(all(labels[k] == "." for k in run) for run in alarms)
    assert counts.flagged == sum(scores[k] == "#" and labels[k] == "." for k in places)
