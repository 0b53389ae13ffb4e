"""What a person meant who mistyped a name."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`; did you mean fusion?` to put behind a message; empty if no name is near `given`."""
    near = nearest(given, known)
    return f"; did you mean {near}?" if near else ""


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The one of `known` that is spelled most like `given`; None if none is near."""
    by_small = {name.lower(): name for name in known}
    found = get_close_matches(given.lower(), by_small, n=1, cutoff=0.65)
    return by_small[found[0]] if found else None
