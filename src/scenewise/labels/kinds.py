"""The kinds of label files, and the function that reads each. A new kind is a line here and a reader.

`LabelSource.kind` names the kind; its documentation says what the file and the key hold.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scenewise.datasets import LabelSource
from scenewise.datasets.manifest import LabelKind
from scenewise.labels.arrays import npy_labels, npy_masks, npy_part_labels, npz_keys, npz_labels
from scenewise.labels.masks import FrameLabels, Mask, mask_pictures, mat_masks
from scenewise.labels.ranges import mat_range_keys, mat_range_labels, ucsd_keys, ucsd_labels
from scenewise.labels.tracks import box_labels, box_masks, span_labels, span_masks

LabelReader = Callable[[LabelSource, int], FrameLabels]
MaskReader = Callable[[LabelSource, int], Iterator[Mask]]


class Readers(NamedTuple):
    """What can be read from one kind of label file. Each reader raises DataError, naming the file."""

    labels: LabelReader | None
    """Frame labels (N,) of a video of N frames; None if they follow from the masks."""
    masks: MaskReader | None = None
    """One mask (H, W) a frame; None if the kind does not say where in the picture per frame is abnormal."""
    keys: Callable[[Path], list[str]] | None = None
    """The keys of all videos in the file; None for kinds of one file per video."""


def _normal_labels(_source: LabelSource, frames: int) -> FrameLabels:
    return np.zeros(frames, bool)


def _normal_masks(_source: LabelSource, frames: int) -> Iterator[Mask]:
    return iter([np.zeros((1, 1), bool)] * frames)


KINDS: dict[LabelKind, Readers] = {
    "npy": Readers(npy_labels, npy_masks),
    "npy-part": Readers(npy_part_labels),
    "npz": Readers(npz_labels, keys=npz_keys),
    "ucsd-m": Readers(ucsd_labels, keys=ucsd_keys),
    "mat-ranges": Readers(mat_range_labels, keys=mat_range_keys),
    "mat-masks": Readers(None, mat_masks),
    "mask-folder": Readers(None, mask_pictures),
    "tracks": Readers(box_labels, box_masks),
    "ubnormal": Readers(span_labels, span_masks),
    "normal": Readers(_normal_labels, _normal_masks),
}
