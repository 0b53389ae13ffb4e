"""The events of a video, while labelled actors are visible, and its frame labels."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from scenewise.street.actors import FPS, Actor
from scenewise.street.body import Sprite, sprite
from scenewise.street.camera import Camera
from scenewise.street.layout import Scene

Event = TypedDict(
    "Event", {"class": str, "first_frame": int, "last_frame": int, "abnormal": bool, "boxes": list[list[float]]}
)

SMALLEST = 1 / 36
"""An actor counts as visible if one metre at its place covers at least this share of the picture's height."""
BOX_EVERY = 5
"""Every how many-th frame of an event has a box; between two of them it moves evenly."""


STEADY = 2 * round(FPS / 4) + 1
"""Frames of about half a second, an odd number: as many before a frame as after it."""


def visible(drawn: Sprite, camera: Camera) -> NDArray[np.bool_]:
    """(T,) whether at least a third of the body's box is inside the picture, and the body is not too far away.

    The share is averaged over half a second; without that, swinging legs would cut one event into many.
    """
    left, top, right, bottom = drawn.box.T
    wide = np.clip(np.minimum(right, camera.width) - np.maximum(left, 0), 0, None)
    high = np.clip(np.minimum(bottom, camera.height) - np.maximum(top, 0), 0, None)
    share = uniform_filter1d(wide * high / ((right - left) * (bottom - top)), STEADY, mode="nearest")
    near = camera.focal / np.maximum(drawn.depth, 0.1) >= SMALLEST * camera.height
    return np.asarray(drawn.present & near & (share >= 1 / 3))


def events(scene: Scene, actors: list[Actor], frames: int, camera: Camera) -> list[Event]:
    """An event for each unbroken run of frames in which a labelled actor is visible and counts as one of its class."""
    times = np.arange(frames) / FPS
    listed: list[Event] = []
    for actor in actors:
        if actor.label is None:
            continue
        motion = actor.motion(times)
        drawn = sprite(actor.parts(motion.travelled), motion, camera, scene.sun)
        seen = visible(drawn, camera)
        seen &= scene.counts(actor.label, motion.at)
        if actor.left_at is not None:
            seen &= times >= actor.left_at
        edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(np.int8), [0]])))
        for first, end in edges.reshape(-1, 2).tolist():
            listed.append(
                {
                    "class": actor.label,
                    "first_frame": first,
                    "last_frame": end - 1,
                    "abnormal": actor.abnormal,
                    "boxes": _boxes(drawn, camera, first, end - 1),
                }
            )
    return sorted(listed, key=lambda event: (event["first_frame"], event["last_frame"], event["class"]))


def _boxes(drawn: Sprite, camera: Camera, first: int, last: int) -> list[list[float]]:
    """[frame, left, top, right, bottom] of every BOX_EVERY-th frame from first to last, and of the last.

    Boxes are shares of the picture's width and height, cut off at its edges.
    """
    frames = [*range(first, last, BOX_EVERY), last]
    size = np.array([camera.width, camera.height, camera.width, camera.height])
    shares = np.clip(drawn.box[frames] / size, 0, 1).round(4)
    return [[frame, *box] for frame, box in zip(frames, shares.tolist(), strict=True)]


def frame_labels(listed: list[Event], frames: int) -> NDArray[np.uint8]:
    """(frames,): 1 during an abnormal event, 0 otherwise."""
    labels = np.zeros(frames, np.uint8)
    for event in listed:
        if event["abnormal"]:
            labels[event["first_frame"] : event["last_frame"] + 1] = 1
    return labels
