"""Compares features made elsewhere with the footage: a row for every frame, in each file."""

from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path

from scenewise.counted import counted
from scenewise.datasets import Video
from scenewise.errors import DataError, VideoError
from scenewise.features.foreign_file import FeatureFile
from scenewise.features.spread_frames import labelled_frames
from scenewise.progress import note
from scenewise.video.count import count_frames, decode_all
from scenewise.video.source import open_source

CLIPS = (2, 4, 8, 16, 32, 64)
"""Frames of the clips that video networks usually give one row."""


def require_a_row_per_frame(rows: Mapping[Video, tuple[FeatureFile, int]]) -> None:
    """Compare {video: its file of features and the rows in it} with the frames of the videos.

    Without footage there are only the labels to compare with. Notes the videos that cannot be read: their features are
    compared with the labels when they are evaluated. Raises DataError, naming both numbers, if another video has more
    or fewer frames than rows.
    """
    unread: list[str] = []
    wrong: list[str] = []
    for video, (file, count) in rows.items():
        of = str(video.path)
        try:
            if video.path == file.path:
                frames, of = labelled_frames(video.labels) or count, f"{video.title}, by its labels"
            else:
                frames = _frames_of(video.path, count)
        except (VideoError, OSError) as error:
            unread.append(f"{video.title} ({error})")
            continue
        if frames != count:
            wrong.append(
                f"{file}: {counted(count, 'row')} for the {counted(frames, 'frame')} of {of}{_hint(count, frames)}"
            )
    if wrong:
        more = (
            f" ({counted(len(wrong) - 1, 'more file does not fit', 'more files do not fit')})" if len(wrong) > 1 else ""
        )
        raise DataError(
            f"{wrong[0]}; expected one row per frame{more}; if the rows are spread evenly over the frames, give "
            "--rows spread"
        )
    if unread:
        more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
        note(f"rows could not be compared with the frames of videos that cannot be read: {unread[0]}{more}")


def _frames_of(video: Path, expected: int) -> int:
    """The frames of `video`. It is read more thoroughly as long as they are not as many as `expected`."""
    frames = 0
    for frames in _counts(video):
        if frames == expected:
            break
    return frames


def _counts(video: Path) -> Iterator[int]:
    """The number of frames as claimed, as packets, and exactly."""
    yield open_source(video).frames_claimed or 0
    if video.is_file():
        yield count_frames(video).frames
        yield decode_all(video).frames


def _hint(rows: int, frames: int) -> str:
    """What another number of rows may come from; empty if nothing common gives it."""
    steps = [step for step in range(2, max(CLIPS) + 1) if rows in (frames // step, ceil(frames / step))]
    if not steps:
        return ""
    step = min(steps, key=lambda step: (step not in CLIPS, abs(frames / rows - step)))
    return f" (a row for every {step} frames? repeat each row {step} times, and the last one up to the end)"
