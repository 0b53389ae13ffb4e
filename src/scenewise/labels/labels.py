"""What is true of a stored video: its frame labels and its events."""

from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from scenewise.datasets import LabelSource
from scenewise.errors import DataError
from scenewise.features.store import StoredVideo
from scenewise.labels.frame_labels import read_frame_labels


class Event(BaseModel):
    """Something that happens from `first_frame` to `last_frame`, both included."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    kind: Annotated[str, Field(alias="class")]
    first_frame: Annotated[int, Field(ge=0)]
    last_frame: Annotated[int, Field(ge=0)]
    abnormal: bool
    """Whether it is abnormal in this scene."""


Truth = tuple[NDArray[np.bool_] | None, tuple[Event, ...] | None]
"""Labels (N,) and events of a video; None of either where there are none."""

_EVENTS = TypeAdapter(tuple[Event, ...])


def read_truth(video: StoredVideo) -> Truth:
    """Labels and events of a stored video. Raises DataError, naming the file, where they do not fit it."""
    labels = None if video.labels is None else read_labels(video.labels, video.frames)
    events = None if video.events is None else read_events(Path(video.events), video.frames)
    return labels, events


def read_labels(source: LabelSource, frames: int) -> NDArray[np.bool_]:
    """Frame labels (N,) of a video of `frames` frames: True is abnormal.

    Raises DataError, naming the file, where it can not be read, does not fit the video's length, or is of another form
    than its kind.
    """
    return read_frame_labels(source, frames)


def read_events(path: Path, frames: int) -> tuple[Event, ...]:
    """Events of a video of `frames` frames.

    Raises DataError, naming the file, where it is no list of {class, first_frame, last_frame, abnormal}, or an event
    does not lie inside the video.
    """
    try:
        events = _EVENTS.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataError(f"{path}: {where}: {first['msg']}") from error
    except OSError as error:
        raise DataError(f"{path}: can not be read ({error})") from error
    for event in events:
        if not event.first_frame <= event.last_frame < frames:
            raise DataError(
                f"{path}: {event.kind} from frame {event.first_frame} to {event.last_frame} does not lie inside the "
                f"video's {frames} frames"
            )
    return events


def abnormal_ranges(labels: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last frame, both included, of every run of abnormal frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], labels, [False]]).astype(np.int8)))
    return [(int(first), int(stop) - 1) for first, stop in edges.reshape(-1, 2)]
