"""Training features as one table that segments are gathered from."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import IntegrityError
from scenewise.files import check
from scenewise.segments.held_out import Stretch
from scenewise.segments.rate import picked_frames

DEVIATION_FLOOR = 0.25
"""Chosen on normal footage alone, see docs/EXPERIMENTS.md."""


class FeatureTable:
    """Rows of many stretches one after another: in memory, or mapped from the block files where they are too many.

    `lengths[i]` rows of stretch i begin at row `offsets[i]`. Every block is checked once, when the table is made.
    """

    def __init__(self, stretches: Sequence[Stretch], memory_budget: float, segment_fps: float | None = None) -> None:
        """`memory_budget` in GiB; with `segment_fps` the rows are the frames picked at that rate.

        Raises IntegrityError, naming the file, where a block was changed.
        """
        frames = [stretch.stop - stretch.first for stretch in stretches]
        picks = [picked_frames(n, s.video.fps, segment_fps) for n, s in zip(frames, stretches, strict=True)]
        self.lengths = [len(own) for own in picks]
        self.offsets = [int(offset) for offset in np.cumsum([0, *self.lengths])]
        begins = np.cumsum([0, *frames[:-1]])
        self._row_at = np.concatenate([begin + own for begin, own in zip(begins, picks, strict=True)])
        width = stretches[0].video.width
        self.mapped = sum(frames) * width * 2 > memory_budget * 2**30
        parts: list[NDArray[np.float16]] = []
        for stretch in stretches:
            parts.extend(self._parts(stretch))
        self._arrays = parts if self.mapped else [np.concatenate(parts)]
        self._ends = np.cumsum([len(part) for part in self._arrays])

    def __len__(self) -> int:
        return self.offsets[-1]

    def _parts(self, stretch: Stretch) -> list[NDArray[np.float16]]:
        parts = []
        for block, path in zip(stretch.video.blocks(), stretch.video.block_paths(), strict=True):
            features = map_features(path) if self.mapped else block.features
            part = features[max(stretch.first - block.first, 0) : max(stretch.stop - block.first, 0)]
            if len(part):
                parts.append(part)
        return parts

    def starts(self, length: int, wanted: Callable[[int, int], NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        """For each stretch the first rows that `wanted(rows of the stretch, length)` chooses, as rows of the table."""
        return [offset + wanted(own, length) for own, offset in zip(self.lengths, self.offsets[:-1], strict=True)]

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

        The deviation is no less than DEVIATION_FLOOR times the features' root mean square deviation (1 where nothing
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


def map_features(path: Path) -> NDArray[np.float16]:
    """The features of a block file as a read-only memory map.

    The format: 8 bytes of header length, the JSON header with each tensor's byte range, then the tensors
    (https://github.com/huggingface/safetensors#format).
    """
    check(path)
    with path.open("rb") as file:
        header_length = int.from_bytes(file.read(8), "little")
        described = json.loads(file.read(header_length))["features"]
    if described["dtype"] != "F16":
        raise IntegrityError(f"{path}: features are {described['dtype']}, expected F16; extract them again")
    offset = 8 + header_length + described["data_offsets"][0]
    return np.memmap(path, np.float16, "r", offset, tuple(described["shape"]))
