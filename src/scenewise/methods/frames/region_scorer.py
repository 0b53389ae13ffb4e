"""The memory of places applied to a video: a frame scores as its most abnormal region; all are boxes and a map."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from scenewise.errors import IntegrityError
from scenewise.formats.json_text import Form, require_form
from scenewise.methods.frames.method import part_of
from scenewise.methods.scores import Chunk, NormalExamples, NormalMemory, Scored, ScoredObjects


class _Facts(Form):
    videos: dict[str, list[Annotated[list[str], Field(min_length=2, max_length=2)]]]
    whole_picture: bool


class RegionScorer:
    """Scores the regions of frames."""

    def __init__(self, models: Mapping[str, Any], facts: Mapping[str, Any], every: int, scenes: Iterable[str]) -> None:
        """`models` {part: model of places}; `facts` as `require_facts` has them; `scenes` of the run.

        Boxes are given for every `every`-th frame, as for the objects of other methods.
        """
        self.models, self.every, self.located = models, every, facts["whole_picture"]
        self.scenes = tuple(scenes)
        self.memory = {part: _memory(model, facts["videos"][part]) for part, model in models.items()}

    def look_ahead(self, fps: float) -> float:
        """None: a frame's score depends on nothing after it."""
        return 0.0

    def memories(self) -> dict[str, NormalMemory]:
        """See `MemoryScorer`; nothing if it is unknown where the places are."""
        return {scene: part_of(self.memory, scene) for scene in self.scenes if self.located}

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """See `Scorer.stream`. Raises IntegrityError if a chunk has no regions, or other ones than the run."""
        model = part_of(self.models, scene)
        examples = part_of(self.memory, scene).examples
        boxes, first = cells(*model.grid.tolist()), 0
        for chunk in chunks:
            expected = (len(chunk.features), *model.bank.shape[::2])
            if chunk.regions is None or chunk.regions.shape != expected:
                got = "none" if chunk.regions is None else str(chunk.regions.shape)
                raise IntegrityError(f"the method scores region features {expected}, and the footage has {got}")
            scores, nearest = model.score(chunk.regions)
            examined = np.arange(-first % self.every, len(scores), self.every)
            places = len(boxes)
            shown = ScoredObjects(
                np.repeat(first + examined, places).astype(np.int32),
                np.tile(boxes, (len(examined), 1)),
                scores[examined].ravel(),
                np.tile(np.arange(places, dtype=np.int32), len(examined)),
                nearest[examined].ravel(),
                examples,
            )
            maps = scores.reshape(len(scores), *model.grid.tolist())
            of_frames = scores.max(axis=1)
            yield Scored(of_frames, shown, maps) if self.located else Scored(of_frames, None)
            first += len(scores)


def cells(rows: int, columns: int) -> NDArray[np.float32]:
    """(R, 4) left, top, right, bottom of the places of a grid, in row-major order, as shares of the picture."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    edges = column / columns, row / rows, (column + 1) / columns, (row + 1) / rows
    return np.stack(edges, axis=1).astype(np.float32)


def require_facts(facts: Mapping[str, Any], parts: Iterable[str]) -> None:
    """Raise ValueError unless `facts` hold the training videos of `parts`, and whether places are boxes."""
    require_form(facts, _Facts)
    missing = [part for part in parts if part not in facts["videos"]]
    if missing:
        raise ValueError(f"videos: expected those of {missing[0]}, got none")


def _memory(model: Any, videos: Sequence[tuple[str, str]]) -> NormalMemory:
    known = [(title, source) for title, source in videos]
    boxes = np.repeat(cells(*model.grid.tolist()), model.video.shape[1], axis=0)
    examples = NormalExamples(known, model.video.ravel(), model.frame.ravel(), boxes)
    return NormalMemory(examples, model.bank.reshape(-1, model.bank.shape[2]))
