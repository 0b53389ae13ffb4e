"""No text in a CSV file is a formula to a spreadsheet, every text is read again as it was, and numbers stay numbers."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.csv_cells import cell_text, csv_lines

CHARACTERS = st.text(st.sampled_from("=+-@'\t\r\n ,;\"a1.e\uff1d") | st.characters(codec="utf-8"), max_size=6)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "name", ["=1+1", "+cmd|' /C calc'!A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "-", "+1-800"]
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(name: str) -> None:
    ((cell, number),) = read(csv_lines([[name, -0.5]]))
    assert cell == f"'{name}" and cell_text(cell) == name and number == "-0.5"


@pytest.mark.parametrize("number", ["-1.350796", "+3", "-1e-07", "-inf", "nan", ".5", -2, -0.25, "-3.", 7, None, True])
def test_numbers_stay_as_they_are(number: object) -> None:
    ((cell,),) = read(csv_lines([[number]])) or [[""]]
    assert cell == ("" if number is None else str(number))


@pytest.mark.parametrize("name", ["road", "'quoted'", "it's", "", "a=b", "scene-2", "caf\u00e9"])
def test_other_texts_stay_as_they_are(name: str) -> None:
    assert read(csv_lines([[name, 1]])) == [[name, "1"]]


@given(CHARACTERS)
def test_every_text_is_read_as_it_was(name: str) -> None:
    ((cell, _),) = read(csv_lines([[name, 1]]))
    assert cell_text(cell) == name


@given(CHARACTERS, CHARACTERS)
def test_two_texts_are_never_the_same_cell(first: str, second: str) -> None:
    assert (csv_lines([[first]]) == csv_lines([[second]])) == (first == second)


def test_no_spreadsheet_divides_a_text() -> None:
    """Some divide lines by semicolons or tabs, but not within quotes."""
    assert csv_lines([["a;=1", "b\t=1", "c\r=1", 'd"=1', 2]]) == '"a;=1","b\t=1","c\r=1","d""=1",2\n'
