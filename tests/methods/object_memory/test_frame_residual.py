"""The residual of frames, and the same by folds that the components have not seen."""

import numpy as np
import pytest

from scenewise.methods.object_memory.frame_residual import GROUPS, fit_frame_residual, split_off
from scenewise.methods.object_memory.neighbours import clip_distances


def frames(seed: int, count: int = 70, width: int = 16) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.normal(size=(count, width)) * np.linspace(3, 0.1, width)).astype(np.float32)


def folds(videos: int) -> list[np.ndarray]:
    return [np.full(70, fold, np.int32) for fold in range(videos)]


def test_leave_one_group_out_against_a_slow_loop() -> None:
    videos = [frames(seed) for seed in range(7)]
    residual, scores = fit_frame_residual(videos, folds(7))
    unseen = []
    for place, video in enumerate(videos):
        others = np.concatenate([other for at, other in enumerate(videos) if at % GROUPS != place % GROUPS])
        kept = residual.components.shape[1]
        axes = np.linalg.svd(others - others.mean(axis=0), full_matrices=False)[2][:kept].T
        shifted = video - others.mean(axis=0)
        unseen.append(np.linalg.norm(shifted - shifted @ axes @ axes.T, axis=1))
    flat = np.concatenate(unseen)
    clipped = clip_distances(flat)
    np.testing.assert_allclose(residual.residual, clipped, rtol=1e-3, atol=1e-4)
    line, fold = np.concatenate(videos), np.concatenate(folds(7))
    projected = (line - residual.mean) @ residual.components
    for place in range(7):
        for row in range(0, 70, 13):
            at = 70 * place + row
            apart = np.linalg.norm(projected - projected[at], axis=1)
            apart[fold == place] = np.inf
            expected = flat[at] / clipped[np.argsort(apart)[:15]].mean()
            assert scores[place][row] == pytest.approx(expected, rel=2e-3, abs=1e-4)
    assert [len(own) for own in scores] == [70] * 7


def test_what_no_component_explains_is_abnormal() -> None:
    residual, scores = fit_frame_residual([frames(seed) for seed in range(5)], folds(5))
    strange = frames(50)
    strange[:, -1] += 5
    assert residual.score(strange).min() > np.quantile(np.concatenate(scores), 0.99)
    assert 0.5 < np.median(residual.score(frames(51))) < 2


@pytest.mark.parametrize("count", [1, 2, 9])
def test_the_frames_of_a_short_video(count: int) -> None:
    residual, scores = fit_frame_residual([frames(0, count)], [np.arange(count, dtype=np.int32) % 5])
    assert np.isfinite(scores[0]).all() and np.isfinite(residual.score(frames(1))).all()


def test_split_off_is_what_components_leave() -> None:
    video = frames(0, 5000)
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 4)))[0].astype(np.float32)
    left, projected = split_off(video, video.mean(axis=0), axes)
    centred = video - video.mean(axis=0)
    np.testing.assert_allclose(projected, centred @ axes, atol=1e-4)
    np.testing.assert_allclose(left**2 + (projected**2).sum(axis=1), (centred**2).sum(axis=1), rtol=1e-4)
