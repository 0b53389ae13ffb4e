"""What every method has that scores frames in one pass: scopes, leave-one-group-out, any chunks, a run on disk."""

import json
from pathlib import Path

import numpy as np
import pytest
from frame_stores import FRAMES, SCENES, cut, frame_store, normal_frames, scores_of

from conftest import write_video
from scenewise.cli import run as run_cli
from scenewise.config import EvaluateConfig
from scenewise.errors import DataError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.methods import open_method, settings_of
from scenewise.methods.folds import frame_folds
from scenewise.methods.frames.frame_method import FrameMethod
from scenewise.methods.frames.leave_out import GROUPS, groups_of, models_without
from scenewise.methods.frames.normalised import fit_normaliser
from scenewise.protocols import evaluate
from scenewise.runs.train import train

NAMES = ("frame-knn", "whitened-knn", "frame-residual", "mahalanobis")
SETTINGS = {"frame-residual": {"components": 2}}


def opened(name: str) -> FrameMethod:
    method = open_method(name)
    assert isinstance(method, FrameMethod)
    return method


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    return frame_store(tmp_path_factory.mktemp("frames") / "features")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scope", ["scene", "pooled"])
def test_normal_frames_are_scored_by_the_other_videos(store: FeatureStore, name: str, scope: str) -> None:
    """A slow loop: five videos a scene, so that each is a fold; of ten in the pool two share a group."""
    method = opened(name)
    settings = settings_of(method, {**SETTINGS.get(name, {}), "scope": scope})
    fitted = method.fit(store, settings, Path())
    for place, scene in enumerate(SCENES):
        for number, normal in enumerate(fitted.normal_scores[scene]):
            others = [
                normal_frames(at, other)
                for at in ([place] if scope == "scene" else range(2))
                for other in range(5)
                if other != number
            ]
            model = method.learner(store, settings)(np.concatenate(others))
            np.testing.assert_allclose(normal.scores, model.score(normal_frames(place, number)), rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_is_no_example_for_itself(tmp_path: Path, name: str) -> None:
    """One video of five folds, of which one shows what no other does."""
    features = normal_frames(0, 5, 50)
    features[20:30] += 30 * np.arange(6, dtype=np.float16) ** 2
    video = write_video(tmp_path, "lawn", "00", "train", features)
    method = opened(name)
    store = FeatureStore(tmp_path, None, (video,), {}, ())  # type: ignore[arg-type]
    settings = settings_of(method, {**SETTINGS.get(name, {}), "normalise": "none"})
    (normal,) = method.fit(store, settings, tmp_path).normal_scores["lawn"]
    strange = np.zeros(50, bool)
    strange[20:30] = True
    assert normal.scores[strange].min() > normal.scores[~strange].max()


@pytest.mark.parametrize("name", NAMES)
def test_a_video_without_a_frame_in_the_sample_is_scored_all_the_same(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(opened(name)), "most_frames", 40)
    videos = tuple(
        write_video(tmp_path, "lawn", f"{number}", "train", normal_frames(0, number, 400 if number != 2 else 1))
        for number in range(5)
    )
    store = FeatureStore(tmp_path, None, videos, {}, ())  # type: ignore[arg-type]
    method = opened(name)
    normal = method.fit(store, settings_of(method, SETTINGS.get(name, {})), tmp_path).normal_scores["lawn"]
    typical = np.median(np.concatenate([part.scores for part in normal]))
    assert [len(part.scores) for part in normal] == [400, 400, 1, 400, 400]
    assert 0.05 * typical < normal[2].scores[0] < 20 * typical


def test_pooled_whitening_knows_no_scene(store: FeatureStore) -> None:
    method = opened("whitened-knn")
    pooled, aware = (
        method.learner(store, settings_of(method, {"scope": scope}))(normal_frames(0, 7))
        for scope in ("pooled", "scene")
    )
    every = np.concatenate([video.features() for video in store.of("train")])
    by_hand = method.learn(every, settings_of(method, {}))
    np.testing.assert_allclose(
        pooled.whitening @ pooled.whitening.T, by_hand.whitening @ by_hand.whitening.T, rtol=1e-3
    )
    assert not np.allclose(pooled.whitening @ pooled.whitening.T, aware.whitening @ aware.whitening.T, rtol=1e-2)


@pytest.mark.parametrize("normalise", ["l2", "none"])
def test_after_footage_without_any_change_scores_stay_in_range(normalise: str) -> None:
    same = np.full((30, 64), 50.0, np.float32)
    others = np.concatenate([same[:1], same[:2] + 40 * np.eye(2, 64, dtype=np.float32)])
    scores = {}
    for name, settings in (("mahalanobis", {}), ("density", {"steps": 20})):
        method = opened(name)
        model = method.learn(same, settings_of(method, {"normalise": normalise, **settings}))
        scores[name] = model.score(others)
        assert np.isfinite(scores[name]).all()
    assert scores["mahalanobis"][1:].min() > 100 > scores["mahalanobis"][0], "whatever differs is abnormal"


@pytest.mark.parametrize("name", NAMES)
def test_a_run_scores_in_any_chunks_and_by_its_scene(store: FeatureStore, tmp_path: Path, name: str) -> None:
    run = train(store.folder, tmp_path / "run", name, SETTINGS.get(name, {}))
    scorer = run.open_scorer("cpu")
    features = normal_frames(0, 123)
    whole = scores_of(scorer, cut(features), "lawn")
    np.testing.assert_allclose(scores_of(scorer, cut(features, 1, 2, 17), "lawn"), whole, rtol=1e-4)
    assert whole.shape == (FRAMES,) and whole.dtype == np.float32 and scorer.look_ahead(25.0) == 0
    assert np.median(scores_of(scorer, cut(features), "road")) > np.quantile(whole, 0.99), "the other scene differs"
    with pytest.raises(DataError, match=r"scene lake .* lawn, road"):
        scores_of(scorer, cut(features), "lake")
    assert run.method.scene_aware(run.settings) and "scene-aware" in run.method.title(run.settings)
    metrics = evaluate(run.folder, EvaluateConfig(unlabelled=True))
    assert metrics["scene_aware"] and not metrics["needs_objects"]


@pytest.mark.parametrize("name", NAMES)
def test_damaged_tensors_are_told(store: FeatureStore, tmp_path: Path, name: str) -> None:
    run = train(store.folder, tmp_path / "run", name, {"scope": "pooled", **SETTINGS.get(name, {})})
    content = run.content()
    assert not run.method.scene_aware(run.settings)
    for field in opened(name).forms:
        lacking = {key: value for key, value in content.tensors.items() if key != f"*/{field}"}
        with pytest.raises(IntegrityError, match="train again"):
            run.method.open(content._replace(tensors=lacking), "cpu")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["settings"]["scope"] == "pooled"


def test_groups_are_whole_folds_and_no_model_sees_its_own() -> None:
    folds = frame_folds([30] * 12)
    groups = groups_of(folds)
    assert [set(own) for own in groups] == [{number % GROUPS} for number in range(12)]
    line = np.concatenate(groups)
    for group, kept in models_without(line, lambda rows: rows):
        assert not (kept & (line == group)).any() and (kept | (line == group)).all()
    ((_, kept),) = models_without(np.zeros(3, np.int64), lambda rows: rows)
    assert kept.all(), "a single group has no other to learn from"


def test_normalised_features() -> None:
    features = np.random.default_rng(8).normal(3, 2, (50, 4))
    features[:, 3] = 5
    standard = fit_normaliser(features, "standardise").apply(features)
    np.testing.assert_allclose(standard[:, :3].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standard[:, :3].std(axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(standard[:, 3], 0, atol=1e-5)
    unit = fit_normaliser(features, "l2").apply(features)
    np.testing.assert_allclose(unit, features / np.linalg.norm(features, axis=1)[:, None], rtol=1e-5)
    np.testing.assert_allclose(fit_normaliser(features, "none").apply(features), features, rtol=1e-6)
    assert np.isfinite(fit_normaliser(np.zeros((3, 4)), "l2").apply(np.zeros((3, 4)))).all()


@pytest.mark.parametrize("name", [*NAMES, "density", "attribute-density", "patch-memory"])
def test_the_command_line_takes_settings_of_all_and_of_one(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The features do not exist: the settings are read before them."""
    own = {"frame-residual": "components", "mahalanobis": "components", "density": "components"}.get(name, "neighbours")
    flags = ["--scope", "pooled", "--smoothing", "1.5", f"--{own}", "3"]
    assert run_cli(["train", str(tmp_path / "none"), "--out", str(tmp_path / "run"), "--method", name, *flags]) == 2
    assert "none: expected a folder of features" in capsys.readouterr().err
