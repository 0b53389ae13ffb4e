"""How many frames the videos have whose features are spread over them: by a table, the footage, or the labels."""

from collections.abc import Mapping
from pathlib import Path

from scenewise.counted import counted
from scenewise.datasets import LabelSource, Video
from scenewise.errors import DataError, VideoError
from scenewise.features.foreign_file import FeatureFile
from scenewise.features.frame_table import frames_in, read_frame_table
from scenewise.features.spread_rows import require_fewer_rows
from scenewise.formats.npy import open_npy, read_npz
from scenewise.video.count import count_frames
from scenewise.video.source import open_source

WAYS = (
    "give a table of them by --frames (frames.json or frames.csv), or the data set with its videos by --data, or "
    "labels (labels/SCENE/VIDEO.npy), which only test videos have"
)


def frames_to_spread_over(rows: Mapping[Video, tuple[FeatureFile, int]], table: Path | None) -> dict[Video, int]:
    """{video: its frames}, of {video: its file of features and the rows in it}.

    The table comes first, then the footage, then the labels. Raises DataError if the frames of a video are not known,
    are fewer than its rows, or its labels are of another number.
    """
    known = {} if table is None else read_frame_table(table)
    frames: dict[Video, int] = {}
    unknown: list[str] = []
    for video, (file, count) in rows.items():
        labelled = labelled_frames(video.labels)
        told = (frames_in(known, video, file.stem), _filmed_frames(video, file), labelled)
        found = next((number for number in told if number is not None), None)
        if found is None:
            unknown.append(video.title)
            continue
        if labelled is not None and labelled != found and video.labels is not None:
            raise DataError(
                f"{video.labels.path}: {counted(labelled, 'label')} for the {counted(found, 'frame')} of {video.title}"
            )
        require_fewer_rows(str(file), count, found)
        frames[video] = found
    if unknown:
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        named = "" if table is None else f" (not in {table})"
        raise DataError(f"--rows spread: the number of frames of {unknown[0]}{more} is not known{named}; {WAYS}")
    return frames


def labelled_frames(source: LabelSource | None) -> int | None:
    """The length of an array of labels; None if there is none, or its kind does not tell. No label is looked at."""
    if source is None:
        return None
    try:
        if source.kind == "npy":
            array = open_npy(source.path)
            return len(array) if array.ndim in (1, 3) else None
        if source.kind == "npz" and source.key is not None:
            return int(read_npz(source.path, source.key).size)
    except (OSError, ValueError):
        return None  # `evaluate` says what is wrong with it
    return None


def _filmed_frames(video: Video, file: FeatureFile) -> int | None:
    """The frames of the footage; None if there is only the file of features, or the video cannot be read."""
    if video.path == file.path:
        return None
    try:
        counted = count_frames(video.path).frames if video.path.is_file() else open_source(video.path).frames_claimed
        return counted or None
    except (VideoError, OSError):
        return None
