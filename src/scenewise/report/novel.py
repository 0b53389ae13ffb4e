"""The most novel objects of a frame: their boxes and scores, and the normal things they are most like."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenewise.evaluation.object_scores import ObjectScores, in_every_frame
from scenewise.methods.object_memory.scene_memory import HIGHEST
from scenewise.report.axis import significant
from scenewise.report.peaks import clock
from scenewise.report.runs import Model
from scenewise.report.thumbnails import CROP, Box, Shot

FLAGGED = 1.0
"""On the scene scale: the 99th percentile of the scene's normal footage."""
NEAR_TOP = 0.16
"""A label has no room above a box that begins within this share of the picture's height."""


@dataclass(frozen=True)
class Novel:
    """One object in one frame."""

    score: float
    flagged: bool
    """Above 1.0 on the scene scale; never so on the raw one."""
    box: Box
    here: Shot
    """The object itself."""
    normal: Shot | None
    """The normal object most like it, of the scene's training footage."""
    normal_named: str
    """Where that one is from, e.g. `train/walkway/05, 0:07.2`; empty where there is none."""

    @property
    def label_below(self) -> bool:
        """Whether its label stands at the box's lower edge."""
        return self.box[1] < NEAR_TOP

    @property
    def label_left(self) -> bool:
        """Whether its label reaches leftwards from the box's right edge."""
        return self.box[0] > 0.75


@dataclass(frozen=True)
class NovelObjects:
    """What one model says of the objects of one frame."""

    model: Model
    objects: tuple[Novel, ...]
    """The most novel first: those that the model's frame score is made of."""

    @property
    def shots(self) -> list[Shot]:
        """All pictures of objects."""
        return [shot for one in self.objects for shot in (one.here, one.normal) if shot is not None]


@dataclass(frozen=True, eq=False)
class VideoObjects:
    """What one model says of the objects of one video, by its lowest seed."""

    model: Model
    kept_objects: ObjectScores
    """Of every frame."""
    source: Path
    scaled: bool
    """Whether scores are on the scene scale."""

    def at(self, frame: int) -> NovelObjects:
        """The most novel objects of `frame`."""
        found = self.kept_objects.most_novel(frame, HIGHEST)
        return NovelObjects(self.model, tuple(self._novel(found, row) for row in range(len(found.frame))))

    def _novel(self, found: ObjectScores, row: int) -> Novel:
        box, score = _shares(found.box[row].tolist()), float(found.score[row])
        here = Shot(self.source, int(found.frame[row]), CROP, box)
        flagged = self.scaled and score > FLAGGED
        number = int(found.example_video[row])
        if number < 0:
            return Novel(score, flagged, box, here, None, "")
        video, frame = found.videos[number], int(found.example_frame[row])
        when = f"frame {frame}" if video.fps is None else clock(frame / video.fps)
        normal = Shot(Path(video.source), frame, CROP, _shares(found.example_box[row].tolist()))
        return Novel(score, flagged, box, here, normal, f"{video.title}, {when}")


def video_objects(
    models: Sequence[Model], scene: str, name: str, frames: int, source: Path, *, scaled: bool
) -> list[VideoObjects]:
    """Of every model that looks at objects, and whose evaluation kept them."""
    found = []
    for model in models:
        kept = next((own for run in model.by_seed if (own := run.objects(scene, name)) is not None), None)
        if kept is not None:
            found.append(VideoObjects(model, in_every_frame(kept, frames), source, scaled))
    return found


def novel_at(objects: Sequence[VideoObjects], frame: int, preferred: Sequence[Model] = ()) -> NovelObjects | None:
    """What one of the `preferred` models says of a frame, else any; None where none says anything.

    A model that knows the scenes goes before one that does not, then the first given: the boxes of one model can be
    read in a picture, those of several can not.
    """

    def rank(one: VideoObjects) -> tuple[bool, bool]:
        return all(one.model is not model for model in preferred), not one.model.row.scene_aware

    ordered = sorted(objects, key=rank)
    said = (one.at(frame) for one in ordered)
    return next((one for one in said if one.objects), None)


def brief(score: float) -> str:
    """A score as it stands at a box: two decimals below 10, three digits above."""
    return f"{round(score, 2) if abs(score) < 10 else significant(score):g}"


def _shares(values: Sequence[float]) -> Box:
    left, top, right, bottom = (min(max(round(value, 4), 0.0), 1.0) for value in values)
    return left, top, right, bottom
