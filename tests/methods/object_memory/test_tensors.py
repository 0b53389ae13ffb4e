"""The fitted state as tensors and back."""

import numpy as np
import pytest
from safetensors.numpy import load, save
from two_kinds import AS_THEY_ARE, UNSCALED, appearance, bank_of, normal, objects, scored

from scenewise.methods.object_memory.frame_residual import fit_frame_residual
from scenewise.methods.object_memory.memory_bank import TERMS
from scenewise.methods.object_memory.object_scale import CELLS
from scenewise.methods.object_memory.scene_model import SceneModel, leave_one_group_out
from scenewise.methods.object_memory.tensors import FORMAT, State, from_tensors, to_tensors
from scenewise.methods.object_memory.term_scales import TermScale


def test_the_state_comes_back_from_its_tensors() -> None:
    random = np.random.default_rng(0)
    videos = [random.normal(size=(40, 12)).astype(np.float32) for _ in range(5)]
    residual, _ = fit_frame_residual(videos, [np.full(40, fold, np.int32) for fold in range(5)])
    scale, _, _ = leave_one_group_out(bank_of(normal()), normal(), 1)
    models = {
        "walk way": SceneModel(bank_of(normal()), scale, 0.25, residual),
        "walk": SceneModel(bank_of(normal()[:3]), UNSCALED, 0.0, None),
        "*": SceneModel(None, UNSCALED, 0.0, None),
    }
    scales = {"walk way": TermScale(1, 2, 3, 4), "walk": AS_THEY_ARE}
    found = from_tensors(load(save(to_tensors(State(appearance(), models, scales)))), list(models), list(scales), 12)
    np.testing.assert_array_equal(found.appearance.matrix, appearance().matrix)
    assert found.scales == scales and list(found.models) == list(models)
    assert found.models["*"].bank is None and found.models["walk"].residual is None
    for name, model in models.items():
        assert found.models[name].place_weight == model.place_weight
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
    models = {"walk": SceneModel(bank_of(normal()[:3]), UNSCALED, 0.0, None)}
    tensors = to_tensors(State(appearance(), models, {"walk": AS_THEY_ARE}))
    for missing in ("walk/place_weight", "walk/scale.spread", "walk/bank.direction", "walk/scale", "appearance.mean"):
        fewer = {name: value for name, value in tensors.items() if name != missing}
        with pytest.raises(ValueError, match=missing):
            from_tensors(fewer, ["walk"], ["walk"], 12)
    for other in ({}, {"format": np.array([FORMAT - 1])}):
        unlike = {name: value for name, value in tensors.items() if name != "format"} | other
        with pytest.raises(ValueError, match="format"):
            from_tensors(unlike, ["walk"], ["walk"], 12)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("walk/scale.spread", np.zeros((CELLS, len(TERMS)), np.float32)),
        ("walk/place_weight", np.array([1.5])),
        ("walk/place_weight", np.array([-0.1])),
        ("walk/bank.measures", np.zeros(7)),
        ("walk/bank.measures", np.ones(6)),
        ("walk/bank.place", np.full((3, 2), np.nan, np.float32)),
    ],
)
def test_figures_that_cannot_be_are_told(name: str, value: np.ndarray) -> None:
    models = {"walk": SceneModel(bank_of(normal()[:3]), UNSCALED, 0.0, None)}
    tensors = to_tensors(State(appearance(), models, {"walk": AS_THEY_ARE})) | {name: value}
    with pytest.raises(ValueError, match="walk"):
        from_tensors(tensors, ["walk"], ["walk"], 12)
