"""Which normal footage is learned from, and which is kept back to choose the checkpoint and to calibrate."""

from collections.abc import Sequence
from typing import NamedTuple

from scenewise.counted import counted
from scenewise.errors import DataError
from scenewise.features.store import StoredVideo
from scenewise.methods.segments.segment_rate import frames_needed


class FrameRange(NamedTuple):
    """Frames `first` to `stop` (exclusive) of one video."""

    video: StoredVideo
    first: int
    stop: int


class TrainingSplit(NamedTuple):
    """The normal footage, divided."""

    learned: tuple[FrameRange, ...]
    held_out: tuple[FrameRange, ...]
    too_short: tuple[StoredVideo, ...]
    """Videos shorter than a segment: not used."""


def divide(videos: Sequence[StoredVideo], segment_length: int, segment_fps: float | None = None) -> TrainingSplit:
    """Hold out a tenth of each scene's videos, at least one; of a single video its last tenth.

    The choice depends on the list of videos alone (evenly spread over their names), not on a seed, so that every run
    on the same features is calibrated on the same footage. Within a single video, `segment_length` frames between
    the two parts belong to neither, so that no segment sees both.

    Raises DataError, naming the scene, if it has too little footage for both.
    """
    learned: list[FrameRange] = []
    held_out: list[FrameRange] = []
    needed = {video: frames_needed(segment_length, video.fps, segment_fps) for video in videos}
    too_short = tuple(video for video in videos if video.frames < needed[video])
    for scene in sorted({video.scene for video in videos}):
        usable = [video for video in videos if video.scene == scene and video.frames >= needed[video]]
        if len(usable) == 1:
            kept, back = _divide_one(usable[0], needed[usable[0]])
            learned.append(kept)
            held_out.append(back)
            continue
        if not usable:
            raise DataError(
                f"scene {scene}: every training video is shorter than a segment of {counted(segment_length, 'frame')}"
                f"{'' if segment_fps is None else f' at --segment-fps {segment_fps:g}'}"
            )
        count = max(1, round(len(usable) / 10))
        back_at = {(2 * k + 1) * len(usable) // (2 * count) for k in range(count)}
        for k, video in enumerate(usable):
            (held_out if k in back_at else learned).append(FrameRange(video, 0, video.frames))
    return TrainingSplit(tuple(learned), tuple(held_out), too_short)


def _divide_one(video: StoredVideo, needed: int) -> tuple[FrameRange, FrameRange]:
    begin = video.frames - max(video.frames // 10, needed)
    stop = begin - needed
    if stop < needed:
        raise DataError(
            f"scene {video.scene}: its one training video has {counted(video.frames, 'frame')}, and at "
            f"least {3 * needed} "
            "are needed to learn from one part and calibrate on another"
        )
    return FrameRange(video, 0, stop), FrameRange(video, begin, video.frames)
