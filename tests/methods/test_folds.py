"""Folds of footage for leave-one-group-out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.methods.folds import FEWEST_FOLDS, MOST_FOLDS, folds_by_scene, frame_folds, track_folds

LENGTHS = st.lists(st.integers(5, 300), min_size=1, max_size=60)


@given(LENGTHS)
def test_every_frame_is_in_one_fold_and_folds_are_in_one_piece(lengths: list[int]) -> None:
    folds = frame_folds(lengths)
    assert [len(own) for own in folds] == lengths
    line = np.concatenate(folds)
    assert (np.diff(line) >= 0).all() and (np.diff(line) <= 1).all() and line[0] == 0
    assert FEWEST_FOLDS <= line[-1] + 1 <= MOST_FOLDS
    if len(lengths) >= FEWEST_FOLDS:
        assert all(len(set(own)) == 1 for own in folds), "a video is not cut"
    else:
        assert len({fold for own in folds for fold in set(own)}) == sum(len(set(own)) for own in folds)
        for own in folds:
            _, sizes = np.unique(own, return_counts=True)
            assert sizes.max() - sizes.min() <= 1


def test_a_video_of_one_frame() -> None:
    assert [own.tolist() for own in frame_folds([1])] == [[0]]
    assert frame_folds([]) == []


@given(st.lists(st.tuples(st.integers(0, 49), st.integers(0, 6)), max_size=60).map(sorted), st.integers(1, 10))
def test_a_track_lies_in_the_fold_where_it_begins(seen: list[tuple[int, int]], long: int) -> None:
    frames, tracks = (np.array([one[place] for one in seen], np.int32) for place in (0, 1))
    folds = (np.arange(50) // long).astype(np.int32)
    found = track_folds(tracks, frames, folds)
    assert found.tolist() == [folds[min(at for at, other in seen if other == track)] for _, track in seen]


def test_every_fold_holds_a_part_of_every_scene() -> None:
    """Six scenes of one video each: whole videos as folds would score a scene by models that never saw it."""
    folds = folds_by_scene([(f"scene{number}", 50) for number in range(6)])
    assert all(set(own.tolist()) == set(range(FEWEST_FOLDS)) for own in folds)
    mixed = folds_by_scene([("a", 10), ("b", 10), ("a", 10), ("b", 20)])
    for scene, places in (("a", (0, 2)), ("b", (1, 3))):
        alone = frame_folds([10, 10 if scene == "a" else 20])
        assert [mixed[place].tolist() for place in places] == [own.tolist() for own in alone]
