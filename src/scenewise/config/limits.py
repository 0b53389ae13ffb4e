"""Ranges of settings that several stages share, and the check that names the flag."""

from scenewise.errors import ConfigError

MOST = 1_000_000_000
"""Above every count that makes sense, and below the point where any library's integers overflow."""
FPS = (0.0001, 1000)
"""Frames a second, from time lapse to high speed."""
MAX_PIXELS = 64_000_000
"""Larger pictures are refused before they are decoded, unless --max-pixels allows them: of a file of 3 MB, pictures of
16,000 x 16,000 would ask for gigabytes."""
SEED_MOST = 2**32 - 1
"""The largest seed that all random generators in use accept."""


def require_between(settings: object, low: float, high: float, *names: str) -> None:
    """Raise ConfigError, naming the flag, if one of the settings `names` is not a number from `low` to `high`.

    NaN and infinity are in no range. None, a setting that was not given, passes.
    """
    for name in names:
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise ConfigError(f"--{name.replace('_', '-')}: expected a number from {low:g} to {high:.10g}, got {value}")
