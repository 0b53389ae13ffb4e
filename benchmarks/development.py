"""The default method on all development sets under one set of constants, beside the better autoencoder.

    python benchmarks/development.py WORK --footage FOOTAGE --tracks TRACKS
    python benchmarks/development.py WORK --footage FOOTAGE --variants     constants, chosen and accepted set by set
    python benchmarks/development.py WORK --unused                         streets that nothing was chosen on

FOOTAGE and TRACKS are folders of real footage that is not ours to give. WORK keeps features and runs: a stopped
benchmark goes on. A constant is chosen by the worst set, relative to the constants as they are, and never set by set:
each line of `--variants` says which variant all other sets would have chosen, and what it gives on the one left out.
"""

import argparse
import importlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import development_sets as sets
import numpy as np
from development_tracks import track_store
from scipy.ndimage import maximum_filter1d

from scenewise.config import ExtractConfig
from scenewise.evaluation.metrics import frame_auc
from scenewise.features.extract import extract
from scenewise.features.store import open_store
from scenewise.labels.labels import read_truth
from scenewise.methods.scores import chunk_of
from scenewise.protocols import evaluate
from scenewise.runs.run import open_run
from scenewise.runs.score_stream import score_all
from scenewise.runs.train import train

ENCODER = "efficientnet-lite0"
AUTOENCODER = {"steps": 100, "width": "64", "segments_per_scene": 16, "learning_rate": 1e-3, "checkpoint_every": 50}
"""As in the demo."""
OBJECTIVES = ("reconstruction", "contrastive")
GROUPS = ("two-walkways", "street")
"""Sets of one kind, over which means are printed."""
MARGIN = 1.0
"""Seconds around an event in which a frame is not called ordinary: smoothing reaches so far."""
FIT_CAMERAS, ACCEPT_CAMERAS = ("01", "06", "10"), ("05", "08")
"""Cameras of the real tracks that constants are chosen on, and accepted on."""
MODULE = "scenewise.methods.object_memory"
AS_THEY_ARE = "as they are"
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    AS_THEY_ARE: {},
    "terms count half at 30 s": {"term_weights.HALF_SECONDS": 30.0},
    "terms count half at 600 s": {"term_weights.HALF_SECONDS": 600.0},
    "place only if no fold alarms": {"term_weights.MOST_FOLDS_ABOVE": 0.01},
    "cells trusted from 60 tracks": {"object_scale.TRUSTED": 60},
    "cells never trusted": {"object_scale.TRUSTED": 10**9},
    "3 sightings": {"scene_model.ENOUGH_SIGHTINGS": 3},
    "the whole frame weighs 0.3": {"term_scales.FRAME_WEIGHT": 0.3},
    "the whole frame weighs 0.03": {"term_scales.FRAME_WEIGHT": 0.03},
}
"""Of the constants in `methods/object_memory`, each changed alone."""
Row = dict[str, float | None]
"""Figures of one set."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--footage", type=Path)
    parser.add_argument("--tracks", type=Path)
    parser.add_argument("--variants", action="store_true")
    parser.add_argument("--unused", action="store_true")
    parser.add_argument("--only", nargs="*", help="names of sets; all by default")
    arguments = parser.parse_args()
    wanted = _sets(arguments)
    if arguments.only:
        wanted = {name: wanted[name] for name in arguments.only}
    features = {name: make(arguments.work / "features" / name) for name, make in wanted.items()}
    if arguments.variants:
        _print_variants(features, arguments.work)
    else:
        _print_table((name, _row(folder, arguments.work / "runs" / name)) for name, folder in features.items())
        print("\nclass by class, percent: AUC where abnormal, where normal; alarms where abnormal, where normal")
        _print_classes(features, arguments.work)


def _sets(arguments: argparse.Namespace) -> dict[str, Callable[[Path], Path]]:
    """{name of the set: what makes its features in a folder, and returns it}."""
    made: dict[str, Callable[[Path], Path]] = {}
    data, footage = arguments.work / "data", arguments.footage

    def extracted(name: str, make: Callable[[Path], Path]) -> None:
        made[name] = partial(_extracted, make, data / name)

    if footage is not None and not arguments.unused:
        for rotation in range(sets.ROTATIONS):
            extracted(f"two-walkways-{rotation}", partial(sets.two_walkways, footage, rotation))
        extracted("avenue", lambda _: footage / "avenue")
        extracted("road-weeks", partial(sets.road_weeks, footage))
    for seed in sets.UNUSED_SEEDS if arguments.unused else sets.STREET_SEEDS:
        extracted(f"street-{seed}", partial(sets.street, seed))
    if arguments.tracks is not None and not arguments.unused:
        for camera in FIT_CAMERAS + ACCEPT_CAMERAS:
            made[f"tracks-{camera}"] = partial(_tracks, arguments.tracks, camera)
    return made


def _extracted(make: Callable[[Path], Path], data: Path, folder: Path) -> Path:
    if not (folder / "manifest.json").exists():
        extract(make(data), folder, ExtractConfig(encoder=ENCODER))
    return folder


def _tracks(tracks: Path, camera: str, folder: Path) -> Path:
    if not (folder / "manifest.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        track_store(tracks, folder, camera)
    return folder


def _row(features: Path, runs: Path) -> Row:
    """The default's figures on one set, and the better autoencoder's."""
    outlines = runs.name.startswith("tracks")
    row = _figures(features, runs / "default", "object-memory" if outlines else "fusion", {})
    if not outlines:  # of tracks there are no features of frames
        scenes = {video.scene for video in open_store(features).of("train")}
        objectives = OBJECTIVES if len(scenes) > 1 else OBJECTIVES[:1]
        both = [
            _figures(features, runs / objective, "autoencoder", {**AUTOENCODER, "objective": objective})["within"]
            for objective in objectives
        ]
        row["autoencoder"] = max((value for value in both if value is not None), default=None)
    return row


def _figures(features: Path, run: Path, method: str, settings: Mapping[str, Any]) -> Row:
    """AUCs in percent; of scene-dependent classes the mean AUC and the share of frames above 1.0."""
    metrics = _metrics(features, run, method, settings)
    row: Row = {"within": metrics["scene_auc_mean"], "macro": metrics["frame_auc_macro"]}
    for key in ("where_abnormal", "where_normal"):
        for name, short in (("event_auc", "auc"), ("event_alarm_rate", "alarms")):
            row[f"{short} {key}"] = _mean([of_class[key] for of_class in metrics[name].values()])
    row["ordinary"] = _ordinary_above(features, run)
    for name in ("rbdc", "tbdc"):
        row[name] = (metrics["localisation"] or {}).get(name)
    return {name: None if value is None else 100 * value for name, value in row.items()}


def _metrics(features: Path, run: Path, method: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a run, which is trained and evaluated unless it was before."""
    train(features, run, method, settings, resume=True)
    known = run / "evaluation" / "metrics.json"
    return json.loads(known.read_text()) if known.exists() else evaluate(run)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _ordinary_above(features: Path, run: Path) -> float | None:
    """Share of the test frames above 1.0 that are further than MARGIN from every event and abnormal frame."""
    above = []
    for video in open_store(features).of("test"):
        labels, events = read_truth(video)
        busy = np.zeros(video.frames, bool) if labels is None else labels.copy()
        for event in events or ():
            busy[event.first_frame : event.last_frame + 1] = True
        busy = maximum_filter1d(busy, 2 * round(MARGIN * video.fps) + 1)
        scores = np.load(run / "evaluation" / "scores" / f"{video.score_name}.npy")
        above.append(scores[~busy] > 1)
    together = np.concatenate(above)
    return float(together.mean()) if len(together) else None


COLUMNS = (
    ("within", "within"),
    ("autoencoder", "autoenc."),
    ("macro", "macro"),
    ("auc where_abnormal", "abnormal"),
    ("auc where_normal", "normal"),
    ("alarms where_abnormal", "al. abn."),
    ("alarms where_normal", "al. norm."),
    ("ordinary", "ordinary"),
    ("rbdc", "RBDC"),
    ("tbdc", "TBDC"),
)


def _print_table(rows: Iterable[tuple[str, Row]]) -> None:
    print(f"{'percent':18s}" + "".join(f"{title:>10s}" for _, title in COLUMNS))
    known: dict[str, Row] = {}
    for name, row in rows:
        known[name] = row
        print(f"{name:18s}" + _cells(row), flush=True)
    for prefix in GROUPS:
        members = [row for name, row in known.items() if name.startswith(prefix)]
        if members:
            print(
                f"{prefix + ', mean':18s}"
                + _cells({key: _mean([row.get(key) for row in members]) for key, _ in COLUMNS})
            )


def _print_classes(features: Mapping[str, Path], work: Path) -> None:
    """Each scene-dependent class of event, mean over the sets of a kind: the default and both autoencoders."""
    models: dict[str, tuple[str, dict[str, Any]]] = {"default": ("fusion", {})}
    models |= {objective: ("autoencoder", {**AUTOENCODER, "objective": objective}) for objective in OBJECTIVES}
    for prefix in GROUPS:
        members = [name for name in features if name.startswith(prefix)]
        if not members:
            continue
        for model, (method, settings) in models.items():
            found = [_metrics(features[name], work / "runs" / name / model, method, settings) for name in members]
            within = _mean([metrics["scene_auc_mean"] for metrics in found])
            print(f"{prefix:14s}{'within':12s}{model:16s}{'-' if within is None else f'{100 * within:8.1f}'}")
            for kind in sorted({kind for metrics in found for kind in metrics["event_auc"]}):
                cells = [
                    _mean([metrics[figure][kind][key] for metrics in found if kind in metrics[figure]])
                    for figure in ("event_auc", "event_alarm_rate")
                    for key in ("where_abnormal", "where_normal")
                ]
                values = "".join(f"{'-':>8s}" if cell is None else f"{100 * cell:8.1f}" for cell in cells)
                print(f"{prefix:14s}{kind:12s}{model:16s}{values}", flush=True)


def _cells(row: Row) -> str:
    values = [row.get(key) for key, _ in COLUMNS]
    return "".join(f"{'-':>10s}" if value is None else f"{value:10.1f}" for value in values)


def _print_variants(features: Mapping[str, Path], work: Path) -> None:
    """Every variant on every set; then, for each set, what the others would have chosen and what that gives here."""
    jobs = [(variant, name, folder, work / "variants") for variant in VARIANTS for name, folder in features.items()]
    found: dict[str, dict[str, float]] = {variant: {} for variant in VARIANTS}
    shutil.rmtree(work / "variants", ignore_errors=True)
    with ProcessPoolExecutor() as pool:
        for (variant, name, *_), figure in zip(jobs, pool.map(_variant_on_set, jobs), strict=True):
            found[variant][name] = figure
            if len(found[variant]) == len(features):
                of_sets = (
                    f"{name} {value - (0 if variant == AS_THEY_ARE else found[AS_THEY_ARE][name]):+.1f}"
                    for name, value in found[variant].items()
                )
                print(f"{variant:30s}" + " ".join(of_sets), flush=True)
    base = found[AS_THEY_ARE]
    gains = {variant: {name: of_sets[name] - base[name] for name in features} for variant, of_sets in found.items()}
    for left_out in features:
        chosen = max(gains, key=lambda variant: min(gain for name, gain in gains[variant].items() if name != left_out))
        print(f"without {left_out}: the others choose {chosen!r}, which gives {gains[chosen][left_out]:+.1f} there")


def _variant_on_set(job: tuple[str, str, Path, Path]) -> float:
    """The AUC in percent that a set is chosen by, under a variant: within scenes, for Avenue the mean over videos.

    Not by `evaluate`, whose intervals take longer than all else. One scale a scene changes neither figure.
    """
    variant, name, features, runs = job
    run = runs / f"{list(VARIANTS).index(variant)}-{name}"
    with _changed(VARIANTS[variant]):
        train(features, run, "object-memory" if name.startswith("tracks") else "fusion", {})
        opened = open_run(run)
        scorer = opened.open_scorer("cpu")
        labels: dict[str, list[Any]] = {}
        scores: dict[str, list[Any]] = {}
        for video in open_store(features).of("test"):
            truth, _ = read_truth(video)
            if truth is None:
                continue
            part = video.title if name == "avenue" else video.scene
            scored = score_all(scorer, map(chunk_of, video.blocks()), video.fps, video.scene, opened.settings.smoothing)
            labels.setdefault(part, []).append(truth)
            scores.setdefault(part, []).append(scored.scores)
    aucs = [frame_auc(np.concatenate(labels[part]), np.concatenate(scores[part])) for part in labels]
    return 100 * (_mean(aucs) or 0.0)


@contextmanager
def _changed(constants: Mapping[str, Any]) -> Iterator[None]:
    """The constants of methods/object_memory, {module.NAME: value}, changed for a while."""
    places = [
        (importlib.import_module(f"{MODULE}.{name.rpartition('.')[0]}"), name.rpartition(".")[2]) for name in constants
    ]
    before = [getattr(module, name) for module, name in places]
    try:
        for (module, name), value in zip(places, constants.values(), strict=True):
            setattr(module, name, value)
        yield
    finally:
        for (module, name), value in zip(places, before, strict=True):
            setattr(module, name, value)


if __name__ == "__main__":
    main()
