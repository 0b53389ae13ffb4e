"""The curve below a frame and the curve as a picture: from 0 on, alarms above their line, frames over their peaks."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.clock import ticks
from scenewise.inference.annotation_panel import Panel
from scenewise.inference.boxes import ALARM, CALM, Marks
from scenewise.inference.curve import GAP, LEFT, MOMENTS, RIGHT, WIDTH, Curve, beside
from scenewise.inference.curve_strip import AHEAD, CurveStrip
from scenewise.inference.events import EventList
from scenewise.inference.highlights import Highlight, Highlights
from scenewise.inference.moments import Moment
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.inference.tables import ScoreRow
from scenewise.scoring.level import Levels

LEVELS = Levels(0.6, 1.0)


def rows_of(scores: list[float], fps: float = 5.0) -> list[ScoreRow]:
    return [ScoreRow(number, number / fps, score) for number, score in enumerate(scores)]


def painted(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Where a picture is of about that colour: (H, W)."""
    return np.asarray(np.abs(picture.astype(int) - colour).max(axis=2) < 40)


def test_what_is_above_the_alarm_line_is_in_the_colour_of_alarms() -> None:
    strip = CurveStrip((120, 640), 12, LEVELS, 3.0)
    rows = rows_of([0.4] * 40 + [2.0] * 40)
    drawn = strip.draw(rows[40], rows)
    assert drawn.shape == (120, 640, 3)
    below = drawn[strip.alarm_row + 2 : strip.curve_rows]
    assert not painted(drawn[: strip.alarm_row], CALM).any() and painted(below[:, 130:310], CALM).any(axis=0).all()
    assert painted(drawn[: strip.alarm_row, 330:560], ALARM).any(axis=0).all(), "the line of the curve"
    ahead = drawn[strip.alarm_row + 20 : strip.curve_rows - 30, 600:]
    assert (ahead == AHEAD).all(), "what comes is on grey, and nothing is drawn after the end"


def test_scores_below_0_are_drawn_as_0() -> None:
    panel = Panel((90, 160), "monday.mp4, road", LEVELS, -0.5)
    frame = np.full((90, 160, 3), 100, np.uint8)
    low, zero = rows_of([-3.0, -0.2, -7.0, 0.4]), rows_of([0.0, 0.0, 0.0, 0.4])
    for place in range(3):
        drawn = [panel.draw(frame, rows[place], rows, in_event=False) for rows in (low, zero)]
        np.testing.assert_array_equal(*drawn)


@given(st.lists(st.tuples(st.floats(0, WIDTH), st.floats(0.3, 1.9)), min_size=1, max_size=MOMENTS))
def test_frames_stand_side_by_side_near_their_peaks(drawn: list[tuple[float, float]]) -> None:
    peaks = sorted(LEFT + share / WIDTH * (WIDTH - LEFT - RIGHT) for share, _ in drawn)
    widths = [width for _, width in drawn]
    lefts = beside(peaks, widths)
    assert lefts[0] >= LEFT - 1e-9 and lefts[-1] + widths[-1] <= WIDTH - RIGHT + 1e-9
    spans = list(zip(lefts, widths, strict=True))
    assert all(later - left >= width + GAP - 1e-9 for (left, width), (later, _) in pairwise(spans))
    free = [max(min(peak - width / 2, WIDTH - RIGHT - width), LEFT) for peak, width in zip(peaks, widths, strict=True)]
    if all(later - left >= width + GAP for (left, width), (later, _) in pairwise(zip(free, widths, strict=True))):
        assert lefts == pytest.approx(free), "nothing is in the way"


def curve_of(tmp_path: Path, scores: list[float], fps: float = 5.0) -> Curve:
    """A curve with the highest frame as its only highlight, and the frame in the middle as a further moment."""
    picture = np.zeros((18, 32, 3), np.uint8)
    values, times = np.array(scores, np.float32), np.arange(len(scores)) / fps
    events = EventList(tmp_path, Marks(LEVELS), 2)
    top, middle = int(values.argmax()), len(scores) // 2
    found = [Highlight(times[top], times[top], float(values[top]), top, times[top], picture, None, None, False, LEVELS)]
    moments = [Moment(float(values[place]), place, float(times[place]), picture) for place in (top, middle)]
    highlights = SimpleNamespace(found=found, moments=SimpleNamespace(top=lambda: moments))
    curve = Curve([tmp_path / "curve.png"], events, cast(Highlights, highlights), "monday.mp4, road")
    block = ScoredFrames(
        0, values, values, times, np.zeros(len(scores), bool), [picture] * len(scores), [[]] * len(scores)
    )
    for sink in (events, curve):
        sink.add(block)
    events.close()
    curve.close()
    return curve


def test_the_picture_says_the_alarm_line_and_shows_nothing_below_0(tmp_path: Path) -> None:
    figure = curve_of(tmp_path, [-2.0] * 100 + [1.5] * 10 + [-1.0] * 40)._drawn()
    axes = figure.axes[0]
    assert axes.get_ylim()[0] == 0 and all(np.min(line.get_ydata()) >= 0 for line in axes.lines)
    words = [text.get_text() for text in axes.texts]
    assert words == ["alarm above 1.00", "unusual above 0.60"]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == [label for _, label in ticks(29.8, 9)] and not any("." in label for label in labels)
    assert [one.get_title() for one in figure.axes[1:]] == ["ordinary 0.00 at 0:15.0", "alarm 1.50 at 0:20.0"]
    assert figure.texts[0].get_text() == "monday.mp4, road: highest 1.50 (alarm)"
    top = max(one.get_position().y1 for one in figure.axes)
    assert top > 0.85, "no empty canvas above the frames"


@given(st.floats(0.1, 200_000), st.integers(3, 12))
def test_ticks_are_whole_seconds_and_few(length: float, most: int) -> None:
    seconds = [second for second, _ in ticks(length, most)]
    assert seconds[0] == 0 and seconds[-1] <= length and len(seconds) <= max(most, length / 86_400) + 1
    assert len({late - early for early, late in pairwise(seconds)}) <= 1
