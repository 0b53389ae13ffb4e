"""What was seen around the events and the highest moments, as the encoder saw it: what `accept` takes in.

observed.safetensors
    frame (n,) numbers of the frames around all highlights; features (n, D) and objects.* of these

It is written while the video is scored. Later the video may be gone, as every stream is; and if it is read again from
the middle, its background and its tracks are not the same.
"""

import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from safetensors.numpy import save as save_tensors

from scenewise.checksums import check, reading
from scenewise.config import FPS
from scenewise.features.blocks import FORMS, OBJECT_FORMS
from scenewise.files import write_bytes
from scenewise.formats.json_text import Form, parse_json, require_form
from scenewise.formats.tensors import metadata_of, parse_tensors, require_tensors, tensor
from scenewise.inference.highlights import Highlights
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.methods.scores import Observation
from scenewise.objects.object_table import Objects, joined

OBSERVED = "observed.safetensors"
MARGIN = 1.0
"""Seconds before and after an event that are accepted with it: its score is smoothed over about as much."""
AROUND = 5.0
"""Seconds before and after it that are kept: objects are described by what they do around a frame."""
LONGEST = 60.0
"""Seconds of one event that are kept, around the frame that is shown; a longer one is accepted in part."""
MOST_BYTES = 32 << 20
"""Of one video, while it is scored; beyond it, what lies around the lowest scores is dropped."""


FEATURES = FORMS["features"]._replace(finite=True)


class _Piece(NamedTuple):
    """Some consecutive frames."""

    first: int
    times: NDArray[np.float64]
    features: NDArray[np.float16]
    objects: Objects | None
    highest: float

    @property
    def size(self) -> int:
        """Bytes."""
        of_objects = 0 if self.objects is None else self.objects.features.nbytes
        return self.features.nbytes + of_objects


class ObservationFile:
    """A sink: writes observed.safetensors when the video has ended; holds MOST_BYTES of features at most."""

    def __init__(self, folder: Path, highlights: Highlights, every: int, encoder: str) -> None:
        """`highlights` is closed before; every `every`-th frame is examined; `encoder`: its fingerprint's digest."""
        self.folder, self.highlights, self.every, self.encoder = folder, highlights, every, encoder
        self._pieces: list[_Piece] = []

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        if frames.features is None:
            return
        highest = float(frames.scene_scores.max())
        self._pieces.append(_Piece(frames.first, frames.times, frames.features, frames.objects, highest))
        if sum(piece.size for piece in self._pieces) > MOST_BYTES:
            self._drop(MOST_BYTES * 3 // 4)

    def close(self) -> None:
        """See `Sink`. Each highlight gets the frames that are accepted with it."""
        if not self._pieces:
            return
        times = np.concatenate([piece.times for piece in self._pieces])
        numbers = np.concatenate([piece.first + np.arange(len(piece.times)) for piece in self._pieces])
        wanted = np.zeros(len(times), bool)
        for one in self.highlights.found:
            start, end = max(one.start, one.time - LONGEST / 2), min(one.end, one.time + LONGEST / 2)
            inside = numbers[(times >= start - MARGIN) & (times <= end + MARGIN)]
            if one.frame in inside and inside[-1] - inside[0] + 1 == len(inside):
                wanted |= (times >= start - AROUND) & (times <= end + AROUND)
                one.observed = int(inside[0]), int(inside[-1])
        if wanted.any():
            write_bytes(self.folder / OBSERVED, self._file(numbers, wanted))

    def _file(self, numbers: NDArray[np.int64], wanted: NDArray[np.bool_]) -> bytes:
        """The frames `wanted` (n,) of those held, which have `numbers` (n,)."""
        tensors: dict[str, NDArray[Any]] = {
            "frame": numbers[wanted],
            "features": np.concatenate([piece.features for piece in self._pieces])[wanted],
        }
        parts = [piece.objects for piece in self._pieces if piece.objects is not None]
        if len(parts) == len(self._pieces):
            objects = joined(parts)
            tensors |= objects.select(np.isin(objects.frame, numbers[wanted])).as_tensors()
        fps, digest = self.highlights.source.fps, self.encoder
        described = {"format": 1, "fps": fps, "every": self.every, "encoder": digest}
        return save_tensors(tensors, {"scenewise": json.dumps(described, sort_keys=True)})

    def _drop(self, most: int) -> None:
        """Drop the pieces around which scores are lowest, but not the latest ones, until `most` bytes are left."""
        times = np.array([piece.times[0] for piece in self._pieces])
        scores = np.array([piece.highest for piece in self._pieces])
        near = np.abs(times[:, None] - times[None]) <= AROUND + LONGEST / 2
        worth = np.where(near[-1], np.inf, np.where(near, scores[None], -np.inf).max(axis=1))
        left = sum(piece.size for piece in self._pieces)
        dropped = set()
        for place in np.argsort(worth, kind="stable").tolist():
            if left <= most:
                break
            dropped.add(place)
            left -= self._pieces[place].size
        self._pieces = [piece for place, piece in enumerate(self._pieces) if place not in dropped]


class _Described(Form):
    fps: Annotated[float, Field(ge=FPS[0], le=FPS[1])]
    every: Annotated[int, Field(ge=1)]
    encoder: str


def read_observation(
    folder: Path, accepted: tuple[int, int], scene: str, title: str, source: str
) -> tuple[Observation, str]:
    """The observation of the frames `accepted`, first and last, in a video's results; and its encoder's digest.

    Raises IntegrityError if the file was changed.
    """
    path = folder / OBSERVED
    content = check(path, folder).read_bytes()
    first, last = accepted
    with reading(path, "score the video again"):
        tensors = parse_tensors(content)
        described = parse_json(metadata_of(content).encode("utf-8", "surrogatepass"))
        require_form(described, _Described)
        require_tensors(tensors, {"frame": tensor("int64", "frames"), "features": FEATURES})
        reach, frame = round((AROUND - MARGIN) * described["fps"]), tensors["frame"]
        rows = _unbroken(frame, first, last, reach, described["every"])
        objects = None
        if "objects.frame" in tensors:
            require_tensors(tensors, OBJECT_FORMS)
            objects = Objects.from_tensors(tensors)
    begin, stop = int(frame[rows[0]]), int(frame[rows[-1]]) + 1
    if objects is not None:
        objects = objects.between(begin, stop)
    features = tensors["features"][rows]
    return Observation(scene, title, source, described["fps"], begin, features, objects, accepted), described["encoder"]


def _unbroken(frame: NDArray[np.int64], first: int, last: int, reach: int, every: int) -> NDArray[np.int64]:
    """Rows of the frames `first` to `last` and of those around them, up to `reach` and to the nearest gap.

    They begin with an examined frame, as a video does: one whose number `every` divides. Raises ValueError if one of
    `first` to `last` is missing.
    """
    rows = np.flatnonzero((frame >= first - reach) & (frame <= last + reach))
    parts = np.split(rows, np.flatnonzero(np.diff(frame[rows]) != 1) + 1)
    for part in parts:
        part = part[np.argmax(frame[part] % every == 0) :] if len(part) else part
        if len(part) and frame[part[0]] <= first + every - 1 and last <= frame[part[-1]]:
            return np.asarray(part, np.int64)
    raise ValueError(f"frame: expected all from {first} to {last}")
