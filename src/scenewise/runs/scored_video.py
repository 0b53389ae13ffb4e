"""A run applied to a video: the method's raw scores, smoothed."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.scores import Chunk, Scored, ScoredObjects, Scorer, join_scored
from scenewise.scoring.smoothing import stream_smooth


def stream_scores(
    scorer: Scorer, chunks: Iterable[Chunk], fps: float, scene: str, smoothing: float
) -> Iterator[Scored]:
    """Smoothed scores of a video of `scene` whose `chunks` come in order, as soon as they are known.

    They trail the frames by the scorer's look-ahead and the smoothing's reach. Objects come with their frame's score.
    """
    waiting: list[ScoredObjects] = []
    has_objects = False

    def raw() -> Iterator[NDArray[np.float32]]:
        nonlocal has_objects
        for scored in scorer.stream(chunks, fps, scene):
            if scored.objects is not None:
                has_objects = True
                waiting.append(scored.objects)
            yield scored.scores

    given = 0
    for scores in stream_smooth(raw(), smoothing, fps):
        given += len(scores)
        if not has_objects:
            yield Scored(scores, None)
            continue
        known = join_scored(waiting)
        stop = int(np.searchsorted(known.frame, given))
        waiting[:] = [known.select(slice(stop, None))]
        yield Scored(scores, known.select(slice(stop)))


def score_video(scorer: Scorer, chunks: Iterable[Chunk], fps: float, scene: str, smoothing: float) -> Scored:
    """All of `stream_scores` at once."""
    parts = list(stream_scores(scorer, chunks, fps, scene, smoothing))
    scores = np.concatenate([np.empty(0, np.float32), *(part.scores for part in parts)])
    objects = [part.objects for part in parts if part.objects is not None]
    return Scored(scores, join_scored(objects) if objects else None)
