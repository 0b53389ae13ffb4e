"""Events against a slow obvious loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.scoring.events import Event, EventFinder, find_events


def slow_events(scores: list[float], threshold: float, gap: int) -> list[Event]:
    runs: list[list[int]] = []
    for frame, score in enumerate(scores):
        if score > threshold:
            if runs and frame - runs[-1][-1] - 1 <= gap:
                runs[-1].append(frame)
            else:
                runs.append([frame])
    events = []
    for run in runs:
        peak = max(run, key=lambda frame: (scores[frame], -frame))
        events.append(Event(run[0], run[-1], peak, scores[peak]))
    return events


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(0, 5), st.data())
def test_events_however_the_scores_come(values: list[int], gap: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=8)))
    scores = np.array(values, np.float32)
    finder = EventFinder(1.5, gap)
    events = [event for piece in np.split(scores, cuts) for event in finder.add(piece)] + finder.finish()
    assert events == slow_events(scores.tolist(), 1.5, gap) == find_events(scores, 1.5, gap)


def test_an_event_is_over_as_soon_as_nothing_can_join_it() -> None:
    finder = EventFinder(1.0, gap=2)
    assert finder.add(np.array([0, 5, 0, 0], np.float32)) == []
    assert finder.add(np.array([0], np.float32)) == [Event(1, 1, 1, 5.0)]
    assert finder.open is None
