"""The objects of a frame with the highest scores: their boxes and scores, and the normal examples nearest to them."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.clock import clock
from scenewise.evaluation.every_frame import in_every_frame
from scenewise.evaluation.folder import Maps
from scenewise.evaluation.object_scores import ObjectScores
from scenewise.inference.heat import heat_of
from scenewise.report.axis import significant
from scenewise.report.evaluated_runs import Model
from scenewise.report.thumbnails import CROP, Shot
from scenewise.runs.explanation import WHOLE_FRAME, elsewhere_in_words, parts_in_words
from scenewise.runs.thumbnails import Thumbnails
from scenewise.video.square import Box

SHOWN = 2
"""Objects of one frame that are shown."""
FLAGGED = 1.0
"""On the scene scale: the 99th percentile of the scene's normal footage."""
EXPLAINED = 0.5
"""Below it an object is ordinary, and what its score is made of means nothing."""
AROUND = 3.0
"""Seconds either side of a frame in which an object may have raised its score."""
NEAR_TOP = 0.16
"""A label has no room above a box that begins within this share of the picture's height."""


@dataclass(frozen=True)
class FrameObject:
    """One object in one frame."""

    score: float
    figure: str
    """The score as it stands at the box."""
    flagged: bool
    """Above 1.0 on the scene scale; never so on the raw one."""
    box: Box
    here: Shot
    """The object itself."""
    nearest: Shot | None
    """Its nearest normal example, from the training footage or as the run keeps it; None if there is none."""
    nearest_from: str
    """Where that one is from, such as `train/walkway/05, 0:07.2`; empty if there is none."""
    parts: str = ""
    """What its score is made of, such as `mostly speed (72 %)`; empty if unknown."""
    elsewhere: str = ""
    """The scene in which it would be normal, such as `normal in cycleway (0.2)`; empty if there is none."""

    @property
    def label_below(self) -> bool:
        """Whether its label stands at the box's lower edge."""
        return self.box[1] < NEAR_TOP

    @property
    def label_left(self) -> bool:
        """Whether its label reaches leftwards from the box's right edge."""
        return self.box[0] > 0.75


@dataclass(frozen=True)
class FrameObjects:
    """The objects of one frame as one model scores them."""

    model: Model
    objects: tuple[FrameObject, ...]
    """At most SHOWN, the highest score first."""
    heat: NDArray[np.uint8] | None = None
    """(rows, columns, 4) colours and opacities of a map over the frame; None if the model gives none."""

    @property
    def heat_uri(self) -> str:
        """The map as a small picture, a pixel a cell; empty if there is none."""
        if self.heat is None or not self.heat[..., 3].any():
            return ""
        file = io.BytesIO()
        Image.fromarray(self.heat).save(file, "PNG")
        return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"

    @property
    def shots(self) -> list[Shot]:
        """All pictures of objects."""
        return [shot for one in self.objects for shot in (one.here, one.nearest) if shot is not None]


@dataclass(frozen=True, eq=False)
class VideoObjects:
    """The objects of one video as one model scores them, by its lowest seed."""

    model: Model
    scores: ObjectScores
    """Of every frame."""
    source: Path
    """The video."""
    scaled: bool
    """Whether scores are on the scene scale."""
    scene: str = ""
    kept: Thumbnails | None = None
    """The run's pictures of normal examples."""
    maps: Maps | None = None
    """(N, rows, columns) of the grid over every frame; None if the model gives none."""

    def at(self, frame: int) -> FrameObjects:
        """The objects of `frame` with the highest scores."""
        found = self.scores.highest(frame, SHOWN)
        objects = tuple(self._object(found, row) for row in range(len(found.frame)))
        if self.maps is None:
            return FrameObjects(self.model, objects)
        if self.scaled:
            return FrameObjects(self.model, objects, heat_of(self.maps[frame]))
        usual, most = np.median(self.maps), self.maps.max()  # raw scores say nothing by themselves
        return FrameObjects(self.model, objects, heat_of(self.maps[frame], float(usual), float(most)))

    def _object(self, found: ObjectScores, row: int) -> FrameObject:
        box, score = _shares(found.box[row].tolist()), float(found.score[row])
        here = Shot(self.source, int(found.frame[row]), CROP, box)
        flagged, figure = self.scaled and score > FLAGGED, brief(score, scaled=self.scaled)
        elsewhere = found.normal_elsewhere(row) if flagged else None
        why = (
            parts_in_words(found.parts_of(row)) if self.scaled and score > EXPLAINED else "",
            elsewhere_in_words(elsewhere),
        )
        example = found.example(row)
        if example is None:
            return FrameObject(score, figure, flagged, box, here, None, "", *why)
        fps = found.videos[int(found.example_video[row])].fps
        when = f"frame {example.frame}" if fps is None else clock(example.frame / fps)
        kept = None if self.kept is None else self.kept.of(self.scene, example)
        nearest = Shot(Path(example.source), example.frame, CROP, _shares(example.box), kept=kept)
        return FrameObject(score, figure, flagged, box, here, nearest, f"{example.video}, {when}", *why)


def video_objects(
    models: Sequence[Model], scene: str, name: str, frames: int, source: Path, *, scaled: bool
) -> list[VideoObjects]:
    """Of every model that scores objects, those of its lowest seed."""
    found = []
    for model in models:
        of_seeds = ((run, run.objects(scene, name)) for run in model.by_seed)
        run, scores = next((one for one in of_seeds if one[1] is not None), (None, None))
        if run is not None and scores is not None:
            shown, maps = in_every_frame(scores, frames), run.maps(scene, name, frames)
            found.append(VideoObjects(model, shown, source, scaled, scene, run.thumbnails, maps))
    return found


def objects_at(objects: Sequence[VideoObjects], frame: int, preferred: Sequence[Model] = ()) -> FrameObjects | None:
    """The objects of a frame by one model; None if no model has any there.

    It is one of the `preferred` models if possible, and then a scene-aware one, and then the first given: nobody can
    read a picture with the boxes of several models.
    """

    def rank(one: VideoObjects) -> tuple[bool, bool]:
        return all(one.model is not model for model in preferred), not one.model.row.scene_aware

    found = (one.at(frame) for one in sorted(objects, key=rank))
    return next((one for one in found if one.objects), None)


def raised_by(objects: Sequence[VideoObjects], model: Model, frame: int, fps: float) -> str:
    """What raised the score of a frame that `model` flags, in words; empty if a box in the frame shows it.

    Scores are smoothed, so an object up to AROUND seconds away may have raised it.
    """
    own = next((one for one in objects if one.model is model), None)
    if own is not None and any(one.flagged for one in own.at(frame).objects):
        return ""
    found = highest_near(objects, model, frame, fps)
    if found is None:
        return WHOLE_FRAME
    at, score = found
    return f"the object at {clock(at / fps)}, {brief(score, scaled=True)}"


def highest_near(objects: Sequence[VideoObjects], model: Model, frame: int, fps: float) -> tuple[int, float] | None:
    """(frame, score) of the highest object of `model` at most AROUND seconds from `frame`; None if all are ordinary."""
    own = next((one for one in objects if one.model is model), None)
    if own is None:
        return None
    scores = own.scores
    near = np.flatnonzero((np.abs(scores.frame - frame) <= AROUND * fps) & (scores.score > EXPLAINED))
    if not near.size:
        return None
    highest = near[scores.score[near].argmax()]
    return int(scores.frame[highest]), float(scores.score[highest])


def brief(score: float, *, scaled: bool) -> str:
    """A score as it stands at a box: two decimals below 10, three digits above; none below 0 on the scene scale."""
    score = max(score, 0.0) if scaled else score
    return f"{score:.2f}" if abs(score) < 10 else f"{significant(score):g}"


def _shares(values: Sequence[float]) -> Box:
    left, top, right, bottom = (min(max(round(value, 4), 0.0), 1.0) for value in values)
    return left, top, right, bottom
