"""What the names of a folder's pictures tell beside their order: how fast they follow, and where some are missing."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import log2
from statistics import median

from scenewise.counted import counted
from scenewise.progress import note
from scenewise.video.picture_order import PictureOrder
from scenewise.video.probe import DEFAULT_FPS

_PAUSE = 1.5
"""Pictures named by time are missing if two are so many times farther apart than usual."""
_REGULAR = 0.9
"""Share of the steps that must not be pauses; otherwise pictures were taken when something happened."""
_NOTICEABLE = 0.05
_SAID: set[int] = set()
"""Logarithms of the paces that were said."""


def note_unused_pace(order: PictureOrder) -> None:
    """Say so if the names tell another pace than the default rate, which is used; once for folders of similar pace."""
    every = _seconds_apart(order)
    if not every or abs(every * DEFAULT_FPS - 1) < _NOTICEABLE or round(log2(every)) in _SAID:
        return
    _SAID.add(round(log2(every)))
    note(
        f"{order.files[0].parent}: by the names a picture comes every {every:.3g} s, but it is read at "
        f"{counted(DEFAULT_FPS, 'frame')} a second; with --fps {1 / every:.4g} times and speeds follow the names"
    )


def missing_pictures(order: PictureOrder) -> str | None:
    """Where pictures are missing, in a few words; None if nowhere, or if the names cannot tell.

    In folders of every n-th frame the same numbers are missing each time.
    """
    places = order.places
    if places is None or len(places) < 2:
        return None
    steps = [following - one for one, following in pairwise(places)]
    if not all(steps):
        return None  # several pictures a second, named by the second
    if order.timed:
        usual = median(map(Fraction, steps))
        wrong = [number for number, step in enumerate(steps) if step > _PAUSE * usual]
        if len(wrong) > (1 - _REGULAR) * len(steps):
            return None
        names = [file.name for file in order.files]
    else:
        most_common = Counter(steps).most_common(1)[0][0]
        wrong = [number for number, step in enumerate(steps) if step != most_common]
        names = [str(place) for place in places]
    if not wrong:
        return None
    gaps = ", ".join(f"between {names[number]} and {names[number + 1]}" for number in wrong[:3])
    more = f" and at {len(wrong) - 3} more places" if len(wrong) > 3 else ""
    return f"pictures are missing {gaps}{more}"


def _seconds_apart(order: PictureOrder) -> float | None:
    """Usual seconds from one picture to the next; None if the names do not tell."""
    if not order.timed or order.places is None or len(order.places) < 3:
        return None
    steps = [following - one for one, following in pairwise(order.places)]
    if all(steps):
        return float(median(map(Fraction, steps)))
    return float(sum(steps)) / len(steps) or None  # several pictures a second, named by the second
