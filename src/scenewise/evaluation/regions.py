"""Region level: the share of abnormal regions and tracks that a method's boxes find, over the number of false boxes.

Ramachandra and Jones, "Street Scene: A new dataset and evaluation protocol for video anomaly detection", WACV 2020,
section 4: RBDC, the region-based, and TBDC, the track-based detection criterion. Unlike the pixel-level criterion, they
give no credit for a box over the whole picture.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

ENOUGH_OVERLAP = 0.1
"""Beta: a box finds a region if their intersection over union is at least this."""
ENOUGH_OF_TRACK = 0.1
"""Alpha: a track is found if at least this share of its regions is found."""
MOST_FALSE = 1.0
"""The curve ends at so many false boxes per frame."""

Boxes = NDArray[np.floating]
"""(M, 4) left, top, right, bottom in pixels; right and bottom lie one behind the last pixel."""


class Detections(NamedTuple):
    """A method's boxes in one video."""

    frame: NDArray[np.integer]
    """(M,)"""
    box: Boxes
    score: NDArray[np.floating]
    """(M,), higher is more abnormal; comparable over all videos."""


class Regions(NamedTuple):
    """The G abnormal regions of one video, from its masks."""

    frame: NDArray[np.integer]
    """(G,)"""
    box: Boxes
    track: NDArray[np.integer]
    """(G,) the same number for the same object in other frames of the video."""


class LocatedVideo(NamedTuple):
    """One video's boxes, and the regions that they should find."""

    detections: Detections
    regions: Regions
    frames: int


def detection_criteria(videos: Sequence[LocatedVideo]) -> tuple[float | None, float | None]:
    """RBDC and TBDC, each 0 to 1; None if there is no abnormal region.

    Boxes count if their score reaches a threshold. A region is found if a box overlaps it by beta, a track is found if
    a share alpha of its regions is, and a box is false if it overlaps no region of its frame by beta. RBDC's rate is
    the share of regions that are found, TBDC's the share of tracks. The threshold goes down over all scores: that draws
    the rate over the false boxes per frame, in straight lines between the scores and level after the last. The
    criterion is the area under this curve from 0 to 1 false box per frame.
    """
    found_at, tracks_at, false = [], [], []
    for video in videos:
        regions_at, false_boxes = _match(video.detections, video.regions)
        found_at.append(regions_at)
        false.append(false_boxes)
        for track in np.unique(video.regions.track):
            of_track = np.sort(regions_at[video.regions.track == track])[::-1]
            tracks_at.append(of_track[int(np.ceil(ENOUGH_OF_TRACK * len(of_track) - 1e-9)) - 1])
    frames = sum(video.frames for video in videos)
    if not tracks_at:
        return None, None
    all_false = np.concatenate(false)
    return _area(np.concatenate(found_at), all_false, frames), _area(np.array(tracks_at), all_false, frames)


def regions_of(masks: Iterable[NDArray[np.bool_]]) -> Regions:
    """The regions of one video from its masks, (H, W) a frame: connected areas, pixels that share a corner included.

    A region continues the track of the region in the frame before that it overlaps most. If two regions overlap the
    same region, the one with the larger overlap continues its track, and the other begins a new track.
    """
    frames, boxes, tracks = [], [], []
    before: NDArray[np.int32] | None = None
    track_of, count = np.zeros(1, np.int64), 0
    for number, mask in enumerate(masks):
        areas, regions = label(mask, structure=np.ones((3, 3)))
        new_track_of = np.zeros(regions + 1, np.int64)  # of each region, from 1; 0 if it has none yet
        for old, new in _overlaps(np.zeros_like(areas) if before is None else before, areas):
            if not new_track_of[new] and track_of[old] not in new_track_of:
                new_track_of[new] = track_of[old]
        for new in range(1, regions + 1):
            if not new_track_of[new]:
                count += 1
                new_track_of[new] = count
        for rows, columns in find_objects(areas):
            frames.append(number)
            boxes.append((columns.start, rows.start, columns.stop, rows.stop))
        tracks += new_track_of[1:].tolist()
        before, track_of = areas, new_track_of
    return Regions(np.array(frames, np.int64), np.array(boxes, np.float64).reshape(-1, 4), np.array(tracks, np.int64))


def intersection_over_union(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """(A, B) of boxes (A, 4) and (B, 4); 0 if both are empty."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (first, second)]
    either = areas[0][:, None] + areas[1][None] - both
    shares: NDArray[np.float64] = np.divide(both, either, out=np.zeros(both.shape), where=either > 0)
    return shares


def _match(detections: Detections, regions: Regions) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The highest score of a box that finds each region (G,), -inf if none does; and the scores of the false boxes."""
    found_at = np.full(len(regions.frame), -np.inf)
    true = np.zeros(len(detections.frame), bool)
    for frame in np.unique(regions.frame):
        of_frame, boxes = np.flatnonzero(regions.frame == frame), np.flatnonzero(detections.frame == frame)
        hit = intersection_over_union(regions.box[of_frame], detections.box[boxes]) >= ENOUGH_OVERLAP
        true[boxes] = hit.any(axis=0)
        found_at[of_frame] = np.where(hit, detections.score[boxes], -np.inf).max(axis=1, initial=-np.inf)
    return found_at, np.asarray(detections.score[~true], np.float64)


def _area(found_at: NDArray[np.float64], false: NDArray[np.float64], frames: int) -> float:
    """Area under rate over false boxes per frame, from the score at which each target is found and each false box."""
    scores = np.unique(np.concatenate([found_at[np.isfinite(found_at)], false]))[::-1]
    x, y = (
        np.concatenate([[0.0], (len(values) - np.searchsorted(np.sort(values), scores)) / total])
        for values, total in ((false, frames), (found_at, len(found_at)))
    )
    inside = int(np.searchsorted(x, MOST_FALSE, "right"))
    end = y[-1] if inside == len(x) else np.interp(MOST_FALSE, x[inside - 1 : inside + 1], y[inside - 1 : inside + 1])
    return float(np.trapezoid([*y[:inside], end], [*x[:inside], MOST_FALSE]))


def _overlaps(before: NDArray[np.int32], after: NDArray[np.int32]) -> list[tuple[int, int]]:
    """(region before, region after) of the regions that share pixels, the most shared pixels first."""
    shared = (before > 0) & (after > 0)
    pairs, pixels = np.unique(np.stack([before[shared], after[shared]]), axis=1, return_counts=True)
    return [(int(old), int(new)) for old, new in pairs.T[np.argsort(-pixels, kind="stable")]]
