"""Where in the picture: how many abnormal regions and tracks a method's boxes find, by how many false boxes it gives.

Ramachandra and Jones, "Street Scene: A new dataset and evaluation protocol for video anomaly detection", WACV 2020,
section 4: RBDC, the region-based, and TBDC, the track-based detection criterion. Unlike the pixel-level criterion,
neither can be pleased by painting the whole picture.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

ENOUGH_OVERLAP = 0.1
"""Beta: a box finds a region where their intersection over union is at least this."""
ENOUGH_OF_TRACK = 0.1
"""Alpha: a track is found where at least this share of its regions is."""
MOST_FALSE = 1.0
"""The curve ends at so many false boxes a frame."""

Boxes = NDArray[np.floating]
"""(M, 4) left, top, right, bottom in pixels; right and bottom lie behind the last pixel."""


class Detections(NamedTuple):
    """What a method takes for abnormal in one video."""

    frame: NDArray[np.integer]
    """(M,)"""
    box: Boxes
    score: NDArray[np.floating]
    """(M,), higher is more abnormal; comparable over all videos."""


class Regions(NamedTuple):
    """What is abnormal in one video: the ground truth."""

    frame: NDArray[np.integer]
    """(G,)"""
    box: Boxes
    track: NDArray[np.integer]
    """(G,) the same number for the same thing in other frames of the video."""


class LocatedVideo(NamedTuple):
    """One video's boxes and what they should find."""

    detections: Detections
    regions: Regions
    frames: int


def detection_criteria(videos: Sequence[LocatedVideo]) -> tuple[float | None, float | None]:
    """RBDC and TBDC, each 0 to 1; None where there is no abnormal region.

    With the boxes of at least some score: RBDC's rate is the share of regions that a box overlaps by beta, TBDC's the
    share of tracks of whose regions that holds for alpha; false is a box that overlaps no region of its frame by beta.
    Lowering the score draws rate over false boxes a frame, straight between the scores there are and level after the
    last; the criterion is the area under it from 0 to 1 false box a frame.
    """
    found_at, tracks_at, false = [], [], []
    for video in videos:
        regions_at, false_boxes = _match(video.detections, video.regions)
        found_at.append(regions_at)
        false.append(false_boxes)
        for track in np.unique(video.regions.track):
            own = np.sort(regions_at[video.regions.track == track])[::-1]
            tracks_at.append(own[int(np.ceil(ENOUGH_OF_TRACK * len(own) - 1e-9)) - 1])
    frames = sum(video.frames for video in videos)
    if not tracks_at:
        return None, None
    all_false = np.concatenate(false)
    return _area(np.concatenate(found_at), all_false, frames), _area(np.array(tracks_at), all_false, frames)


def regions_of(masks: Iterable[NDArray[np.bool_]]) -> Regions:
    """The regions of one video from its masks, (H, W) a frame: what hangs together, corners included.

    A region goes on with the track of the region in the frame before that it overlaps most; where two lay claim to one
    track, the larger overlap has it, and the other begins a new one.
    """
    frames, boxes, tracks = [], [], []
    before: NDArray[np.int32] | None = None
    track_of, count = np.zeros(1, np.int64), 0
    for number, mask in enumerate(masks):
        places, found = label(mask, structure=np.ones((3, 3)))
        own = np.zeros(found + 1, np.int64)
        for old, new in _overlaps(np.zeros_like(places) if before is None else before, places):
            if not own[new] and track_of[old] not in own:
                own[new] = track_of[old]
        for new in range(1, found + 1):
            if not own[new]:
                count += 1
                own[new] = count
        for rows, columns in find_objects(places):
            frames.append(number)
            boxes.append((columns.start, rows.start, columns.stop, rows.stop))
        tracks += own[1:].tolist()
        before, track_of = places, own
    return Regions(np.array(frames, np.int64), np.array(boxes, np.float64).reshape(-1, 4), np.array(tracks, np.int64))


def intersection_over_union(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """(A, B) of boxes (A, 4) and (B, 4); 0 where both are empty."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (first, second)]
    either = areas[0][:, None] + areas[1][None] - both
    shares: NDArray[np.float64] = np.divide(both, either, out=np.zeros(both.shape), where=either > 0)
    return shares


def _match(detections: Detections, regions: Regions) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The highest score of a box that finds each region (G,), -inf where none does; the scores of false boxes."""
    found_at = np.full(len(regions.frame), -np.inf)
    true = np.zeros(len(detections.frame), bool)
    for frame in np.unique(regions.frame):
        there, boxes = np.flatnonzero(regions.frame == frame), np.flatnonzero(detections.frame == frame)
        hit = intersection_over_union(regions.box[there], detections.box[boxes]) >= ENOUGH_OVERLAP
        true[boxes] = hit.any(axis=0)
        found_at[there] = np.where(hit, detections.score[boxes], -np.inf).max(axis=1, initial=-np.inf)
    return found_at, np.asarray(detections.score[~true], np.float64)


def _area(found_at: NDArray[np.float64], false: NDArray[np.float64], frames: int) -> float:
    """Area under rate over false boxes a frame, from the score at which each target is found and each false box."""
    scores = np.unique(np.concatenate([found_at[np.isfinite(found_at)], false]))[::-1]
    x, y = (
        np.concatenate([[0.0], (len(own) - np.searchsorted(np.sort(own), scores)) / of])
        for own, of in ((false, frames), (found_at, len(found_at)))
    )
    inside = int(np.searchsorted(x, MOST_FALSE, "right"))
    end = y[-1] if inside == len(x) else np.interp(MOST_FALSE, x[inside - 1 : inside + 1], y[inside - 1 : inside + 1])
    return float(np.trapezoid([*y[:inside], end], [*x[:inside], MOST_FALSE]))


def _overlaps(before: NDArray[np.int32], after: NDArray[np.int32]) -> list[tuple[int, int]]:
    """(region before, region after) of those that share pixels, by how many, most first."""
    shared = (before > 0) & (after > 0)
    pairs, pixels = np.unique(np.stack([before[shared], after[shared]]), axis=1, return_counts=True)
    return [(int(old), int(new)) for old, new in pairs.T[np.argsort(-pixels, kind="stable")]]
