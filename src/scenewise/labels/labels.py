"""Reads the labels of a video: frame labels, masks and events.

The way to every label file: KINDS names the reader of each kind, which opens it by `label_files.py` or `matlab.py`.

Only `evaluation/` and `dataset_tools/` import this package, so training cannot see test labels.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from scenewise.counted import counted
from scenewise.datasets import LabelSource
from scenewise.datasets.manifest import LabelKind
from scenewise.datasets.unchanged import refuse_changed
from scenewise.errors import DataError
from scenewise.features.store import StoredVideo
from scenewise.labels.kinds import KINDS
from scenewise.labels.masks import labels_of_masks
from scenewise.text_file import read_text

_Share = Annotated[float, Field(ge=0, le=1)]
EventBox = tuple[Annotated[int, Field(ge=0)], _Share, _Share, _Share, _Share]
"""A frame, and left, top, right, bottom as shares of the picture's width and height."""


class Event(BaseModel):
    """Something that happens from `first_frame` to `last_frame`, both included."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    kind: Annotated[str, Field(alias="class")]
    first_frame: Annotated[int, Field(ge=0)]
    last_frame: Annotated[int, Field(ge=0)]
    abnormal: bool
    """Whether it is abnormal in this scene."""
    boxes: tuple[EventBox, ...] = ()
    """Where it is in some of its frames, in their order; between two of them it moves evenly. Empty if not known."""

    @model_validator(mode="after")
    def _boxes_in_its_frames(self) -> "Event":
        frames = [self.first_frame, *(frame for frame, *_ in self.boxes), self.last_frame]
        if self.boxes and (frames != sorted(frames) or len({*frames[1:-1]}) < len(self.boxes)):
            raise ValueError("expected boxes of different frames of the event, in their order")
        return self


Truth = tuple[NDArray[np.bool_] | None, tuple[Event, ...] | None]
"""Frame labels (N,) and events of a video; None of either if it has none."""

_EVENTS = TypeAdapter(tuple[Event, ...])


def read_truth(video: StoredVideo) -> Truth:
    """Labels and events of a stored video. Raises DataError, naming the file, if they do not fit it."""
    labels = None if video.labels is None else read_labels(video.labels, video.frames)
    events = None if video.events is None else read_events(Path(video.events), video.frames)
    return labels, events


def read_labels(source: LabelSource, frames: int) -> NDArray[np.bool_]:
    """Frame labels (N,) of a video of `frames` frames: True is abnormal.

    Raises DataError, naming the file, if it cannot be read, has another form than its kind, or does not fit the
    video's length.
    """
    refuse_changed(source.path)
    reader = KINDS[source.kind].labels
    return labels_of_masks(read_masks(source, frames), frames) if reader is None else reader(source, frames)


def read_masks(source: LabelSource, frames: int) -> Iterator[NDArray[np.bool_]]:
    """One mask (H, W) a frame of a video of `frames` frames, in order; True where it is abnormal.

    All masks of a video have the size of the pictures that its authors labelled. A video that is normal throughout has
    masks of 1 x 1, which broadcast to any size.

    Raises DataError, naming the file, if its kind has no masks, it cannot be read, it does not hold one mask per frame,
    its masks have different sizes, or it holds something else than masks.
    """
    reader = KINDS[source.kind].masks
    if reader is None:
        raise DataError(f"{source.path}: labels of kind {source.kind} say which frames are abnormal, not where in them")
    return reader(source, frames)


def labels_read_masks(kind: LabelKind) -> bool:
    """Whether reading the labels of a file of this kind reads every mask in it, and raises what `read_masks` would."""
    return KINDS[kind].labels is None


def listed_keys(path: Path, kind: LabelKind) -> list[str]:
    """The keys of all videos that a label file has entries for; none for kinds of one file per video.

    Raises DataError, naming the file, if it cannot be read.
    """
    reader = KINDS[kind].keys
    return [] if reader is None else reader(path)


def read_events(path: Path, frames: int) -> tuple[Event, ...]:
    """Events of a video of `frames` frames.

    Raises DataError, naming the file, if it is no list of {class, first_frame, last_frame, abnormal, boxes}, or an
    event does not lie inside the video.
    """
    refuse_changed(path)
    try:
        events = _EVENTS.validate_json(read_text(path, "expected a list of events in JSON"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataError(f"{path}: {where}: {first['msg']}") from error
    for event in events:
        if not event.first_frame <= event.last_frame < frames:
            raise DataError(
                f"{path}: {event.kind} from frame {event.first_frame} to {event.last_frame} does not lie inside the "
                f"video's {counted(frames, 'frame')}"
            )
    return events


def abnormal_ranges(labels: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last frame, both included, of every run of consecutive abnormal frames in `labels` (N,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], labels, [False]]).astype(np.int8)))
    return [(int(first), int(stop) - 1) for first, stop in edges.reshape(-1, 2)]
