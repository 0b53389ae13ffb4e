"""`--clips`: seconds before and after each event and each highest moment, as files that every browser plays.

clips/000123.mp4, named by its first event's peak frame. Packets are copied if browsers play the codec in MP4 and a key
frame is near; else the pictures are encoded as H.264.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import av

from scenewise.inference.highlights import Clip, Highlights
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.video.copy_packets import Interval, copy_packets, key_frames
from scenewise.video.encode_video import encode_intervals
from scenewise.video.probe import open_video
from scenewise.video.source import FrameSource

CLIPS = "clips"
AROUND = 5.0
"""Seconds before and after."""
PLAYED = frozenset({"h264", "hevc", "vp9", "av1"})
"""Codecs that browsers play in MP4, HEVC where the device can; not those of older cameras, MPEG-4 and Motion JPEG."""
PLAYED_COLOURS = frozenset({"yuv420p", "yuvj420p", "yuv420p10le"})
FARTHEST = 30.0
"""Seconds that a clip may begin too early because packets can only be copied from a key frame on."""


class Clips:
    """A sink: when the video has ended, its clips are cut out of it."""

    def __init__(self, source: FrameSource, folder: Path, highlights: Highlights) -> None:
        """`highlights` is closed before; each of them gets the clip that shows it."""
        self.source, self.folder, self.highlights = source, folder, highlights
        self.length = 0.0

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        self.length = float(frames.times[-1]) + 1 / self.source.fps

    def close(self) -> None:
        """See `Sink`. Raises VideoError if the video cannot be read again."""
        events = [(found.start, found.end, found.event.peak_frame) for found in self.highlights.events.events]
        moments = [(one.time, one.time, one.frame) for one in self.highlights.found if not one.is_event]
        wanted = [Clip(f"{CLIPS}/{frame:06d}.mp4", max(start - AROUND, 0.0), min(end + AROUND, self.length))
                  for start, end, frame in sorted([*events, *moments])]  # fmt: skip
        clips = self._copied(wanted)
        if clips is None:
            clips = merged(wanted)
            encode_intervals(self.source.blocks(8), self.source.fps, self._intervals(clips), lambda _: None)
        for one in self.highlights.found:
            one.clip = next((clip for clip in clips if clip.start <= one.time <= clip.stop), None)

    def _copied(self, wanted: Sequence[Clip]) -> list[Clip] | None:
        """Clips of copied packets, each from the key frame before its start; None if the video does not allow it."""
        video = Path(self.source.where)
        if not video.is_file() or not _is_played(video):
            return None
        keys = key_frames(video)
        begins = [max((key for key in keys if key <= clip.start), default=None) for clip in wanted]
        if any(begin is None or clip.start - begin > FARTHEST for begin, clip in zip(begins, wanted, strict=True)):
            return None
        clips = merged(clip._replace(start=begin or 0.0) for begin, clip in zip(begins, wanted, strict=True))
        try:
            copy_packets(video, self._intervals(clips))
        except (av.FFmpegError, ValueError):
            return None
        return clips

    def _intervals(self, clips: Sequence[Clip]) -> list[Interval]:
        return [Interval(clip.start, clip.stop, self.folder / clip.file) for clip in clips]


def merged(clips: Iterable[Clip]) -> list[Clip]:
    """Clips, in order of their starts, with those that overlap or touch joined under the first one's name."""
    joined: list[Clip] = []
    for clip in clips:
        if joined and clip.start <= joined[-1].stop:
            joined[-1] = joined[-1]._replace(stop=max(joined[-1].stop, clip.stop))
        else:
            joined.append(clip)
    return joined


def _is_played(video: Path) -> bool:
    with open_video(video) as (_, stream):
        context = stream.codec_context
        return context.name in PLAYED and context.pix_fmt in PLAYED_COLOURS
