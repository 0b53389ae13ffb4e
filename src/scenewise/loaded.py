"""Three lines in a notebook: `scenewise.load("run").score("video.mp4")`."""

import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scenewise.clock import clock
from scenewise.config import ScoreConfig
from scenewise.counted import counted
from scenewise.errors import ConfigError, DataError
from scenewise.inference.accept_event import accept_event
from scenewise.inference.score_videos import score_videos
from scenewise.inference.tables import read_scores
from scenewise.inference.thresholds import levels_of
from scenewise.runs.accept import Acceptance
from scenewise.runs.history import History, read_history, undo
from scenewise.runs.run import Run, open_run
from scenewise.scoring.level import Levels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Loaded:
    """A run, ready to score videos."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def scenes(self) -> tuple[str, ...]:
        """The scenes that it knows."""
        return self.run.scenes

    def score(
        self,
        video: str | Path,
        scene: str | None = None,
        out: str | Path | None = None,
        config: ScoreConfig | None = None,
    ) -> "Scores":
        """Score one video: a file, a folder of pictures or a stream.

        `scene` is recognised unless it is given. Results go to a folder in `out`, by default a temporary one. Raises
        DataError if the video cannot be read or shows no known scene, and as `score_videos` does.
        """
        config = config or ScoreConfig()
        if scene is not None:
            config = replace(config, scene=scene)
        folder = Path(tempfile.mkdtemp(prefix="scenewise-")) if out is None else Path(out)
        summary = score_videos(self.run.folder, [video], folder, config)
        if not summary.videos:
            raise DataError("; ".join(failed["reason"] for failed in summary.failed))
        if len(summary.videos) > 1:
            raise ConfigError(f"{video}: holds {counted(len(summary.videos), 'video')}; score one, or use score_videos")
        return Scores(summary.videos[0])

    def accept(self, scores: "Scores", event: str | int, by: str | None = None) -> Acceptance:
        """Make an event or a moment of a scored video normal: its number, or its time such as "0:24".

        Raises as `accept_event` does.
        """
        done = accept_event(scores.folder, event, self.run.folder, by=by).done
        self.run = open_run(self.run.folder)
        return done

    def history(self) -> History:
        """The states of the run."""
        return read_history(self.run.folder)

    def undo(self, to: int | None = None) -> History:
        """Bring an earlier state back, by default the one before. Raises ConfigError if there is none."""
        found = undo(self.run.folder, to)
        self.run = open_run(self.run.folder)
        return found

    def __repr__(self) -> str:
        return f"Loaded({self.run.method_name} of {', '.join(self.scenes)})"


@dataclass(frozen=True)
class Scores:
    """The scores of one video."""

    described: dict[str, Any]
    """The content of events.json, and the `folder` of results."""

    @property
    def scene(self) -> str:
        """The scene that it shows."""
        return str(self.described["scene"])

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, as in events.json."""
        return list(self.described["events"])

    @property
    def folder(self) -> Path:
        """Its tables, pictures and curve."""
        return Path(self.described["folder"])

    @property
    def times(self) -> NDArray[np.float64]:
        """(N,) seconds of every frame from the first."""
        return self._table[:, 0]

    @property
    def scores(self) -> NDArray[np.float64]:
        """(N,) score of every frame on the scene scale: 0 is the median of normal footage, 1 its 99th percentile."""
        return self._table[:, 1]

    @property
    def levels(self) -> Levels:
        """From where on its scores are unusual, and alarms."""
        return levels_of(self.described["threshold"])

    @cached_property
    def _table(self) -> NDArray[np.float64]:
        return np.array([(row.time, row.score) for row in read_scores(self.folder)], np.float64).reshape(-1, 2)

    def to_pandas(self) -> Any:
        """A pandas DataFrame with a row a frame: frame, time, score, scene, scene_score, lost. Needs pandas."""
        try:
            import pandas
        except ImportError as error:
            raise ConfigError("to_pandas needs pandas; install it: pip install pandas") from error
        return pandas.read_csv(self.folder / "scores.csv")

    def plot(self) -> "Figure":
        """The curve with the threshold and the events, as a matplotlib figure, which a notebook shows."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 2.6), layout="constrained")
        axes = figure.add_subplot()
        for event in self.events:
            axes.axvspan(event["start"], event["end"], color="#c8372d", alpha=0.12, linewidth=0)
        axes.plot(self.times, np.maximum(self.scores, 0), color="#2f6db3", linewidth=1.1)
        alarm = self.levels.alarm
        axes.axhline(alarm, color="#c8372d", linewidth=0.9, linestyle="--")
        axes.text(0, alarm, f"alarm above {alarm:.2f}", color="#c8372d", va="bottom", fontsize=8)
        axes.set(xlabel="seconds", ylabel="scene score", title=f"{Path(self.described['video']).name}, {self.scene}")
        axes.set_ylim(bottom=0)
        return figure

    def __repr__(self) -> str:
        events = counted(len(self.events), "event")
        highest = f"{self.levels.in_words(self.described['highest'])} at {clock(self.described['highest_time'])}"
        return f"Scores({Path(self.described['video']).name}, {self.scene}: {events}, highest {highest})"


def load(run: str | Path) -> Loaded:
    """Open the run in the folder `run`. Raises as `open_run` does."""
    return Loaded(open_run(run))
