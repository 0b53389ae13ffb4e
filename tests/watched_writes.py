"""Every write of this process to the disk, as it happens: what a test looks at, or interferes with."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Listener = Callable[[str, Path], None]
"""Called before each write with its kind, such as "os.rename", and the path; what it raises, the write raises."""
_PLACES = {"os.rename": 0, "os.remove": 0, "os.symlink": 1, "os.link": 1, "shutil.rmtree": 0}
"""{event: which of its arguments is the path}; os.rename is os.replace too."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_listener: Listener | None = None
_installed = False


@contextmanager
def watched(listener: Listener, below: Path) -> Iterator[None]:
    """Call `listener` for every write below a folder; writes of its own are not reported."""
    global _listener, _installed

    def report(kind: str, path: Path) -> None:
        global _listener
        if path.is_relative_to(below):
            _listener = None
            try:
                listener(kind, path)
            finally:
                _listener = report

    if not _installed:  # and it stays: an audit hook cannot be removed
        sys.addaudithook(_hook)
        _installed = True
    _listener = report
    try:
        yield
    finally:
        _listener = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _listener is None:
        return
    if event == "open" and isinstance(arguments[0], str | bytes) and arguments[2] & _WRITING:
        _listener("open", Path(os.fsdecode(arguments[0])))
    elif event in _PLACES:
        place = arguments[_PLACES[event]]
        if isinstance(place, str | bytes | os.PathLike):
            _listener(event, Path(os.fsdecode(place)))
