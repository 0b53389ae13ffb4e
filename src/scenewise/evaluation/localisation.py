"""Localisation: the figures of methods that give boxes or maps, on the test videos whose masks are known."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.every_frame import in_every_frame
from scenewise.evaluation.object_scores import ObjectScores
from scenewise.evaluation.pixel_level import Map, Mask, pixel_figures
from scenewise.evaluation.regions import Detections, LocatedVideo, Regions, detection_criteria, regions_of
from scenewise.features.store import StoredVideo
from scenewise.labels.labels import Truth, read_masks

NORMAL_THROUGHOUT = (1, 1)
"""Size of the masks of a video that is normal throughout, whatever the size of its pictures."""
NO_REGIONS = Regions(np.empty(0, np.int64), np.empty((0, 4)), np.empty(0, np.int64))


def detections_of(objects: Mapping[StoredVideo, ObjectScores]) -> dict[StoredVideo, Detections]:
    """Every video's objects as detections in pixels of its masks, in examined frames and in those between."""
    detections = {}
    for video, examined in objects.items():
        height, width = _mask_size(video)
        every = in_every_frame(examined, video.frames)
        detections[video] = Detections(
            every.frame, every.box * np.array([width, height, width, height], np.float32), every.score
        )
    return detections


def localisation(
    truths: Mapping[StoredVideo, Truth],
    detections: Mapping[StoredVideo, Detections] | None,
    maps: Mapping[StoredVideo, Iterable[Map]] | None,
) -> dict[str, Any] | None:
    """`localisation` of metrics.json; None if the method gives neither `detections` nor `maps` (an (H, W) a frame).

    A video counts if the data set has masks of it, or labels that are normal throughout. `videos_without_masks` is the
    number of the other labelled videos.
    """
    if detections is None and maps is None:
        return None
    known = {video: labels for video, (labels, _) in truths.items() if video.masks is not None or _normal(labels)}
    figures: dict[str, Any] = {"pixel_auc": None, "pixel_criterion_auc": None, "rbdc": None, "tbdc": None}
    if maps is not None:
        figures |= pixel_figures(_pairs(known, maps))._asdict()
    if detections is not None:
        located = [LocatedVideo(detections[video], _regions(video), video.frames) for video in known]
        figures["rbdc"], figures["tbdc"] = detection_criteria(located)
    without_masks = sum(labels is not None for video, (labels, _) in truths.items() if video not in known)
    return {**figures, "videos": len(known), "videos_without_masks": without_masks}


def _mask_size(video: StoredVideo) -> tuple[int, int]:
    """Height and width; any size will do without masks, since every box is false."""
    if video.masks is None:
        return NORMAL_THROUGHOUT
    height, width = next(iter(read_masks(video.masks, video.frames))).shape
    return height, width


def _normal(labels: NDArray[np.bool_] | None) -> bool:
    return labels is not None and not labels.any()


def _regions(video: StoredVideo) -> Regions:
    return NO_REGIONS if video.masks is None else regions_of(read_masks(video.masks, video.frames))


def _pairs(videos: Iterable[StoredVideo], maps: Mapping[StoredVideo, Iterable[Map]]) -> Iterator[tuple[Map, Mask]]:
    for video in videos:
        if video.masks is None:
            yield from ((scores, np.zeros(scores.shape, bool)) for scores in maps[video])
        else:
            for scores, mask in zip(maps[video], read_masks(video.masks, video.frames), strict=True):
                yield scores, np.broadcast_to(mask, scores.shape) if mask.shape == NORMAL_THROUGHOUT else mask
