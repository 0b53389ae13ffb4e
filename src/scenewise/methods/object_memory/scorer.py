"""A run that remembers, applied to a video: the score of every frame, and the objects behind it."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors

from scenewise.errors import DataError, IntegrityError
from scenewise.files import check
from scenewise.methods.object_memory.memory_bank import STILL_SECONDS, TRACK_SECONDS
from scenewise.methods.object_memory.scene_memory import POOLED, SceneMemory, every_frame, frame_scores
from scenewise.methods.object_memory.tensors import memories_from_tensors
from scenewise.methods.object_memory.term_scales import TermScale, frame_weight, read_term_scales
from scenewise.methods.scores import Chunk, Scored, ScoredObjects
from scenewise.objects.object_table import Objects, joined, no_objects
from scenewise.runs.run import MODEL, Run
from scenewise.scoring.smoothing import stream_smooth


class NormalExample(NamedTuple):
    """The normal object most like one that was scored."""

    video: str
    """Title of the training video."""
    source: str
    """Its file or folder."""
    frame: int
    box: tuple[float, float, float, float]
    """Left, top, right, bottom as shares of the picture's width and height."""


class MemoryScorer:
    """Holds a run's memories; for the methods `object-memory` and `fusion`."""

    def __init__(self, run: Run) -> None:
        """Raises IntegrityError where the run's memory was changed."""
        self.run = run
        names = [POOLED] if not run.config.by_scene else list(run.scenes)
        self.appearance, self.memories = memories_from_tensors(
            load_tensors(check(run.folder / MODEL).read_bytes()), names
        )
        self.scales = read_term_scales(run)
        self.frame_weight = frame_weight(run)
        self.every = 1 if run.extract_config is None else run.extract_config.objects_every

    def memory(self, scene: str) -> SceneMemory:
        """What is normal in `scene`."""
        return self.memories[POOLED if not self.run.config.by_scene else scene]

    def normal_example(self, scene: str, row: int) -> NormalExample | None:
        """The remembered object in `row` of the memory of `scene`; None for -1."""
        memory = self.memory(scene).objects
        if memory is None or row < 0:
            return None
        video, frame = memory.source[row].tolist()
        title, source = self.run.training["videos"][POOLED if not self.run.config.by_scene else scene][video]
        left, top, right, bottom = memory.box[row].tolist()
        return NormalExample(title, source, frame, (left, top, right, bottom))

    def score(self, pieces: Iterable[Chunk], fps: float, scene: str) -> Scored:
        """All of `stream` at once."""
        parts = list(self.stream(pieces, fps, scene))
        scores = np.concatenate([np.empty(0, np.float32), *(part.scores for part in parts)])
        objects = [part.objects for part in parts if part.objects is not None]
        return Scored(scores, ScoredObjects.joined(objects))

    def stream(self, pieces: Iterable[Chunk], fps: float, scene: str) -> Iterator[Scored]:
        """Raw scores, smoothed, of a video of `scene` whose `pieces` come in order, as soon as they are known.

        Runs behind by twice the reach of a track's median and the smoothing's reach. Raises IntegrityError where a
        piece holds no objects, DataError where the run does not know the scene.
        """
        if scene not in self.scales:
            raise DataError(
                f"scene {scene} has no normal footage in {self.run.folder}; it knows {', '.join(self.run.scenes)}"
            )
        waiting: deque[ScoredObjects] = deque()
        given = 0

        def raw() -> Iterator[NDArray[np.float32]]:
            for scores, objects in self._raw(pieces, fps, scene):
                waiting.append(objects)
                yield scores

        for scores in stream_smooth(raw(), self.run.config.smoothing, fps):
            given += len(scores)
            known = ScoredObjects.joined(list(waiting))
            waiting.clear()
            stop = int(np.searchsorted(known.frame, given))
            waiting.append(known.select(slice(stop, None)))
            yield Scored(scores, known.select(slice(stop)))

    def _raw(
        self, pieces: Iterable[Chunk], fps: float, scene: str
    ) -> Iterator[tuple[NDArray[np.float32], ScoredObjects]]:
        """Scores before smoothing, (n,), and the objects of these n frames."""
        memory, scale = self.memory(scene), self.scales[scene]
        reach = round(TRACK_SECONDS * fps)
        # A median of medians along tracks of what moves, which is a third one, and the next frame that was looked at.
        margin = 2 * reach + round(STILL_SECONDS * fps) + self.every
        held = no_objects(len(self.appearance.mean))
        terms = np.empty(0, np.float32)
        seen = done = 0
        for piece in pieces:
            if piece.objects is None:
                raise IntegrityError(f"--method {self.run.config.method}: the footage was not looked at for objects")
            held = joined([held, piece.objects])
            terms = np.concatenate([terms, _frame_terms(memory, scale, piece.features)])
            seen += len(piece.features)
            if seen - margin - done >= 2 * margin:  # in long folds, since their margins are compared twice
                yield self._between(memory, scale, held, terms, range(done, seen - margin), seen, fps)
                terms, done = terms[seen - margin - done :], seen - margin
                held = held.between(done - margin, seen)
        if seen > done:
            yield self._between(memory, scale, held, terms, range(done, seen), seen, fps)

    def _between(
        self,
        memory: SceneMemory,
        scale: TermScale,
        objects: Objects,
        frame_terms: NDArray[np.float32],
        frames: range,
        seen: int,
        fps: float,
    ) -> tuple[NDArray[np.float32], ScoredObjects]:
        """Raw scores and objects of `frames`, of `seen` so far, from the `objects` of these and of the margins."""
        score, nearest_row = memory.object_scores(objects, self.appearance, fps)
        looked_at = np.arange(frames.start - frames.start % self.every, min(frames.stop + self.every, seen), self.every)
        term = every_frame(frame_scores(score, objects, looked_at, memory.crowd), looked_at, np.asarray(frames))
        scores = scale.of_objects(term) + self.frame_weight * frame_terms[: len(frames)]
        inside = (objects.frame >= frames.start) & (objects.frame < frames.stop)
        own = objects.select(inside)
        return scores, ScoredObjects(
            own.frame, own.box, scale.of_objects(score[inside]), own.track, nearest_row[inside]
        )


def _frame_terms(memory: SceneMemory, scale: TermScale, features: NDArray[np.floating]) -> NDArray[np.float32]:
    if memory.residual is None:
        return np.zeros(len(features), np.float32)
    return scale.of_frames(memory.residual.score(features))
