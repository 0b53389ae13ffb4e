"""What goes into a method's scorer, and what comes out: chunks of frames in, scores and scored objects out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from scenewise.features.blocks import Block
from scenewise.methods.accepting import Accepted, AcceptingMethod, Observation, can_accept, require_accepting
from scenewise.methods.normal_memory import MemoryScorer, NormalExample, NormalExamples, NormalMemory, memories_of
from scenewise.objects.object_table import Objects
from scenewise.scoring.threshold import NormalScores

__all__ = [
    "Accepted",
    "AcceptingMethod",
    "Chunk",
    "ElsewhereScorer",
    "MemoryScorer",
    "NormalExample",
    "NormalExamples",
    "NormalMemory",
    "NormalScores",
    "Observation",
    "Scored",
    "ScoredObjects",
    "Scorer",
    "WaitingScorer",
    "can_accept",
    "chunk_of",
    "join_scored",
    "least_look_ahead",
    "memories_of",
    "no_scored_objects",
    "require_accepting",
    "scores_elsewhere",
]


class Chunk(NamedTuple):
    """n consecutive frames of a video."""

    features: NDArray[np.floating]
    """(n, D)."""
    objects: Objects | None
    """The objects in them; None if nobody looked for objects."""
    regions: NDArray[np.floating] | None = None
    """(n, R, D') features of R places in row-major order; None if the encoder gave none."""


def chunk_of(block: Block) -> Chunk:
    """A block of the feature store, as scorers take it."""
    return Chunk(block.features, block.objects, block.regions)


@dataclass(frozen=True)
class ScoredObjects:
    """M objects, ordered by frame."""

    frame: NDArray[np.int32]
    """(M,) from the video's start."""
    box: NDArray[np.float32]
    """(M, 4) left, top, right, bottom as shares of the picture's width and height."""
    score: NDArray[np.float32]
    """(M,) anomaly score, on the scale of the frame scores beside it."""
    track: NDArray[np.int32]
    """(M,) the same number for the same object in other frames."""
    nearest: NDArray[np.int64]
    """(M,) row of `examples` with the nearest normal example; -1 if there is none."""
    examples: NormalExamples | None = None
    parts: NDArray[np.float32] | None = None
    """(M, P) how much of each object's score is due to each of `part_names`: at least 0 and 1 in all, so that share
    times score adds up to the score. All 0 for an object that nothing raised. None if the method has one part only."""
    part_names: tuple[str, ...] = ()
    """What P parts a score is made of, such as ("appearance", "speed")."""
    described: NDArray[np.float16] | None = None
    """(M, e) what the `elsewhere` of an ElsewhereScorer wants to know of each; None for other scorers."""

    def __len__(self) -> int:
        return len(self.frame)

    def select(self, rows: NDArray[Any] | slice) -> "ScoredObjects":
        """Those of `rows`."""
        columns: dict[str, Any] = {
            name: None if (column := getattr(self, name)) is None else column[rows] for name in COLUMNS
        }
        return replace(self, **columns)

    def parts_of(self, row: int) -> tuple[tuple[str, float], ...]:
        """(name, share) of the parts of object `row`; empty if nothing is known of them."""
        if self.parts is None or not self.parts[row].any():
            return ()
        return tuple(zip(self.part_names, self.parts[row].tolist(), strict=True))

    def nearest_example(self, row: int) -> NormalExample | None:
        """The normal object nearest to object `row`; None if there is none."""
        nearest = int(self.nearest[row])
        return None if nearest < 0 or self.examples is None else self.examples[nearest]


COLUMNS = ("frame", "box", "score", "track", "nearest", "parts", "described")
"""The fields of ScoredObjects with a row per object."""


def no_scored_objects() -> ScoredObjects:
    """None at all."""
    return ScoredObjects(
        np.empty(0, np.int32),
        np.empty((0, 4), np.float32),
        np.empty(0, np.float32),
        np.empty(0, np.int32),
        np.empty(0, np.int64),
    )


def join_scored(parts: Sequence[ScoredObjects]) -> ScoredObjects:
    """All of `parts`, of one memory bank, in their order."""
    if not parts:
        return no_scored_objects()
    filled = [part for part in parts if len(part)] or parts[-1:]
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        of_parts = [getattr(part, name) for part in filled]
        columns[name] = None if any(one is None for one in of_parts) else np.concatenate(of_parts)
    return replace(filled[-1], **columns)


class Scored(NamedTuple):
    """n consecutive frames of a video with their scores."""

    scores: NDArray[np.float32]
    """(n,) anomaly scores, unbounded, higher is more abnormal."""
    objects: ScoredObjects | None
    """The objects or the places in them; None for methods that say nothing about where."""
    maps: NDArray[np.float32] | None = None
    """(n, rows, columns) anomaly scores of the cells of a grid over the whole picture, on the scale of the frame
    scores; None for methods that score no places. A method gives maps of one grid for all frames, or for none."""


class Scorer(Protocol):
    """A run, ready to score videos."""

    def look_ahead(self, fps: float) -> float:
        """Seconds after a frame that its score depends on: the delay of `stream`, unless it is asked for less."""
        ...

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """Raw scores of a video of `scene` whose `chunks` come in order, as soon as they are known.

        Raw: neither smoothed nor on the scene scale. Every frame has exactly one score. The scores do not depend on how
        the video is cut into chunks. With `look_ahead` each score is made of what is seen so many seconds after its
        frame, or all that the method needs if that is less. Raises DataError if the run does not know the scene,
        IntegrityError if the method needs objects and a chunk has none.
        """
        ...


@runtime_checkable
class WaitingScorer(Protocol):
    """What a Scorer has besides if it cannot give every score as early as it is asked to."""

    def least_look_ahead(self, fps: float) -> float:
        """Seconds that a frame may have to wait for its score even if `stream` is asked for a `look_ahead` of 0.

        The first scores of a video may come later.
        """
        ...


def least_look_ahead(scorer: Scorer, fps: float) -> float:
    """Seconds that a frame may have to wait for its score in any case: 0 unless the scorer says otherwise."""
    return scorer.least_look_ahead(fps) if isinstance(scorer, WaitingScorer) else 0.0


@runtime_checkable
class ElsewhereScorer(Protocol):
    """What a Scorer has besides if it can say how an object of one scene would score in the others."""

    def elsewhere(
        self, described: NDArray[np.float16], boxes: NDArray[np.float32], scene: str
    ) -> Mapping[str, NDArray[np.float32]]:
        """{other scene: (n,) raw anomaly scores there} of n objects that were seen in `scene`.

        `described` (n, e) and `boxes` (n, 4) are theirs in ScoredObjects. A score is on the scale of the other scene's
        frame scores, and infinite where nothing sure can be said. Where an object is in the picture does not count: a
        place in another camera's picture means nothing.
        """
        ...


def scores_elsewhere(
    scorer: Scorer, described: NDArray[np.float16] | None, boxes: NDArray[np.float32], scene: str
) -> Mapping[str, NDArray[np.float32]]:
    """What `ElsewhereScorer.elsewhere` says; empty unless the scorer can say so."""
    if described is None or not isinstance(scorer, ElsewhereScorer):
        return {}
    return scorer.elsewhere(described, boxes, scene)
