"""`scenewise evaluate`: the strict protocol.

Nothing is chosen on test data: the checkpoint and the scene scale come from held-out normal footage, and the smoothing
is fixed. Every frame of every video has exactly one score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.checksums import read_as_one, sha256_of
from scenewise.config import EvaluateConfig, Protocol
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, DataError, IntegrityError, PlugInError
from scenewise.evaluation.figures import figures_of
from scenewise.evaluation.folder import FORMAT, Maps, evaluation_to_write, write_evaluation
from scenewise.evaluation.localisation import detections_of
from scenewise.evaluation.metric import EACH, Metric
from scenewise.evaluation.metrics_form import PLUGGED_IN
from scenewise.evaluation.object_scores import ObjectScores, object_scores
from scenewise.evaluation.scene_dependence import ScoredVideo
from scenewise.evaluation.unlabelled import require_labels
from scenewise.features.object_mask import ObjectMask, visible
from scenewise.features.store import MANIFEST, FeatureStore, StoredVideo, open_store
from scenewise.labels.labels import Truth as Truth  # exported: only evaluation/ may import labels/
from scenewise.labels.labels import read_truth
from scenewise.methods.scores import ScoredObjects, Scorer, chunk_of
from scenewise.plug_in import in_short, load_plug_in
from scenewise.progress import note, progress
from scenewise.runs.explanation import Elsewhere, normal_elsewhere
from scenewise.runs.object_masks import object_masks_of
from scenewise.runs.run import Run, open_run
from scenewise.runs.score_stream import score_all
from scenewise.scoring.calibration import Calibration, read_calibration

HIGHEST = float(np.finfo(np.float16).max)


class _ScoredTests(NamedTuple):
    """What a run says of the test videos."""

    scores: dict[StoredVideo, NDArray[np.float32]]
    """(N,) of every video."""
    objects: dict[StoredVideo, ObjectScores]
    """The objects or places in it; none if the method says nothing about where."""
    maps: dict[StoredVideo, Maps]
    """(N, rows, columns); none if the method scores no places."""


def evaluate_strict(folder: Path, config: EvaluateConfig) -> dict[str, Any]:
    """Score the test videos with the run in `folder`, write `evaluation/` into it, and return its metrics.

    Raises FingerprintError if the features come from another encoder; DataError if there is no test video, if none has
    labels, if the run does not know a test scene, or if labels do not fit; IntegrityError if a file of ours was
    changed; ConfigError if another command is evaluating the run, or its evaluation holds other files.
    """
    metrics = plugged_in_metrics(config.metric)
    with evaluation_to_write(folder, "strict") as out:
        with read_as_one(folder):
            tests, described = _evaluate(folder, config, metrics)
        write_evaluation(out, _named(tests.scores), described, _named(tests.objects), _named(tests.maps))
    return described


def _named(of_videos: Mapping[StoredVideo, Any]) -> dict[str, Any]:
    """By the name that each video's files have."""
    return {video.score_name: of_video for video, of_video in of_videos.items()}


def _evaluate(folder: Path, config: EvaluateConfig, metrics: Sequence[Metric]) -> tuple[_ScoredTests, dict[str, Any]]:
    """The scores, objects and maps of every video, and the metrics."""
    run, store, truths, failed = opened(folder, config)
    masks = object_masks_of(run, config.mask)
    videos = tuple(truths)
    _refuse_unknown(videos, store, run, config)
    calibration = read_calibration(run.folder, run.scenes)
    with read_as_one(*(video.folder for video in videos)):
        tests = _score(run, calibration, videos, masks, config)
    detections = detections_of(tests.objects) if tests.objects else None
    figures = figures_of(calibration, config, videos, truths, tests.scores, detections, tests.maps or None)
    outside: dict[str, float | None] = {}
    for metric in metrics:
        scored = [ScoredVideo(video.scene, tests.scores[video], *truths[video]) for video in videos]
        outside[metric.path[1]] = _computed(metric, scored)
    described = {
        **origin(run, store, config, "strict"),
        "object_masks": {scene: mask.digest for scene, mask in masks.items()},
        "scale": config.scale,
        "smoothing": run.settings.smoothing,
        "metrics": [metric.described() for metric in metrics],
        **figures,
        PLUGGED_IN: outside,
        "failed_videos": failed,
    }
    return tests, described


def opened(
    folder: Path, config: EvaluateConfig
) -> tuple[Run, FeatureStore, dict[StoredVideo, Truth], list[dict[str, str]]]:
    """The run, its features, the truth of each test video, and the test videos that could not be read.

    Raises, before anything is scored, FingerprintError if the features come from another encoder, and DataError if
    there is no test video, none has labels (unless `config.unlabelled`, which opens none), or labels do not fit.
    """
    run = open_run(folder)
    store = open_store(run.features if config.features is None else Path(config.features))
    for difference in run.fingerprint.require(store.fingerprint, f"the features in {store.folder}"):
        note(f"the features were made under other conditions than the run's: {difference}")
    videos, failed = store.of("test"), failed_tests(store)
    if not videos and failed:
        raise DataError(f"{store.folder}: none of its {len(failed)} test videos could be read: {failed[0]['reason']}")
    if not videos:
        encoder = "" if store.extract_config is None else f" --encoder {store.extract_config.encoder}"
        raise DataError(
            f"{store.folder}: it holds no test videos; extract the data set's test part too: scenewise extract DATA "
            f"--out {store.folder}{encoder} --split test"
        )
    for video in failed:
        note(f"{video['video']} could not be read when the features were made, and is not scored: {video['reason']}")
    if config.unlabelled:
        videos = tuple(replace(video, labels=None, masks=None, events=None) for video in videos)
    else:
        require_labels(store)
    return run, store, {video: read_truth(video) for video in videos}, failed


def failed_tests(store: FeatureStore) -> list[dict[str, str]]:
    """{video, path, reason} of the test videos that could not be read; no figure counts them."""
    return [failed for failed in store.failed if failed["video"].startswith("test/")]


def plugged_in_metrics(names: Sequence[str]) -> list[Metric]:
    """The figures that `--metric package.module:NAME` names, in metrics.json under PLUGGED_IN.

    Raises ConfigError if one is no Metric with a compute function, or two have the same path.
    """
    found: dict[str, Metric] = {}
    for name in dict.fromkeys(names):
        metric = load_plug_in(name, "--metric", ConfigError)
        if not isinstance(metric, Metric) or metric.compute is None or len(metric.path) != 1 or EACH in metric.path:
            raise ConfigError(f"--metric {name}: expected a Metric with one name as its path and a compute function")
        if metric.path[0] in found:
            raise ConfigError(f"--metric {name}: another --metric has the path {metric.path[0]!r} too; rename one")
        found[metric.path[0]] = replace(metric, path=(PLUGGED_IN, *metric.path))
    return list(found.values())


def _computed(metric: Metric, scored: Sequence[ScoredVideo]) -> float | None:
    """The figure, a finite number or None. Raises PlugInError if its function fails or gives something else."""
    assert metric.compute is not None  # `plugged_in_metrics` checked it
    what = f"--metric {metric.path[1]}"
    try:
        value = metric.compute(scored)
        number = None if value is None else float(value)
    except Exception as error:  # the user's function may raise anything
        raise PlugInError(f"{what}: cannot be computed ({in_short(error)})") from error
    if number is not None and not np.isfinite(number):
        raise PlugInError(f"{what}: expected a finite number, or None if it is undefined; got {number}")
    return number


def _refuse_unknown(videos: tuple[StoredVideo, ...], store: FeatureStore, run: Run, config: EvaluateConfig) -> None:
    unknown = sorted({video.scene for video in videos} - set(run.scenes))
    if unknown and config.scale == "scene":
        raise DataError(
            f"test scenes {', '.join(unknown)} have no scene scale, because the run has no normal footage of them (it "
            f"knows {', '.join(run.scenes)}); train with their footage, or use --scale raw if the method is "
            "scene-agnostic"
        )


def _score(
    run: Run,
    calibration: Calibration,
    videos: tuple[StoredVideo, ...],
    masks: Mapping[str, ObjectMask],
    config: EvaluateConfig,
) -> _ScoredTests:
    scorer = run.open_scorer(config.device)
    tests = _ScoredTests({}, {}, {})
    rates = _training_rates(run)
    with progress() as bar:
        task = bar.add_task("score", total=sum(video.frames for video in videos))
        for video in videos:
            scaled = calibration.scales[video.scene].apply if config.scale == "scene" else np.asarray
            hidden = masks.get(video.scene)
            chunks = (chunk_of(replace(block, objects=visible(block.objects, hidden))) for block in video.blocks())
            scored = score_all(scorer, chunks, video.fps, video.scene, run.settings.smoothing)
            tests.scores[video] = scaled(scored.scores)
            if scored.maps is not None:
                tests.maps[video] = np.clip(scaled(scored.maps), -HIGHEST, HIGHEST).astype(np.float16)
            if scored.objects is not None:
                elsewhere = (
                    partial(_normal_elsewhere, scorer, video.scene, calibration) if config.scale == "scene" else None
                )
                tests.objects[video] = object_scores(scored.objects, scaled, rates.get, run.objects_every, elsewhere)
            bar.advance(task, video.frames)
    return tests


def _normal_elsewhere(
    scorer: Scorer, scene: str, calibration: Calibration, objects: ScoredObjects
) -> list[Elsewhere | None]:
    """The other scenes in which `objects` of `scene` would be normal."""
    return normal_elsewhere(scorer, objects.described, objects.box, scene, calibration.scales)


def _training_rates(run: Run) -> dict[str, float]:
    """{title: frames per second} of the run's training videos; empty if its features are gone."""
    try:
        return {video.title: video.fps for video in open_store(run.features).of("train")}
    except IntegrityError:
        return {}


def origin(run: Run, store: FeatureStore, config: EvaluateConfig, protocol: Protocol) -> dict[str, Any]:
    """The entries of metrics.json on where figures come from: all that decides the scores, and the model's title."""
    return {
        "format": FORMAT,
        "protocol": protocol,
        "method": run.method_name,
        "title": run.method.title(run.settings),
        "scene_aware": run.method.scene_aware(run.settings),
        "deterministic": run.method.deterministic,
        "needs_objects": run.method.needs_objects,
        "seeds": [run.seed],
        "settings": run.deciding_settings,
        "encoder": encoder_name(run.fingerprint),
        "encoder_digest": run.fingerprint.digest,
        "features": str(store.folder),
        "features_manifest_sha256": sha256_of(store.folder / MANIFEST),
    }


def encoder_name(fingerprint: Fingerprint) -> str:
    """The encoder's name for people: its kind, and the first characters of the digest if it has weights."""
    identity: Mapping[str, Any] = fingerprint.identity
    name = str(identity.get("name") or identity.get("model_type") or identity.get("kind"))
    return f"{name} {fingerprint.digest[:8]}" if identity.keys() & {"weights", "model"} else name
