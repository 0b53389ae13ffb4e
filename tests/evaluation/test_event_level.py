"""The event level on cases drawn by hand, and against a slow walk over the frames."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.evaluation.event_level import WatchedVideo, event_level, watch
from scenewise.labels.labels import Event
from scenewise.scoring.threshold import AlarmThreshold

AT_ONE = AlarmThreshold(1.0, 1.0, 1.0, False, 50.0, 0.0)


def drawing(scores: str, labels: str | None = None, *events: tuple[int, int, bool], scene: str = "a") -> WatchedVideo:
    """`#` is a score of 2 and `.` of 0; in the labels `#` is abnormal. 2 frames a second."""
    high = np.array([2.0 if one == "#" else 0.0 for one in scores], np.float32)
    known = None if labels is None else np.array([one == "#" for one in labels])
    told = [
        Event.model_validate({"class": "cart", "first_frame": first, "last_frame": last, "abnormal": abnormal})
        for first, last, abnormal in events
    ]
    return WatchedVideo(scene, 2.0, high, known, tuple(told) if events else None)


def test_found_missed_late_and_false() -> None:
    found = event_level(
        # found after 1 s; one alarm touches it. The second is missed. A false alarm follows.
        [drawing("....####..........##", "..####....###.......")],
        {"a": AT_ONE},
        24.0,
        merge=0.0,
    )
    assert (found["events"], found["events_found"], found["share_found"]) == (2, 1, 0.5)
    assert found["delay_mean"] == found["delay_median"] == 1.0
    assert found["false_alarms"] == 1
    assert found["normal_hours"] == pytest.approx(13 / 2 / 3600)
    assert found["false_alarms_per_hour"] == pytest.approx(1 / (13 / 2 / 3600))
    assert found["normal_frames_flagged"] == pytest.approx(4 / 13)
    assert not found["threshold_extrapolated"] and found["scenes"]["a"]["threshold"]["hours"] == 50.0


def test_an_alarm_already_on_finds_at_once_and_is_not_false() -> None:
    one = watch(drawing("#####.", "...##."), 1.0, 0.0)
    assert one.delays == (0.0,) and one.false_alarms == 0 and one.flagged == 3


def test_an_alarm_merged_across_an_event_it_does_not_see_is_false() -> None:
    one = watch(drawing("##..##", "..##.."), 1.0, merge=2.0)
    assert one.delays == () and one.false_alarms == 1
    assert watch(drawing("##..##", "..##.."), 1.0, merge=0.0).false_alarms == 2


def test_the_events_file_says_what_happened_and_labels_what_is_abnormal() -> None:
    # Two abnormal events overlap, one normal event is no event to find; the last frame is only labelled.
    one = watch(drawing("..#.....##", ".........#", (0, 3, True), (2, 4, True), (6, 7, False)), 1.0, 0.0)
    assert one.events == 2 and one.delays == (1.0, 0.0) and one.false_alarms == 0
    assert one.normal_frames == 4 and one.flagged == 1


def test_scenes_are_counted_by_themselves_and_together() -> None:
    videos = [drawing("#.", "#."), drawing(".#", "..", scene="b"), drawing("##", None), drawing("#", "#", scene="c")]
    found = event_level(videos, {"a": AT_ONE, "b": AlarmThreshold(3, 2, 9, True, 0.1, 0.9)}, 24.0, 1.0)
    assert list(found["scenes"]) == ["a", "b"] and found["scenes_without_threshold"] == ["c"]
    assert found["scenes"]["b"]["share_found"] is None and found["scenes"]["b"]["false_alarms"] == 0, "above 3 only"
    assert found["events"] == 1 and found["threshold_extrapolated"]


def test_without_videos_everything_is_undefined() -> None:
    found = event_level([drawing("#.")], {"a": AT_ONE}, 24.0, 1.0)
    assert found["events"] == 0 and found["scenes"] == {}
    for name in ("share_found", "delay_mean", "delay_median", "false_alarms_per_hour", "normal_frames_flagged"):
        assert found[name] is None


@given(st.text("#.", min_size=1, max_size=40), st.data())
def test_watching_equals_a_slow_walk(scores: str, data: st.DataObject) -> None:
    labels = data.draw(st.text("#.", min_size=len(scores), max_size=len(scores)))
    one = watch(drawing(scores, labels), 1.0, 0.0)
    places = range(len(scores))
    happened = [list(run) for what, run in groupby(places, lambda k: labels[k]) if what == "#"]
    alarms = [list(run) for what, run in groupby(places, lambda k: scores[k]) if what == "#"]
    first_seen = [[k for k in run if scores[k] == "#"][:1] for run in happened]
    assert one.events == len(happened)
    assert one.delays == tuple((seen[0] - run[0]) / 2 for run, seen in zip(happened, first_seen, strict=True) if seen)
    assert one.false_alarms == sum(all(labels[k] == "." for k in run) for run in alarms)
    assert one.flagged == sum(scores[k] == "#" and labels[k] == "." for k in places)
