"""Leave-one-group-out: the scores of normal footage, each by a model that has not seen its group of folds."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

GROUPS = 5
"""Times a model is fitted without a fifth of the folds."""
Model = TypeVar("Model")


def groups_of(folds: Sequence[NDArray[np.int32]]) -> list[NDArray[np.int64]]:
    """The group of each frame, (N,) a video, from its fold: the folds are dealt out to GROUPS in turn."""
    line = np.concatenate(folds)
    _, number = np.unique(line, return_inverse=True)
    return np.split(number % GROUPS, np.cumsum([len(own) for own in folds])[:-1])


def models_without(groups: NDArray[np.int64], fit: Callable[[NDArray[np.bool_]], Model]) -> Iterator[tuple[int, Model]]:
    """(group, model that has not seen it) of each group; `fit` gets (n,) the rows, of groups `groups`, to learn from.

    If there is one group alone, its model has seen it, since there is nothing else.
    """
    for group in np.unique(groups):
        others = groups != group
        yield int(group), fit(others if others.any() else ~others)
