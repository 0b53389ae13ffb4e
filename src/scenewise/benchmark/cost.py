"""The cost of a run: peak memory and scoring time, measured in the process that makes it."""

import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from scenewise.checksums import read_json, record_checksums
from scenewise.features.store import StoredVideo, open_store
from scenewise.files import write_json
from scenewise.formats.json_text import Form
from scenewise.methods.scores import chunk_of
from scenewise.runs.run import open_run
from scenewise.runs.score_stream import score_all

FORMAT = 1


@dataclass(frozen=True)
class Cost:
    """The measurements of one run; None until they are made."""

    peak_memory: int | None = None
    """Peak main memory in bytes of the process that trained and scored; None if that process was interrupted."""
    scoring_seconds: float | None = None
    """Seconds from the stored features of all test videos to their smoothed scores."""
    scoring_frames: int | None = None
    evaluated: dict[str, Any] | None = None
    """What the evaluation was made from."""


class _Cost(Form):
    peak_memory: Annotated[int, Field(ge=0)] | None
    scoring_seconds: Annotated[float, Field(ge=0)] | None
    scoring_frames: Annotated[int, Field(ge=0)] | None
    evaluated: dict[str, Any] | None


def read_cost(path: Path) -> Cost:
    """The cost in `path`, without measurements if there is no such file. Raises IntegrityError if it was changed."""
    if not path.exists():
        return Cost()
    described = read_json(path, _Cost, format_version=FORMAT)
    return Cost(**{name: described[name] for name in asdict(Cost())})


def cost_figures(cost: Cost, facts: Mapping[str, Any]) -> dict[str, float | None]:
    """A run's figures of the group "cost of a run", from its cost and from `seconds` and `parameters` of its facts."""
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
    """Peak main memory of this process so far, in bytes.

    On Linux, getrusage also counts the memory of the parent between fork and exec (getrusage(2), fs/exec.c: the old
    memory map's peak goes into the signal struct). VmHWM counts this program alone.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def time_scoring(run_folder: Path, features: Path, device: str) -> tuple[float, int]:
    """Seconds and frames of scoring all test videos in `features` once: reading, model and smoothing, no start-up."""
    videos = open_store(features).of("test")
    run = open_run(run_folder)
    scorer = run.open_scorer(device)

    def score(video: StoredVideo) -> None:
        score_all(scorer, map(chunk_of, video.blocks()), video.fps, video.scene, run.settings.smoothing)

    score(videos[0])  # the first video pays for the start-up
    start = time.perf_counter()
    for video in videos:
        score(video)
    return time.perf_counter() - start, sum(video.frames for video in videos)
