"""What methods trained in steps may do besides: know the scene, learn outside the gradient, choose late weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import scene_features
from scenewise.errors import DataError
from scenewise.features.store import FeatureStore, open_store
from scenewise.methods.scores import Chunk
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import SegmentModel
from scenewise.methods.segments.sampler import SceneSampler
from scenewise.methods.segments.settings import StepSettings
from scenewise.runs.run import Run
from scenewise.runs.train import train

SCENES = {"a": [60, 60], "b": [60, 60]}
SETTINGS = {"steps": 20, "segments_per_scene": 4, "segment_length": 8, "checkpoint_every": 5, "device": "cpu"}
METHOD = f"{__name__}:Centres"


class CentreModel(SegmentModel):
    """A centre for each scene, which moves towards the features of its scene without a gradient."""

    needs_scene = True

    def __init__(self, feature_width: int, scenes: int) -> None:
        super().__init__(feature_width)
        self.register_buffer("centres", torch.zeros(scenes, feature_width))
        self.scale = nn.Parameter(torch.ones(()))

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        loss = (self.scale * self.frame_errors(segments, scenes)).mean()
        return {"loss": loss, "even_loss" if step % 2 == 0 else "odd_loss": loss}

    def after_step(self, segments: Tensor, scenes: Tensor, step: int) -> None:
        for scene in scenes.unique():
            self.centres[scene] += 0.3 * (
                self.standardised(segments[scenes == scene]).mean((0, 1)) - self.centres[scene]
            )

    def may_be_kept(self, step: int) -> bool:
        return step == 15

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        return (self.standardised(segments) - self.centres[scenes][:, None]).square().mean(dim=-1)


class Centres(SegmentMethod):
    """Distance to the centre of the scene."""

    name, summary = "centres", "distance to the centre of the scene"
    Settings = StepSettings

    def build(self, widths: Widths, scenes: int, settings: Any) -> CentreModel:
        return CentreModel(widths.features, scenes)


@pytest.fixture
def run(make_store: Callable[..., FeatureStore], tmp_path: Path) -> Run:
    return train(make_store(SCENES).folder, tmp_path / "run", METHOD, {**SETTINGS, "keep_checkpoints": 4})


def test_the_scene_is_known_in_training_and_in_scoring(run: Run) -> None:
    draw = np.random.default_rng(6)
    chunk = Chunk(scene_features(1, 40, 12, draw).astype(np.float16), None)  # of the second scene
    scorer = run.open_scorer("cpu")
    of_a, of_b = (np.concatenate([part.scores for part in scorer.stream([chunk], 25.0, scene)]) for scene in "ab")
    assert (of_b < of_a).mean() > 0.9
    first, *rest = run.method.checkpoints(run.content(), "cpu")
    assert len(rest) == 4
    segments = chunk.features[:8][None]
    assert first.segment_errors(segments, "b").mean() < first.segment_errors(segments, "a").mean()
    with pytest.raises(DataError, match="scene c"):
        list(scorer.stream([chunk], 25.0, "c"))
    with pytest.raises(DataError, match="scene c"):
        first.segment_errors(segments, "c")


def test_only_weights_that_may_be_kept_are_chosen(run: Run) -> None:
    assert list(run.facts["best_step"].values()) == [15]
    kept = (run.folder / "kept" / "step-000015.safetensors").read_bytes()
    assert (run.folder / "model.safetensors").read_bytes() == kept


def test_without_a_latent_space_nothing_is_embedded(run: Run) -> None:
    with pytest.raises(DataError, match="latent space"):
        run.method.embed(run.content(), open_store(run.features), 3)


def test_what_is_learned_outside_the_gradient_is_resumed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**SETTINGS, "keep_checkpoints": 4}
    real = SceneSampler.batch

    def stops(sampler: SceneSampler, step: int) -> object:
        if step == 12:
            raise KeyboardInterrupt
        return real(sampler, step)

    monkeypatch.setattr(SceneSampler, "batch", stops)
    with pytest.raises(KeyboardInterrupt):
        train(run.features, tmp_path / "cut", METHOD, settings)
    monkeypatch.setattr(SceneSampler, "batch", real)
    cut = train(run.features, tmp_path / "cut", METHOD, settings, resume=True)
    for name in ("model.safetensors", "log.csv"):
        assert (cut.folder / name).read_bytes() == (run.folder / name).read_bytes()
