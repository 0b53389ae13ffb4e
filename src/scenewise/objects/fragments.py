"""Fragments to whole objects: a head, a trunk and legs that lie one above the other and move alike are one person.

A person before a ground of his own colour falls apart where his clothes match it, and parts that move faster than the
rest are cut out of him on purpose, in case they are someone else.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scenewise.objects.regions import Region

ABOVE = 0.6
"""Share of the narrower box's width that has to lie above or below the other."""
GAP = 0.18
"""Gap between two boxes at most, as a share of the height of both together."""
OVERLAP = 0.35
"""Overlap of two boxes at most, as a share of the lower one's height: people behind each other overlap more."""
STANDING = 1.8
"""Heights of a box over its width from which it is taken for a whole person, who is joined with nothing."""
SLIM = 1.2
"""Height of both together, at least, in widths: what is wider is no standing person."""
ALIKE = 0.06
"""Picture heights a second by which the medians of their motions may differ, beside half of the faster one's speed."""

Velocity = NDArray[np.float32]
"""(2,) picture heights a second, right and down."""


def whole(regions: Sequence[Region], flow: NDArray[np.float32]) -> list[Region]:
    """`regions` with fragments joined; `flow` (h, w, 2) is the picture's, in picture heights a second."""
    motions = [np.asarray(np.median(flow[one.place][one.mask], axis=0), np.float32) for one in regions]
    person = list(range(len(regions)))
    """Of each region the number of the first one that belongs to the same person."""
    for one, other in combinations(range(len(regions)), 2):
        if fit(regions[one], regions[other]) and alike(motions[one], motions[other]):
            first, second = sorted((person[one], person[other]))
            person = [first if number == second else number for number in person]
    parts: dict[int, list[Region]] = {}
    for region, number in zip(regions, person, strict=True):
        parts.setdefault(number, []).append(region)
    return [reduce(union, of_person) for of_person in parts.values()]


def fit(one: Region, other: Region) -> bool:
    """Whether two regions can be parts of one standing person."""
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one.box, other.box
    both = max(bottom, bottom2) - min(top, top2)
    wide = max(right, right2) - min(left, left2)
    shared = min(right, right2) - max(left, left2)
    apart = max(top, top2) - min(bottom, bottom2)
    return (
        shared >= ABOVE * min(right - left, right2 - left2)
        and -OVERLAP * min(bottom - top, bottom2 - top2) <= apart <= GAP * both
        and both >= SLIM * wide
        and max((bottom - top) / (right - left), (bottom2 - top2) / (right2 - left2)) < STANDING
    )


def alike(one: Velocity, other: Velocity) -> bool:
    """Whether two motions can be those of parts of one person."""
    faster = max(float(np.linalg.norm(one)), float(np.linalg.norm(other)))
    return float(np.linalg.norm(one - other)) <= ALIKE + 0.5 * faster


def union(one: Region, other: Region) -> Region:
    """One region of the pixels of both."""
    left, top = min(one.left, other.left), min(one.top, other.top)
    right, bottom = max(one.box[2], other.box[2]), max(one.box[3], other.box[3])
    mask = np.zeros((bottom - top, right - left), bool)
    for part in (one, other):
        height, width = part.mask.shape
        mask[part.top - top : part.top - top + height, part.left - left : part.left - left + width] |= part.mask
    return Region(left, top, mask)
