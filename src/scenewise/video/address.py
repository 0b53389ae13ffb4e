"""What is a stream, and not a file or a folder. Needs nothing heavy, so that commands can ask before they start."""

import re
from pathlib import Path

FOLLOW = "follow:"
"""Before the path of a file that is still being written."""


def is_address(where: str | Path) -> bool:
    """Whether `where` is a stream and not a file or a folder. A `Path` never is: data sets hold no devices."""
    if not isinstance(where, str):
        return False
    known = where.startswith(FOLLOW) or re.match(r"[a-z][a-z0-9+.-]*://", where)
    return bool(known) or Path(where).is_char_device()
