"""The forms of what commands print with `--json`."""

from typing import Literal

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
