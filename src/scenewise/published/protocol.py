"""`evaluate --protocol published`: what published scene-aware code does, to compare with the figures of its authors.

Checkpoint and smoothing are those with the best AUC on the test labels, and the AUC is then reported on the same
labels. Every result says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.checksums import read_as_one
from scenewise.config import EvaluateConfig
from scenewise.counted import counted
from scenewise.errors import ConfigError, DataError
from scenewise.evaluation.figures import figures_of, video_entry
from scenewise.evaluation.folder import evaluation_to_write, write_evaluation
from scenewise.evaluation.protocol import Truth, opened, origin
from scenewise.features.store import FeatureStore, StoredVideo
from scenewise.methods.method import SegmentScores
from scenewise.progress import note, progress
from scenewise.published.scores import SIGMAS, auc_of_sigmas, segment_maxima, smoothed_and_scaled
from scenewise.runs.run import Run
from scenewise.scoring.calibration import Calibration


def evaluate_published(folder: Path, config: EvaluateConfig | None = None) -> dict[str, Any]:
    """Score the test videos with the run in `folder`, write `evaluation-published/` into it, and return its metrics.

    Raises as `scenewise.evaluate` does. Also raises ConfigError for `--scale`, since this protocol fixes the scale, for
    `--metric` and `--unlabelled`, and for a method without checkpoints.
    """
    config = config or EvaluateConfig()
    if config.metric:
        raise ConfigError("--metric is for --protocol strict; give no --metric")
    if config.unlabelled:
        raise ConfigError("--unlabelled is for --protocol strict: --protocol published chooses by labels")
    with evaluation_to_write(folder, "published") as out:
        with read_as_one(folder):
            run, store, truths, failed = opened(folder, config)
            with read_as_one(*(video.folder for video in truths)):
                scores, figures, notes = _evaluate(run, store, truths, config)
        for text in notes:
            note(text)
        described = {**origin(run, store, config, "published"), "metrics": [], **figures, "failed_videos": failed}
        write_evaluation(out, {video.score_name: of_video for video, of_video in scores.items()}, described)
    return described


class Published(NamedTuple):
    """The scores and figures of a run by the published protocol."""

    scores: dict[StoredVideo, NDArray[np.float32]]
    """One score (N,) for each frame of every video that holds a segment; the tail repeats the last segment's score."""
    figures: dict[str, Any]
    """The figures of metrics.json, over the frames that lie in a segment."""
    notes: list[str]
    """What the user has to know to read the figures."""


class Choice(NamedTuple):
    """The checkpoint and the smoothing that were chosen by test AUC, and all that were tried."""

    checkpoint: str
    """Its file in the run."""
    sigma: int
    """Standard deviation of the smoothing in frames."""
    tried: dict[str, list[float]]
    """{checkpoint: test AUC with each of SIGMAS}."""


def _evaluate(run: Run, store: FeatureStore, truths: Mapping[StoredVideo, Truth], config: EvaluateConfig) -> Published:
    """Score the test videos of `truths`, choose checkpoint and smoothing by their labels, and compute the figures.

    Raises ConfigError for `--scale`, since this protocol fixes the scale, and for a method without checkpoints;
    DataError if no video holds a segment, or if the labels are of one class, so that there is no AUC to choose by;
    IntegrityError if kept weights were changed.
    """
    if config.scale != EvaluateConfig.scale:
        raise ConfigError(
            f"--scale {config.scale} is for --protocol strict; --protocol published scales all scores together to 0 "
            "to 1"
        )
    checkpoints = run.method.checkpoints(run.content(), config.device)
    rows, counted = _score_by_checkpoint(checkpoints, list(truths))
    if not counted:
        raise DataError(f"{store.folder}: every test video is shorter than a segment of {checkpoints[0].length}")
    choice = choose(rows, *_labels_in_a_row(truths, counted))
    chosen = smoothed_and_scaled(rows[choice.checkpoint], choice.sigma)
    parts = np.split(chosen, np.cumsum(list(counted.values()))[:-1])
    scores = dict(zip(counted, parts, strict=True))
    figures = _figures_over_segments(truths, scores, config)
    preprocess = str(store.fingerprint.identity.get("preprocess", "encoder"))
    figures |= {
        "scale": "min-max",
        "smoothing": None,
        "preprocess": preprocess,
        "chosen_on_test": {
            "checkpoint": choice.checkpoint,
            "sigma": choice.sigma,
            "tried": [
                {"checkpoint": name, "sigma": sigma, "auc": auc}
                for name, aucs in choice.tried.items()
                for sigma, auc in zip(SIGMAS, aucs, strict=True)
            ],
        },
    }
    padded = {
        video: np.pad(of_video, (0, video.frames - len(of_video)), mode="edge") for video, of_video in scores.items()
    }
    return Published(padded, figures, _notes(choice, preprocess, figures))


def choose(rows: Mapping[str, NDArray[np.float32]], labels: NDArray[np.bool_], labelled: NDArray[np.bool_]) -> Choice:
    """The checkpoint and the sigma of the best test AUC, the first of equals; `rows` {checkpoint: (N,) of all videos}.

    Raises DataError if the labelled frames are not of both classes.
    """
    if not labels[labelled].any() or labels[labelled].all():
        raise DataError(
            "--protocol published chooses by test AUC, which needs normal and abnormal labelled frames; the test "
            "videos do not have both: use --protocol strict"
        )
    tried = {name: auc_of_sigmas(row, labels, labelled) for name, row in rows.items()}
    best = max(tried, key=lambda name: max(tried[name]))
    return Choice(best, SIGMAS[int(np.argmax(tried[best]))], tried)


def _score_by_checkpoint(
    checkpoints: Sequence[SegmentScores], videos: Sequence[StoredVideo]
) -> tuple[dict[str, NDArray[np.float32]], dict[StoredVideo, int]]:
    """{checkpoint: scores of all videos in a row}, and {video: its frames in that row} without the videos of none."""
    rows, counted = {}, {}
    with progress() as bar:
        task = bar.add_task("score", total=len(checkpoints) * sum(video.frames for video in videos))
        for checkpoint in checkpoints:
            row = []
            for video in videos:
                scores = segment_maxima(video.features(), checkpoint, video.fps, video.scene)
                if len(scores):
                    row.append(scores)
                    counted[video] = len(scores)
                bar.advance(task, video.frames)
            rows[checkpoint.name] = np.concatenate([*row, np.empty(0, np.float32)])
    return rows, counted


def _labels_in_a_row(
    truths: Mapping[StoredVideo, Truth], counted: Mapping[StoredVideo, int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Labels (N,) of the counted frames, and (N,) whether each is labelled."""
    labels, labelled = [], []
    for video, frames in counted.items():
        of_video = truths[video][0]
        labels.append(np.zeros(frames, bool) if of_video is None else of_video[:frames])
        labelled.append(np.full(frames, of_video is not None))
    return np.concatenate(labels), np.concatenate(labelled)


def _figures_over_segments(
    truths: Mapping[StoredVideo, Truth], scores: Mapping[StoredVideo, NDArray[np.float32]], config: EvaluateConfig
) -> dict[str, Any]:
    """The figures over the frames that lie in a segment; `per_video` describes all frames of each video.

    This protocol uses no held-out normal footage: the scene-dependence figures compare frames of test videos alone.
    """
    counted = {replace(video, frames=len(of_video)): of_video for video, of_video in scores.items()}
    cut = {short: _first_frames(truths[video], short.frames) for video, short in zip(scores, counted, strict=True)}
    figures = figures_of(Calibration({}, {}), replace(config, scale="raw"), tuple(counted), cut, counted)
    for entry, (video, of_video) in zip(figures["per_video"], scores.items(), strict=True):
        entry |= video_entry(video, truths[video], entry["frame_auc"])
        entry["dropped_frames"] = video.frames - len(of_video)
    figures["dropped_frames"] = sum(entry["dropped_frames"] for entry in figures["per_video"])
    figures["dropped_videos"] = [video.title for video in truths if video not in scores]
    return figures


def _first_frames(truth: Truth, frames: int) -> Truth:
    """The truth of a video's first `frames`."""
    labels, events = truth
    if events is not None:
        events = tuple(
            event.model_copy(update={"last_frame": min(event.last_frame, frames - 1)})
            for event in events
            if event.first_frame < frames
        )
    return None if labels is None else labels[:frames], events


def _notes(choice: Choice, preprocess: str, figures: Mapping[str, Any]) -> list[str]:
    notes = [
        f"chosen on test data: checkpoint {choice.checkpoint} and a smoothing of {counted(choice.sigma, 'frame')} have "
        f"the best test AUC of {counted(len(choice.tried), 'checkpoint')} x {len(SIGMAS)} widths; expect less on new "
        "footage"
    ]
    if len(choice.tried) == 1:
        notes.append("the run kept no checkpoints (train --keep-checkpoints), so only its final weights were tried")
    if preprocess != "published":
        notes.append(
            "the features were not made with published code's preprocessing (extract --preprocess published), so only "
            "the scoring is that of published code"
        )
    if figures["dropped_frames"]:
        notes.append(
            f"no figure counts {counted(figures['dropped_frames'], 'frame')} at the ends of videos, in no whole "
            "segment; in the score files they repeat the last segment's score"
        )
    if figures["dropped_videos"]:
        notes.append(f"not scored, because shorter than a segment: {', '.join(figures['dropped_videos'])}")
    return notes
