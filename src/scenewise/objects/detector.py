"""One video's frames in, its objects out."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.objects.background import Background, shrunk
from scenewise.objects.crops import crop
from scenewise.objects.foreground import Foreground
from scenewise.objects.motion import Motion
from scenewise.objects.object_table import Objects, joined, no_objects
from scenewise.objects.regions import Region, regions_of
from scenewise.objects.tracks import Tracker

FLOW_TIME = 0.1
"""Seconds between the pictures that motion is measured on: long enough that a walker moves by more than the flow's
error, short enough that a cyclist is still found."""


class ObjectDetector:
    """Finds, describes and follows the objects of one video of one scene; frames come in order, in any cut."""

    def __init__(self, background: Background, object_encoder: ObjectEncoder, every: int, fps: float) -> None:
        """Every `every`-th frame is looked at; `fps` frames a second."""
        self.size = (background.picture.shape[0], background.picture.shape[1])
        self.object_encoder, self.every, self.fps = object_encoder, every, fps
        self.foreground, self.motion, self.tracker = Foreground(background), Motion(), Tracker(every / fps)
        self.gap = max(1, round(FLOW_TIME * fps))
        self.earlier: deque[NDArray[np.uint8]] = deque(maxlen=self.gap + 1)
        self.seen = 0

    def see(self, frames: NDArray[np.uint8], describe: bool = True) -> Objects:
        """The objects of the next frames (n, H, W, 3) uint8 RGB.

        Without `describe`, which saves most of the time, they are followed, and none is returned.
        """
        found = [no_objects(self.object_encoder.width)]
        for frame in frames:
            picture = shrunk(frame, self.size)
            self.earlier.append(picture)
            if self.seen % self.every == 0:
                objects = self._look(frame, picture, describe)
                if len(objects):
                    found.append(objects)
            self.seen += 1
        return joined(found)

    def _look(self, frame: NDArray[np.uint8], picture: NDArray[np.uint8], describe: bool) -> Objects:
        labels, blobs = self.foreground.blobs(picture, self.every / self.fps)
        seconds = max(len(self.earlier) - 1, 1) / self.fps
        flow = self.motion.flow(self.earlier[0], picture, seconds)
        regions = regions_of(labels, blobs, np.hypot(flow[..., 0], flow[..., 1]))
        boxes = np.array([region.box for region in regions], np.float32).reshape(-1, 4)
        height, width = self.size
        shares = (boxes / np.array([width, height, width, height])).astype(np.float32)
        tracks = self.tracker.link(boxes, self.seen / self.fps)
        if not describe:
            return no_objects(self.object_encoder.width)
        side = self.object_encoder.size
        crops = np.empty((len(regions), side, side, 3), np.uint8)
        for number, region in enumerate(regions):
            crops[number] = crop(frame, region, self.size, side)
        speeds, headings = _motion_of(regions, flow)
        if len(self.earlier) == 1:  # at a video's start there is nothing to measure motion against
            speeds[:], headings[:] = np.nan, np.nan
        return Objects(
            np.full(len(regions), self.seen, np.int32),
            shares,
            np.array([region.mask.sum() / labels.size for region in regions], np.float32),
            speeds,
            headings,
            tracks,
            self.object_encoder.describe(crops).astype(np.float16),
        )


def _motion_of(regions: list[Region], flow: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Speeds (M, 3) and headings (M, 2) of `regions` in a field of velocities (h, w, 2)."""
    speeds, headings = np.empty((len(regions), 3), np.float32), np.empty((len(regions), 2), np.float32)
    for number, region in enumerate(regions):
        own = flow[region.place][region.mask]
        speed = np.hypot(own[:, 0], own[:, 1])
        speeds[number] = speed.mean(), np.percentile(speed, 90), np.median(speed)
        headings[number] = np.median(own, axis=0)
    return speeds, headings
