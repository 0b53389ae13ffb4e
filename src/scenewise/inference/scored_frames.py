"""Frames with their scores, and the objects in them for tables and pictures."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.inference.encoded_frames import EncodedFrames
from scenewise.methods.scores import Chunk, NormalExample, ScoredObjects, Scorer
from scenewise.objects.object_table import Objects, joined
from scenewise.runs.explanation import Parts
from scenewise.runs.score_stream import score_stream
from scenewise.scoring.calibration import SceneScale
from scenewise.video.decode import Frame

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture's width and height."""
LAST = np.iinfo(np.int32).max
"""No video has a frame of that number."""
SHOWN = 0.5
"""Objects with a higher score are listed: it is halfway between usual objects and the scene's rarest."""


class Sighting(NamedTuple):
    """One object in one frame."""

    frame: int
    """The frame that was examined."""
    box: Box
    score: float
    """On the scene scale, at most that of its frame: 1.0 is the 99th percentile of the scene's normal frames."""
    track: int
    normal: NormalExample | None
    """The nearest normal example; None if the scene's normal footage has none."""
    parts: Parts = ()
    """What its score is made of."""
    described: NDArray[np.float16] | None = None
    """(e,) what the scorer wants to know of it to say how it would score elsewhere."""


class ScoredFrames(NamedTuple):
    """n consecutive frames with their scores."""

    first: int
    """Number of the first one, from 0."""
    scores: NDArray[np.float32]
    """(n,) smoothed anomaly scores, not on the scene scale."""
    scene_scores: NDArray[np.float32]
    """(n,) the same scores on the scene scale."""
    times: NDArray[np.float64]
    """(n,) seconds from the video's first frame."""
    lost: NDArray[np.bool_]
    """(n,) True if the frame could not be decoded and repeats another."""
    pictures: list[Frame]
    """n small pictures."""
    sightings: list[list[Sighting]]
    """The objects of each frame; a frame that was not examined has those of the last examined frame."""
    maps: NDArray[np.float32] | None = None
    """(n, rows, columns) scores of the cells of a grid over the picture, on the scene scale; None without."""
    examined: Sequence[Frame] = ()
    """n small pictures: of each frame the one that its sightings were seen in. Empty if that is the frame itself."""
    features: NDArray[np.float16] | None = None
    """(n, D) what the scores were made of, and likewise `objects`."""
    objects: Objects | None = None
    """The objects as the detector found them; None if nobody looked for objects."""

    def seen_in(self, place: int) -> Frame:
        """The small picture that the boxes of the frame at `place` belong to."""
        return self.examined[place] if self.examined else self.pictures[place]


class Scoring(NamedTuple):
    """How the scores of one video are smoothed and scaled."""

    scene: str
    scale: SceneScale
    smoothing: float
    """Standard deviation in seconds."""
    latency: float | None
    """Seconds after a frame at which its score has to be known; None for as many as method and smoothing need."""


def score_frames(
    encoded: Iterable[EncodedFrames], scorer: Scorer, fps: float, scoring: Scoring, every: int
) -> Iterator[ScoredFrames]:
    """Scores of a video's frames, in order, as soon as they are known; the same scores as those of `evaluate`.

    Every `every`-th frame was examined for objects.
    """
    waiting: deque[tuple[float, bool, Frame, NDArray[np.float16]]] = deque()
    unscored: Objects | None = None

    def chunks() -> Iterator[Chunk]:
        nonlocal unscored
        for part in encoded:
            waiting.extend(zip(part.times.tolist(), part.lost.tolist(), part.pictures, part.features, strict=True))
            if part.objects is not None:
                unscored = part.objects if unscored is None else joined([unscored, part.objects])
            yield Chunk(part.features, part.objects, part.regions)

    first = 0
    shown: list[Sighting] = []
    seen_in: Frame | None = None
    for scores, objects, maps in score_stream(scorer, chunks(), fps, scoring.scene, scoring.smoothing, scoring.latency):
        times, lost, pictures, features = zip(*(waiting.popleft() for _ in scores), strict=True)
        sightings, pictures_of_boxes = [], []
        examined = {}
        if objects is not None:
            examined = sightings_by_frame(replace(objects, score=scoring.scale.apply(objects.score)))
        for frame in range(first, first + len(scores)):
            if frame % every == 0 or seen_in is None:
                shown, seen_in = examined.get(frame, []), pictures[frame - first]
            sightings.append(shown)
            pictures_of_boxes.append(seen_in)
        scaled = scoring.scale.apply(scores)
        of_places = None if maps is None else scoring.scale.apply(maps)
        stop = first + len(scores)
        found = None
        if unscored is not None:
            found, unscored = unscored.between(first, stop), unscored.between(stop, LAST)
        yield ScoredFrames(
            first, scores, scaled, np.array(times), np.array(lost), list(pictures), sightings, of_places,
            pictures_of_boxes, np.stack(features), found,
        )  # fmt: skip
        first = stop


def sightings_by_frame(objects: ScoredObjects) -> dict[int, list[Sighting]]:
    """{frame: its sightings} of every frame that has any."""
    by_frame: dict[int, list[Sighting]] = {}
    for row, (frame, (left, top, right, bottom), score, track) in enumerate(
        zip(objects.frame.tolist(), objects.box.tolist(), objects.score.tolist(), objects.track.tolist(), strict=True)
    ):
        box, described = (left, top, right, bottom), None if objects.described is None else objects.described[row]
        normal, parts = objects.nearest_example(row), objects.parts_of(row)
        sighting = Sighting(frame, box, score, track, normal, parts, described)
        by_frame.setdefault(frame, []).append(sighting)
    return by_frame
