"""How much each choice of the published protocol adds to the test AUC: one at a time, and one after the other.

    python benchmarks/published_choices.py RUN...

Each RUN was trained with --keep-checkpoints; runs that differ in their seed alone belong together. Prints pooled AUC
and the mean of the AUCs within scenes, in percent, mean and sample standard deviation over the runs. The first row is
what `scenewise evaluate` finds, the last what `scenewise evaluate --protocol published` finds: both are run on the way,
and it stops where they find anything else.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from scenewise.config import EvaluateConfig, Protocol
from scenewise.evaluation.metrics import frame_auc, mean_of_defined
from scenewise.features.store import open_store
from scenewise.labels.labels import read_labels
from scenewise.methods.method import SegmentScores
from scenewise.methods.segments.frame_errors import frame_errors
from scenewise.methods.segments.held_out import divide
from scenewise.protocols import evaluate
from scenewise.published.scores import SIGMAS, segment_maxima
from scenewise.runs.run import open_run
from scenewise.scoring.calibration import scene_scale
from scenewise.scoring.smoothing import smooth

Errors = NDArray[np.float32]


@dataclass(frozen=True)
class Choices:
    """What is done as published code does it."""

    one_scale: bool = False
    """One min-max over all videos, in the place of each scene's scale."""
    segments: bool = False
    """Segments without overlap, their largest error for all their frames, the tail dropped."""
    across: bool = False
    """Smoothing across the borders of videos."""
    sigma: bool = False
    """The smoothing of the best test AUC, in the place of the run's."""
    checkpoint: bool = False
    """The checkpoint of the best test AUC, in the place of the one of the lowest held-out error."""


ROWS = {
    "one_scale": "one min-max instead of each scene's scale",
    "segments": "largest error of a segment, tail dropped",
    "across": "smoothing across videos",
    "sigma": "smoothing chosen by test AUC",
    "checkpoint": "checkpoint chosen by test AUC",
}


@dataclass(frozen=True)
class Footage:
    """Raw errors of one checkpoint, for the windows of the run or for segments without overlap."""

    test: list[Errors]
    held_out: dict[str, list[Errors]]
    """By scene."""


class Measured:
    """A run with all it needs to be scored in any way."""

    def __init__(self, folder: Path) -> None:
        self.run = open_run(folder)
        store = open_store(self.run.features)
        self.videos = store.of("test")
        self.ranges = divide(
            store.of("train"), self.run.settings.segment_length, self.run.settings.segment_fps
        ).held_out
        rates = {video.fps for video in self.videos}
        if len(rates) > 1 or self.run.settings.segment_fps is not None:
            raise SystemExit(
                "videos of several rates, or --segment-fps: a smoothing in frames would mean several things"
            )
        self.fps = rates.pop()
        self.labels = [read_labels(video.labels, video.frames) for video in self.videos if video.labels]
        self.features = [video.features() for video in self.videos]
        self.held_out = [one.video.features()[one.first : one.stop] for one in self.ranges]
        self.checkpoints = self.run.method.checkpoints(self.run.content(), "auto")
        self._known: dict[tuple[str, bool], Footage] = {}

    def footage(self, checkpoint: SegmentScores, segments: bool) -> Footage:
        """Errors by the weights of `checkpoint`, computed once."""
        if (checkpoint.name, segments) not in self._known:
            held_out: dict[str, list[Errors]] = {}
            for range_, features in zip(self.ranges, self.held_out, strict=True):
                scene = range_.video.scene
                held_out.setdefault(scene, []).append(self._errors(checkpoint, features, scene, segments))
            test = [
                self._errors(checkpoint, features, video.scene, segments)
                for video, features in zip(self.videos, self.features, strict=True)
            ]
            self._known[checkpoint.name, segments] = Footage(test, held_out)
        return self._known[checkpoint.name, segments]

    def _errors(self, checkpoint: SegmentScores, features: NDArray[np.float16], scene: str, segments: bool) -> Errors:
        if segments:
            return segment_maxima(features, checkpoint, self.fps, scene)
        settings = self.run.settings
        return frame_errors(
            [features],
            lambda segments: checkpoint.segment_errors(segments, scene),
            segment_length=settings.segment_length,
            stride=settings.stride,
            aggregate=settings.aggregate,
        )

    def auc(self, choices: Choices) -> tuple[float, float]:
        """Pooled AUC, and mean AUC within scenes, of what `choices` come to."""
        tried = [
            self._scored(self.footage(checkpoint, choices.segments), choices, sigma)
            for checkpoint in (self.checkpoints if choices.checkpoint else self.checkpoints[:1])
            for sigma in (SIGMAS if choices.sigma else [self.run.settings.smoothing * self.fps])
        ]
        return max(((self._pooled(one), self._within(one)) for one in tried), key=lambda pair: pair[0])

    def _scored(self, footage: Footage, choices: Choices, sigma: float) -> list[Errors]:
        """Scores of every test video; the smoothing commutes with the scale, which is one factor and one addend."""
        scores = footage.test
        if not choices.one_scale:
            scales = {
                scene: scene_scale(np.concatenate([smooth(part, sigma / self.fps, self.fps) for part in own]))
                for scene, own in footage.held_out.items()
            }
            scores = [scales[video.scene].apply(own) for video, own in zip(self.videos, scores, strict=True)]
        if not choices.across:
            return [smooth(own, sigma / self.fps, self.fps) for own in scores]
        row = np.concatenate(scores).astype(np.float64)
        row = gaussian_filter1d(row, sigma) if sigma else row
        return np.split(row.astype(np.float32), np.cumsum([len(own) for own in scores])[:-1])

    def _pooled(self, scores: list[Errors]) -> float:
        labels = [own[: len(part)] for own, part in zip(self.labels, scores, strict=True)]
        return frame_auc(np.concatenate(labels), np.concatenate(scores)) or 0.0

    def _within(self, scores: list[Errors]) -> float:
        found = []
        for scene in sorted({video.scene for video in self.videos}):
            own = [place for place, video in enumerate(self.videos) if video.scene == scene]
            labels = [self.labels[place][: len(scores[place])] for place in own]
            found.append(frame_auc(np.concatenate(labels), np.concatenate([scores[place] for place in own])))
        return mean_of_defined(found) or 0.0

    def check(self) -> None:
        """Raise SystemExit if the first and the last row are not what the commands find."""
        everything = Choices(*[True] * len(ROWS))
        cases: list[tuple[Choices, Protocol]] = [(Choices(), "strict"), (everything, "published")]
        for choices, protocol in cases:
            found = evaluate(self.run.folder, EvaluateConfig(protocol=protocol))
            ours = self.auc(choices)
            if max(abs(ours[0] - found["frame_auc_micro"]), abs(ours[1] - found["scene_auc_mean"])) > 1e-3:
                raise SystemExit(
                    f"{self.run.folder}, {protocol}: {ours} here, and {found['frame_auc_micro']} by the command"
                )


def rows() -> Iterator[tuple[str, Choices]]:
    """What is printed, in order."""
    yield "strict", Choices()
    for name, text in ROWS.items():
        yield f"only {text}", replace(Choices(), **{name: True})
    choices = Choices()
    for name, text in ROWS.items():
        choices = replace(choices, **{name: True})
        yield f"and {text}", choices


def spread(values: Iterable[float]) -> str:
    """Mean and sample standard deviation in percent."""
    numbers = [100 * value for value in values]
    return f"{mean(numbers):.1f}" + (f" ± {stdev(numbers):.1f}" if len(numbers) > 1 else "")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    runs = [Measured(folder) for folder in parser.parse_args().runs]
    for run in runs:
        run.check()
    print(f"{len(runs)} runs, {len(runs[0].checkpoints)} checkpoints each\n")
    print("| | pooled AUC | gain | within scenes | gain |\n|---|---|---|---|---|")
    strict = [run.auc(Choices()) for run in runs]
    for name, choices in rows():
        found = [run.auc(choices) for run in runs]
        cells = []
        for place in (0, 1):
            gains = [own[place] - base[place] for own, base in zip(found, strict, strict=True)]
            cells += [spread(own[place] for own in found), f"{100 * mean(gains):+.1f}"]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
