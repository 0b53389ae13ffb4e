"""Where the labelled thing of an event is in the frame that is shown: by its labels, or by the track that fits best.

Labels of most data sets say when something happens, and not where. Then it is the tracked object whose time in the
video is most like the event's, if no other is nearly as like: no score has a part in that, and nothing says that the
track is the labelled thing.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.object_scores import ObjectScores
from scenewise.report.event_pairs import FoundEvent
from scenewise.report.thumbnails import Box

LEAST_OVERLAP = 0.5
"""A track of which less coincides with the event is not taken for it: frames of both over frames of either."""
CLEARLY = 0.9
"""If the next best track overlaps by more than this share of the best, either may be the labelled thing."""


class LabelledBox(NamedTuple):
    """A place in the frame."""

    box: Box
    by: Literal["labels", "track"]
    """Who says so."""


def labelled_box(found: FoundEvent) -> LabelledBox | None:
    """Where the event is in its middle frame; None if neither its labels nor any track tells."""
    if found.event.boxes:
        frames, *edges = np.array(found.event.boxes, float).T
        return LabelledBox(_inside([float(np.interp(found.middle, frames, edge)) for edge in edges]), "labels")
    # All methods score the objects of the same tracks, so any model that has them will do.
    tracked = (_by_track(found, one.scores) for one in found.video.objects)
    return next((box for box in tracked if box is not None), None)


def _by_track(found: FoundEvent, objects: ObjectScores) -> LabelledBox | None:
    rows = np.flatnonzero(objects.frame == found.middle)
    overlaps = [_overlap(found, objects.frame[objects.track == objects.track[row]]) for row in rows]
    best, *others = sorted(overlaps, reverse=True) or [0.0]
    if best < LEAST_OVERLAP or any(other > CLEARLY * best for other in others):
        return None
    return LabelledBox(_inside(objects.box[rows[overlaps.index(best)]].tolist()), "track")


def _overlap(found: FoundEvent, frames: NDArray[np.int32]) -> float:
    """Frames of both the event and the track, over frames of either."""
    first, last = found.event.first, found.event.last
    inside = np.count_nonzero((frames >= first) & (frames <= last))
    return float(inside / (len(frames) - inside + last - first + 1))


def _inside(edges: Sequence[float]) -> Box:
    """The box, cut off at the picture's edges."""
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in edges)
    return left, top, right, bottom
