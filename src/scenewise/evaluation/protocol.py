"""`scenewise evaluate`: the strict protocol; with `--protocol published` the other one.

Strict: nothing is chosen on test data. The checkpoint and the scene's scale come from held-out normal footage, the
smoothing is fixed. Every frame of every video has exactly one score, and the figures are computed from the arrays on
disk.
"""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.config import EvaluateConfig
from scenewise.device import pick_device
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import DataError, IntegrityError
from scenewise.evaluation.figures import figures_of
from scenewise.evaluation.folder import FORMAT, evaluation_folder, refuse_foreign_files, write_evaluation
from scenewise.evaluation.localisation import detections_of
from scenewise.evaluation.object_scores import ObjectScores, kept_objects
from scenewise.features.store import MANIFEST, FeatureStore, StoredVideo, open_store
from scenewise.files import sha256_of
from scenewise.labels.labels import read_truth
from scenewise.methods.autoencoder.scorer import open_scorer
from scenewise.methods.object_memory.scorer import MemoryScorer
from scenewise.methods.scores import chunk_of
from scenewise.output_folder import OutputFolder
from scenewise.progress import console, progress
from scenewise.published.protocol import evaluate_published
from scenewise.runs.run import Run, open_run
from scenewise.scoring.calibration import Calibration, read_calibration


def evaluate(folder: Path, config: EvaluateConfig | None = None) -> dict[str, Any]:
    """Score the test videos with the run in `folder`, write `evaluation/` into it, and return its metrics.

    With the published protocol it is `evaluation-published/`, whose figures were chosen on test data.

    Raises FingerprintError where the features come from another encoder, DataError where there is no test video, a
    test scene the run does not know, or labels that do not fit; IntegrityError where a file of ours was changed;
    ConfigError if another command is evaluating the run, or its evaluation holds other files.
    """
    config = config or EvaluateConfig()
    run = open_run(folder)
    out = evaluation_folder(folder, config.protocol)
    with out.lock():
        out.recover()
        refuse_foreign_files(out)
        return _evaluate(run, out, config)


def _evaluate(run: Run, out: OutputFolder, config: EvaluateConfig) -> dict[str, Any]:
    store = open_store(run.features if config.features is None else Path(config.features))
    for difference in run.fingerprint.require(store.fingerprint, f"the features in {store.folder}"):
        _note(f"the features were made under other conditions than the run's: {difference}")
    videos, failed = store.of("test"), failed_tests(store)
    _refuse_unknown(videos, failed, store, run, config)
    for one in failed:
        _note(f"{one['video']} could not be read when the features were made, and is not scored: {one['reason']}")
    truths = {video: read_truth(video) for video in videos}  # before any work: labels that do not fit are told first
    if config.protocol == "published":
        scores, figures, notes = evaluate_published(run, store, truths, config)
        for note in notes:
            _note(note)
        objects: dict[StoredVideo, ObjectScores] = {}
    else:
        calibration = read_calibration(run)
        scores, objects = _score(run, calibration, videos, config)
        detections = detections_of(objects) if run.config.remembers else None
        figures = figures_of(calibration, config, videos, truths, scores, detections)
    metrics = {**_origin(run, store, config), **figures, "failed_videos": failed}
    write_evaluation(
        out,
        {video.score_name: own for video, own in scores.items()},
        metrics,
        {video.score_name: own for video, own in objects.items()},
    )
    return metrics


def failed_tests(store: FeatureStore) -> list[dict[str, str]]:
    """{video, path, reason} of the test videos that could not be read, so that no figure stands on them."""
    return [failed for failed in store.failed if failed["video"].startswith("test/")]


def _note(text: str) -> None:
    console.print(f"note: {text}", markup=False, highlight=False, soft_wrap=True)


def _refuse_unknown(
    videos: tuple[StoredVideo, ...], failed: list[dict[str, str]], store: FeatureStore, run: Run, config: EvaluateConfig
) -> None:
    if not videos and failed:
        raise DataError(f"{store.folder}: none of its {len(failed)} test videos could be read: {failed[0]['reason']}")
    if not videos:
        raise DataError(f"{store.folder}: it holds no test videos; extract the data set's test part too")
    unknown = sorted({video.scene for video in videos} - set(run.scenes))
    if unknown and config.protocol == "strict" and config.scale == "scene":
        without = "" if run.config.remembers or run.config.by_scene else ", or use --scale raw"  # these need the scene
        raise DataError(
            f"test scenes {', '.join(unknown)} have no normal footage in the run, so no scale (it knows "
            f"{', '.join(run.scenes)}); train with their footage{without}"
        )


def _score(
    run: Run, calibration: Calibration, videos: tuple[StoredVideo, ...], config: EvaluateConfig
) -> tuple[dict[StoredVideo, NDArray[np.float32]], dict[StoredVideo, ObjectScores]]:
    """Scores of every video; and the objects behind them, of methods that look at objects."""
    scorer = open_scorer(run, pick_device(config.device))
    scores, objects = {}, {}
    rates = _training_rates(run) if isinstance(scorer, MemoryScorer) else {}
    with progress() as bar:
        task = bar.add_task("score", total=sum(video.frames for video in videos))
        for video in videos:
            scene = video.scene
            scaled = calibration.scales[scene].apply if config.scale == "scene" else np.asarray
            found = scorer.score(map(chunk_of, video.blocks()), video.fps, scene)
            scores[video] = scaled(found.scores)
            if isinstance(scorer, MemoryScorer) and found.objects is not None:
                objects[video] = kept_objects(
                    found.objects, scaled, partial(scorer.normal_example, scene), rates.get, scorer.every
                )
            bar.advance(task, video.frames)
    return scores, objects


def _training_rates(run: Run) -> dict[str, float]:
    """{title: frames a second} of the run's training videos; empty where its features are gone."""
    try:
        return {video.title: video.fps for video in open_store(run.features).of("train")}
    except IntegrityError:
        return {}


def _origin(run: Run, store: FeatureStore, config: EvaluateConfig) -> dict[str, Any]:
    """What the figures belong to: everything that decides weights and scores."""
    return {
        "format": FORMAT,
        "protocol": config.protocol,
        "scale": config.scale,
        "smoothing": run.config.smoothing,
        "method": run.config.method,
        "objective": None if run.config.remembers else run.config.objective,
        "seeds": [run.config.seed],
        "config": asdict(run.config),
        "encoder": encoder_name(run.fingerprint),
        "encoder_digest": run.fingerprint.digest,
        "features": str(store.folder),
        "features_manifest_sha256": sha256_of(store.folder / MANIFEST),
    }


def encoder_name(fingerprint: Fingerprint) -> str:
    """What people call the encoder: its kind, with the digest's first characters where it has weights of its own."""
    identity = fingerprint.identity
    name = str(identity.get("name") or identity.get("model_type") or identity.get("kind"))
    return f"{name} {fingerprint.digest[:8]}" if identity.keys() & {"weights", "model"} else name
