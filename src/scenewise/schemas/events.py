"""The form of events.json: what `score` found in one video."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from scenewise.formats.json_text import Form

Count = Annotated[int, Field(ge=0)]
Box = Annotated[list[float], Field(min_length=4, max_length=4)]
"""Left, top, right and bottom as shares of the picture's width and height."""


class Described(Form):
    """A form whose fields are described by the texts below them."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Threshold(Described):
    """Where alarms of the scene begin, on the scene scale."""

    value: float
    """Scores above it are an alarm."""
    unusual: float
    """Scores above it are unusual: the 95th percentile of the scene's normal footage."""
    alarms_per_day: float | None
    """The budget of alarms that it was chosen for; null without one."""


class NormalExample(Described):
    """The object of normal footage that is nearest to a scored one."""

    video: str
    frame: Count
    box: Box
    picture: str | None
    """File in the video's folder."""


class ScoredObject(Described):
    """The object of an event with the highest score."""

    frame: Count
    box: Box
    score: float
    nearest_normal: NormalExample | None
    parts: dict[str, float]
    """{part of the score: its share}."""


class Event(Described):
    """A stretch of frames above the threshold."""

    start: float
    """Seconds from the video's start."""
    end: float
    """Seconds from the video's start."""
    first_frame: Count
    last_frame: Count
    peak_frame: Count
    peak_time: float
    peak_score: float
    thumbnail: str
    """File in the video's folder."""
    raised_by: Literal["object", "frame"] | None = None
    """Of methods that score objects."""
    object: ScoredObject | None = None
    """Of methods that score objects."""


class Clip(Described):
    """A file with the seconds around a moment."""

    file: str
    start: float
    """Seconds of the video at which it begins."""
    stop: float


class Highlight(Described):
    """What the page shows: an event, or one of the highest moments outside events."""

    start: float
    end: float
    score: float
    frame: Count
    time: float
    is_event: bool
    box: Box | None
    why: str
    """In words."""
    pictures: dict[str, str]
    """{frame, object or normal: file in the video's folder}."""
    clip: Clip | None


class FoundInVideo(Described):
    """What was found in one video."""

    video: str
    scene: str
    scene_recognised: Literal["known", "nearest"] | None
    """How sure the scene is; null if it was given."""
    fps: Annotated[float, Field(gt=0)]
    latency: float
    """Seconds after a frame at which its score is known."""
    frames: Count
    lost_frames: Count
    """Frames that could not be decoded."""
    threshold: Threshold
    highest: float
    """The highest score, on the scene scale."""
    highest_time: float
    events: list[Event]
    highlights: list[Highlight]


class EventsForm(FoundInVideo):
    """What was found in one video."""

    format: Literal[1]
