"""What was seen around the events and the highest moments, as the encoder saw it: what `accept` takes in.

observed/000123.safetensors    features, objects.* of the frames around the highlight whose picture shows frame 123

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
from scenewise.formats.tensors import metadata_of, parse_tensors, require_indices, require_tensors
from scenewise.inference.highlights import Highlight, Highlights
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.methods.scores import Observation
from scenewise.objects.object_table import Objects, joined

OBSERVED = "observed"
MARGIN = 1.0
"""Seconds before and after an event that are accepted with it: its score is smoothed over about as much."""
AROUND = 5.0
"""Seconds before and after it that are kept: objects are described by what they do around a frame."""
LONGEST = 60.0
"""Seconds of one event that are kept, around the frame that is shown; a longer one is accepted in part."""
MOST_BYTES = 32 << 20
"""Of one video, while it is scored; beyond it, what lies around the lowest scores is dropped."""


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


class ObservationFiles:
    """A sink: writes observed/ when the video has ended; holds MOST_BYTES of features at most."""

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
        """See `Sink`."""
        for one in self.highlights.found:
            kept = self._around(one)
            if kept is not None:
                name = f"{OBSERVED}/{one.frame:06d}.safetensors"
                write_bytes(self.folder / name, kept)
                one.observed = name

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

    def _around(self, one: Highlight) -> bytes | None:
        """The file of one highlight; None if what it shows was dropped."""
        start, end = max(one.start, one.time - LONGEST / 2), min(one.end, one.time + LONGEST / 2)
        pieces = [
            piece
            for piece in self._pieces
            if piece.times[-1] >= start - AROUND and piece.times[0] <= end + AROUND
        ]  # fmt: skip
        pieces = _unbroken(pieces, one.frame)
        if not pieces:
            return None
        first = pieces[0].first
        times = np.concatenate([piece.times for piece in pieces])
        kept = np.flatnonzero((times >= start - AROUND) & (times <= end + AROUND))
        begin, stop = int(kept[0] + first) // self.every * self.every, int(kept[-1] + first) + 1
        begin = max(begin, first + -first % self.every)  # the first frame is an examined one, as in a video
        inside = np.flatnonzero((times >= start - MARGIN) & (times <= end + MARGIN)) + first
        features = np.concatenate([piece.features for piece in pieces])[begin - first : stop - first]
        tensors: dict[str, NDArray[Any]] = {"features": features}
        if all(piece.objects is not None for piece in pieces):
            objects = joined([piece.objects for piece in pieces if piece.objects is not None])
            tensors |= objects.between(begin, stop).as_tensors()
        described = {
            "format": 1, "first": begin, "fps": self.highlights.source.fps, "encoder": self.encoder,
            "accepted": [max(int(inside[0]), begin), min(int(inside[-1]), stop - 1)],
        }  # fmt: skip
        return save_tensors(tensors, {"scenewise": json.dumps(described, sort_keys=True)})


def _unbroken(pieces: list[_Piece], frame: int) -> list[_Piece]:
    """Those of `pieces` that hold `frame`, and what lies around it without a gap."""
    run: list[_Piece] = []
    for piece in pieces:
        if run and run[-1].first + len(run[-1].times) != piece.first:
            if run[-1].first + len(run[-1].times) > frame:
                break
            run = []
        run.append(piece)
    there = bool(run) and run[0].first <= frame < run[-1].first + len(run[-1].times)
    return run if there else []


class _Described(Form):
    first: Annotated[int, Field(ge=0)]
    fps: Annotated[float, Field(ge=FPS[0], le=FPS[1])]
    encoder: str
    accepted: Annotated[list[int], Field(min_length=2, max_length=2)]


def read_observation(folder: Path, name: str, scene: str, title: str, source: str) -> tuple[Observation, str]:
    """The observation in the file `name` of a video's results, and the digest of the encoder that made it.

    Raises IntegrityError if the file was changed.
    """
    path = folder / name
    content = check(path, folder).read_bytes()
    with reading(path, "score the video again"):
        tensors = parse_tensors(content)
        described = parse_json(metadata_of(content).encode("utf-8", "surrogatepass"))
        require_form(described, _Described)
        first, accepted = described["first"], described["accepted"]
        count = require_tensors(tensors, {"features": FORMS["features"]._replace(finite=True)})["frames"]
        if not first <= accepted[0] <= accepted[1] < first + count:
            raise ValueError(f"accepted: expected frames from {first} to {first + count - 1}, got {accepted}")
        objects = None
        if "objects.frame" in tensors:
            require_tensors(tensors, OBJECT_FORMS)
            require_indices("objects.frame", tensors["objects.frame"], first + count, first)
            objects = Objects.from_tensors(tensors)
    span = accepted[0], accepted[1]
    found = Observation(scene, title, source, described["fps"], first, tensors["features"], objects, span)
    return found, described["encoder"]
