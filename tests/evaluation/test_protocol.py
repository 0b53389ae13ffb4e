"""The strict protocol: figures from the arrays on disk, nothing dropped, nothing leaked."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from conftest import SMALL
from scenewise.checksums import check, sha256_of
from scenewise.config import EvaluateConfig
from scenewise.datasets import LabelSource
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, DataError, FingerprintError, IntegrityError
from scenewise.evaluation.protocol import encoder_name
from scenewise.features.store import FeatureStore, open_store, write_store
from scenewise.labels.labels import read_labels
from scenewise.output_folder import OutputFolder
from scenewise.protocols import evaluate
from scenewise.runs.run import open_run
from scenewise.runs.train import train
from scenewise.scoring.calibration import read_calibration

MakeStore = Callable[..., FeatureStore]
SETTINGS = {**SMALL, "steps": 60, "checkpoint_every": 20}
TRAIN = {"a": [90, 90], "b": [80, 80]}
TEST = {"a": [100, 37], "b": [10, 90]}


def relabel(store: Path, name: str, labels: object) -> Path:
    """Replace the labels of test video `name`; returns their file."""
    video = next(video for video in open_store(store).of("test") if video.score_name == name)
    assert video.labels is not None
    np.save(video.labels.path, labels)
    return video.labels.path


def test_figures_come_from_the_arrays_on_disk(run: Path) -> None:
    metrics = evaluate(run)
    assert json.loads((run / "evaluation" / "metrics.json").read_text()) == metrics
    scores, labels, of_scene = [], [], {}
    for video in open_store(open_run(run).features).of("test"):
        own = np.load(run / "evaluation" / "scores" / f"{video.score_name}.npy")
        assert own.dtype == np.float32 and own.shape == (video.frames,) and np.isfinite(own).all()
        scores.append(own)
        labels.append(np.load(video.labels.path))
        of_scene.setdefault(video.scene, []).append(len(scores) - 1)
    assert metrics["frame_auc_micro"] == pytest.approx(roc_auc_score(np.concatenate(labels), np.concatenate(scores)))
    for scene, places in of_scene.items():
        own_labels = np.concatenate([labels[k] for k in places])
        own_scores = np.concatenate([scores[k] for k in places])
        assert metrics["scene_auc"][scene] == pytest.approx(roc_auc_score(own_labels, own_scores))
    assert metrics["scene_auc_mean"] == pytest.approx(np.mean(list(metrics["scene_auc"].values())))
    per_video = [roc_auc_score(y, s) for y, s in zip(labels, scores, strict=True)]
    assert metrics["frame_auc_macro"] == pytest.approx(np.mean(per_video))
    assert metrics["frames"] == 237 and metrics["videos"] == 4
    assert metrics["abnormal_frames"] == sum(int(own.sum()) for own in labels)
    assert metrics["seeds"] == [0] and metrics["protocol"] == "strict"


def test_the_scene_scale_is_that_of_held_out_normal_footage(run: Path) -> None:
    evaluate(run, EvaluateConfig(scale="raw"))
    raw = {path.name: np.load(path) for path in (run / "evaluation" / "scores").iterdir()}
    evaluate(run)
    calibration = read_calibration(run)
    for path in (run / "evaluation" / "scores").iterdir():
        held_out = np.concatenate([part.scores for part in calibration.smoothed[path.name[0]]]).astype(np.float64)
        median, q99 = np.median(held_out), np.quantile(held_out, 0.99)
        np.testing.assert_allclose(np.load(path), (raw[path.name] - median) / (q99 - median), rtol=1e-4, atol=1e-4)


def test_bursts_are_found(run: Path) -> None:
    assert evaluate(run)["scene_auc_mean"] > 0.8


def test_scores_of_a_video_do_not_depend_on_the_others(make_store: MakeStore, run: Path, tmp_path: Path) -> None:
    evaluate(run)
    before = np.load(run / "evaluation" / "scores" / "a_00.npy")
    store = open_store(open_run(run).features)
    alone = FeatureStore(
        store.folder, store.fingerprint, tuple(v for v in store.videos if v.score_name != "b_01"), {}, ()
    )
    write_store(alone)
    evaluate(run)
    np.testing.assert_array_equal(np.load(run / "evaluation" / "scores" / "a_00.npy"), before)


def test_labels_of_another_length_name_both(run: Path) -> None:
    path = relabel(open_run(run).features, "a_00", np.zeros(99, np.uint8))
    with pytest.raises(DataError, match="99 labels for a video of 100 frames") as told:
        evaluate(run)
    assert str(path) in str(told.value)


STRUCTURED = np.zeros(100, [("label", np.uint8)])


@pytest.mark.parametrize(
    "labels",
    [np.full(100, 2), np.full(100, np.nan), np.zeros((100, 2)), np.full(100, "x"), np.zeros(100, complex), STRUCTURED],
)
def test_labels_of_other_values_or_shapes_are_told(run: Path, labels: np.ndarray) -> None:
    relabel(open_run(run).features, "a_00", labels)
    with pytest.raises(DataError, match=r"00\.npy"):
        evaluate(run)


def test_what_is_no_labels_file_is_told_and_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "00.npy"
    np.save(path, np.array([{"x": 1}] * 9, object))
    pickled = path.read_bytes()
    for content in (pickled, pickle.dumps([0, 1]), b"", b"\x93NUMPY", b"PK\x03\x04", np.zeros(9, np.uint8).tobytes()):
        path.write_bytes(content)
        with pytest.raises(DataError, match="damaged") as told:
            read_labels(LabelSource(path), 9)
        assert "pickle" not in str(told.value) and "\n" not in str(told.value)
    with pytest.raises(DataError, match="No such file"):
        read_labels(LabelSource(tmp_path / "gone.npy"), 9)


def test_without_an_abnormal_frame_figures_are_null(run: Path) -> None:
    for name, frames in (("a_00", 100), ("a_01", 37), ("b_00", 10), ("b_01", 90)):
        relabel(open_run(run).features, name, np.zeros(frames, np.uint8))
    metrics = evaluate(run)
    for name in ("frame_auc_micro", "frame_auc_macro", "scene_auc_mean", "average_precision", "equal_error_rate"):
        assert metrics[name] is None
    assert metrics["scene_auc"] == {"a": None, "b": None} and metrics["macro_undefined"] == 4
    assert metrics["constant_per_scene_auc"] == {"best": None, "zero_or_one": None}


def test_unlabelled_videos_are_scored_and_left_out_of_figures(run: Path) -> None:
    store = open_store(open_run(run).features)
    videos = tuple(replace(v, labels=None) if v.score_name == "a_00" else v for v in store.videos)
    write_store(replace(store, videos=videos))
    metrics = evaluate(run)
    assert metrics["unlabelled_videos"] == 1 and metrics["videos"] == 3 and metrics["frames"] == 137
    assert len(np.load(run / "evaluation" / "scores" / "a_00.npy")) == 100


def test_features_of_another_encoder_are_refused(make_store: MakeStore, run: Path) -> None:
    other = make_store(TRAIN, TEST, name="other")
    fingerprint = replace(other.fingerprint, identity={"kind": "another"})
    write_store(replace(other, fingerprint=fingerprint))
    with pytest.raises(FingerprintError, match="made by another encoder"):
        evaluate(run, EvaluateConfig(features=str(other.folder)))


def test_a_scene_the_run_does_not_know_has_no_scale(make_store: MakeStore, run: Path) -> None:
    other = make_store(TRAIN, {"c": [60]}, name="other")
    with pytest.raises(DataError, match="test scenes c"):
        evaluate(run, EvaluateConfig(features=str(other.folder)))
    metrics = evaluate(run, EvaluateConfig(features=str(other.folder), scale="raw"))
    assert metrics["scene_auc"].keys() == {"c"} and metrics["event_alarm_rate"] == {}


def test_no_test_videos_is_told(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(TRAIN)
    run = train(store.folder, tmp_path / "run", "autoencoder", {**SMALL, "steps": 3})
    with pytest.raises(DataError, match="no test videos"):
        evaluate(run.folder)


def test_test_videos_that_could_not_be_read_are_said(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(open_run(run).features)
    failed = [
        {"video": "test/[/x]/cam [front]", "path": "x.mp4", "reason": "x.mp4: no frame"},
        {"video": "train/a/09", "path": "y.mp4", "reason": "y.mp4: no frame"},
    ]
    write_store(replace(store, failed=tuple(failed)))
    metrics = evaluate(run)
    assert metrics["failed_videos"] == failed[:1]
    told = capsys.readouterr().err
    assert "note: test/[/x]/cam [front] could not be read" in told and "train/a/09" not in told
    write_store(replace(store, videos=store.of("train"), failed=tuple(failed)))
    with pytest.raises(DataError, match=r"none of its 1 test videos could be read: x\.mp4"):
        evaluate(run)


def test_what_the_figures_belong_to_is_recorded(run: Path) -> None:
    metrics, trained = evaluate(run), open_run(run)
    assert (metrics["method"], metrics["seeds"]) == ("autoencoder", [0])
    assert metrics["settings"] == trained.deciding_settings and metrics["encoder_digest"] == trained.fingerprint.digest
    assert metrics["title"] == trained.method.title(trained.settings) and metrics["scene_aware"]
    assert metrics["features"] == str(trained.features)
    assert metrics["features_manifest_sha256"] == sha256_of(trained.features / "manifest.json")


def test_encoders_with_weights_are_told_apart_by_name() -> None:
    one, other = (Fingerprint({"kind": "openvino", "model": [sha]}, {}) for sha in ("ab", "cd"))
    tower = Fingerprint({"kind": "vision-tower", "model_type": "clip_vision_model", "weights": "ab"}, {})
    assert encoder_name(one) == f"openvino {one.digest[:8]}" != encoder_name(other)
    assert encoder_name(tower).startswith("clip_vision_model ")
    assert encoder_name(Fingerprint({"kind": "motion-grid", "revision": 1}, {})) == "motion-grid"


def test_an_evaluation_is_replaced_as_a_whole_and_other_files_are_not_lost(run: Path) -> None:
    evaluate(run)
    out = OutputFolder(run / "evaluation", "an evaluation")
    before = {path: path.read_bytes() for path in out.path.rglob("*") if path.is_file()}
    (out.path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"notes\.txt"):
        evaluate(run)
    assert (out.path / "notes.txt").read_text() == "mine"
    (out.path / "notes.txt").unlink()
    (out.path / "SHA256SUMS").unlink()  # all that lies there is still known to be ours
    (out.path / "scores" / "gone_00.npy").write_bytes(b"of a video that was removed")
    evaluate(run)
    assert {path: path.read_bytes() for path in out.path.rglob("*") if path.is_file()} == before


def test_two_evaluations_of_a_run_do_not_run_at_once(run: Path) -> None:
    with OutputFolder(run / "evaluation", "an evaluation").lock(), pytest.raises(ConfigError, match="another command"):
        evaluate(run)
    evaluate(run)
    assert not list(run.glob(".*"))


def test_a_kill_between_the_renames_loses_no_evaluation(run: Path) -> None:
    before = evaluate(run)
    (run / "evaluation").rename(run / ".old-evaluation")
    (run / "calibration.json").rename(run / "gone")
    with pytest.raises(IntegrityError):
        evaluate(run)
    assert json.loads(check(run / "evaluation" / "metrics.json").read_text()) == before


def test_a_failing_evaluation_keeps_the_one_before(run: Path) -> None:
    before = evaluate(run)
    relabel(open_run(run).features, "a_00", np.zeros(3, np.uint8))
    with pytest.raises(DataError):
        evaluate(run)
    assert json.loads((run / "evaluation" / "metrics.json").read_text()) == before


@pytest.mark.parametrize("name", ["run.json", "model.safetensors", "calibration.json", "normal_scores.safetensors"])
def test_a_changed_byte_in_any_file_of_a_run_is_named(run: Path, name: str) -> None:
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] ^= 1
    (run / name).write_bytes(content)
    with pytest.raises(IntegrityError, match=name):
        evaluate(run)


def test_training_never_opens_labels(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(TRAIN, TEST)
    for video in store.of("test"):
        video.labels.path.write_bytes(b"not labels")
    run = train(store.folder, tmp_path / "run", "autoencoder", {**SMALL, "steps": 3})
    assert read_calibration(run.folder).scales.keys() == TRAIN.keys()
    with pytest.raises(DataError, match="labels"):
        evaluate(run.folder)  # which does open them


def test_events_outside_the_video_are_told(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "00.events.json"
    path.write_text('[{"class": "bicycle", "first_frame": 5, "last_frame": 100, "abnormal": true}]')
    store = open_store(open_run(run).features)
    videos = tuple(replace(v, events=str(path)) if v.score_name == "a_00" else v for v in store.videos)
    write_store(replace(store, videos=videos))
    with pytest.raises(DataError, match="does not lie inside"):
        evaluate(run)
    path.write_text('[{"class": "bicycle", "first_frame": 5}]')
    with pytest.raises(DataError, match="last_frame"):
        evaluate(run)
