"""`scenewise train`: a method fitted to normal footage, calibrated, and written as a run.

Test footage is out of reach: only the store's training videos are opened.
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as save_tensors

from scenewise.checksums import read_as_one, reading, require_written
from scenewise.errors import ConfigError, DataError, PlugInError
from scenewise.features.backgrounds import read_background, write_backgrounds
from scenewise.features.store import FeatureStore, footage_digest, open_store
from scenewise.files import write_bytes, write_json
from scenewise.formats.json_text import parse_json
from scenewise.methods import DEFAULT, open_method, settings_of
from scenewise.methods.method import Fitted, Method
from scenewise.output_folder import OutputFolder
from scenewise.runs.make_thumbnails import make_thumbnails
from scenewise.runs.run import BACKGROUNDS, MODEL, RUN_JSON, Run, open_run, write_run
from scenewise.runs.thumbnails import THUMBNAILS, to_bytes
from scenewise.scoring.calibration import calibrate, write_calibration
from scenewise.scoring.scene_recognition import fit_recogniser, training_samples, write_recogniser

BEGUN = "begun.json"
"""In the folder of an unfinished run: what it is made from."""
CHECKPOINTS = "checkpoints"
"""Folder, at any depth of an unfinished run, that resuming goes on from."""


def train(
    features: str | Path,
    out: str | Path,
    method: str = DEFAULT,
    settings: Any = None,
    *,
    resume: bool = False,
    thumbnails: bool = True,
    commands: Sequence[str] = (),
) -> Run:
    """Fit `method` to the feature store `features`, calibrate it, and write the run `out`.

    `settings`: the method's Settings, or {name: value}; by default the method's defaults. With `resume` a stopped
    training goes on from its last checkpoint, to the same result; a finished one is returned. With `thumbnails` the run
    keeps small pictures of normal examples, if the method has some and the training videos can be read. The run appears
    as a whole.

    Raises ConfigError if settings do not go together or `out` holds something else, DataError if the footage does not
    suffice, IntegrityError if a file of features was changed.
    """
    features, out = Path(features), Path(out)
    chosen = open_method(method)
    chosen_settings = settings_of(chosen, settings, method)
    store = open_store(features)
    scenes = _require_footage(store, chosen)
    chosen.require_scenes(chosen_settings, scenes)
    run = Run(
        folder=out,
        method=chosen,
        method_name=method,
        settings=chosen_settings,
        fingerprint=store.fingerprint,
        scenes=scenes,
        feature_width=store.width,
        features=store.folder,
        facts={},
        summary={},
        commands=tuple(commands),
        extract_config=store.extract_config,
        footage=footage_digest(store.of("train")),
    )
    origin = _origin(run)
    folder = OutputFolder(out, "a run")
    with folder.lock():
        if (out / RUN_JSON).exists():
            return _finished(out, origin, resume)
        folder.refuse_all()
        _refuse_unfinished(folder, resume)
        try:
            with folder.replace(resume=True) as work:
                _begin(work, out, origin)
                with read_as_one(*(video.folder for video in store.of("train"))):
                    _fit(replace(run, folder=work), store, resume=resume, thumbnails=thumbnails)
                _remove_checkpoints(work)
        except BaseException:
            if not any(folder.unfinished.rglob(f"{CHECKPOINTS}/*.json")):  # nothing to go on from
                shutil.rmtree(folder.unfinished, ignore_errors=True)
            raise
        require_written(out, [RUN_JSON, MODEL])
    return open_run(out)


def _require_footage(store: FeatureStore, method: Method) -> tuple[str, ...]:
    """The scenes of the training videos."""
    videos = store.of("train")
    if not videos:
        raise DataError(f"{store.folder}: it holds no training videos; extract the data set's train part too")
    if method.needs_objects and any(video.objects is None for video in videos):
        raise ConfigError(
            f"--method {method.name} scores moving objects, and the features in {store.folder} hold none; extract "
            "again without --no-objects, or train with --method autoencoder"
        )
    return tuple(sorted({video.scene for video in videos}))


def _fit(run: Run, store: FeatureStore, *, resume: bool, thumbnails: bool) -> None:
    """Fit the run's method, and write the run."""
    begun = time.perf_counter()
    fitted = run.method.fit(store, run.settings, run.folder, resume=resume)
    counted = {
        "seconds": round(time.perf_counter() - begun, 1),
        "parameters": int(sum(tensor.size for tensor in fitted.tensors.values())),
    }
    run = replace(run, facts=counted | fitted.facts, summary=dict(fitted.summary))
    _write(run, fitted, store)
    if thumbnails:
        _keep_thumbnails(run, fitted, store)
    write_run(run)


def _origin(run: Run) -> dict[str, Any]:
    """All that decides a run, as plain JSON; --resume may change the other settings."""
    deciding = {key: value for key, value in asdict(run.settings).items() if key not in run.method.free_settings}
    return {
        "method": run.method_name,
        **deciding,
        "features' encoder": run.fingerprint.digest,
        "training footage": run.footage,
    }


def _finished(out: Path, origin: Mapping[str, Any], resume: bool) -> Run:
    """The run that is there already. Raises ConfigError if it is not wanted, or of another origin."""
    run = open_run(out)
    if not resume:
        raise ConfigError(f"{out}: holds a run already; choose another --out, or go on with it by --resume")
    _require_same(out, _origin(run), origin)
    return run


def _refuse_unfinished(folder: OutputFolder, resume: bool) -> None:
    if not resume and folder.unfinished.exists():
        raise ConfigError(
            f"{folder.path}: a training was stopped there; go on with it by --resume, or delete {folder.unfinished} to "
            "begin anew"
        )


def _begin(work: Path, out: Path, origin: Mapping[str, Any]) -> None:
    """Write down what the run is made from, or compare with what it was begun with."""
    path = work / BEGUN
    if path.exists():
        with reading(path, "delete the folder to begin anew"):
            begun = parse_json(path.read_bytes())
            if not isinstance(begun, dict):
                raise ValueError("it does not hold what the run was begun with")
        _require_same(out, begun, origin)
    write_json(path, dict(origin))


def _require_same(out: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise ConfigError, naming the differences, if a run was begun otherwise than it is to go on."""
    changed = [
        f"{key} {_short(found.get(key))} (now {_short(wanted.get(key))})"
        for key in dict.fromkeys([*wanted, *found])
        if found.get(key) != wanted.get(key)
    ]
    if changed:
        raise ConfigError(
            f"{out}: the run was begun with {', '.join(changed)}; resume it with those, or choose another --out"
        )


def _short(value: object) -> object:
    """Digests by their first characters."""
    return f"{value[:8]}..." if isinstance(value, str) and len(value) == 64 else value


def _write(run: Run, fitted: Fitted, store: FeatureStore) -> None:
    """Everything that is known when fitting is over, step by step."""
    work = run.folder
    _require_normal_scores(run, fitted)
    write_bytes(
        work / MODEL, save_tensors({name: np.asarray(value, order="C") for name, value in fitted.tensors.items()})
    )
    write_calibration(work, calibrate(fitted.normal_scores, run.settings.smoothing, fitted.least_spread))
    write_recogniser(work, fit_recogniser(training_samples(store.of("train"))))
    if run.method.needs_objects:
        backgrounds = {scene: read_background(store.folder, scene) for scene in run.scenes}
        write_backgrounds(work / BACKGROUNDS, backgrounds)


def _keep_thumbnails(run: Run, fitted: Fitted, store: FeatureStore) -> None:
    """Write pictures of normal examples, if there are any."""
    found = make_thumbnails(run.method.open(run.content_of(fitted.tensors), "cpu"), store)
    if found is not None:
        write_bytes(run.folder / THUMBNAILS, to_bytes(found))


def _require_normal_scores(run: Run, fitted: Fitted) -> None:
    """Raise PlugInError unless every scene has finite scores of normal footage."""
    for scene in run.scenes:
        parts = [np.asarray(part.scores) for part in fitted.normal_scores.get(scene, ())]
        if not any(map(len, parts)) or not all(np.isfinite(part).all() for part in parts):
            raise PlugInError(
                f"--method {run.method_name}: expected finite scores of normal footage of every scene from `fit`, got "
                f"none or NaN for {scene}"
            )


def _remove_checkpoints(work: Path) -> None:
    (work / BEGUN).unlink()
    for folder in [path for path in work.rglob(CHECKPOINTS) if path.is_dir()]:
        shutil.rmtree(folder)
