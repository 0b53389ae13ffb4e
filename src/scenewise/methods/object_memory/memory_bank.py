"""What moves here, how it appearance and how fast it goes: the normal objects of one scene, remembered.

Appearance and speed are one vector, so that it counts whether something that appearance like this ever moved like this.
How far an object is from the most nearest_row ones is taken relative to how far those are from each other.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.neighbours import Neighbours, bounded, mean_distance, nearest, relative
from scenewise.methods.object_memory.speed import SpeedScale, learn_speed_scale
from scenewise.objects.object_table import Objects

NEIGHBOURS = 40
"""k."""
MOST_MEMBERS = 20_000
"""Objects that a memory holds at most: it compares 10 objects with so many in about a millisecond."""
TRACK_SECONDS = 1.0
"""Seconds either side over which an object's values are the median along its track."""
SPEED_WEIGHT = 0.95
"""Weight of the speed beside appearance, which are measured in the median distance between two nearest_row objects."""
STILL = 0.005
"""Picture heights a second below which the faster parts of an object stand still: it says nothing then, and a lamp, a
shadow or a shaken edge is nothing but such an object."""
STILL_SECONDS = 0.2
"""Seconds either side in which an object has to move to be moving."""


class ObjectMemory(NamedTuple):
    """One scene's normal objects."""

    members: NDArray[np.float32]
    """(n, d + 3) appearance and speed_scale."""
    groups: NDArray[np.int32]
    """(n,) which fold of footage each is from."""
    own: NDArray[np.float32]
    """(n,) how far each is from its neighbours of other groups."""
    source: NDArray[np.int32]
    """(n, 2) which of the scene's training videos each is from, and the frame's number."""
    box: NDArray[np.float32]
    """(n, 4) where it was, as shares of the picture's width and height."""
    appearance_scale: float
    """Median distance between an object's appearance and the most nearest_row of another group."""
    speed_scale: SpeedScale

    def vectors(self, appearance: NDArray[np.float32], objects: Objects, fps: float) -> NDArray[np.float32]:
        """(M, d + 3) of a video's `objects` with `appearance` (M, d), as members are kept."""
        speed_scale = self.speed_scale.relative(objects.speed, objects.box[:, 3])
        known = np.nan_to_num(along_tracks(speed_scale, objects, fps))
        return np.concatenate([appearance / self.appearance_scale, SPEED_WEIGHT * known], axis=1)

    def score(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """(M,) how new objects are, about 1 for ordinary ones, and the row of the member most like each."""
        if not len(vectors):
            return np.empty(0, np.float32), np.empty(0, np.int64)
        found = nearest(vectors, self.members, NEIGHBOURS)
        return relative(mean_distance(found), found, self.own), found.member[:, 0]

    def left_out(self, vectors: NDArray[np.float32], groups: NDArray[np.int32]) -> NDArray[np.float32]:
        """(M,) how new objects of `groups` (M,) are to the memory that the other groups alone would have left.

        The members' own distances are those without that group, too. With it they are shorter, since what is near a
        member has that member near it; the footage would look newer to itself than new footage does.
        """
        score = np.empty(len(vectors), np.float32)
        found = nearest(self.members, self.members, NEIGHBOURS, (self.groups, self.groups))
        for group in np.unique(groups):
            others = np.flatnonzero(self.groups != group)
            left = nearest(vectors[groups == group], self.members[others], NEIGHBOURS)
            score[groups == group] = relative(mean_distance(left), left, self._own_without(group, others, found))
        return score

    def _own_without(self, group: int, others: NDArray[np.int64], found: Neighbours) -> NDArray[np.float32]:
        """`own` of the members `others`, had there been no `group`; `found` are the neighbours of all."""
        if len(np.unique(self.groups[others])) < 2:  # the only other group has nothing left to be compared with
            return self.own[others]
        distance = mean_distance(found)
        changed = others[(self.groups[found.member[others]] == group).any(axis=1)]
        apart = (self.groups[changed], self.groups[others])
        distance[changed] = mean_distance(nearest(self.members[changed], self.members[others], NEIGHBOURS, apart))
        return bounded(distance[others])


class Normal(NamedTuple):
    """The normal objects of one video."""

    objects: Objects
    appearance: NDArray[np.float32]
    """(M, d)."""
    groups: NDArray[np.int32]
    """(M,) which fold of footage each is from; a track lies in one."""
    fps: float

    def only(self, rows: NDArray[np.bool_]) -> "Normal":
        """Those of `rows`."""
        return Normal(self.objects.select(rows), self.appearance[rows], self.groups[rows], self.fps)


def remember(videos: Sequence[Normal]) -> ObjectMemory | None:
    """The memory of a scene's normal objects that move.

    None where fewer than two folds have any, or where the speed of none is known.
    """
    videos = [video.only(moving(video.objects, video.fps)) for video in videos]
    groups = np.concatenate([video.groups for video in videos])
    rows = _thinned(videos)
    if len(np.unique(groups[rows])) < 2:
        return None
    appearance = np.concatenate([video.appearance for video in videos])
    speed = np.concatenate([video.objects.speed[:, 0] for video in videos])
    bottom = np.concatenate([video.objects.box[:, 3] for video in videos])
    timed = np.isfinite(speed)
    if not timed[rows].any():
        return None
    nearest_row = nearest(appearance[rows], appearance[rows], 1, (groups[rows], groups[rows])).distance[:, 0]
    scale = max(float(np.median(nearest_row)), 1e-6)
    source = np.concatenate(
        [
            np.stack([np.full(len(video.objects), number), video.objects.frame], axis=1)
            for number, video in enumerate(videos)
        ]
    )
    box = np.concatenate([video.objects.box for video in videos])
    memory = ObjectMemory(
        members=appearance[:0],
        groups=groups[rows],
        own=appearance[:0, 0],
        source=source[rows].astype(np.int32),
        box=box[rows],
        appearance_scale=scale,
        speed_scale=learn_speed_scale(speed[timed], bottom[timed]),
    )
    members = np.concatenate([memory.vectors(video.appearance, video.objects, video.fps) for video in videos])[rows]
    found = nearest(members, members, NEIGHBOURS, (memory.groups, memory.groups))
    return memory._replace(members=members, own=bounded(mean_distance(found)))


def moving(objects: Objects, fps: float) -> NDArray[np.bool_]:
    """(M,) which of a video's objects move."""
    faster = along_tracks(objects.speed[:, 1:2], objects, fps, STILL_SECONDS)[:, 0]
    return np.asarray(np.nan_to_num(faster) >= STILL)


def _thinned(videos: Sequence[Normal]) -> NDArray[np.int64]:
    """Rows, over all videos, of at most MOST_MEMBERS objects: evenly along tracks, so that each keeps its share."""
    order, begin = [], 0
    for video in videos:
        order.append(begin + np.lexsort((video.objects.frame, video.objects.track)))
        begin += len(video.objects)
    rows = np.concatenate(order)
    return np.sort(rows[np.unique(np.linspace(0, begin - 1, min(begin, MOST_MEMBERS)).astype(np.int64))])


def along_tracks(
    values: NDArray[np.float32], objects: Objects, fps: float, seconds: float | None = None
) -> NDArray[np.float32]:
    """Medians along each object's track of `values` (M, c), over the sightings within `seconds` either side.

    `seconds` is TRACK_SECONDS unless given. NaN stands for values that are not known; where none of a track's is, it
    stays NaN.
    """
    reach = round((TRACK_SECONDS if seconds is None else seconds) * fps)
    smoothed = np.empty_like(values)
    order = np.lexsort((objects.frame, objects.track))
    for rows in np.split(order, np.flatnonzero(np.diff(objects.track[order])) + 1):
        if len(rows):
            frames = objects.frame[rows]
            line = np.full((int(frames[-1] - frames[0]) + 1 + 2 * reach, values.shape[1]), np.nan, np.float32)
            at = frames - frames[0]
            line[at + reach] = values[rows]
            around = np.lib.stride_tricks.sliding_window_view(line, 2 * reach + 1, axis=0)[at]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # of nothing but NaN
                smoothed[rows] = np.nanmedian(around, axis=2)
    return smoothed
