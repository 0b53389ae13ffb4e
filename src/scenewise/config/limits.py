"""What settings may be: the ranges that several stages share, and the error that names the flag."""

from scenewise.errors import ConfigError

MOST = 1_000_000_000
"""Above every count that makes sense, below what any library's integers overflow at."""
FPS = (0.0001, 1000)
"""Frames a second, from time lapse to high speed."""
SEED_MOST = 2**32 - 1
"""The largest seed that every generator in use takes."""


def require_between(settings: object, low: float, high: float, *names: str) -> None:
    """Raise ConfigError, naming the flag, where one of the settings `names` is no number from `low` to `high`.

    NaN lies nowhere, and infinity in no range. None, a setting left out, is let through.
    """
    for name in names:
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise ConfigError(f"--{name.replace('_', '-')}: expected a number from {low:g} to {high:.10g}, got {value}")
