"""`scenewise try`: from a folder of recordings, without labels, to the page of what was most unusual in them.

OUT/
├── dataset/      which recording is of which camera, what is learned from and what is scored (`scenewise split`)
├── features/     of what is learned from (`scenewise extract`)
├── run/          what is normal for each camera (`scenewise train`)
└── scored/       the rest, scored (`scenewise score`): index.html, and a folder for each video
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scenewise.clock import duration
from scenewise.config import ExtractConfig, Parallel, ScoreConfig, SplitConfig, TryConfig
from scenewise.counted import counted
from scenewise.datasets import load_dataset
from scenewise.errors import ConfigError, DataError
from scenewise.features.extract import extract
from scenewise.inference.page import write_page
from scenewise.inference.score_videos import ScoreSummary, score_videos
from scenewise.output_folder import OutputFolder
from scenewise.progress import say
from scenewise.recordings.cameras import sort_by_camera
from scenewise.recordings.split import SplitCamera, split
from scenewise.runs.run import Run, open_run
from scenewise.runs.train import train
from scenewise.runs.verdicts import verdicts_of
from scenewise.scoring.verdict import FootageVerdict, in_short

WITHOUT_OBJECTS = "frame-knn"
"""The method for footage in which hardly anything moves."""


@dataclass(frozen=True)
class Tried:
    """What `scenewise try` made."""

    out: Path
    cameras: Sequence[SplitCamera]
    verdicts: Mapping[str, FootageVerdict]
    """{camera: what its normal footage is enough for}."""
    scored: ScoreSummary
    """Its `page` shows all cameras; each camera's folder has one of its own."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "cameras": [vars(camera) for camera in self.cameras],
            "verdicts": {name: verdict.as_json() for name, verdict in self.verdicts.items()},
            **self.scored.as_json(),
            "out": str(self.out),
        }


def try_recordings(
    folder: str | Path, out: str | Path, config: TryConfig | None = None, commands: Sequence[str] = ()
) -> Tried:
    """Sort the recordings in `folder` by camera, learn from the earlier ones, and score the later ones, into `out`.

    Each step says what it did, and how long the rest takes. What an earlier call finished is kept. Raises as the steps
    do, and ConfigError if `out` lies in `folder`, or holds something else.
    """
    folder, out = Path(folder), Path(out)
    config = config or TryConfig()
    if out.resolve().is_relative_to(folder.resolve()):
        raise ConfigError(f"--out {out}: it would lie among the recordings of {folder}; choose a folder outside")
    cameras = sort_by_camera(folder)
    target = OutputFolder(out, "a trial of recordings")
    with target.lock():
        out.mkdir(parents=True, exist_ok=True)
        parts = split(cameras, out / "dataset", SplitConfig(config.learn, config.fps))
        say(f"1 of 4, cameras: {_cameras(parts)}")
        _require_footage(parts)
        _extract(out, config, parts)
        run = _train(out, commands)
        verdicts = verdicts_of(run)
        say(f"3 of 4, what is normal: learned for {counted(len(verdicts), 'camera')}")
        for name, verdict in verdicts.items():
            say(f"  {name}: {verdict.in_words()}")
        scored = _score(out, config, verdicts)
        scored.page = write_page(out / "scored", in_short(verdicts))
    return Tried(out, parts, verdicts, scored)


def _cameras(parts: Sequence[SplitCamera]) -> str:
    return "; ".join(
        f"{one.name}: {duration(one.learn_seconds)} to learn from, {duration(one.score_seconds)} to score"
        for one in parts
    )


def _require_footage(parts: Sequence[SplitCamera]) -> None:
    if all(one.score_seconds == 0 for one in parts):
        raise DataError("no footage is left to score; give more recordings, or a smaller --learn")


def _extract(out: Path, config: TryConfig, parts: Sequence[SplitCamera]) -> None:
    """Extract features of what is learned from, and say how long the rest takes."""
    settings = ExtractConfig(
        encoder=config.encoder,
        encode_every=config.encode_every,
        objects_every=config.objects_every,
        fps=config.fps,
        split="train",
    )
    summary = extract(out / "dataset", out / "features", settings, parallel=Parallel())
    for one in summary.failed:
        say(f"left out: {one['reason']}")
    count = len(summary.extracted) + len(summary.kept)
    said = f"2 of 4, features: {counted(count, 'video')} to learn from"
    if not summary.frames:
        say(f"{said}, there already")
        return
    to_score = sum(one.score_seconds for one in parts)
    learned = sum(one.learn_seconds for one in parts)
    pace = summary.seconds / learned if learned else 0.0
    say(f"{said}, {counted(round(summary.frames / summary.seconds), 'frame')} a second; the rest takes about "
        f"{duration(pace * to_score)}")  # fmt: skip


def _train(out: Path, commands: Sequence[str]) -> Run:
    """A run of the default method; if too little moves for it, of one that scores frames as wholes."""
    if (out / "run").exists():
        return open_run(out / "run")
    try:
        return train(out / "features", out / "run", resume=True, commands=commands)
    except DataError as error:
        say(f"frames are scored as wholes, by {WITHOUT_OBJECTS}: {error}")
        return train(out / "features", out / "run", WITHOUT_OBJECTS, resume=True, commands=commands)


def _score(out: Path, config: TryConfig, verdicts: Mapping[str, FootageVerdict]) -> ScoreSummary:
    """Score what was not learned from, camera by camera."""
    begun = time.perf_counter()
    dataset = load_dataset(out / "dataset")
    summary = ScoreSummary(out / "run", out / "scored")
    settings = ScoreConfig(alarms_per_day=config.alarms_per_day, fps=config.fps, clips=True)
    for scene in verdicts:
        videos = [video.path for video in dataset.videos if (video.scene, video.split) == (scene, "test")]
        if videos:
            own = score_videos(out / "run", videos, out / "scored" / scene, replace(settings, scene=scene))
            summary.videos += own.videos
            summary.failed += own.failed
    say(f"4 of 4, scores: {counted(len(summary.videos), 'video')} in {duration(time.perf_counter() - begun)}")
    return summary
