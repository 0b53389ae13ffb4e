"""Tracks: which things are abnormal when, as Street Scene and UBnormal write them."""

import math
import re
from pathlib import Path
from typing import NamedTuple

from scenewise.datasets import LabelSource
from scenewise.errors import DataError
from scenewise.labels.label_files import read_text

_MOST_DIGITS = 18
"""Of a frame's number. Python refuses to read thousands of them."""


class Box(NamedTuple):
    """One abnormal thing in one frame, in pixels: from `left` and `top` up to `right` and `bottom`."""

    track: int
    frame: int
    """From 0."""
    left: float
    top: float
    right: float
    bottom: float


class Span(NamedTuple):
    """One abnormal thing from frame `first` to frame `last`, both included, from 0."""

    track: int
    first: int
    last: int


def read_boxes(source: LabelSource, frames: int) -> tuple[list[Box], tuple[int, int] | None]:
    """Street Scene's track file: the boxes, and the pictures' (width, height) where the source's key tells it.

    A line is `filename track_id xc yc w h`: a picture, counted from 1 by the last number in its name, and a box by its
    middle and size in pixels (Ramachandra and Jones, WACV 2020). An empty file is a video without anything abnormal.

    Raises DataError, naming the line, where it is no such line, or its frame is not of the video.
    """
    boxes = []
    what = "expected a line `filename track_id xc yc w h`"
    for number, line in enumerate(read_text(source.path, "expected a file of tracks").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{source.path}, line {number}"
        name, *values = line.split()
        counted = re.findall(r"[0-9]+", Path(name).stem)
        if len(values) != 5 or not counted:
            raise DataError(f"{where}: {what}, got {line.strip()[:60]!r}")
        try:
            track, middle_x, middle_y, width, height = (float(value) for value in values)
        except ValueError as error:
            raise DataError(f"{where}: {what} of numbers, got {line.strip()[:60]!r}") from error
        if not all(map(math.isfinite, (track, middle_x, middle_y, width, height))) or min(width, height) <= 0:
            raise DataError(f"{where}: expected a box with a width and a height, got {line.strip()[:60]!r}")
        if len(counted[-1]) > _MOST_DIGITS or not 1 <= int(counted[-1]) <= frames:
            raise DataError(f"{where}: {name} is not among the video's {frames} frames, which count from 1")
        left, top = middle_x - width / 2, middle_y - height / 2
        boxes.append(Box(int(track), int(counted[-1]) - 1, left, top, left + width, top + height))
    return boxes, _size(source)


def read_spans(source: LabelSource, frames: int) -> list[Span]:
    """The tracks in a folder of UBnormal's annotations: lines `track,first,last` of frames from 0.

    Its authors' corrected file NAME_new_tracks.txt goes before NAME_tracks.txt. Raises DataError where there is
    neither, or a line is none of these.
    """
    name = source.path.name.removesuffix("_annotations")
    corrected = source.path / f"{name}_new_tracks.txt"
    path = corrected if corrected.is_file() else source.path / f"{name}_tracks.txt"
    spans = []
    for number, line in enumerate(read_text(path, "expected a file of tracks").splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = [float(value) for value in line.split(",")]  # written as 1.000000e+00 in places
            track, first, last = (int(value) for value in values)
            if values != [track, first, last]:
                raise ValueError("no whole numbers")
        except (ValueError, OverflowError) as error:
            raise DataError(
                f"{path}, line {number}: expected `track,first_frame,last_frame`, got {line.strip()[:60]!r}"
            ) from error
        if not 0 <= first <= last < frames:
            raise DataError(
                f"{path}, line {number}: frames {first} to {last} do not lie inside the video's {frames} frames"
            )
        spans.append(Span(track, first, last))
    return spans


def _size(source: LabelSource) -> tuple[int, int] | None:
    if source.key is None:
        return None
    size = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", source.key)
    if size is None:
        raise DataError(f"{source.path}: expected the pictures' size as the key, such as 1280x720, got {source.key!r}")
    return int(size[1]), int(size[2])
