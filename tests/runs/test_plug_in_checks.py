"""What a plugged-in class does wrong is one clear line, and nothing wrong is written."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from scenewise.errors import ConfigError, PlugInError
from scenewise.methods import open_method
from scenewise.methods.scores import Chunk, Scored, ScoredObjects
from scenewise.plug_in import load_plug_in
from scenewise.runs.score_stream import score_all

CHUNKS = [Chunk(np.zeros((5, 3), np.float32), None), Chunk(np.zeros((4, 3), np.float32), None)]


class Faulty:
    """A scorer that gives `answers`, one a chunk."""

    def __init__(self, answers: list[object]) -> None:
        self.answers = answers

    def look_ahead(self, fps: float) -> float:
        return 0.0

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        for _, answer in zip(chunks, self.answers, strict=True):
            yield answer  # type: ignore[misc]


def scored(*values: float) -> Scored:
    return Scored(np.array(values, np.float32), None)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([scored(*range(5)), scored(*range(3))], "got 8 for a video of 9"),
        ([scored(*range(6)), scored(*range(3))], "got 6 for the first 5"),
        ([scored(*range(5)), scored(1, 2, np.nan, 4)], "NaN"),
        ([np.zeros(5), np.zeros(4)], "ndarray"),
        ([Scored(np.zeros((5, 1), np.float32), None), scored(*range(4))], r"\(5, 1\)"),
    ],
)
def test_wrong_scores_are_refused(answers: list[object], said: str) -> None:
    with pytest.raises(PlugInError, match=said) as refused:
        score_all(Faulty(answers), CHUNKS, 25.0, "road", 0.0)
    assert "\n" not in str(refused.value)


def test_parts_of_another_shape_are_refused() -> None:
    frame, box, score, track = np.zeros(2, np.int32), np.zeros((2, 4), np.float32), np.ones(2, np.float32), np.arange(2)
    shares = np.ones((2, 1), np.float32)
    objects = ScoredObjects(frame, box, score, track.astype(np.int32), track - 1, parts=shares, part_names=("a", "b"))
    answers = [Scored(np.zeros(5, np.float32), objects), scored(*range(4))]
    with pytest.raises(PlugInError, match=r"parts \(2, 2\) .* got \(2, 1\)"):
        score_all(Faulty(answers), CHUNKS, 25.0, "road", 0.0)


def test_right_scores_pass() -> None:
    values = score_all(Faulty([scored(*range(5)), scored(*range(5, 9))]), CHUNKS, 25.0, "road", 0.0).scores
    np.testing.assert_array_equal(values, np.arange(9))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def", "SyntaxError"),
        (r"raise RuntimeError('no\nluck')", "RuntimeError: no luck"),
        ("raise SystemExit(3)", "SystemExit"),
        ("import os; os.nothing", "AttributeError: module 'os'"),
        ("import nothing_of_this_name", "PYTHONPATH"),
        ("Other = 1", "has no Wanted"),
    ],
)
def test_a_module_that_cannot_be_imported_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    (tmp_path / "faulty_module.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "faulty_module", raising=False)
    with pytest.raises(ConfigError, match=said) as refused:
        load_plug_in("faulty_module:Wanted", "--method", ConfigError)
    assert "\n" not in str(refused.value)
    sys.modules.pop("faulty_module", None)


def test_what_is_no_method_is_named_without_its_address() -> None:
    with pytest.raises(ConfigError, match=r"derived from scenewise\.Method") as refused:
        open_method("scenewise.methods:open_method")
    assert "0x" not in str(refused.value) and "open_method" in str(refused.value)
