"""Memory banks applied to a video: the score of every frame, and of the objects behind it, as frames arrive.

    frames seen ─ A: what moves ─ B: appearance, speed, raw scores ─ C: median scores, sightings ─ frame score
                  needs 0.2 s      needs 1 s more                    needs 1 s more                and the next
                  after a frame    after it                          after it                      examined frame

Each stage runs once a frame, as soon as the frames it needs are there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError, IntegrityError
from scenewise.methods.object_memory.description import TRACK_SECONDS, describe
from scenewise.methods.object_memory.elsewhere import FLOWS, packed, scores_in
from scenewise.methods.object_memory.memory_bank import JOINT, TERMS
from scenewise.methods.object_memory.scene_model import (
    ALL_SCENES,
    ENOUGH_SIGHTINGS,
    NOTHING,
    PARTS,
    SceneModel,
    in_every_frame,
    object_term,
)
from scenewise.methods.object_memory.tensors import State
from scenewise.methods.object_memory.term_scales import TermScale
from scenewise.methods.object_memory.track_medians import STILL_SECONDS, Reach, moving, sightings, track_medians
from scenewise.methods.scores import Chunk, NormalMemory, Scored, ScoredObjects
from scenewise.objects.object_table import Objects, joined


class ObjectMemoryScorer:
    """A fitted state, ready to score; for `object-memory` and `fusion`."""

    def __init__(
        self, state: State, videos: Mapping[str, Sequence[tuple[str, str]]], frame_weight: float, every: int
    ) -> None:
        """`videos` {part: title and source of its training videos}; every `every`-th frame is examined for objects."""
        self.state, self.frame_weight, self.every = state, frame_weight, every
        banks = {part: model.bank for part, model in state.models.items()}
        self.memory = {part: bank.memory(videos[part]) for part, bank in banks.items() if bank is not None}

    def look_ahead(self, fps: float) -> float:
        """Seconds from a frame to the last one that its score depends on."""
        return (_median_frames(fps) + self.every) / fps

    def least_look_ahead(self, fps: float) -> float:
        """Seconds that the frame after an examined one waits for the next examined one."""
        return (self.every - 1) / fps

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """See `Scorer.stream`; with a shorter `look_ahead`, medians reach less far behind the frame.

        A frame between two examined ones waits for the second in any case.
        """
        if scene not in self.state.scales:
            raise DataError(f"scene {scene} has no normal footage in the run; it knows {', '.join(self.state.scales)}")
        part = self._part(scene)
        share = 1.0
        if look_ahead is not None and look_ahead < self.look_ahead(fps):
            share = max(look_ahead * fps - self.every, 0) / max(_median_frames(fps), 1)
        stages = _Stages(self, part, self.state.scales[scene], fps, share)
        for chunk in chunks:
            if chunk.objects is None:
                raise IntegrityError("the method scores objects, and the footage was not examined for objects")
            yield from stages.add(chunk.features, chunk.objects)
        yield from stages.finish()

    def elsewhere(
        self, described: NDArray[np.float16], boxes: NDArray[np.float32], scene: str
    ) -> dict[str, NDArray[np.float32]]:
        """See `ElsewhereScorer`; nothing with one memory bank for all scenes."""
        own = self.state.models.get(scene)
        if own is None or own.bank is None:
            return {}
        return {
            other: self.state.scales[other].of_objects(scores_in(model, own.bank.measures, described, boxes))
            for other, model in self.state.models.items()
            if other != scene
        }

    def memories(self) -> dict[str, NormalMemory]:
        """See `MemoryScorer`; with --scope pooled all scenes share a bank."""
        found = {scene: self.memory.get(self._part(scene)) for scene in self.state.scales}
        return {scene: memory for scene, memory in found.items() if memory is not None}

    def _part(self, scene: str) -> str:
        return scene if scene in self.state.models else ALL_SCENES


def _median_frames(fps: float) -> int:
    """Frames after a frame that the medians of the three stages reach together."""
    return round(STILL_SECONDS * fps) + 2 * round(TRACK_SECONDS * fps)


class _Stages:
    """The stages of one video. Holds the objects of the last two seconds, not the video."""

    def __init__(self, scorer: ObjectMemoryScorer, part: str, scale: TermScale, fps: float, share: float) -> None:
        self.appearance, self.every, self.weight = scorer.state.appearance, scorer.every, scorer.frame_weight
        self.model: SceneModel = scorer.state.models[part]
        memory = scorer.memory.get(part)
        self.scale, self.examples = scale, None if memory is None else memory.examples
        self.fps = fps
        self.still, self.track = Reach(STILL_SECONDS, fps, share), Reach(TRACK_SECONDS, fps, share)
        self.objects: Objects | None = None
        # Of the objects held, as far as known: whether they move, raw scores and the shares of their parts, nearest
        # examples, descriptions, scores, and what the scores are made of.
        self.moves = np.empty(0, bool)
        self.raw, self.score = np.empty((0, len(TERMS) + len(JOINT)), np.float32), np.empty(0, np.float32)
        self.nearest = np.empty(0, np.int64)
        self.described = np.empty((0, self.appearance.matrix.shape[1] + FLOWS + 1), np.float16)
        self.parts = np.empty((0, len(PARTS)), np.float32)
        self.frame_terms = np.empty(0, np.float32)
        self.seen = self.moving_until = self.raw_until = self.score_until = self.given = 0

    def add(self, features: NDArray[np.floating], objects: Objects) -> Iterator[Scored]:
        """Take the next frames; gives the scores that are known by then."""
        self.objects = objects if self.objects is None else joined([self.objects, objects])
        count = len(objects)
        self.moves = np.concatenate([self.moves, np.zeros(count, bool)])
        self.raw = np.concatenate([self.raw, np.zeros((count, self.raw.shape[1]), np.float32)])
        self.described = np.concatenate([self.described, np.full((count, self.described.shape[1]), np.nan, np.float16)])
        self.parts = np.concatenate([self.parts, np.zeros((count, len(PARTS)), np.float32)])
        self.score = np.concatenate([self.score, np.full(count, np.nan, np.float32)])
        self.nearest = np.concatenate([self.nearest, np.full(count, -1)])
        self.frame_terms = np.concatenate([self.frame_terms, self._frame_terms(features)])
        self.seen += len(features)
        moving_until = self.seen - self.still.after
        raw_until = moving_until - self.track.after
        yield from self._advance(moving_until, raw_until, raw_until - self.track.after, final=False)

    def finish(self) -> Iterator[Scored]:
        """The scores that are left when the video ends."""
        yield from self._advance(self.seen, self.seen, self.seen, final=True)

    def _advance(self, moving_until: int, raw_until: int, score_until: int, *, final: bool) -> Iterator[Scored]:
        if self.objects is None:
            return
        self._find_moving(moving_until)
        self._score_raw(raw_until)
        self._take_medians(score_until)
        last_examined = (self.score_until - 1) // self.every * self.every
        ready = self.seen if final else min(last_examined + 1, self.score_until)
        if ready > self.given:
            yield self._scored(range(self.given, ready))
            self._forget()

    def _find_moving(self, until: int) -> None:
        if until <= self.moving_until:
            return
        assert self.objects is not None
        inside = self._between(self.moving_until - self.still.before, until + self.still.after)
        found = moving(self.objects.select(inside), self.still)
        fresh = self._between(self.moving_until, until)
        self.moves[fresh] = found[fresh.start - inside.start : fresh.stop - inside.start]
        self.moving_until = until

    def _score_raw(self, until: int) -> None:
        if until <= self.raw_until:
            return
        assert self.objects is not None
        rows = self._moving_between(self.raw_until, until)
        bank = self.model.bank
        if bank is not None and len(rows):
            around = self._moving_between(self.raw_until - self.track.before, until + self.track.after)
            embedded = self.appearance.embed(self.objects.features[rows])
            fresh = np.flatnonzero(np.isin(around, rows))
            known = describe(self.objects.select(around), embedded, bank.measures, self.track, self.fps, fresh)
            found = bank.score(known)
            self.raw[rows] = np.concatenate([found.terms, found.shares], axis=1)
            self.nearest[rows], self.described[rows] = found.nearest, packed(known)
        self.raw_until = until

    def _take_medians(self, until: int) -> None:
        if until <= self.score_until:
            return
        assert self.objects is not None
        rows = self._moving_between(self.score_until, until)
        if len(rows):
            around = self._moving_between(self.score_until - self.track.before, until + self.track.after)
            nearby, fresh = self.objects.select(around), np.isin(around, rows)
            medians = track_medians(self.raw[around], nearby, self.track)[fresh]
            seen = sightings(nearby, self.track, self.every, ENOUGH_SIGHTINGS)[fresh]
            terms, shares, boxes = medians[:, : len(TERMS)], medians[:, len(TERMS) :], nearby.box[fresh]
            self.score[rows] = self.model.object_scores(terms, boxes, seen)
            self.parts[rows] = self.model.parts(terms, shares, boxes)
        self.score_until = until

    def _scored(self, frames: range) -> Scored:
        """The scores of `frames`, all of whose objects have their score."""
        assert self.objects is not None
        first = frames.start - frames.start % self.every
        examined = np.arange(first, min(frames.stop + self.every, self.score_until), self.every)
        terms = object_term(self.score, self.objects.frame, examined)
        scores = self.scale.of_objects(in_every_frame(terms, examined, np.asarray(frames)))
        scores = scores + self.weight * self.frame_terms[: len(frames)]
        rows = self._between(frames.start, frames.stop)
        shown = self.objects.select(rows)
        objects = ScoredObjects(
            shown.frame,
            shown.box,
            self.scale.of_objects(np.nan_to_num(self.score[rows], nan=NOTHING)),
            shown.track,
            self.nearest[rows],
            self.examples,
            self.parts[rows],
            PARTS,
            self.described[rows],
        )
        self.frame_terms = self.frame_terms[len(frames) :]
        self.given = frames.stop
        return Scored(scores, objects)

    def _forget(self) -> None:
        """Drop the objects that no later frame depends on."""
        assert self.objects is not None
        needed = min(
            self.given - self.every,
            self.moving_until - self.still.before,
            self.raw_until - self.track.before,
            self.score_until - self.track.before,
        )
        drop = int(np.searchsorted(self.objects.frame, needed))
        if drop:
            self.objects = self.objects.select(slice(drop, None))
            self.moves, self.raw, self.score = self.moves[drop:], self.raw[drop:], self.score[drop:]
            self.nearest, self.described, self.parts = self.nearest[drop:], self.described[drop:], self.parts[drop:]

    def _between(self, first: int, stop: int) -> slice:
        """Rows of the objects in frames `first` to before `stop`."""
        assert self.objects is not None
        begin, end = np.searchsorted(self.objects.frame, [first, stop])
        return slice(int(begin), int(end))

    def _moving_between(self, first: int, stop: int) -> NDArray[np.int64]:
        rows = self._between(first, stop)
        return np.asarray(rows.start + np.flatnonzero(self.moves[rows]), np.int64)

    def _frame_terms(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        if self.model.residual is None:
            return np.zeros(len(features), np.float32)
        return self.scale.of_frames(self.model.residual.score(features))
