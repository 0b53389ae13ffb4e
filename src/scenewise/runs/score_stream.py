"""A scorer applied to a video: raw scores, smoothed, as soon as they are known; and how late that is.

frame ── the scorer's look-ahead ── raw score ── the smoothing's reach ── score
         └──────────────────────── latency ────────────────────────────┘
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.counted import counted
from scenewise.errors import PlugInError
from scenewise.methods.scores import Chunk, Scored, ScoredObjects, Scorer, join_scored, least_look_ahead
from scenewise.scoring.smoothing import reach, stream_smooth


class Delay(NamedTuple):
    """How long after a frame its score is known."""

    look_ahead: float | None
    """Seconds that the scorer may look ahead; None for all that it needs."""
    smoothing: int | None
    """Frames that the smoothing may look ahead; None for its whole reach."""
    latency: float
    """Seconds from a frame to the one with which its score is known at the latest; the first scores may come later."""


def delay_of(scorer: Scorer, fps: float, smoothing: float, most: float | None = None) -> Delay:
    """The delay of scores that are smoothed by `smoothing` seconds, in a video of `fps` frames per second.

    If it is more than `most` seconds, what the scorer and the smoothing look ahead are both shrunk in proportion, to
    whole frames, so that their sum is at most that. A scorer that has to wait longer takes it from the smoothing, and
    if that does not suffice, the delay is more than `most`.
    """
    frames = reach(smoothing, fps)
    # Whole frames, up to what floating point makes of a whole number.
    needed = ceil(scorer.look_ahead(fps) * fps - 1e-6) / fps
    latency = needed + frames / fps
    if most is None or latency <= most:
        return Delay(None, None, latency)
    share = most / latency
    # Rounded down, but for what floating point makes of a whole number.
    look_ahead, smoothing_frames = int(share * needed * fps + 1e-6) / fps, int(share * frames + 1e-6)
    least = least_look_ahead(scorer, fps)
    if look_ahead < least:
        look_ahead = min(least, needed)
        smoothing_frames = min(smoothing_frames, max(int((most - look_ahead) * fps + 1e-6), 0))
    return Delay(look_ahead, smoothing_frames, look_ahead + smoothing_frames / fps)


def score_stream(
    scorer: Scorer,
    chunks: Iterable[Chunk],
    fps: float,
    scene: str,
    smoothing: float,
    latency: float | None = None,
) -> Iterator[Scored]:
    """Smoothed scores of a video of `scene` whose `chunks` come in order, as soon as they are known.

    They are not on the scene scale. Objects and maps come with their frame, and score at most what it does: smoothing
    and the whole frame may say that a moment is ordinary, and then nothing in it is marked as abnormal. With `latency`
    scores are known so many seconds after their frame at most, if the scorer can, see `delay_of`. Raises as
    `Scorer.stream` does.
    """
    delay = delay_of(scorer, fps, smoothing, latency)
    waiting: list[ScoredObjects] = []
    maps: list[NDArray[np.float32]] = []
    has_objects = False

    def raw() -> Iterator[NDArray[np.float32]]:
        nonlocal has_objects
        for scored in _checked(scorer, chunks, fps, scene, delay.look_ahead):
            if scored.objects is not None:
                has_objects = True
                waiting.append(scored.objects)
            if scored.maps is not None:
                maps.append(scored.maps)
            yield scored.scores

    given = 0
    for scores in stream_smooth(raw(), smoothing, fps, delay.smoothing):
        given += len(scores)
        of_places = None
        if maps:
            known_maps = np.concatenate(maps)
            of_places = np.minimum(known_maps[: len(scores)], scores[:, None, None])
            maps[:] = [known_maps[len(scores) :]]
        if not has_objects:
            yield Scored(scores, None, of_places)
            continue
        known = join_scored(waiting)
        stop = int(np.searchsorted(known.frame, given))
        waiting[:] = [known.select(slice(stop, None))]
        shown = known.select(slice(stop))
        of_frame = scores[shown.frame - (given - len(scores))]
        yield Scored(scores, replace(shown, score=np.minimum(shown.score, of_frame)), of_places)


def _checked(
    scorer: Scorer, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None
) -> Iterator[Scored]:
    """`Scorer.stream`. Raises PlugInError unless it gives one finite score per frame, as a plugged-in class may not."""
    seen = given = 0
    grid: tuple[int, ...] | None = ()  # of the maps: not known before the first frames

    def counting() -> Iterator[Chunk]:
        nonlocal seen
        for chunk in chunks:
            seen += len(chunk.features)
            yield chunk

    what = f"the scorer {type(scorer).__name__}"
    for scored in scorer.stream(counting(), fps, scene, look_ahead):
        if not isinstance(scored, Scored):
            raise PlugInError(
                f"{what}: expected its stream to give scenewise.methods.scores.Scored, got {type(scored).__name__}"
            )
        scores = np.asarray(scored.scores)
        if scores.ndim != 1 or not np.issubdtype(scores.dtype, np.floating) or not np.isfinite(scores).all():
            raise PlugInError(
                f"{what}: expected finite scores (n,), got {scores.dtype} {scores.shape}, or NaN among them"
            )
        begun, given = given, given + len(scores)
        if scored.objects is not None and len(scored.objects):
            first, last = int(scored.objects.frame.min()), int(scored.objects.frame.max())
            if first < begun or last >= given:
                raise PlugInError(
                    f"{what}: expected the objects of frames {begun} to {given - 1} beside their scores, got objects "
                    f"of frames {first} to {last}"
                )
        if scored.objects is not None and scored.objects.parts is not None:
            shape = len(scored.objects), len(scored.objects.part_names)
            parts = np.asarray(scored.objects.parts)
            if parts.shape != shape or not np.isfinite(parts).all():
                raise PlugInError(f"{what}: expected finite parts {shape} of its objects' scores, got {parts.shape}")
        grid = _checked_grid(scored, what, grid)
        if given > seen:
            raise PlugInError(
                f"{what}: expected one score per frame, got {given} for the first {counted(seen, 'frame')}"
            )
        yield scored
    if given != seen:
        raise PlugInError(f"{what}: expected one score per frame, got {given} for a video of {counted(seen, 'frame')}")


def _checked_grid(scored: Scored, what: str, grid: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Rows and columns of the maps, None without; raise PlugInError unless they are those of `grid`, if not empty."""
    if not len(scored.scores):
        return grid
    found = None if scored.maps is None else np.shape(scored.maps)[1:]
    if scored.maps is not None:
        shape = np.shape(scored.maps)
        if len(shape) != 3 or shape[0] != len(scored.scores) or 0 in shape[1:] or not np.isfinite(scored.maps).all():
            raise PlugInError(
                f"{what}: expected maps ({len(scored.scores)}, rows, columns) of finite scores, got {shape}, or NaN "
                "among them"
            )
    if grid != () and found != grid:
        raise PlugInError(f"{what}: expected maps of one grid for all frames or none, got {found} after {grid}")
    return found


def score_all(
    scorer: Scorer,
    chunks: Iterable[Chunk],
    fps: float,
    scene: str,
    smoothing: float,
    latency: float | None = None,
) -> Scored:
    """All of `score_stream` at once: scores (N,) of a whole video, the objects in it, and its maps."""
    parts = list(score_stream(scorer, chunks, fps, scene, smoothing, latency))
    scores = np.concatenate([np.empty(0, np.float32), *(part.scores for part in parts)])
    objects = [part.objects for part in parts if part.objects is not None]
    maps = [part.maps for part in parts if part.maps is not None]
    return Scored(scores, join_scored(objects) if objects else None, np.concatenate(maps) if maps else None)
