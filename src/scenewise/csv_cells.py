"""Rows of CSV files, in which no spreadsheet takes a name for a formula.

Spreadsheets run a cell that begins with =, +, - or @ as a formula, also behind white space, quoted or not. A scene may
be called so. Such a text gets an apostrophe in front, which spreadsheets show as text; numbers stay as they are.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")  # the full-width forms too
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf|nan")
_ESCAPE = "'"
_LINE_END = ";\t\r\n"


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """`rows` as lines of a CSV file; `cell_text` gives the texts of their cells again."""
    written = io.StringIO()
    # The csv module quotes a cell that holds a character of the line's end: here also those by which some spreadsheets
    # divide a line, so that no formula begins inside of a text.
    writer = csv.writer(written, lineterminator=_LINE_END)
    lines = []
    for row in rows:
        writer.writerow([_safe(cell) for cell in row])
        lines.append(f"{written.getvalue().removesuffix(_LINE_END)}\n")
        written.seek(0)
        written.truncate()
    return "".join(lines)


def cell_text(cell: str) -> str:
    """The text that `csv_lines` wrote as `cell`."""
    return cell.removeprefix(_ESCAPE) if _runs(cell) else cell


def _safe(cell: object) -> object:
    # A text that looks as if it had an apostrophe from here gets another one, so that it can be read again.
    return f"{_ESCAPE}{cell}" if isinstance(cell, str) and _runs(cell) else cell


def _runs(cell: str) -> bool:
    return bool(_FORMULA.match(cell.lstrip(_ESCAPE))) and not _NUMBER.fullmatch(cell)
