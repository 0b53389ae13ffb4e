"""Frames of one video in, its objects out: regions are found, cut out, encoded, and followed from frame to frame."""

from collections import deque
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.objects.background import Background, shrunk
from scenewise.objects.crops import crops_of
from scenewise.objects.foreground import Foreground
from scenewise.objects.fragments import whole
from scenewise.objects.motion import Motion, speeds_of
from scenewise.objects.object_table import Objects, joined, no_objects
from scenewise.objects.regions import Region, regions_of
from scenewise.objects.registration import Registration
from scenewise.objects.tracks import Tracker

FLOW_TIME = 0.1
"""Seconds between the two pictures that motion is measured on: long enough that a walker moves by more than the flow's
error, short enough that a cyclist is still found."""


NO_FLOW = np.zeros((1, 1, 2), np.float32)

DETECTOR = 2
"""Changes with everything that changes which objects are found, or what is known of them: stores say which one."""


class ObjectDetector:
    """Detects, encodes and tracks the objects of one video of one scene; frames come in order, in any cut."""

    def __init__(self, background: Background, object_encoder: ObjectEncoder, every: int, fps: float) -> None:
        """Objects are detected in every `every`-th frame; `fps` frames per second."""
        self.size = (background.picture.shape[0], background.picture.shape[1])
        self.object_encoder, self.every, self.fps = object_encoder, every, fps
        self.foreground, self.motion, self.tracker = Foreground(background), Motion(), Tracker(every / fps)
        self.registration = Registration(background.picture)
        self.earlier: deque[_Picture] = deque(maxlen=max(1, round(FLOW_TIME * fps)) + 1)
        self.width = self.size[1]
        """Pixels of the last frame."""
        self.frames = 0
        """Frames that came so far."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What was wrong with the camera's view so far, each in a few words."""
        return self.registration.faults(self.width)

    def detect(self, frames: NDArray[np.uint8], encode: bool = True) -> Objects:
        """The objects of the next frames (n, H, W, 3) uint8 RGB.

        Without `encode`, which takes most of the time, objects are only tracked, and none is returned.
        """
        found = [no_objects(self.object_encoder.width)]
        crops: list[NDArray[np.uint8]] = []
        for frame in frames:
            self.width = frame.shape[1]
            self.earlier.append(_Picture(frame, self.size))
            if self.frames % self.every == 0:
                regions, objects = self._detect(self.earlier[-1].shrunk)
                if encode and regions:
                    found.append(objects)
                    crops.append(crops_of(frame, regions, self.size, self.object_encoder.size))
            self.frames += 1
        objects = joined(found)
        if crops:  # those of all frames at once: the encoder has work for every core
            objects = replace(objects, features=self.object_encoder.encode(np.concatenate(crops)).astype(np.float16))
        return objects

    def _detect(self, picture: NDArray[np.uint8]) -> tuple[list[Region], Objects]:
        """The regions of the next picture, and the objects that they are, not yet encoded."""
        placement = self.registration.placement_at(picture, self.frames / self.fps)
        labels, areas = self.foreground.areas(picture, self.every / self.fps, placement)
        flow = self._flow(picture) if areas else NO_FLOW
        regions = whole(regions_of(labels, areas, np.hypot(flow[..., 0], flow[..., 1])), flow) if areas else []
        boxes = np.array([region.box for region in regions], np.float32).reshape(-1, 4)
        height, width = self.size
        shares = (boxes / np.array([width, height, width, height])).astype(np.float32)
        tracks = self.tracker.link(boxes, self.frames / self.fps)
        speeds = speeds_of(regions, flow)
        if len(self.earlier) == 1:  # a video's first frame has no earlier one to measure motion against
            speeds[:] = np.nan
        return regions, Objects(
            np.full(len(regions), self.frames, np.int32),
            shares,
            np.array([region.mask.sum() / labels.size for region in regions], np.float32),
            speeds,
            ((boxes[:, :2] + boxes[:, 2:]) / (2 * height)).astype(np.float32),
            tracks,
            np.zeros((len(regions), self.object_encoder.width), np.float16),
        )

    def _flow(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w, 2) picture heights a second in the latest picture."""
        seconds = max(len(self.earlier) - 1, 1) / self.fps
        return self.motion.flow(self.earlier[0].shrunk, picture, seconds)


class _Picture:
    """A frame (H, W, 3), made small only if somebody looks at it: most frames between examined ones are not."""

    def __init__(self, frame: NDArray[np.uint8], size: tuple[int, int]) -> None:
        self.frame, self.size = frame, size

    @cached_property
    def shrunk(self) -> NDArray[np.uint8]:
        """At `size` (h, w)."""
        return shrunk(self.frame, self.size)
