"""The published protocol: the same as the obvious slow computation, and marked for what it is."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.torch import load_file
from sklearn.metrics import roc_auc_score

from conftest import SMALL
from scenewise.checksums import check, record_checksums
from scenewise.cli import run as command
from scenewise.config import EvaluateConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, DataError, IntegrityError
from scenewise.features.store import FeatureStore, open_store, write_store
from scenewise.methods.method import SegmentScores
from scenewise.methods.segments.scorer import ALL_SCENES
from scenewise.methods.segments.segment_rate import picked_frames
from scenewise.protocols import evaluate
from scenewise.published.protocol import choose, evaluate_published
from scenewise.published.scores import SIGMAS, segment_maxima, smoothed_and_scaled
from scenewise.runs.run import open_run, write_run
from scenewise.runs.train import train

pytestmark = pytest.mark.slow

MakeStore = Callable[..., FeatureStore]
SETTINGS = {**SMALL, "steps": 40, "segment_length": 16, "checkpoint_every": 10, "keep_checkpoints": 4}
TRAIN = {"a": [90, 90], "b": [80, 80]}
TEST = {"a": [100, 37], "b": [10, 90]}


def itself(length: int, segment_fps: float | None = None) -> SegmentScores:
    """Errors that are the first feature."""
    return SegmentScores(
        "itself",
        lambda segments, scene: segments[:, :, 0].astype(np.float32),
        length,
        partial(picked_frames, segment_fps=segment_fps),
    )


def slow_smooth(row: NDArray[np.floating], sigma: float) -> NDArray[np.float64]:
    """Weights of the Gaussian up to four sigmas, one frame at a time; the ends are mirrored."""
    if sigma == 0:
        return row.astype(np.float64)
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    mirrored = np.pad(row.astype(np.float64), reach, mode="symmetric")
    return np.array([(mirrored[k : k + 2 * reach + 1] * weights).sum() / weights.sum() for k in range(len(row))])


def test_drawn_segments() -> None:
    errors = np.array([[1], [5], [2], [0], [9]])
    np.testing.assert_array_equal(segment_maxima(errors, itself(2), 25.0, "a"), [5, 5, 2, 2])  # the 9 is dropped
    assert segment_maxima(errors, itself(6), 25.0, "a").shape == (0,)
    # At half the rate segments are made of frames 0, 2, 4: one whole segment, of frames 0 to 3.
    np.testing.assert_array_equal(segment_maxima(errors, itself(2, 10.0), 20.0, "a"), [2, 2, 2, 2])


@given(frames=st.integers(0, 70), length=st.integers(1, 20), seed=st.integers(0, 99))
def test_segments_are_those_of_the_slow_loop(frames: int, length: int, seed: int) -> None:
    errors = np.random.default_rng(seed).normal(size=(frames, 1)).astype(np.float32)
    slow: list[float] = []
    for start in range(0, frames, length):
        segment = [float(value) for value in errors[start : start + length, 0]]
        if len(segment) == length:
            slow += [max(segment)] * length
    np.testing.assert_array_equal(segment_maxima(errors, itself(length), 25.0, "a"), np.array(slow, np.float32))


def test_smoothing_reaches_across_the_border_of_two_videos() -> None:
    calm, loud = np.zeros(32, np.float32), np.ones(32, np.float32)
    row = np.concatenate([calm, loud])
    np.testing.assert_array_equal(smoothed_and_scaled(row, 0), row)
    smoothed = smoothed_and_scaled(row, 2)
    assert smoothed[31] > 0.3 and smoothed[24] > 0 and smoothed[32] < 0.7, "the calm video's end is no longer calm"
    assert smoothed.min() == 0 and smoothed.max() == 1
    np.testing.assert_array_equal(smoothed_and_scaled(np.full(5, 3, np.float32), 2), np.zeros(5))


@settings(max_examples=30, deadline=None)
@given(frames=st.integers(2, 120), sigma=st.sampled_from(SIGMAS), seed=st.integers(0, 99))
def test_smoothing_is_that_of_the_slow_sum(frames: int, sigma: int, seed: int) -> None:
    row = np.random.default_rng(seed).uniform(0, 5, frames).astype(np.float32)
    slow = slow_smooth(row, sigma)
    spread = slow.max() - slow.min()
    np.testing.assert_allclose(smoothed_and_scaled(row, sigma) * spread, slow - slow.min(), atol=1e-5)


def test_the_first_of_the_best_is_chosen() -> None:
    labels, everywhere = np.arange(60) >= 30, np.ones(60, bool)
    right, wrong = labels.astype(np.float32), 1 - labels.astype(np.float32)
    choice = choose({"worse": wrong, "good": right, "as good": right * 2}, labels, everywhere)
    assert (choice.checkpoint, choice.sigma) == ("good", 0)
    assert choice.tried["good"][0] == 1 and choice.tried["worse"][0] == 0
    # Noise from frame to frame that a wider Gaussian takes away: a wider one is chosen, by the labels.
    noisy = right + 3 * (np.arange(60) % 2).astype(np.float32)
    assert choose({"noisy": noisy}, labels, everywhere).sigma > 0
    # Frames without labels are smoothed along, and choose nothing.
    half = np.arange(60) % 40 < 20
    assert choose({"right": np.where(half, right, wrong)}, labels, half).tried["right"][0] == 1


def test_the_whole_is_the_slow_computation(run: Path) -> None:
    metrics = evaluate_published(run)
    store, trained = open_store(open_run(run).features), open_run(run)
    videos = [video for video in store.of("test") if video.frames >= 16]
    labels = np.concatenate([np.load(v.labels.path)[: v.frames // 16 * 16] for v in videos])  # type: ignore[union-attr]
    slow: dict[tuple[str, int], float] = {}
    names = ["model.safetensors", *(f"kept/step-{step:06d}.safetensors" for step in (10, 20, 30, 40))]
    rows = {}
    for name in names:
        model = trained.method.load_model(trained.content(), ALL_SCENES, torch.device("cpu"))
        model.load_state_dict(load_file(run / name))
        row: list[float] = []
        for video in videos:
            features = video.features().astype(np.float32)
            for start in range(0, video.frames - 15, 16):
                with torch.inference_mode():
                    done = model(torch.from_numpy(features[start : start + 16])[None])
                error = ((done.outputs - done.inputs) ** 2).mean(dim=2)[0]
                row += [float(error.max())] * 16
        rows[name] = np.array(row)
        for sigma in SIGMAS:
            slow[name, sigma] = float(roc_auc_score(labels, slow_smooth(rows[name], sigma)))
    chosen = metrics["chosen_on_test"]
    told = {(one["checkpoint"], one["sigma"]): one["auc"] for one in chosen["tried"]}
    assert told.keys() == slow.keys() and max(abs(told[key] - slow[key]) for key in slow) < 1e-3
    assert metrics["frame_auc_micro"] == max(told.values()) == told[chosen["checkpoint"], chosen["sigma"]]
    smooth = slow_smooth(rows[chosen["checkpoint"]], chosen["sigma"])
    expected = np.split((smooth - smooth.min()) / (smooth.max() - smooth.min()), [96, 128])
    for video, own in zip(videos, expected, strict=True):
        found = np.load(
            check(run / "evaluation-published" / "scores" / f"{video.score_name}.npy", run / "evaluation-published")
        )
        assert found.shape == (video.frames,) and found.dtype == np.float32
        np.testing.assert_allclose(found[: len(own)], own, atol=1e-4)
        assert (found[len(own) :] == found[len(own) - 1]).all()


def test_what_is_dropped_is_counted_and_said(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = evaluate_published(run)
    assert metrics["frames"] == 96 + 32 + 80 and metrics["dropped_frames"] == 4 + 5 + 10
    assert metrics["dropped_videos"] == ["test/b/00"] and metrics["videos"] == 3
    assert [(one["frames"], one["dropped_frames"]) for one in metrics["per_video"]] == [(100, 4), (37, 5), (90, 10)]
    assert not (run / "evaluation-published" / "scores" / "b_00.npy").exists(), "no score, rather than a made-up one"
    assert json.loads((run / "evaluation-published" / "metrics.json").read_text()) == metrics
    told = capsys.readouterr().err
    assert "19 frames" in told and "test/b/00" in told
    assert "chosen on test data" in told and len(metrics["chosen_on_test"]["tried"]) == 5 * len(SIGMAS)
    assert "--preprocess published" in told and (metrics["preprocess"], metrics["protocol"]) == ("encoder", "published")


def test_strict_never_opens_what_was_kept(run: Path) -> None:
    before = evaluate(run)
    for path in (run / "kept").iterdir():
        path.write_bytes(b"no weights")
    assert evaluate(run) == before
    with pytest.raises(IntegrityError, match="kept"):
        evaluate_published(run)
    shutil.rmtree(run / "kept")
    assert evaluate(run) == before
    with pytest.raises(IntegrityError, match=r"step-000010\.safetensors: missing"):
        evaluate_published(run)


def test_the_two_protocols_stand_side_by_side(run: Path) -> None:
    strict = evaluate(run)
    files = {path: path.read_bytes() for path in (run / "evaluation").rglob("*") if path.is_file()}
    published = evaluate_published(run)
    assert {path: path.read_bytes() for path in (run / "evaluation").rglob("*") if path.is_file()} == files
    assert (strict["protocol"], published["protocol"]) == ("strict", "published")
    assert "chosen_on_test" not in strict and strict["frames"] == 237
    assert published["scale"] == "min-max" and strict["scale"] == "scene"


def test_without_kept_checkpoints_the_runs_own_weights_are_all(
    make_store: MakeStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = make_store(TRAIN, TEST)
    train(store.folder, tmp_path / "run", "autoencoder", {**SMALL, "steps": 3})
    chosen = evaluate_published(tmp_path / "run")["chosen_on_test"]
    assert chosen["checkpoint"] == "model.safetensors" and len(chosen["tried"]) == len(SIGMAS)
    assert "kept no checkpoints" in capsys.readouterr().err


def test_published_preprocessing_is_recognised(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(open_run(run).features)
    fingerprint = Fingerprint({"kind": "test", "preprocess": "published"}, {})
    write_store(replace(store, fingerprint=fingerprint))
    write_run(replace(open_run(run), fingerprint=fingerprint))
    record_checksums(run, ["run.json"])
    assert evaluate_published(run)["preprocess"] == "published"
    assert "--preprocess" not in capsys.readouterr().err


def test_events_in_the_dropped_tail_do_no_harm(run: Path, tmp_path: Path) -> None:
    store = open_store(open_run(run).features)
    videos = []
    for video in store.videos:
        events: list[dict[str, Any]] = [
            {"class": "cart", "first_frame": 20, "last_frame": 36, "abnormal": video.scene == "a"},
            {"class": "cart", "first_frame": 34, "last_frame": 36, "abnormal": video.scene == "a"},
        ]
        path = tmp_path / f"{video.score_name}.events.json"
        path.write_text(json.dumps(events))
        videos.append(replace(video, events=str(path)) if video.split == "test" and video.frames > 36 else video)
    write_store(replace(store, videos=tuple(videos)))
    metrics = evaluate_published(run)
    assert metrics["event_auc"]["cart"].keys() == {"where_abnormal", "where_normal"}
    assert metrics["per_video"][1]["events"][1]["last_frame"] == 36


def test_where_nothing_can_be_chosen(run: Path) -> None:
    for video in open_store(open_run(run).features).of("test"):
        np.save(video.labels.path, np.zeros(video.frames, np.uint8))  # type: ignore[union-attr]
    with pytest.raises(DataError, match="needs normal and abnormal"):
        evaluate_published(run)
    with pytest.raises(ConfigError, match="--scale raw"):
        evaluate_published(run, EvaluateConfig(scale="raw"))


def test_unlabelled_videos_choose_nothing_and_are_scored(run: Path) -> None:
    store = open_store(open_run(run).features)
    write_store(
        replace(store, videos=tuple(replace(v, labels=None) if v.score_name == "a_00" else v for v in store.videos))
    )
    metrics = evaluate_published(run)
    assert metrics["videos"] == 2 and metrics["unlabelled_videos"] == 1 and metrics["frames"] == 112
    assert len(np.load(run / "evaluation-published" / "scores" / "a_00.npy")) == 100


def test_test_videos_that_hold_no_segment(make_store: MakeStore, run: Path) -> None:
    other = make_store(TRAIN, {"a": [15], "c": [9]}, name="other")
    with pytest.raises(DataError, match="every test video is shorter than a segment of 16"):
        evaluate_published(run, EvaluateConfig(features=str(other.folder)))


def test_a_scene_that_training_did_not_show_is_scored(make_store: MakeStore, run: Path) -> None:
    other = make_store(TRAIN, {"c": [60]}, name="other")
    assert evaluate_published(run, EvaluateConfig(features=str(other.folder)))["scene_auc"].keys() == {"c"}


def test_the_command_says_what_it_is(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["evaluate", str(run), "--protocol", "published"]) == 0
    told = capsys.readouterr()
    assert "pooled AUC" in told.out and "note: chosen on test data" in told.err
    assert command(["evaluate", str(run), "--protocol", "published", "--scale", "raw"]) == 2
    assert command(["evaluate", str(run), "--protocol", "published", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["chosen_on_test"]["sigma"] in SIGMAS


def test_the_whole_way_by_commands_with_published_preprocessing(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    tower = transformers.CLIPVisionConfig(**small, image_size=32, patch_size=16, projection_dim=8)
    transformers.CLIPVisionModelWithProjection(tower).save_pretrained(tmp_path / "clip")
    own, published, run = (str(tmp_path / name) for name in ("own", "published", "run"))
    extract = ["extract", str(tiny_dataset), "--encoder", str(tmp_path / "clip"), "--device", "cpu", "--out"]
    assert command([*extract, own]) == 0
    assert command([*extract, published, "--preprocess", "published"]) == 0
    sizes = [
        "--method",
        "autoencoder",
        "--steps",
        "6",
        "--width",
        "8",
        "--latent",
        "4",
        "--feed-forward",
        "8",
        "--segments-per-scene",
        "4",
    ]
    assert command(["train", published, "--out", run, *sizes, "--keep-checkpoints", "3", "--device", "cpu"]) == 0
    capsys.readouterr()
    assert command(["evaluate", run, "--protocol", "published", "--json"]) == 0
    told = capsys.readouterr()
    metrics = json.loads(told.out)
    assert metrics["preprocess"] == "published" and "other preprocessing" not in told.err
    assert {one["checkpoint"] for one in metrics["chosen_on_test"]["tried"]} == {
        "model.safetensors",
        *(f"kept/step-{step:06d}.safetensors" for step in (2, 4, 6)),
    }
    assert command(["evaluate", run, "--features", own]) == 2
    assert "made by another encoder" in capsys.readouterr().err
