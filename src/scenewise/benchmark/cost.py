"""What a run costs, measured in the process that made it."""

import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scenewise.features.store import StoredVideo, open_store
from scenewise.files import read_json, record_checksums, write_json
from scenewise.methods.scores import chunk_of
from scenewise.runs.run import open_run
from scenewise.runs.score_stream import score_all

FORMAT = 1


@dataclass(frozen=True)
class Cost:
    """What was measured of one run."""

    peak_memory: int | None = None
    """Bytes of main memory that the process which trained and scored held at most; None where an interruption lost it.
    """
    scoring_seconds: float | None = None
    """From the stored features of all test videos to their raw scores, on a second pass; None before it."""
    scoring_frames: int | None = None
    evaluated: dict[str, Any] | None = None
    """What the evaluation was made from; None before it."""


def read_cost(path: Path) -> Cost:
    """The cost in `path`; nothing is known where there is none. Raises IntegrityError where it was changed."""
    if not path.exists():
        return Cost()
    described = read_json(path, format_version=FORMAT)
    return Cost(**{name: described[name] for name in asdict(Cost())})


def cost_figures(cost: Cost, facts: Mapping[str, Any]) -> dict[str, float | None]:
    """A run's figures of the group "cost of a run": what was measured, and `seconds` and `parameters` of its facts."""
    seconds, frames = cost.scoring_seconds, cost.scoring_frames
    return {
        "parameters": facts["parameters"],
        "training_seconds": facts["seconds"],
        "scoring_rate": frames / seconds if seconds and frames is not None else None,
        "peak_memory": cost.peak_memory,
    }


def write_cost(path: Path, cost: Cost) -> None:
    """Write `cost` to `path`, whole or not at all."""
    write_json(path, {"format": FORMAT, **asdict(cost)})
    record_checksums(path.parent, [path.name])


def peak_memory() -> int:
    """Bytes of main memory that this process held at most, so far.

    Linux's getrusage counts what the process was forked from too, up to its exec (getrusage(2), fs/exec.c: the old
    memory map's peak goes into the signal struct), and so would tell its parent's peak; VmHWM is this program's alone.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def time_scoring(run_folder: Path, features: Path, device: str) -> tuple[float, int]:
    """Seconds and frames of scoring all test videos in `features` once: reading, model, smoothing; no start-up."""
    videos = open_store(features).of("test")
    run = open_run(run_folder)
    scorer = run.open_scorer(device)

    def score(video: StoredVideo) -> None:
        score_all(scorer, map(chunk_of, video.blocks()), video.fps, video.scene, run.settings.smoothing)

    score(videos[0])  # the first pass of all is no measure
    began = time.perf_counter()
    for video in videos:
        score(video)
    return time.perf_counter() - began, sum(video.frames for video in videos)
