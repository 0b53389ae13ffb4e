"""Which normal footage is learned from, and which is kept back to choose the checkpoint and to calibrate."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.features.store import StoredVideo


class Stretch(NamedTuple):
    """Frames `first` to `stop` (exclusive) of one video."""

    video: StoredVideo
    first: int
    stop: int


class TrainingSplit(NamedTuple):
    """The normal footage, divided."""

    learned: tuple[Stretch, ...]
    held_out: tuple[Stretch, ...]
    too_short: tuple[StoredVideo, ...]
    """Videos shorter than a segment: left out."""


def divide(videos: Sequence[StoredVideo], segment_length: int) -> TrainingSplit:
    """Hold out a tenth of each scene's videos, at least one; of a single video its last tenth.

    The choice depends on the list of videos alone (evenly spread over their names), not on a seed, so that every run
    on the same features is calibrated on the same footage. Within a single video, `segment_length` frames between
    the two parts belong to neither, so that no segment sees both.

    Raises DataError, naming the scene, where a scene has too little footage for both.
    """
    learned: list[Stretch] = []
    held_out: list[Stretch] = []
    too_short = tuple(video for video in videos if video.frames < segment_length)
    for scene in sorted({video.scene for video in videos}):
        own = [video for video in videos if video.scene == scene and video.frames >= segment_length]
        if len(own) == 1:
            kept, back = _divide_one(own[0], segment_length)
            learned.append(kept)
            held_out.append(back)
            continue
        if not own:
            raise DataError(f"scene {scene}: every training video is shorter than a segment of {segment_length} frames")
        count = max(1, round(len(own) / 10))
        back_at = {(2 * k + 1) * len(own) // (2 * count) for k in range(count)}
        for k, video in enumerate(own):
            (held_out if k in back_at else learned).append(Stretch(video, 0, video.frames))
    return TrainingSplit(tuple(learned), tuple(held_out), too_short)


def _divide_one(video: StoredVideo, segment_length: int) -> tuple[Stretch, Stretch]:
    begin = video.frames - max(video.frames // 10, segment_length)
    stop = begin - segment_length
    if stop < segment_length:
        raise DataError(
            f"scene {video.scene}: its one training video has {video.frames} frames, and at least {3 * segment_length} "
            "are needed to learn from one part and calibrate on another"
        )
    return Stretch(video, 0, stop), Stretch(video, begin, video.frames)


def segment_starts(placed: Sequence[tuple[Stretch, int]], segment_length: int) -> NDArray[np.int64]:
    """Every first row a segment may have, in a table in which each stretch begins at the row beside it."""
    return np.concatenate(
        [row + np.arange(stretch.stop - stretch.first - segment_length + 1, dtype=np.int64) for stretch, row in placed]
    )
