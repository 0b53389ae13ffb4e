"""Localisation: the figures of methods that give boxes or maps, on the test videos whose masks are known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.every_frame import in_every_frame
from scenewise.evaluation.object_scores import ObjectScores
from scenewise.evaluation.pixel_level import Map, Mask, pixel_figures
from scenewise.evaluation.pixel_maps import of_boxes, of_cells
from scenewise.evaluation.regions import Detections, LocatedVideo, Regions, detection_criteria, regions_of
from scenewise.features.store import StoredVideo
from scenewise.labels.labels import Truth, read_masks

NORMAL_THROUGHOUT = (1, 1)
"""Size of the masks of a video that is normal throughout, whatever the size of its pictures."""
NO_REGIONS = Regions(np.empty(0, np.int64), np.empty((0, 4)), np.empty(0, np.int64))


def detections_of(objects: Mapping[StoredVideo, ObjectScores]) -> dict[StoredVideo, Detections]:
    """Every video's objects as detections in pixels of its masks, in examined frames and in those between."""
    detections = {}
    sizes = _mask_sizes(list(objects))
    for video, examined in objects.items():
        height, width = sizes[video]
        every = in_every_frame(examined, video.frames)
        detections[video] = Detections(
            every.frame, every.box * np.array([width, height, width, height], np.float32), every.score
        )
    return detections


def localisation(
    truths: Mapping[StoredVideo, Truth],
    detections: Mapping[StoredVideo, Detections] | None,
    maps: Mapping[StoredVideo, NDArray[np.floating]] | None,
) -> dict[str, Any] | None:
    """`localisation` of metrics.json; None if the method gives neither `detections` nor `maps`.

    Maps are (N, rows, columns) scores of the cells of a grid over the picture. The figures of pixels are those of the
    maps, or of the boxes if there are none. A video counts if the data set has masks of it, or labels that are normal
    throughout. `videos_without_masks` is the number of the other labelled videos.
    """
    if detections is None and maps is None:
        return None
    known = {video: labels for video, (labels, _) in truths.items() if video.masks is not None or _normal(labels)}
    figures: dict[str, Any] = {"pixel_auc": None, "pixel_criterion_auc": None, "rbdc": None, "tbdc": None}
    sizes = _mask_sizes(list(known))
    of_pixels: dict[StoredVideo, Iterable[Map]] = {}
    for video in known:
        if maps is not None:
            of_pixels[video] = map(partial(of_cells, size=sizes[video]), maps[video])
        elif detections is not None:
            of_pixels[video] = of_boxes(detections[video], video.frames, sizes[video])
    figures |= pixel_figures(_pairs(of_pixels))._asdict()
    if detections is not None:
        located = [LocatedVideo(detections[video], _regions(video), video.frames) for video in known]
        figures["rbdc"], figures["tbdc"] = detection_criteria(located)
    without_masks = sum(labels is not None for video, (labels, _) in truths.items() if video not in known)
    return {**figures, "videos": len(known), "videos_without_masks": without_masks}


def _mask_sizes(videos: Sequence[StoredVideo]) -> dict[StoredVideo, tuple[int, int]]:
    """Height and width of every video's masks.

    A video that is normal throughout has masks of no size. It gets that of another video, of its own scene if possible,
    so that its pixels weigh as much; if there is none, any size will do.
    """
    known: dict[StoredVideo, tuple[int, int]] = {}
    for video in videos:
        if video.masks is not None:
            height, width = next(iter(read_masks(video.masks, video.frames))).shape
            if (height, width) != NORMAL_THROUGHOUT:
                known[video] = height, width
    of_scene = {video.scene: size for video, size in known.items()}
    other = next(iter(known.values()), NORMAL_THROUGHOUT)
    return {video: known.get(video, of_scene.get(video.scene, other)) for video in videos}


def _normal(labels: NDArray[np.bool_] | None) -> bool:
    return labels is not None and not labels.any()


def _regions(video: StoredVideo) -> Regions:
    return NO_REGIONS if video.masks is None else regions_of(read_masks(video.masks, video.frames))


def _pairs(maps: Mapping[StoredVideo, Iterable[Map]]) -> Iterator[tuple[Map, Mask]]:
    for video, of_video in maps.items():
        if video.masks is None:
            yield from ((scores, np.zeros(scores.shape, bool)) for scores in of_video)
        else:
            for scores, mask in zip(of_video, read_masks(video.masks, video.frames), strict=True):
                yield scores, np.broadcast_to(mask, scores.shape) if mask.shape == NORMAL_THROUGHOUT else mask
