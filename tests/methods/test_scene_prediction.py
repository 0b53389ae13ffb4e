"""Scene prediction: the paper's terms, what is predicted is not seen, and a way that only the scene forbids is told."""

import pytest
import torch
from toy_segments import SIZES, T, auc, learn, plain

from scenewise.errors import ConfigError
from scenewise.methods.scene_prediction import ScenePrediction, ScenePredictionMethod, ScenePredictionSettings


def made(width: int, scenes: int = 2, **settings: object) -> ScenePrediction:
    torch.manual_seed(6)
    return ScenePrediction(width, scenes, ScenePredictionSettings(**{**SIZES, **settings}))


@pytest.mark.parametrize("length", [2, 7, 8])
def test_each_half_is_predicted_from_the_other_and_not_seen(length: int) -> None:
    model = made(5, segment_length=length, stride=1).eval()
    inputs, scenes = torch.randn(4, length, 5), torch.tensor([0, 1, 0, 1])
    half = length // 2
    with torch.inference_mode():
        forward, backward = model.predict(inputs, scenes)
        errors = model.frame_errors(inputs, scenes)
        for changed, kept in ((slice(half, None), forward), (slice(0, half), backward)):
            other = inputs.clone()
            other[:, changed] = torch.randn(inputs[:, changed].shape)
            again = model.predict(other, scenes)[0 if kept is forward else 1]
            torch.testing.assert_close(again.frames, kept.frames)
    for b in range(4):
        for t in range(length):
            predicted = forward.frames[b, t - half] if t >= half else backward.frames[b, half - 1 - t]
            torch.testing.assert_close(errors[b, t], (inputs[b, t] - predicted).square().mean())


def test_the_loss_is_the_papers_formula_code_by_code() -> None:
    model = made(5, divergence_weight=0.3).eval()
    inputs, scenes = torch.randn(4, T, 5), torch.tensor([0, 1, 0, 1])
    terms = model.losses(inputs, scenes, 0)
    errors = model.frame_errors(inputs, scenes)
    torch.testing.assert_close(terms["backward_loss"], errors[:, : T // 2].mean())
    torch.testing.assert_close(terms["forward_loss"], errors[:, T // 2 :].mean())
    divergence = 0.0
    for network in model.predict(inputs, scenes):
        for mean, log_variance in zip(network.mean.flatten(0, 1), network.log_variance.flatten(0, 1), strict=True):
            posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
            unit = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
            divergence += float(torch.distributions.kl_divergence(posterior, unit).sum().detach()) / (4 * T)
    assert float(terms["divergence"].detach()) == pytest.approx(divergence, rel=1e-4)
    expected = terms["forward_loss"] + terms["backward_loss"] + 0.3 * terms["divergence"]
    torch.testing.assert_close(terms["loss"], expected)


def test_training_draws_codes_and_scoring_takes_their_means() -> None:
    model = made(5)
    inputs, scenes = torch.randn(4, T, 5), torch.zeros(4, dtype=torch.long)
    model.train()
    assert not torch.equal(model.frame_errors(inputs, scenes), model.frame_errors(inputs, scenes))
    model.eval()
    torch.testing.assert_close(model.frame_errors(inputs, scenes), model.frame_errors(inputs, scenes))


def test_the_scene_changes_the_prediction_unless_it_is_left_out() -> None:
    inputs, one, other = torch.randn(3, T, 5), torch.zeros(3, dtype=torch.long), torch.ones(3, dtype=torch.long)
    method = ScenePredictionMethod()
    for condition in (True, False):
        model = made(5, condition=condition).eval()
        same = torch.equal(model.frame_errors(inputs, one), model.frame_errors(inputs, other))
        assert same != condition and model.needs_scene == condition
        assert method.scene_aware(model.settings) == condition
        assert ("scene-aware" in method.title(model.settings)) == condition
    torch.testing.assert_close(model.embedding(inputs).shape, torch.Size([3, SIZES["latent"]]))


def test_a_turn_that_is_normal_in_the_other_scene_alone_is_told() -> None:
    """What comes turns left in one scene and right in the other, and nothing but the scene's number says which: each
    turn is normal somewhere, so that neither reconstruction nor prediction without the scene can tell."""
    draw = torch.Generator().manual_seed(12)
    plane = torch.linalg.qr(torch.randn(10, 2, generator=draw))[0].T * 4

    def segments(turns: torch.Tensor) -> torch.Tensor:
        time = torch.arange(T) / T - 0.5
        ahead = time + 0.3 * torch.rand(len(turns), 1, generator=draw)
        aside = turns[:, None] * time.clamp(min=0) * 3
        return torch.stack([ahead, aside], -1) @ plane + 0.1 * torch.randn(len(turns), T, 10, generator=draw)

    of = {n: torch.randint(2, (n,), generator=draw) for n in (400, 150)}
    side = torch.tensor([-1.0, 1.0])
    learned, normal, abnormal = segments(side[of[400]]), segments(side[of[150]]), segments(-side[of[150]])
    torch.manual_seed(6)
    found = {
        name: auc(learn(model, learned, 100, 32, 6e-3, of[400]), normal, abnormal, of[150])
        for name, model in (("plain", plain(10)), ("agnostic", made(10, condition=False)), ("aware", made(10)))
    }
    assert found["aware"] > 0.95 and max(found["plain"], found["agnostic"]) < 0.65, found


@pytest.mark.parametrize("wrong", [{"segment_length": 1, "stride": 1}, {"divergence_weight": -1.0}])
def test_settings_out_of_range_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="--" + next(iter(wrong)).replace("_", "-")):
        ScenePredictionSettings(**wrong)
