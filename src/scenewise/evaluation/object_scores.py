"""The objects behind the scores of one test video: where they are, their anomaly scores, the nearest normal examples.

evaluation/objects/SCENE_VIDEO.safetensors holds `frame`, `box`, `score`, `track`, `example_video`, `example_frame` and
`example_box`, a row per object, ordered by frame; with methods that remember normal examples `example_row`, and with
methods that say why `parts`, `elsewhere` and `elsewhere_score`. Its metadata holds the list of training videos that
`example_video` refers to, and every how many-th frame was examined for objects.

An object's score is on the scale of frame scores. If a frame holds two objects with scores above 1.0 and is ordinary
as a whole, its score is above the 99th percentile of the scene's normal footage.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from safetensors.numpy import save as save_tensors

from scenewise.checksums import reading
from scenewise.errors import IntegrityError
from scenewise.features.manifest_form import LONGEST, PathText, Rate
from scenewise.formats.json_text import Form, parse_json, require_form
from scenewise.formats.tensors import metadata_of, parse_tensors, require_indices, require_tensors, tensor
from scenewise.methods.scores import NormalExample, ScoredObjects
from scenewise.runs.explanation import Elsewhere, Parts

FORMAT = 1
FLAGGED = 1.0
"""On the scene scale: of tracks above it, it is asked where else they would be normal."""
MOST = 20
"""At most so many objects of a frame are kept, those with the highest scores. Ordinary objects are among them, because
RBDC and TBDC count the false boxes with higher scores than a true one."""


class TrainingVideo(NamedTuple):
    """A training video that normal examples come from."""

    title: str
    source: str
    """Its file or folder."""
    fps: float | None
    """Frames a second; None if the features that the run was trained on are gone."""


class ObjectScores(NamedTuple):
    """M objects of one video, ordered by frame."""

    frame: NDArray[np.int32]
    """(M,)"""
    box: NDArray[np.float32]
    """(M, 4) left, top, right, bottom as shares of the picture's width and height."""
    score: NDArray[np.float32]
    """(M,) anomaly score, on the scale of the evaluation's frame scores."""
    track: NDArray[np.int32]
    """(M,) the same number for the same object in other frames."""
    example_video: NDArray[np.int32]
    """(M,) index in `videos` of the video with the nearest normal example; -1 if there is none."""
    example_frame: NDArray[np.int32]
    """(M,) the example's frame in that video."""
    example_box: NDArray[np.float32]
    """(M, 4) the example's box, like `box`."""
    videos: tuple[TrainingVideo, ...]
    every: int
    """Every how many-th frame was examined."""
    parts: NDArray[np.float32] | None = None
    """(M, P) shares of `part_names` in each score, as in ScoredObjects; None if the method has one part only."""
    elsewhere: NDArray[np.int32] | None = None
    """(M,) index in `scenes` of the scene in which the object's track would be normal at its highest score; -1 if in
    none. None if the method cannot say."""
    elsewhere_score: NDArray[np.float32] | None = None
    """(M,) its score there, on that scene's scale."""
    part_names: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    example_row: NDArray[np.int32] | None = None
    """(M,) the example's row in the memory of the scene; -1 if there is none. None if the method has no examples."""

    def example(self, row: int) -> NormalExample | None:
        """The nearest normal example of object `row`; None if there is none."""
        number = int(self.example_video[row])
        if number < 0:
            return None
        video, (left, top, right, bottom) = self.videos[number], self.example_box[row].tolist()
        in_memory = -1 if self.example_row is None else int(self.example_row[row])
        return NormalExample(
            video.title, video.source, int(self.example_frame[row]), (left, top, right, bottom), in_memory
        )

    def parts_of(self, row: int) -> Parts:
        """(name, share) of the parts of object `row`; empty if nothing is known of them."""
        if self.parts is None or not self.parts[row].any():
            return ()
        return tuple(zip(self.part_names, self.parts[row].tolist(), strict=True))

    def normal_elsewhere(self, row: int) -> Elsewhere | None:
        """The scene in which object `row` would be normal; None if there is none."""
        if self.elsewhere is None or self.elsewhere_score is None or self.elsewhere[row] < 0:
            return None
        return Elsewhere(self.scenes[int(self.elsewhere[row])], float(self.elsewhere_score[row]))

    def columns(self) -> dict[str, Any]:
        """{name: column} of the fields with a row per object, as far as they are known."""
        return {name: column for name in FORMS if (column := getattr(self, name)) is not None}

    def select(self, rows: NDArray[Any]) -> "ObjectScores":
        """The objects in `rows`."""
        return self._replace(**{name: column[rows] for name, column in self.columns().items()})

    def highest(self, frame: int, count: int) -> "ObjectScores":
        """At most `count` objects of one frame, the highest score first."""
        rows = np.flatnonzero(self.frame == frame)
        return self.select(rows[np.argsort(-self.score[rows], kind="stable")][:count])


FORMS = {
    "frame": tensor("int32", "objects"),
    "box": tensor("float32", "objects", 4),
    "score": tensor("float32", "objects"),
    "track": tensor("int32", "objects"),
    "example_video": tensor("int32", "objects"),
    "example_frame": tensor("int32", "objects"),
    "example_box": tensor("float32", "objects", 4),
    "parts": tensor("float32", "objects", "parts", optional=True),
    "elsewhere": tensor("int32", "objects", optional=True),
    "elsewhere_score": tensor("float32", "objects", optional=True),
    "example_row": tensor("int32", "objects", optional=True),
}
"""The fields of ObjectScores that have a row per object, in their order."""


class _Video(Form):
    title: str
    source: PathText
    fps: Rate | None


class _Described(Form):
    format: int
    every: Annotated[int, Field(ge=1, le=1000)]
    videos: list[_Video]
    part_names: list[str]
    scenes: list[str]


def object_scores(
    objects: ScoredObjects,
    scaled: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    rate: Callable[[str], float | None],
    every: int,
    elsewhere: Callable[[ScoredObjects], Sequence[Elsewhere | None]] | None = None,
) -> ObjectScores:
    """The objects of one video that an evaluation keeps: the MOST highest of each frame.

    `scaled` brings scores to the scale of the frame scores, `rate` gives a training video's frames per second by its
    title; every `every`-th frame was examined. `elsewhere` gives the scenes in which objects would be normal.
    """
    score = scaled(objects.score)
    rows = _highest_of_each_frame(objects.frame, score)
    kept = objects.select(rows)
    nearest = {example: row for row, example in enumerate(kept.nearest.tolist())}  # each example is resolved once
    resolved = {example: kept.nearest_example(row) for example, row in nearest.items()}
    examples = [resolved[example] for example in kept.nearest.tolist()]
    videos = sorted({(example.video, example.source) for example in examples if example is not None})
    number = {video: index for index, video in enumerate(videos)}
    return ObjectScores(
        kept.frame,
        kept.box,
        score[rows],
        kept.track,
        np.array([-1 if e is None else number[e.video, e.source] for e in examples], np.int32),
        np.array([-1 if e is None else e.frame for e in examples], np.int32),
        np.array([(0, 0, 0, 0) if e is None else e.box for e in examples], np.float32).reshape(-1, 4),
        tuple(TrainingVideo(title, source, rate(title)) for title, source in videos),
        every,
        kept.parts,
        part_names=kept.part_names,
        example_row=None if kept.examples is None else kept.nearest.astype(np.int32),
        **({} if elsewhere is None else _elsewhere_of_tracks(kept, score[rows], elsewhere)),
    )


def _elsewhere_of_tracks(
    objects: ScoredObjects,
    score: NDArray[np.float32],
    elsewhere: Callable[[ScoredObjects], Sequence[Elsewhere | None]],
) -> dict[str, Any]:
    """The fields `elsewhere`, `elsewhere_score` and `scenes`: by the highest score of each track that is FLAGGED."""
    order = np.lexsort((-score, objects.track))
    first = np.flatnonzero(np.diff(objects.track[order], prepend=-1) != 0)
    highest = order[first]
    flagged = highest[score[highest] > FLAGGED]
    answers = zip(objects.track[flagged].tolist(), elsewhere(objects.select(flagged)), strict=True)
    found = {track: answer for track, answer in answers if answer is not None}
    scenes = sorted({answer.scene for answer in found.values()})
    of_rows = [found.get(track) for track in objects.track.tolist()]
    return {
        "elsewhere": np.array([-1 if one is None else scenes.index(one.scene) for one in of_rows], np.int32),
        "elsewhere_score": np.array([0 if one is None else one.score for one in of_rows], np.float32),
        "scenes": tuple(scenes),
    }


def _highest_of_each_frame(frame: NDArray[np.int32], score: NDArray[np.float32]) -> NDArray[np.int64]:
    """Rows, in their order, of the MOST highest of each frame's objects, which are ordered by frame."""
    order = np.lexsort((-score, frame))
    begins = np.searchsorted(frame, frame)  # the first row of each row's frame, in `order` as in the objects
    rank = np.arange(len(frame)) - begins
    return np.sort(order[rank < MOST])


def to_bytes(objects: ObjectScores) -> bytes:
    """The objects as a safetensors file."""
    tensors = {name: np.ascontiguousarray(column) for name, column in objects.columns().items()}
    described = {
        "format": FORMAT,
        "every": objects.every,
        "videos": [video._asdict() for video in objects.videos],
        "part_names": objects.part_names,
        "scenes": objects.scenes,
    }
    return save_tensors(tensors, {"scenewise": json.dumps(described, sort_keys=True)})


def from_bytes(content: bytes, name: str) -> ObjectScores:
    """The objects that `to_bytes` stored. Raises IntegrityError, naming the file `name`, if `content` is damaged."""
    with reading(Path(name), "run `scenewise evaluate` again"):
        tensors = parse_tensors(content)
        described = parse_json(metadata_of(content).encode("utf-8", "surrogatepass"))
        require_form(described, _Described)
        if described["format"] > FORMAT:
            raise IntegrityError(f"{name}: written by a newer Scenewise; use that one, or evaluate again")
        lengths = require_tensors(tensors, FORMS)
        if lengths.get("parts", 0) != len(described["part_names"]):
            raise ValueError(f"parts: expected {len(described['part_names'])} columns, got {lengths.get('parts', 0)}")
        videos = tuple(
            TrainingVideo(**{name: video[name] for name in TrainingVideo._fields}) for video in described["videos"]
        )
        require_indices("example_video", tensors["example_video"], len(videos), -1)
        require_indices("frame", tensors["frame"], LONGEST)
        require_indices("elsewhere", tensors.get("elsewhere", np.empty(0)), len(described["scenes"]), -1)
        if (np.diff(tensors["frame"]) < 0).any():
            raise ValueError("its objects are not in the order of frames")
    columns: dict[str, Any] = {name: tensors[name] for name in FORMS if name in tensors}
    names, scenes = tuple(described["part_names"]), tuple(described["scenes"])
    return ObjectScores(**columns, videos=videos, every=described["every"], part_names=names, scenes=scenes)
