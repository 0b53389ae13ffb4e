"""Attribute densities applied to a video: a frame scores as its most abnormal object, known with the frame."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from scenewise.errors import IntegrityError
from scenewise.formats.json_text import Form, require_form
from scenewise.methods.frames.method import part_of
from scenewise.methods.frames.object_attributes import attributes_of, reach_of
from scenewise.methods.normal_memory import NormalExamples, NormalMemory
from scenewise.methods.scores import Chunk, Scored, ScoredObjects
from scenewise.objects.object_table import Objects, joined

NOTHING = -2.0
"""Score of a frame in which nothing moves: less than that of ordinary objects, each of whose two terms is 0."""


class _Facts(Form):
    videos: dict[str, list[Annotated[list[str], Field(min_length=2, max_length=2)]]]


def require_facts(facts: Mapping[str, Any], parts: Iterable[str]) -> None:
    """Raise ValueError unless `facts` hold the training videos of `parts`."""
    require_form(facts, _Facts)
    missing = [part for part in parts if part not in facts["videos"]]
    if missing:
        raise ValueError(f"videos: expected those of {missing[0]}, got none")


class AttributeScorer:
    """Scores the moving objects of frames."""

    def __init__(
        self, models: Mapping[str, Any], videos: Mapping[str, Sequence[Any]], every: int, scenes: Iterable[str]
    ) -> None:
        """`models` {part: densities}, `videos` {part: title and source of each of its training videos}.

        Every `every`-th frame is examined for objects; `scenes` of the run.
        """
        self.models, self.every, self.scenes = models, every, tuple(scenes)
        self.memory = {
            part: NormalMemory(
                NormalExamples(
                    [(title, source) for title, source in videos[part]], model.video, model.frame, model.box
                ),
                model.appearance,
            )
            for part, model in models.items()
        }

    def memories(self) -> dict[str, NormalMemory]:
        """See `MemoryScorer`."""
        return {scene: part_of(self.memory, scene) for scene in self.scenes}

    def look_ahead(self, fps: float) -> float:
        """None: objects are described by what was seen of them before."""
        return 0.0

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """See `Scorer.stream`."""
        model = part_of(self.models, scene)
        held: Objects | None = None
        first, last = 0, NOTHING
        for chunk in chunks:
            if chunk.objects is None:
                raise IntegrityError("the method scores objects, and the footage was not examined for objects")
            held = chunk.objects if held is None else joined([held, chunk.objects])
            found = attributes_of(held, fps)
            fresh = found.select(held.frame[found.row] >= first)
            shown = held.select(fresh.row)
            terms, nearest = model.terms(fresh)
            scores = model.joined(terms)
            frames = np.arange(first, first + len(chunk.features))
            of_frames = frame_scores(scores, shown.frame, frames, self.every, last)
            parts, names = model.parts(terms), ("velocity", "appearance")
            examples = part_of(self.memory, scene).examples
            objects = ScoredObjects(
                shown.frame, shown.box, scores, shown.track, nearest, examples, parts=parts, part_names=names
            )
            yield Scored(of_frames, objects)
            first += len(frames)
            last = float(of_frames[-1]) if len(of_frames) else last
            held = held.between(first - reach_of(fps).before, first)


def frame_scores(
    scores: NDArray[np.float32],
    of_frame: NDArray[np.int32],
    frames: NDArray[np.int64],
    every: int,
    last: float = NOTHING,
) -> NDArray[np.float32]:
    """(n,) the highest of the `scores` (M,) of objects in frames `of_frame` (M,), for each of `frames` (n,) in a row.

    NOTHING if there is none. A frame that was not examined, as every `every`-th is, has the score of the one before;
    that before the first is `last`.
    """
    highest = np.full(len(frames), NOTHING, np.float32)
    if len(frames):
        np.maximum.at(highest, of_frame - frames[0], scores)
    examined = np.flatnonzero(frames % every == 0)
    latest = np.searchsorted(examined, np.arange(len(frames)), "right") - 1
    if not len(examined):
        return np.full(len(frames), last, np.float32)
    return np.where(latest < 0, last, highest[examined[np.maximum(latest, 0)]]).astype(np.float32)
