"""Parts of recordings: all footage, once, in order, learned from before it is scored."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scenewise.recordings.plan import NEARLY, PARTS, SHORTEST, Part, plan

SECONDS = st.lists(st.floats(0.5, 5000), min_size=1, max_size=40)


@given(SECONDS, st.floats(0.05, 0.95))
def test_the_parts_are_all_footage_once_and_in_order(seconds: list[float], learn: float) -> None:
    parts = plan(seconds, learn)
    for place, length in enumerate(seconds):
        own = [part for part in parts if part.recording == place]
        assert own[0].start == 0 and abs(own[-1].stop - length) < 1e-6 * max(length, 1)
        assert all(abs(early.stop - late.start) < 1e-6 * max(length, 1) for early, late in pairwise(own))
    splits = [part.split for part in sorted(parts, key=lambda part: (part.recording, part.start))]
    assert splits == sorted(splits, key=lambda split: split == "test"), (
        "what is scored comes after what is learned from"
    )


@given(SECONDS, st.floats(0.05, 0.95))
def test_about_the_wanted_share_is_learned_from(seconds: list[float], learn: float) -> None:
    learned = sum(part.stop - part.start for part in plan(seconds, learn) if part.split == "train")
    assert abs(learned / sum(seconds) - learn) <= NEARLY + 1e-6


@given(SECONDS)
def test_parts_are_short_enough_to_leave_one_out_unless_footage_is_short(seconds: list[float]) -> None:
    parts = [part for part in plan(seconds) if part.split == "train"]
    assert (
        len(parts) >= PARTS
        or all(part.stop - part.start < 2 * SHORTEST + 1e-6 for part in parts)
        or (sum(part.stop - part.start for part in parts) < PARTS * 2 * SHORTEST)
    )


def test_one_recording_of_100_seconds_by_hand() -> None:
    assert plan([100.0]) == [
        *(Part(0, 14.0 * number, 14.0 * (number + 1), "train") for number in range(5)),
        Part(0, 70.0, 100.0, "test"),
    ]


def test_ten_recordings_are_not_cut() -> None:
    assert plan([60.0] * 10) == [Part(place, 0.0, 60.0, "train" if place < 7 else "test") for place in range(10)]


def test_given_recordings_are_learned_from_and_no_other() -> None:
    parts = plan([10.0, 50.0, 50.0], learned=1)
    assert {part.recording for part in parts if part.split == "train"} == {0}
    assert [part.recording for part in parts if part.split == "test"] == [1, 2]
