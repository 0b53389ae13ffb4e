"""Figures over pixels against scikit-learn and a slow sweep; and from the data set's masks into metrics.json."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from conftest import write_video
from scenewise.datasets import LabelSource
from scenewise.evaluation.localisation import localisation
from scenewise.evaluation.pixel_level import pixel_figures
from scenewise.evaluation.regions import Detections

SCORE = st.sampled_from([-70000.0, -2.5, -0.0, 0.0, 1e-6, 0.25, 1.0, 3.0, 500.0])
PIXELS = st.lists(st.tuples(SCORE, st.booleans()), min_size=6, max_size=6)
FRAMES = st.lists(PIXELS, min_size=1, max_size=6)


def frames_of(drawn: list[list[tuple[float, bool]]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Maps and masks (2, 3)."""
    return [(np.array(f)[:, 0].reshape(2, 3), np.array(f)[:, 1].reshape(2, 3).astype(bool)) for f in drawn]


@given(FRAMES)
def test_the_auc_over_pixels_is_that_of_all_pixels_in_a_row(drawn: list[list[tuple[float, bool]]]) -> None:
    frames = frames_of(drawn)
    scores = np.concatenate([scores.ravel() for scores, _ in frames])
    labels = np.concatenate([mask.ravel() for _, mask in frames])
    auc = pixel_figures(frames).pixel_auc
    if labels.all() or not labels.any():
        assert auc is None
    else:
        assert auc == pytest.approx(roc_auc_score(labels, scores))


@given(FRAMES)
def test_the_criterion_equals_a_sweep_over_thresholds(drawn: list[list[tuple[float, bool]]]) -> None:
    frames = frames_of(drawn)
    abnormal = [frame for frame in frames if frame[1].any()]
    normal = [frame for frame in frames if not frame[1].any()]
    criterion_auc = pixel_figures(frames).pixel_criterion_auc
    if not abnormal or not normal:
        assert criterion_auc is None
        return
    points = [(0.0, 0.0)]
    for threshold in sorted({float(s) for scores, _ in frames for s in scores.ravel()}, reverse=True):
        hits = [5 * (scores[mask] >= threshold).sum() >= 2 * mask.sum() for scores, mask in abnormal]
        alarms = [(scores >= threshold).any() for scores, _ in normal]
        points.append((float(np.mean(alarms)), float(np.mean(hits))))
    x, y = zip(*points, strict=True)
    assert criterion_auc == pytest.approx(np.trapezoid(y, x))


def test_maps_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="a map"):
        pixel_figures([(np.zeros((2, 2)), np.zeros((2, 3), bool))])


def test_boxes_and_maps_are_compared_with_the_data_set_s_masks(tmp_path: Path) -> None:
    masks = np.zeros((4, 8, 8), np.uint8)
    masks[2:, :4, :4] = 1
    np.save(tmp_path / "masks.npy", masks)
    labels, calm = masks.any(axis=(1, 2)), np.zeros(3, bool)

    def video(name: str, frames: int, **more: object):
        return write_video(tmp_path / "features", "road", name, "test", np.zeros((frames, 2)), **more)

    located = video("00", 4, masks=LabelSource(tmp_path / "masks.npy"))
    normal = video("01", 3)
    throughout = video("02", 3, masks=LabelSource(tmp_path, "normal"))
    unknown = video("03", 4)  # abnormal, but without masks
    truths = {located: (labels, None), normal: (calm, None), throughout: (calm, None), unknown: (labels, None)}
    nothing = Detections(np.empty(0, int), np.empty((0, 4)), np.empty(0))
    boxes = Detections(np.array([2, 3, 0]), np.array([[0, 0, 4, 4]] * 3), np.array([5.0, 4.0, 1.0]))
    detections = {located: boxes, normal: nothing, throughout: nothing}
    maps = {located: masks.astype(float), normal: np.zeros((3, 8, 8)), throughout: np.zeros((3, 8, 8))}

    assert localisation(truths, None, None) is None
    figures = localisation(truths, detections, maps)
    assert figures == {
        "pixel_auc": 1.0,
        "pixel_criterion_auc": 1.0,
        "rbdc": 1.0,
        "tbdc": 1.0,
        "videos": 3,
        "videos_without_masks": 1,
    }
    of_boxes = localisation(truths, detections, None)
    assert of_boxes is not None and of_boxes["pixel_auc"] == 1.0
