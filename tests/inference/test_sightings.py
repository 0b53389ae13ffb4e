"""Objects as they are shown: which of them, where between two examined frames, and beside which example."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scenewise.errors import VideoError
from scenewise.formats.pictures import jpeg_of
from scenewise.inference import normal_examples as examples_module
from scenewise.inference.annotated_video import boxes_of_frames, why_of
from scenewise.inference.boxes import COLOUR_OF, Marks, draw_boxes
from scenewise.inference.events import EventList, FoundEvent
from scenewise.inference.highest_object import HighestObject
from scenewise.inference.normal_examples import MOST_EXAMPLES, ShownExample, examples
from scenewise.inference.scored_frames import ScoredFrames, Sighting
from scenewise.inference.tables import ObjectTable, read_sightings
from scenewise.methods.scores import NormalExample
from scenewise.runs.explanation import Elsewhere
from scenewise.runs.thumbnails import KeptPicture
from scenewise.scoring.events import Event, EventFinder, find_events
from scenewise.scoring.level import Levels

BOX = (0.25, 0.5, 0.5, 0.75)
PICTURE = np.zeros((2, 3, 3), np.uint8)


def sighting(
    frame: int, score: float, track: int = 0, normal: NormalExample | None = None, left: float = 0.25
) -> Sighting:
    return Sighting(frame, (left, 0.5, left + 0.25, 0.75), score, track, normal)


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 3)), min_size=1, max_size=60), st.integers(0, 5))
def test_the_highest_object_of_events_that_come_in_parts(frames: list[tuple[float, float]], gap: int) -> None:
    scores = np.array([score for score, _ in frames], np.float32)
    seen = [[sighting(frame, value)] if value > 0.5 else [] for frame, (_, value) in enumerate(frames)]
    pictures = [np.full((1, 1, 3), frame, np.uint8) for frame in range(len(frames))]
    finder, highest, highest_of = EventFinder(1.0, gap), HighestObject(), {}
    for first in range(0, len(frames), 7):
        part = scores[first : first + 7]
        own = slice(first, first + 7)
        highest.add(ScoredFrames(first, part, part, part, part > 9, pictures[own], seen[own]))
        over = finder.add(scores[first : first + 7])
        highest_of |= {event: highest.of(event) for event in over}
        highest.forget(finder.open)
        assert len(highest._held) <= gap + 3
    highest_of |= {event: highest.of(event) for event in finder.finish()}
    assert list(highest_of) == find_events(scores, 1.0, gap)
    for event, best in highest_of.items():
        inside = [s for frame in seen[event.first_frame : event.last_frame + 1] for s in frame]
        assert (best is None) == (not inside)
        assert best is None or best.sighting.score == max(s.score for s in inside)
        assert best is None or best.picture[0, 0, 0] == best.sighting.frame


def test_boxes_move_between_two_examined_frames() -> None:
    seen = [sighting(0, 1.0, left=0.1), sighting(4, 1.0, left=0.3), sighting(4, 2.0, track=5), sighting(12, 1.0)]
    shown = list(islice(boxes_of_frames(iter(seen), 4), 14))
    assert [s.box[0] for frame in shown[:4] for s in frame] == pytest.approx([0.1, 0.15, 0.2, 0.25])
    assert [[s.track for s in frame] for frame in shown[4:]] == [[0, 5]] * 4 + [[]] * 4 + [[0]] * 2
    assert [frame[0].box[0] for frame in shown[4:8]] == pytest.approx([0.3] * 4)  # it is not in the next examined frame


def test_why_a_frame_is_marked() -> None:
    """The score of a frame between marked objects comes from those before and after: scores are smoothed."""
    fast = sighting(4, 2.0, 1)._replace(parts=(("appearance", 0.3), ("speed", 0.7)))
    event = FoundEvent(Event(2, 8, 4, 2.0), 0.2, 0.8, 0.4, "", fast, Elsewhere("road", 0.12), None, PICTURE)
    levels = Levels(0.9, 1.0)
    assert why_of(fast, event, levels, 10) == "mostly speed (70 %); normal in road (0.12)"
    assert why_of(fast._replace(track=2), event, levels, 10) == why_of(fast, None, levels, 10) == "mostly speed (70 %)"
    assert why_of(None, None, levels, 10) == ""
    assert why_of(None, event, levels, 10) == "the object marked at 0:00.4"
    of_frame = event._replace(highest_object=sighting(4, 0.3), elsewhere=None)
    assert why_of(None, of_frame, levels, 10) == "the frame as a whole"
    assert why_of(None, event._replace(highest_object=None), levels, 10) == "the frame as a whole"


def test_a_thumbnail_shows_the_frame_that_its_boxes_are_of(tmp_path: Path) -> None:
    """Every fifth frame is examined, and the peak lies in between: in another part of the video, to make it hard."""
    events = EventList(tmp_path, Marks(LEVELS), gap=2)
    pictures = [np.full((48, 64, 3), 40 * number, np.uint8) for number in range(6)]
    scores = np.array([0.1, 1.2, 1.5, 3.0, 1.1, 0.2], np.float32)
    for part in (slice(0, 2), slice(2, 6)):
        some = scores[part]
        seen, of = [[sighting(0, 2.0)]] * len(some), [pictures[0]] * len(some)
        events.add(ScoredFrames(part.start, some, some, some, some > 9, pictures[part], seen, examined=of))
    events.close()
    (found,) = events.events
    drawn = np.asarray(Image.open(tmp_path / found.thumbnail))
    assert found.event.peak_frame == 3 and abs(int(drawn[2, 2, 0]) - 0) < 12, "frame 0, which was examined"
    assert (found.picture == pictures[0]).all()


LEVELS = Levels(0.7, 1.0)


@given(st.lists(st.floats(-3, 4), max_size=6), st.floats(-1, 3))
def test_a_box_is_never_more_alarming_than_its_frame(scores: list[float], of_frame: float) -> None:
    """The cyclist who was framed in red as 1.2 while his frame said 0.51."""
    seen = [sighting(0, score, track) for track, score in enumerate(scores)]
    order = ["ordinary", "unusual", "alarm"]
    marked, every = Marks(LEVELS).shown(seen, of_frame), Marks(LEVELS, all_boxes=True).shown(seen, of_frame)
    assert all(one.score <= of_frame for one in every) and len(every) == len(seen)
    assert [one.score for one in every] == sorted(min(score, of_frame) for score in scores)
    assert [one.score for one in marked] == [one.score for one in every if one.score > 0.7]
    assert all(order.index(LEVELS.of(one.score)) <= order.index(LEVELS.of(of_frame)) for one in marked)


def test_boxes_have_the_colours_of_their_levels() -> None:
    plain = np.full((240, 320, 3), 90, np.uint8)
    assert draw_boxes(plain, [], LEVELS) is plain
    drawn = [draw_boxes(plain, [sighting(0, score)], LEVELS) for score in (0.3, 0.8, 1.1)]
    for picture, level in zip(drawn, ("ordinary", "unusual", "alarm"), strict=True):
        assert (picture == COLOUR_OF[level]).all(axis=2).any(), level  # type: ignore[index]
        assert sum((picture == colour).all(axis=2).any() for colour in COLOUR_OF.values()) == 1
    thin, bold = (picture != plain for picture in (drawn[0], drawn[2]))
    assert bold[122:178, 82:158].sum() == 0, "inside the box nothing is drawn over"
    assert 0 < thin[130:170].sum() < bold[130:170].sum()
    high = [sighting(0, 2.0)]
    example = ShownExample(np.full((30, 20, 3), 255, np.uint8))
    inset = (draw_boxes(plain, high, LEVELS, example) != draw_boxes(plain, high, LEVELS)).any(axis=2)
    assert inset[:100, 160:].any() and not inset[:, :160].any(), "in the corner away from the box"
    assert (plain == 90).all()


def test_examples_are_read_once_and_no_further_than_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[int]] = {}

    def read(path: Path, frames: dict[int, object]) -> dict[int, np.ndarray]:
        if path.name == "gone":
            raise VideoError("gone")
        assert path.name not in asked
        asked[path.name] = set(frames)
        return {frame: np.full((100, 200, 3), frame, np.uint8) for frame in frames}

    monkeypatch.setattr(examples_module, "read_frames", read)

    def like(video: str, frame: int) -> NormalExample:
        return NormalExample(video, video, frame, BOX)

    sightings = [
        sighting(0, 1.0, 1, like("a", 10)),
        sighting(2, 3.0, 1, like("a", 40)),  # the same track, higher
        sighting(2, 2.0, 2, like("a", 20)),
        sighting(4, 1.5, 3, like("b", 200)),  # beyond the budget
        sighting(4, 1.4, 4, like("gone", 5)),
        sighting(4, 1.3, 5, None),
        sighting(4, 1.2, 6, like("b", 50)),
    ]
    pictures = examples(sightings, budget=100)
    assert {track: int(shown.picture[0, 0, 0]) for track, shown in pictures.items()} == {1: 40, 2: 20, 6: 50}
    assert asked == {"a": {20, 40}, "b": {50}}
    assert pictures[1].picture.shape == (80, 80, 3) and not pictures[1].similar
    asked.clear()
    kept = {"b": KeptPicture(jpeg_of(Image.new("RGB", (8, 8), "white"), 80), similar=True), "gone": None}
    with_kept = examples(sightings, 100, lambda example: kept[example.video])
    assert {track: int(shown.picture[0, 0, 0]) for track, shown in with_kept.items()} == {1: 40, 2: 20, 3: 255, 6: 50}
    assert [track for track, shown in with_kept.items() if shown.similar] == [3], "beyond the budget"
    asked.clear()
    many = [sighting(number, 1 + number % 97, number, like("a", number % 50)) for number in range(500)]
    assert len(examples(iter(many), budget=100)) == MOST_EXAMPLES


def test_all_boxes_lists_ordinary_objects_too(tmp_path: Path) -> None:
    seen = [sighting(0, score, track) for track, score in enumerate((-2.0, 0.4, 0.6, 3.0))]
    values = np.zeros(1, np.float32)
    block = ScoredFrames(0, values, values, np.zeros(1), np.zeros(1, bool), [PICTURE], [seen])
    for all_boxes, tracks in ((False, [2, 3]), (True, [0, 1, 2, 3])):
        ObjectTable(tmp_path, True, all_boxes=all_boxes).add(block)
        assert [one.track for one in read_sightings(tmp_path)] == tracks
