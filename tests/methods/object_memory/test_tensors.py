"""The fitted state as tensors and back."""

import numpy as np
import pytest
from safetensors.numpy import load, save
from two_kinds import AS_THEY_ARE, FLOW_ALONE, RAW, appearance, bank_of, normal, objects, scored

from scenewise.methods.object_memory.frame_residual import fit_frame_residual
from scenewise.methods.object_memory.scene_model import SceneModel
from scenewise.methods.object_memory.tensors import State, from_tensors, to_tensors
from scenewise.methods.object_memory.term_scales import TermScale


def test_the_state_comes_back_from_its_tensors() -> None:
    random = np.random.default_rng(0)
    videos = [random.normal(size=(40, 12)).astype(np.float32) for _ in range(5)]
    residual, _ = fit_frame_residual(videos, [np.full(40, fold, np.int32) for fold in range(5)])
    models = {
        "walk way": SceneModel(bank_of(normal()), RAW.raised(3, 2.0), np.array([1, 1, 0.5, 0.2], np.float32), residual),
        "walk": SceneModel(bank_of(normal()[:3]), RAW, FLOW_ALONE, None),
        "*": SceneModel(None, RAW, FLOW_ALONE, None),
    }
    scales = {"walk way": TermScale(1, 2, 3, 4), "walk": AS_THEY_ARE}
    found = from_tensors(load(save(to_tensors(State(appearance(), models, scales)))), list(models), list(scales), 12)
    np.testing.assert_array_equal(found.appearance.matrix, appearance().matrix)
    assert found.scales == scales and list(found.models) == list(models)
    assert (
        found.models["*"].bank is None and found.models["*"].residual is None and found.models["walk"].residual is None
    )
    for name, model in models.items():
        np.testing.assert_array_equal(found.models[name].weights, model.weights)
        for one, other in zip(found.models[name].scale, model.scale, strict=True):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(
            scored(found.models[name].bank, objects(50)), scored(model.bank, objects(50)), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    again = found.models["walk way"].residual
    assert again is not None
    np.testing.assert_array_equal(again.score(videos[0]), residual.score(videos[0]))


def test_missing_tensors_and_another_format_are_told() -> None:
    models = {"walk": SceneModel(bank_of(normal()[:3]), RAW, FLOW_ALONE, None)}
    tensors = to_tensors(State(appearance(), models, {"walk": AS_THEY_ARE}))
    needed = ("weights", "bank.speed", "bank.neighbour_distance", "scale.spread", "scale")
    for missing in (*(f"walk/{name}" for name in needed), "appearance.mean"):
        fewer = {name: value for name, value in tensors.items() if name != missing}
        with pytest.raises(ValueError, match=missing):
            from_tensors(fewer, ["walk"], ["walk"], 12)
    for other in ({}, {"format": np.array([1])}):
        unlike = {name: value for name, value in tensors.items() if name != "format"} | other
        with pytest.raises(ValueError, match="format"):
            from_tensors(unlike, ["walk"], ["walk"], 12)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("walk/scale.spread", np.zeros_like(RAW.spread)),
        ("walk/weights", np.array([1, 1, 1, -0.1], np.float32)),
        ("walk/weights", np.array([0, 0, 0, 1], np.float32)),
        ("walk/weights", np.ones(3, np.float32)),
        ("walk/bank.measures", np.zeros(7)),
        ("walk/bank.measures", np.ones(6)),
    ],
)
def test_figures_that_cannot_be_are_told(name: str, value: np.ndarray) -> None:
    models = {"walk": SceneModel(bank_of(normal()[:3]), RAW, FLOW_ALONE, None)}
    tensors = to_tensors(State(appearance(), models, {"walk": AS_THEY_ARE})) | {name: value}
    with pytest.raises(ValueError, match="walk"):
        from_tensors(tensors, ["walk"], ["walk"], 12)
