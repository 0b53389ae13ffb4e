"""Paths that a command reads, looked for in its first second: before heavy imports, and before any progress bar."""

import os
from collections.abc import Iterable
from pathlib import Path

from scenewise.did_you_mean import did_you_mean
from scenewise.errors import ConfigError
from scenewise.video.address import is_address


def require_folder(path: Path, expected: str) -> None:
    """Raise ConfigError unless something lies at `path`; what it is, the command's own checks say.

    `expected`: in words, such as "the folder of a data set".
    """
    if not os.path.lexists(path):
        raise ConfigError(f"{path}: expected {expected}; there is no such folder{_neighbour(path)}")


def require_videos(videos: Iterable[str]) -> None:
    """Raise ConfigError if one of `videos` is neither there nor a stream."""
    missing = [video for video in videos if not is_address(video) and not os.path.lexists(video)]
    if missing:
        named = ", ".join(missing[:3])
        raise ConfigError(f"{named}: there is no such file or folder; nothing was scored{_neighbour(Path(missing[0]))}")


def _neighbour(path: Path) -> str:
    """Which name beside the missing one was perhaps meant."""
    try:
        return did_you_mean(path.name, [entry.name for entry in path.absolute().parent.iterdir()])
    except OSError:
        return ""
