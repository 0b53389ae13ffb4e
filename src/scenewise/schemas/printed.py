"""The forms of what commands print with `--json`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from scenewise.schemas.events import Count, Described, FoundInVideo
from scenewise.schemas.table import TableForm


class FailedVideo(Described):
    """A video that could not be read."""

    video: str
    reason: str


class PrintedExtraction(Described):
    """What `extract` did."""

    out: str
    extracted: list[str]
    """SPLIT/SCENE/VIDEO of each video that was encoded now."""
    kept: list[str]
    """Of each that was found whole."""
    failed: list[FailedVideo]
    frames: Count
    lost: Count
    """Frames that could not be decoded."""
    seconds: float


class Verdict(Described):
    """What the normal footage of a scene is enough for."""

    seconds: float
    parts: Count
    most_unlike: float | None
    enough_for: Literal["alarms", "ranking"]


class PrintedTraining(Described):
    """What `train` made."""

    run: str
    scenes: list[str]
    verdicts: dict[str, Verdict]


class ScoredVideo(FoundInVideo):
    """What events.json says, and where it lies."""

    folder: str


class PrintedScores(Described):
    """What `score` did."""

    run: str
    out: str
    page: str | None
    """index.html; null if no video was scored."""
    videos: list[ScoredVideo]
    failed: list[FailedVideo]


class LearnedCamera(Described):
    """A camera that `try` found, and how its footage was divided."""

    name: str
    learn_seconds: float
    score_seconds: float
    learn_videos: Count
    score_videos: Count


class PrintedTrial(PrintedScores):
    """What `try` did."""

    cameras: list[LearnedCamera]
    verdicts: dict[str, Verdict]


class PrintedAcceptance(Described):
    """What `accept` did, and what it was done to."""

    run: str
    state: Count
    """Number of the new state, for `undo --to`."""
    when: str
    """ISO 8601, in UTC."""
    by: str
    """Who did it; empty if that is unknown."""
    scene: str
    video: str
    objects: Count
    """Sightings of objects that were added to the scene's memory."""
    frames: Count
    """Frames that were added."""
    before: float
    """The highest score of the accepted stretch, on the scene scale."""
    after: float
    """The same by the new state."""
    event: Annotated[int, Field(ge=1)]
    """Its number, as in `highlights` of events.json, from 1."""
    is_event: bool
    """False for one of the highest moments."""
    start: float
    end: float
    score: float
    """Of the event, as it was scored."""
    results: str
    """Folder of the scored video."""
    footage_sha256: str | None
    """Of the video's file; null of streams."""
    observed_sha256: str
    """Of what was added."""


class RunState(Described):
    """One state of a run."""

    number: Count
    parent: Count | None
    """The state that it was made from; null of what `train` wrote."""
    what: str
    """trained or accepted."""
    when: str
    """ISO 8601, in UTC."""
    by: str
    """Who did it; empty if that is unknown."""
    details: dict[str, Any]
    """Of an accepted event: as `accept --json`, without run, state, when and by."""


class PrintedHistory(Described):
    """The states of a run."""

    run: str
    format: Literal[1]
    current: Count
    """Number of the state that the run is in."""
    states: Annotated[list[RunState], Field(min_length=1)]


class PrintedReport(Described):
    """What `report` wrote."""

    report: str
    pictures: str | None


class PrintedBenchmark(Described):
    """What `benchmark` wrote."""

    files: list[str]
    reports: list[str]
    figures: list[str]
    runs: list[str]
    tables: dict[str, TableForm]
    """{table or table-published: the content of its JSON file}."""
