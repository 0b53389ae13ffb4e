"""Lines on standard error: as long as they are, or broken at a width."""

import io

import pytest
from rich.console import Console

from scenewise import progress

LONG = "a note that goes on and on " * 8


@pytest.mark.parametrize("terminal", [60, 200])
def test_lines_are_broken_at_80_columns_only_inside_at_most(terminal: int, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=written, width=terminal))
    progress.note(LONG)
    assert len(written.getvalue().splitlines()) == 1
    with pytest.raises(ValueError, match="ends"), progress.at_most(80):
        progress.note(LONG)
        raise ValueError("ends")
    lines = written.getvalue().splitlines()[1:]
    assert max(map(len, lines)) <= min(terminal, 80) and " ".join(lines).split() == f"note: {LONG}".split()
    progress.note(LONG)
    assert written.getvalue().splitlines()[-1] == f"note: {LONG}" and progress.console.width == terminal
