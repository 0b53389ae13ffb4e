"""Counts and mistyped names, as sentences have them."""

import pytest

from scenewise.counted import counted
from scenewise.did_you_mean import did_you_mean


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 frames"), (1, "1 frame"), (1.0, "1 frame"), (2, "2 frames"), (0.5, "0.5 frames"), (12345, "12,345 frames")],
)
def test_one_thing_has_no_s(number: float, words: str) -> None:
    assert counted(number, "frame") == words


def test_a_plural_of_its_own_is_given() -> None:
    assert counted(1, "class", "classes") == "1 class" and counted(3, "class", "classes") == "3 classes"


def test_the_nearest_name_is_asked_for_and_no_far_one() -> None:
    assert did_you_mean("fusoin", ["fusion", "hybrid"]) == "; did you mean fusion?"
    assert did_you_mean("Highway", ["highway", "Hall"]) == "; did you mean highway?"
    assert did_you_mean("zzz", ["fusion", "hybrid"]) == did_you_mean("x", []) == ""
