"""The models of frames applied to a video: every score is known with its frame."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scenewise.methods.frames.method import part_of
from scenewise.methods.scores import Chunk, Scored


class FrameScorer:
    """Scores frames by their features alone."""

    def __init__(self, models: Mapping[str, Any]) -> None:
        """`models` {scene, or ALL_SCENES: a model with `score`}."""
        self.models = models

    def look_ahead(self, fps: float) -> float:
        """None: a frame's score depends on nothing after it."""
        return 0.0

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """See `Scorer.stream`."""
        model = part_of(self.models, scene)
        for chunk in chunks:
            yield Scored(model.score(chunk.features), None)
