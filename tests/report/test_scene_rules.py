"""What is normal in each scene by the data set, and what is said if it does not say or is gone."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from miniature_runs import write_run

from scenewise.checksums import record_checksums
from scenewise.features.store import FeatureStore, write_store
from scenewise.files import write_json
from scenewise.report.report_data import gather


def run_on(folder: Path, features: Path) -> Path:
    run = write_run(folder / "run", "contrastive", 0)
    described = json.loads((run / "run.json").read_text())
    write_json(run / "run.json", {**described, "features": str(features)})
    record_checksums(run, ["run.json"])
    return run


def test_normal_classes_come_from_the_features_manifest(
    make_store: Callable[..., FeatureStore], tmp_path: Path
) -> None:
    store = make_store({"road": [40], "walkway": [40]})
    write_store(replace(store, normal_classes={"road": ("person", "bicycle")}))
    rules = gather([run_on(tmp_path, store.folder)]).rules
    assert rules["road"].normal_classes == ("person", "bicycle") and rules["road"].why_none == ""
    assert rules["walkway"].normal_classes == () and rules["walkway"].why_none == "not said by the data set"
    assert rules["road"].events == (("bicycle", "normal"),) and rules["walkway"].events == (("bicycle", "abnormal"),)


def test_features_that_are_gone_or_damaged_give_the_reason(
    make_store: Callable[..., FeatureStore], tmp_path: Path
) -> None:
    gone = gather([run_on(tmp_path, tmp_path / "gone")]).rules["road"]
    store = make_store({"road": [40]})
    (store.folder / "manifest.json").write_text("{}")
    damaged = gather([run_on(tmp_path, store.folder)]).rules["road"]
    assert gone.normal_classes == damaged.normal_classes == ()
    assert gone.why_none and damaged.why_none and gone.why_none != damaged.why_none


def test_each_scenes_rate_is_noted(tmp_path: Path) -> None:
    assert gather([write_run(tmp_path / "run", "contrastive", 0)]).rules["road"].rate == "25 frames per second"
