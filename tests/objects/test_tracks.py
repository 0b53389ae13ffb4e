"""Linking: against a slow reference, across gaps and past each other."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.objects.tracks import INERTIA, LEAST_OVERLAP, PATIENCE, Tracker, overlaps


def box_at(x: float, y: float, width: float = 20, height: float = 40) -> list[float]:
    return [x, y, x + width, y + height]


def slow_overlap(one: list[float], other: list[float]) -> float:
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    area = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1])
    return across * down / (area - across * down)


def slow_tracks(seen: list[tuple[float, list[list[float]]]]) -> list[list[int]]:
    """Every assignment is tried."""
    live: list[dict] = []
    begun, numbers = 0, []
    for time, boxes in seen:
        live = [track for track in live if time - track["time"] <= PATIENCE]
        expected = []
        for track in live:
            move = [speed * (time - track["time"]) for speed in track["velocity"]] * 2
            expected.append([side + by for side, by in zip(track["box"], move, strict=True)])
        slots = list(range(len(live))) + [None] * len(boxes)
        best, chosen = -1.0, ()
        for order in set(permutations(slots, len(boxes))):
            total = sum(slow_overlap(boxes[row], expected[at]) for row, at in enumerate(order) if at is not None)
            if total > best + 1e-9:
                best, chosen = total, order
        own = []
        before = list(live)
        for row, at in enumerate(chosen):
            if at is not None and slow_overlap(boxes[row], expected[at]) >= LEAST_OVERLAP:
                track, past = before[at], time - before[at]["time"]
                for axis in range(2):
                    middle = (boxes[row][axis] + boxes[row][axis + 2]) / 2
                    was = (track["box"][axis] + track["box"][axis + 2]) / 2
                    track["velocity"][axis] = INERTIA * track["velocity"][axis] + (1 - INERTIA) * (middle - was) / past
                track["box"], track["time"] = boxes[row], time
            else:
                track = {"number": begun, "time": time, "box": boxes[row], "velocity": [0.0, 0.0]}
                live.append(track)
                begun += 1
            own.append(track["number"])
        numbers.append(own)
    return numbers


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_as_the_slow_reference_links(seed: int) -> None:
    random = np.random.default_rng(seed)
    walkers = [(random.uniform(0, 100, 2), random.normal(0, 40, 2)) for _ in range(3)]
    seen = []
    for step in range(12):
        time = 0.2 * step
        boxes = [
            box_at(*(at + time * speed + random.normal(0, 1, 2))) for at, speed in walkers if random.random() < 0.8
        ]
        seen.append((time, boxes))
    tracker = Tracker()
    fast = [tracker.link(np.array(boxes, np.float32).reshape(-1, 4), time).tolist() for time, boxes in seen]
    exact = [(time, np.array(boxes, np.float32).reshape(-1, 4).astype(float).tolist()) for time, boxes in seen]
    assert fast == slow_tracks(exact)


@given(st.lists(st.lists(st.floats(0, 50, width=32), min_size=4, max_size=4), min_size=1, max_size=5))
def test_overlaps(corners: list[list[float]]) -> None:
    boxes = [[x, y, x + width + 1, y + height + 1] for x, y, width, height in corners]
    found = overlaps(np.array(boxes), np.array(boxes))
    np.testing.assert_allclose(found, [[slow_overlap(one, other) for other in boxes] for one in boxes], atol=1e-6)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-6)


def test_boxes_that_cross_keep_their_tracks() -> None:
    tracker = Tracker()
    for step in range(30):
        one, other = box_at(4 * step, 0, 20, 40), box_at(120 - 4 * step, 10, 20, 40)
        boxes = [one, other] if step % 2 else [other, one]
        tracks = tracker.link(np.array(boxes, np.float32), 0.1 * step).tolist()
        assert (tracks if step % 2 else tracks[::-1]) == [1, 0]


@pytest.mark.parametrize("gap, same", [(0.9 * PATIENCE, True), (1.1 * PATIENCE, False)])
def test_a_track_waits_as_long_as_its_patience(gap: float, same: bool) -> None:
    tracker = Tracker()
    for time in (0.0, 0.1, 0.2):
        tracker.link(np.array([box_at(30 * time, 0)], np.float32), time)
    again = tracker.link(np.array([box_at(30 * (0.2 + gap), 0)], np.float32), 0.2 + gap)
    assert (again.tolist() == [0]) == same


def test_a_track_waits_for_the_next_detection_however_rare_it_is() -> None:
    tracker = Tracker(interval=2.0)
    assert [tracker.link(np.array([box_at(0, 0)], np.float32), time).tolist() for time in (0, 2, 4)] == [[0]] * 3
    assert tracker.link(np.array([box_at(0, 0)], np.float32), 8).tolist() == [1]


def test_no_boxes_are_no_tracks() -> None:
    tracker = Tracker()
    none = tracker.link(np.empty((0, 4), np.float32), 0.0)
    assert none.shape == (0,) and none.dtype == np.int32
