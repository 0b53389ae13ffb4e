"""Labels as tracks of abnormal objects: the boxes of Street Scene, and the numbered objects of UBnormal."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scenewise.counted import counted
from scenewise.datasets import LabelSource
from scenewise.errors import DataError
from scenewise.labels.masks import FrameLabels, Mask, grey_picture
from scenewise.labels.ranges import labels_in_ranges
from scenewise.text_file import read_text

MOST_DIGITS = 18
"""Of a frame's number: Python refuses to read numbers of thousands of digits."""


class Box(NamedTuple):
    """One abnormal object in one frame, in pixels: from `left` and `top` up to `right` and `bottom`."""

    frame: int
    """From 0."""
    left: float
    top: float
    right: float
    bottom: float


class Span(NamedTuple):
    """One abnormal object, from frame `first` to frame `last`, both included, from 0."""

    track: int
    first: int
    last: int


def box_labels(source: LabelSource, frames: int) -> FrameLabels:
    """Street Scene: a frame is abnormal if there is a box in it."""
    boxes = _read_boxes(source, frames)
    _picture_size(source)  # a wrong key is an error here too
    return labels_in_ranges([(box.frame, box.frame) for box in boxes], frames)


def box_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """Street Scene: filled boxes, on pictures of the size WIDTHxHEIGHT that is the source's key."""
    boxes = _read_boxes(source, frames)
    size = _picture_size(source)
    if size is None:
        raise DataError(f"{source.path}: boxes need the pictures' size; give it as the key, such as 1280x720")
    width, height = size
    of_frame: dict[int, list[Box]] = {}
    for box in boxes:
        of_frame.setdefault(box.frame, []).append(box)
    for frame in range(frames):
        mask = np.zeros((height, width), bool)
        for box in of_frame.get(frame, []):
            # Every pixel that the box touches, inside the picture.
            rows = slice(max(0, math.floor(box.top)), max(0, math.ceil(box.bottom)))
            mask[rows, max(0, math.floor(box.left)) : max(0, math.ceil(box.right))] = True
        yield mask


def span_labels(source: LabelSource, frames: int) -> FrameLabels:
    """UBnormal: a frame is abnormal from the first to the last frame of a track."""
    return labels_in_ranges([(span.first, span.last) for span in _read_spans(source, frames)], frames)


def span_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """UBnormal: its pictures hold the number of every object, normal or not; the numbers of tracks are abnormal."""
    spans = _read_spans(source, frames)
    if not spans:
        yield from [np.zeros((1, 1), bool)] * frames
        return
    name = source.path.name.removesuffix("_annotations")
    size = grey_picture(source.path / f"{name}_{spans[0].first:04d}_gt.png").shape
    for frame in range(frames):
        numbers = [span.track for span in spans if span.first <= frame <= span.last]
        if not numbers:
            yield np.zeros(size, bool)
            continue
        file = source.path / f"{name}_{frame:04d}_gt.png"
        objects = grey_picture(file)
        if objects.shape != size:
            raise DataError(f"{file}: expected masks of one size, {size} like the others; this one is {objects.shape}")
        yield np.isin(objects, numbers)


def _read_boxes(source: LabelSource, frames: int) -> list[Box]:
    """The boxes in Street Scene's file of tracks.

    A line is `filename track_id xc yc w h`: the last number in a picture's name, which counts from 1, and a box by its
    centre and size in pixels (Ramachandra and Jones, WACV 2020). The file of a normal video is empty.

    Raises DataError, naming the line, if it has another form, or its frame is not in the video.
    """
    boxes = []
    expected = "expected a line `filename track_id xc yc w h`"
    for number, line in enumerate(_lines(source.path), 1):
        if not line.strip():
            continue
        where = f"{source.path}, line {number}"
        name, *values = line.split()
        numbers = re.findall(r"[0-9]+", Path(name).stem)
        if len(values) != 5 or not numbers:
            raise DataError(f"{where}: {expected}, got {line.strip()[:60]!r}")
        try:
            track, centre_x, centre_y, width, height = (float(value) for value in values)
        except ValueError as error:
            raise DataError(f"{where}: {expected} of numbers, got {line.strip()[:60]!r}") from error
        if not all(map(math.isfinite, (track, centre_x, centre_y, width, height))) or min(width, height) <= 0:
            raise DataError(f"{where}: expected a box with a width and a height, got {line.strip()[:60]!r}")
        if len(numbers[-1]) > MOST_DIGITS or not 1 <= int(numbers[-1]) <= frames:
            raise DataError(f"{where}: {name} is not among the video's {counted(frames, 'frame')}, which count from 1")
        left, top = centre_x - width / 2, centre_y - height / 2
        boxes.append(Box(int(numbers[-1]) - 1, left, top, left + width, top + height))
    return boxes


def _picture_size(source: LabelSource) -> tuple[int, int] | None:
    """Width and height in the source's key; None if it has no key."""
    if source.key is None:
        return None
    size = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", source.key)
    if size is None:
        raise DataError(f"{source.path}: expected the pictures' size as the key, such as 1280x720, got {source.key!r}")
    return int(size[1]), int(size[2])


def _read_spans(source: LabelSource, frames: int) -> list[Span]:
    """The tracks in a folder of UBnormal's annotations: lines `track,first,last` of frames from 0.

    Its authors' correction, NAME_new_tracks.txt, is preferred to NAME_tracks.txt. Raises DataError, naming the line,
    if it has another form, or if there is neither file.
    """
    name = source.path.name.removesuffix("_annotations")
    corrected = source.path / f"{name}_new_tracks.txt"
    path = corrected if corrected.is_file() else source.path / f"{name}_tracks.txt"
    spans = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            values = [float(value) for value in line.split(",")]  # some are written as 1.000000e+00
            track, first, last = (int(value) for value in values)
            if values != [track, first, last]:
                raise ValueError("no whole numbers")
        except (ValueError, OverflowError) as error:
            raise DataError(
                f"{path}, line {number}: expected `track,first_frame,last_frame`, got {line.strip()[:60]!r}"
            ) from error
        if not 0 <= first <= last < frames:
            raise DataError(
                f"{path}, line {number}: frames {first} to {last} do not lie inside the video's "
                f"{counted(frames, 'frame')}"
            )
        spans.append(Span(track, first, last))
    return spans


def _lines(path: Path) -> list[str]:
    return read_text(path, "expected a file of tracks", undecodable="replace").splitlines()
