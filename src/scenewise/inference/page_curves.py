"""The curve of every video on the page of scored videos, as lines of an SVG."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.clock import ticks
from scenewise.scoring.level import Levels

SIZE = (1000.0, 120.0)
"""Width and height of a curve in its own units."""


@dataclass(frozen=True)
class ScoredVideo:
    """One folder of results."""

    name: str
    scene: str
    folder: Path
    described: dict[str, Any]
    columns: NDArray[np.float64]
    """(C, 3): time, lowest and highest score of the columns of its curve."""

    @property
    def alarm(self) -> float:
        """The threshold on the scene scale."""
        value: float = self.described["threshold"]["value"]
        return value

    @property
    def unusual(self) -> float:
        """The 95th percentile of the scene's normal scores."""
        unusual: float = self.described["threshold"]["unusual"]
        return unusual

    @property
    def length(self) -> float:
        """Seconds."""
        frames: int = self.described["frames"]
        return max(frames / float(self.described["fps"]), 1e-3)


@dataclass(frozen=True)
class CurveOf:
    """The curve of one video, in the units of SIZE."""

    video: ScoredVideo
    path: str
    alarm: float
    """Height of the alarm line."""
    unusual: float
    events: list[tuple[float, float]]
    """(left, width) of every event."""
    ticks: list[tuple[float, str]]
    address: str
    highest: str
    """The highest score and its word."""


def curve_of(video: ScoredVideo) -> CurveOf:
    """The curve of `video`, from 0 on."""
    times, _, high = video.columns.T
    top = max(float(high.max()), 1.15 * video.alarm)
    width, height = SIZE

    def across(seconds: float) -> float:
        return width * min(seconds / video.length, 1.0)

    def down(score: float) -> float:
        # Below 0 lies half of all normal footage: nothing to see there.
        return height * (1 - max(score, 0.0) / top)

    points = " ".join(f"{across(time):.1f},{down(score):.1f}" for time, score in zip(times, high, strict=True))
    path = f"M0,{height:.0f} L{points.replace(' ', ' L')} L{across(times[-1]):.1f},{height:.0f} Z"
    source = Path(video.described["video"])
    return CurveOf(
        video,
        path,
        down(video.alarm),
        down(video.unusual),
        [
            (across(one["start"]), max(across(one["end"]) - across(one["start"]), 2.0))
            for one in video.described["highlights"]
            if one["is_event"]
        ],
        [(across(second), label) for second, label in ticks(video.length)],
        source.resolve().as_uri() if source.is_file() else "",
        Levels(video.unusual, video.alarm).in_words(float(high.max())),
    )
