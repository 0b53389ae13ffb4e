"""Which camera made which recording, by the folders and names that people and recorders give."""

import re
from pathlib import Path

from scenewise.datasets.generic import SPLITS
from scenewise.datasets.listing import entries, is_video
from scenewise.errors import DataError
from scenewise.names import as_text
from scenewise.video.source import name_of

Cameras = dict[str, list[Path]]
"""{name of a camera: its recordings, in the order of time as their names tell it}."""

_TIME = re.compile(r"[-_ .@]*(?:\d{4}-\d{1,2}-\d{1,2}|\d{6,})(?:[-_ .:T]+\d+)*[zZ]?")
"""A date, or at least six digits in a row, and the numbers behind it: what recorders add to a camera's name."""
_DIGITS = re.compile(r"(\d+)")


def sort_by_camera(folder: Path) -> Cameras:
    """The recordings in `folder`, which may also be one recording: each folder in it is a camera, and so is each file.

    Files that differ in date and time alone are of one camera: `gate_20260101.mp4` and `gate_20260102.mp4`. A file with
    nothing but a time or a number is of the camera that the folder is named after. Below a camera's folder there may be
    folders, such as one a day. Raises DataError if there is no recording.
    """
    if ":/" in str(folder):
        raise DataError(f"{folder}: expected recordings, got the address of a stream; record some normal footage first")
    if not folder.exists():
        raise DataError(f"{folder}: there is no such file or folder; expected recordings, or a folder of them")
    if is_video(folder) and not _holds_videos(folder):
        return {camera_of(folder, name_of(folder)): [folder]}
    cameras: Cameras = {}
    for path in entries(folder):
        if is_video(path) and not _holds_videos(path):
            cameras.setdefault(camera_of(path, as_text(folder.resolve().name)), []).append(path)
        elif path.name in SPLITS:
            for name, found in sort_by_camera(path).items():
                cameras.setdefault(as_text(folder.resolve().name) if name == path.name else name, []).extend(found)
        elif found := _recordings(path):
            cameras.setdefault(as_text(path.name), []).extend(found)
    if not cameras:
        raise DataError(
            f"{folder}: expected recordings, as CAMERA/*.mp4 or CAMERA.mp4 (other containers and folders of pictures "
            "count as well); found none"
        )
    return {name: sorted(cameras[name], key=_in_order) for name in sorted(cameras)}


def camera_of(recording: Path, otherwise: str) -> str:
    """The name of the camera in the name of a file: without date and time; `otherwise` if only a number is left."""
    left = _TIME.sub("", name_of(recording)).strip("-_ .")
    return otherwise if left == "" or left.isdecimal() else left


def _recordings(folder: Path) -> list[Path]:
    """All recordings in `folder` and in folders in it."""
    found: list[Path] = []
    for path in entries(folder):
        if is_video(path) and not _holds_videos(path):
            found.append(path)
        elif path.is_dir():
            found += _recordings(path)
    return found


def _holds_videos(path: Path) -> bool:
    """Whether a folder holds videos: then it is a camera, although it may hold pictures too."""
    return path.is_dir() and any(is_video(inner) for inner in entries(path))


def _in_order(path: Path) -> tuple[bool, list[tuple[int, int, str]]]:
    """Training footage before test footage; then 9 before 10, and folders of days by day."""
    parts = _DIGITS.split(as_text(str(path)))
    in_words = [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]
    return "test" in path.parts, in_words
