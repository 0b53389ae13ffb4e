"""Training features as one table that segments are gathered from."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenewise.features.blocks import block_name
from scenewise.methods.segments.held_out import FrameRange
from scenewise.methods.segments.segment_rate import picked_frames

DEVIATION_FLOOR = 0.25
"""Chosen on normal footage alone, see docs/EXPERIMENTS.md."""


class FeatureTable:
    """Rows of many frame ranges one after another: in memory, or mapped from the block files if they are too many.

    `lengths[i]` rows of range i begin at row `offsets[i]`. Every block is checked once, when the table is made.
    """

    def __init__(self, ranges: Sequence[FrameRange], mapped: bool = False, segment_fps: float | None = None) -> None:
        """`mapped` leaves the features on disk; with `segment_fps` the rows are the frames picked at that rate.

        Raises IntegrityError, naming the file, if a block was changed.
        """
        frames = [range_.stop - range_.first for range_ in ranges]
        picks = [picked_frames(n, s.video.fps, segment_fps) for n, s in zip(frames, ranges, strict=True)]
        self.lengths = [len(picked) for picked in picks]
        self.offsets = [int(offset) for offset in np.cumsum([0, *self.lengths])]
        begins = np.cumsum([0, *frames[:-1]])
        self._row_at = np.concatenate([begin + picked for begin, picked in zip(begins, picks, strict=True)])
        parts = (part for range_ in ranges for part in _parts(range_, mapped))
        if mapped:
            self._arrays = list(parts)
        else:
            self._arrays = [np.empty((sum(frames), ranges[0].video.width), np.float16)]
            filled = 0
            for part in parts:
                self._arrays[0][filled : filled + len(part)] = part
                filled += len(part)
        self._ends = np.cumsum([len(part) for part in self._arrays])

    def __len__(self) -> int:
        return self.offsets[-1]

    def starts(self, length: int, wanted: Callable[[int, int], NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        """For each range the first rows that `wanted(rows of the range, length)` chooses, as rows of the table."""
        return [offset + wanted(rows, length) for rows, offset in zip(self.lengths, self.offsets[:-1], strict=True)]

    def gather(self, starts: NDArray[np.int64], length: int) -> NDArray[np.float16]:
        """Segments (B, T, D) whose first rows are `starts` (B,)."""
        rows = self._row_at[starts[:, None] + np.arange(length)]
        if len(self._arrays) == 1:
            segments: NDArray[np.float16] = self._arrays[0][rows]
            return segments
        flat = rows.ravel()
        owner = np.searchsorted(self._ends, flat, side="right")
        gathered = np.empty((len(flat), self._arrays[0].shape[1]), np.float16)
        for part in np.unique(owner):
            here = owner == part
            begin = self._ends[part] - len(self._arrays[part])
            gathered[here] = self._arrays[part][flat[here] - begin]
        return gathered.reshape(*rows.shape, -1)

    def mean_and_deviation(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and standard deviation over all rows, (D,) each, summed in float64.

        The deviation is no less than DEVIATION_FLOOR times the features' root mean square deviation (1 if nothing
        varies at all). Without it, a feature that hardly ever moved in training becomes the loudest of all the first
        time it does.
        """
        frames = sum(len(array) for array in self._arrays)
        total = np.zeros(self._arrays[0].shape[1])
        for chunk in self._chunks():
            total += chunk.sum(axis=0)
        mean = total / frames
        squares = np.zeros_like(total)
        for chunk in self._chunks():
            squares += np.square(chunk - mean).sum(axis=0)
        variance = squares / frames
        floor = DEVIATION_FLOOR * np.sqrt(variance.mean())
        # float16 features that never move still differ by rounding: below its step nothing varies.
        if floor <= np.abs(mean).max() * 2**-11 * DEVIATION_FLOOR:
            floor = 1.0
        return mean.astype(np.float32), np.maximum(np.sqrt(variance), floor).astype(np.float32)

    def _chunks(self, rows: int = 4096) -> Iterator[NDArray[np.float64]]:
        for part in self._arrays:
            for begin in range(0, len(part), rows):
                yield part[begin : begin + rows].astype(np.float64)


def frames_bytes(ranges: Sequence[FrameRange]) -> int:
    """Bytes that the features of `ranges` take in memory."""
    return sum((range_.stop - range_.first) * range_.video.width * 2 for range_ in ranges)


def _parts(range_: FrameRange, mapped: bool) -> Iterator[NDArray[np.float16]]:
    """The range's features, block by block, checked."""
    video = range_.video
    for first in range(0, video.frames, video.block):
        features = video.block_at(first).features
        if mapped:
            features = map_features(video.folder / block_name(first), features)
        part = features[max(range_.first - first, 0) : max(range_.stop - first, 0)]
        if len(part):
            yield part


def map_features(path: Path, features: NDArray[np.float16]) -> NDArray[np.float16]:
    """The `features` of a block file, which was read and checked, as a read-only memory map of it.

    The format: 8 bytes of header length, the JSON header with each tensor's byte range, then the tensors
    (https://github.com/huggingface/safetensors#format).
    """
    with path.open("rb") as file:
        header_length = int.from_bytes(file.read(8), "little")
        described = json.loads(file.read(header_length))["features"]
    offset = 8 + header_length + described["data_offsets"][0]
    return np.memmap(path, np.float16, "r", offset, features.shape)
