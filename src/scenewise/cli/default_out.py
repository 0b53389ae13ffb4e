"""Where a command writes without `--out`, which its first line says."""

import re
from pathlib import Path

FEATURES, SCORED, BENCHMARK = "features", "scored", "benchmark"
"""What is written, as the end of a name."""


def out_or_default(out: Path | None, read: Path, ending: str) -> Path:
    """`out`; or, if it is not given, NAME-ENDING in the current folder, which one line on standard error says.

    NAME is that of the folder `read`; of features it is the data set's: cameras, cameras-features, cameras-fusion. What
    is there already is only completed or replaced if it is of the same kind; each command refuses anything else.
    """
    if out is not None:
        return out
    name = read.resolve().name.removesuffix(f"-{FEATURES}") or "footage"
    return said(Path(f"{name}-{re.sub(r'[^A-Za-z0-9_+-]', '-', ending)}"))


def said(out: Path, kind: str = "folder") -> Path:
    """`out`, which the user did not name, after one line on standard error that names it."""
    from scenewise.progress import say

    say(f"writing to {out}, unless --out names another {kind}")
    return out
