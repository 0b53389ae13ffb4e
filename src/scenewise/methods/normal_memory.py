"""The normal objects and places that a method remembers: where each was seen, and what it looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


class NormalExample(NamedTuple):
    """An object of the normal footage."""

    video: str
    """Title of the training video, such as train/walkway/05."""
    source: str
    """Its file or folder."""
    frame: int
    box: tuple[float, float, float, float]
    """Left, top, right, bottom as shares of the picture's width and height."""
    row: int = -1
    """Its row in the memory of its scene; -1 if unknown."""


@dataclass(frozen=True)
class NormalExamples:
    """The n objects in a memory bank, and where each was seen."""

    videos: Sequence[tuple[str, str]]
    """Title and source of every training video that `video` counts."""
    video: NDArray[np.int32]
    """(n,)"""
    frame: NDArray[np.int32]
    """(n,)"""
    box: NDArray[np.float32]
    """(n, 4) shares of the picture's width and height."""

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, row: int) -> NormalExample:
        title, source = self.videos[int(self.video[row])]
        left, top, right, bottom = self.box[row].tolist()
        return NormalExample(title, source, int(self.frame[row]), (left, top, right, bottom), row)


class NormalMemory(NamedTuple):
    """The n examples that the `nearest` of ScoredObjects counts, and what they look like."""

    examples: NormalExamples
    appearance: NDArray[np.floating]
    """(n, d) vectors, the nearer the more alike two examples look."""


@runtime_checkable
class MemoryScorer(Protocol):
    """What a Scorer has besides if it compares with normal examples that can be shown."""

    def memories(self) -> Mapping[str, NormalMemory]:
        """{scene: what it remembers}; scenes that share a memory have the very same one, others without one are left
        out."""
        ...


def memories_of(scorer: Any) -> Mapping[str, NormalMemory]:
    """What `MemoryScorer.memories` gives; empty unless the scorer remembers examples."""
    return scorer.memories() if isinstance(scorer, MemoryScorer) else {}
