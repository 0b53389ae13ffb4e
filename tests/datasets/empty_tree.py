"""A tree of empty files, for what is decided by names alone."""

from pathlib import Path


def touch(root: Path, *names: str) -> Path:
    """Make the files `names` below `root`, and their folders."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root
