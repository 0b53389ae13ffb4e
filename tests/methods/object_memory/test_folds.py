"""Stretches of footage that are left out in turn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.methods.object_memory.folds import LEAST, MOST, frame_groups, track_groups

LENGTHS = st.lists(st.integers(5, 300), min_size=1, max_size=60)


@given(LENGTHS)
def test_every_frame_is_in_one_stretch_and_stretches_are_whole(lengths: list[int]) -> None:
    groups = frame_groups(lengths)
    assert [len(own) for own in groups] == lengths
    line = np.concatenate(groups)
    assert (np.diff(line) >= 0).all() and (np.diff(line) <= 1).all() and line[0] == 0
    assert LEAST <= line[-1] + 1 <= MOST
    if len(lengths) >= LEAST:
        assert all(len(set(own)) == 1 for own in groups), "a video is not cut"
    else:
        assert len({group for own in groups for group in set(own)}) == sum(len(set(own)) for own in groups)
        for own in groups:
            _, sizes = np.unique(own, return_counts=True)
            assert sizes.max() - sizes.min() <= 1


def test_a_video_of_one_frame() -> None:
    assert [own.tolist() for own in frame_groups([1])] == [[0]]
    assert frame_groups([]) == []


@given(st.lists(st.tuples(st.integers(0, 49), st.integers(0, 6)), max_size=60).map(sorted), st.integers(1, 10))
def test_a_track_lies_where_it_begins(seen: list[tuple[int, int]], long: int) -> None:
    frames, tracks = (np.array([one[place] for one in seen], np.int32) for place in (0, 1))
    groups = (np.arange(50) // long).astype(np.int32)
    found = track_groups(tracks, frames, groups)
    assert found.tolist() == [groups[min(at for at, other in seen if other == track)] for _, track in seen]
