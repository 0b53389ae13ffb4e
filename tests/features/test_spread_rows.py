"""Rows spread over frames, against a slow obvious version; tables of frames."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.datasets import Video
from scenewise.errors import DataError
from scenewise.features.foreign_features import of_array
from scenewise.features.frame_table import frames_in, read_frame_table
from scenewise.features.spread_rows import rows_of_frames, spread


def slow_rows(rows: int, frames: int) -> list[int]:
    """Row by row, the frames from r N / R to before (r + 1) N / R; both sides times R, so that nothing is rounded."""
    found = []
    for row in range(rows):
        found += [row for frame in range(frames) if row * frames <= frame * rows < (row + 1) * frames]
    return found


@given(st.integers(1, 40), st.integers(0, 200), st.data())
def test_every_frame_has_the_row_of_its_part(rows: int, more: int, data: st.DataObject) -> None:
    frames = rows + more
    expected = slow_rows(rows, frames)
    assert len(expected) == frames and set(expected) == set(range(rows))
    assert rows_of_frames(0, frames, rows, frames).tolist() == expected
    array = np.random.default_rng(rows).normal(size=(rows, 3)).astype(np.float32)
    features = spread(of_array("video.npy", array.shape, lambda first, stop: array[first:stop]), frames)
    first = data.draw(st.integers(0, frames - 1))
    stop = data.draw(st.integers(first + 1, frames + 5))
    assert features.frames == frames
    assert (features.read(first, stop) == array[expected[first:stop]].astype(np.float16)).all()


def test_no_row_stands_for_nothing() -> None:
    array = np.ones((32, 3), np.float32)
    for frames in (0, 31):
        with pytest.raises(DataError, match=f"32 rows to spread over {frames} frames"):
            spread(of_array("video.npy", array.shape, lambda first, stop: array[first:stop]), frames)


def test_a_table_as_json_and_as_csv(tmp_path: Path) -> None:
    expected = {"01_0014": 265, "test/06/0147": 33, "=x_1": 7}
    (tmp_path / "a.json").write_text(json.dumps(expected))
    (tmp_path / "a.csv").write_text("video,frames,note\n01_0014,265,\ntest/06/0147,33,long\n'=x_1,7,\n")
    for name in ("a.json", "a.csv"):
        table = read_frame_table(tmp_path / name)
        assert table == expected
        assert frames_in(table, Video("01", "0014", "test", tmp_path), "other") == 265
        assert frames_in(table, Video("06", "0147", "test", tmp_path), "06_0147") == 33
        assert frames_in(table, Video("06", "0147", "train", tmp_path), "06_0147") is None
        assert frames_in(table, Video("06", "0148", "train", tmp_path), "=x_1") == 7


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.json", "{", "no JSON"),
        ("a.json", "[1]", "JSON list"),
        ("a.json", '{"a": "7"}', "a: expected a number of frames"),
        ("a.json", '{"a": true}', "a: expected"),
        ("a.json", '{"a": 0}', "a: expected a number of frames from 1"),
        ("a.json", '{"a": NaN}', "a: expected"),
        ("a.json", '{"a": 1e400}', "a: expected"),
        ("a.json", '{"a": 100000000001}', "a: expected"),
        ("a.csv", "name,length\na,7\n", "columns"),
        ("a.csv", "video,frames\na,-7\n", "'-7'"),
        ("a.csv", "video,frames\na,\N{SUPERSCRIPT TWO}\n", "expected a number"),
        ("a.csv", f"video,frames\na,{'9' * 5000}\n", "expected a number"),
        ("a.csv", "video,frames\na,0\n", "a: expected a number of frames from 1"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError) as caught:
        read_frame_table(tmp_path / name)
    assert problem in str(caught.value) and str(tmp_path / name) in str(caught.value)
    with pytest.raises(DataError, match="none"):
        read_frame_table(tmp_path / f"none{name[1:]}")
