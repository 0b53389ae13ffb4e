"""Reads the table that `--frames` names: how many frames each video has.

frames.json   {"01_0014": 265, "test/06/0147": 265}
frames.csv    video,frames
              01_0014,265
"""

from collections.abc import Mapping
from pathlib import Path

from scenewise.csv_cells import cell_text
from scenewise.datasets import Video
from scenewise.errors import DataError
from scenewise.features.manifest_form import LONGEST
from scenewise.formats.csv_table import read_table
from scenewise.formats.json_text import parse_json
from scenewise.text_file import read_text

EXPECTED = (
    'expected a table of videos and their frames: JSON {"01_0014": 265}, or CSV with the columns video and frames'
)

FrameTable = Mapping[str, int]
"""{name of a video: its frames}."""


def read_frame_table(path: Path) -> FrameTable:
    """The table in `path`. Raises DataError, naming the file and the video, if it is none."""
    table = _of_csv(path) if path.suffix.lower() == ".csv" else _of_json(path)
    for name, frames in table.items():
        if type(frames) is not int or not 1 <= frames <= LONGEST:
            raise DataError(f"{path}: {name}: expected a number of frames from 1 to {LONGEST}, got {repr(frames)[:40]}")
    return table


def frames_in(table: FrameTable, video: Video, stem: str) -> int | None:
    """The frames of `video`; the table calls it SPLIT/SCENE/VIDEO, SCENE_VIDEO, or like the `stem` of its file."""
    return next((table[name] for name in (video.title, video.score_name, stem) if name in table), None)


def _of_json(path: Path) -> dict[str, int]:
    text = read_text(path, EXPECTED)
    try:
        table = parse_json(text.encode())
    except ValueError as error:
        raise DataError(f"{path}: {EXPECTED}, but it is no JSON ({error})") from error
    if not isinstance(table, dict):
        raise DataError(f"{path}: {EXPECTED}, got a JSON {type(table).__name__}")
    return table


def _of_csv(path: Path) -> dict[str, int]:
    table: dict[str, int] = {}
    try:
        rows = list(read_table(path))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {EXPECTED}, but it cannot be read ({error})") from error
    for row in rows:
        if not {"video", "frames"} <= row.keys():
            raise DataError(f"{path}: {EXPECTED}, got the columns {', '.join(row)[:80]}")
        if not row["frames"].isascii() or not row["frames"].isdigit() or len(row["frames"]) > len(str(LONGEST)):
            raise DataError(f"{path}: {row['video']}: expected a number of frames, got {row['frames'][:40]!r}")
        table[cell_text(row["video"])] = int(row["frames"])
    return table
