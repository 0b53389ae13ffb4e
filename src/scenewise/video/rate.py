"""Frames a second of videos whose frames come irregularly: MKV and TS claim the rate of the first ones."""

from pathlib import Path

from scenewise.video.probe import VideoInfo, open_video

NOTICEABLE = 0.05
"""Share by which measured and claimed rates may differ before the measured one counts."""


def rate_by_times(frames: int, seconds: float, claimed: float) -> float:
    """Mean rate of `frames` frames, the first and the last `seconds` apart; `claimed` where they hardly differ."""
    if frames < 2 or seconds <= 0:
        return claimed
    measured = (frames - 1) / seconds
    return measured if abs(measured / claimed - 1) > NOTICEABLE else claimed


def rate_without_decoding(info: VideoInfo) -> float:
    """The same for a file about to be decoded, from its packets' times: it is read once, and nothing is decoded.

    Containers that count their frames know their mean rate, and are believed. Raises VideoError.
    """
    path: Path = info.path
    if path.is_dir():
        return info.fps
    with open_video(path) as (container, stream):
        if stream.frames:
            return info.fps
        times = [packet.pts for packet in container.demux(stream) if packet.pts is not None and not packet.is_discard]
        if not times or stream.time_base is None:
            return info.fps
        return rate_by_times(len(times), float((max(times) - min(times)) * stream.time_base), info.fps)
