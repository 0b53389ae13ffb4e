"""The hybrid: its terms one by one, what guides and what is seen, and motion that leads a prediction astray."""

import pytest
import torch
from toy_segments import SIZES, T, auc, learn, plain

from scenewise.errors import ConfigError
from scenewise.methods.hybrid import Hybrid, HybridSettings, Normals, divergence
from scenewise.methods.segments.method import Widths

NO_SCENE = torch.zeros(6, dtype=torch.long)


def made(width: int, flow: int = 0, **settings: float) -> Hybrid:
    torch.manual_seed(10)
    return Hybrid(
        Widths(width, flow), HybridSettings(**{**SIZES, "items": 20, "predicted": 2, "stride": 2, **settings})
    )


def test_divergence_of_normals_is_that_of_torch() -> None:
    of, by = (Normals(torch.randn(2, 3, 4), torch.randn(2, 3, 4)) for _ in range(2))
    one, other = (torch.distributions.Normal(each.mean, (each.log_variance / 2).exp()) for each in (of, by))
    torch.testing.assert_close(divergence(of, by), torch.distributions.kl_divergence(one, other).sum(dim=-1))
    torch.testing.assert_close(divergence(of, of), torch.zeros(2, 3))


def test_the_loss_and_the_score_are_made_of_the_parts() -> None:
    model = made(10, entropy_weight=0.5, divergence_weight=0.3, reconstruction_score=0.7, prediction_score=2.0)
    segments = torch.randn(6, T, 10)
    torch.manual_seed(1)
    terms = {name: value.detach() for name, value in model.losses(segments, NO_SCENE, 0).items()}
    expected = terms["motion_loss"] + terms["prediction_loss"] + 0.3 * terms["divergence"]
    torch.testing.assert_close(terms["loss"], expected + 0.5 * terms["addressing_entropy"])
    again = made(10)
    torch.manual_seed(1)
    drawn = again.parts(segments).errors.flatten(0, 1).detach()  # the same weights, and the same draws
    model.eval()
    errors = model.parts(segments).errors
    scaled = (errors - drawn.mean(dim=0)) / drawn.std(dim=0, correction=0)
    scores = model.frame_errors(segments, NO_SCENE)
    torch.testing.assert_close(scores[:, -2:], 0.7 * scaled[..., 0] + 2 * scaled[..., 1], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(scores[:, 0], scores[:, -2:].mean(dim=1))
    torch.testing.assert_close(model.held_out_errors(segments, NO_SCENE), errors[..., 0] + errors[..., 1])


def test_what_is_predicted_is_not_seen_but_by_its_motion() -> None:
    predictor = made(10).predictor.eval()
    frames, motion = torch.randn(6, T, 10), torch.randn(6, T, 10)
    predicted, _, prior = predictor.predict(frames, motion, 2)
    other = frames.clone()
    other[:, -2:] = torch.randn(6, 2, 10)
    torch.testing.assert_close(predictor.predict(other, motion, 2)[0], predicted)
    moved = predictor.predict(frames, motion + 1, 2)
    assert not torch.allclose(moved[0], predicted)
    assert not torch.allclose(moved[2].mean, prior.mean)
    torch.testing.assert_close(predictor.predict(frames + 1, motion, 2)[2].mean, prior.mean)


def test_optical_flow_guides_the_prediction_of_what_is_before_it() -> None:
    model = made(10, flow=4).eval()
    parts = model.parts(torch.randn(3, T, 10))
    assert parts.errors.shape == (3, 2, 2)
    assert model.motion_stream.project_in.in_features == 4 and model.predictor.project_in.in_features == 6


def test_the_prediction_teaches_the_motion_nothing() -> None:
    model = made(10)
    terms = model.losses(torch.randn(6, T, 10), NO_SCENE, 0)
    (found,) = torch.autograd.grad(terms["prediction_loss"], [model.memory], retain_graph=True)
    assert not found.any()
    (found,) = torch.autograd.grad(terms["motion_loss"], [model.memory])
    assert found.any()


def test_motion_that_never_was_is_told() -> None:
    """A point goes round a circle, among other things that stand. That it turns back shows in no single frame, which
    is all that plain reconstruction asks of: it gives back each frame as it is."""
    draw = torch.Generator().manual_seed(29)
    axes = torch.linalg.qr(torch.randn(12, 6, generator=draw))[0].T * 4

    def segments(n: int, back: bool) -> torch.Tensor:
        turn = torch.full((n, T), 0.3).cumsum(dim=1)
        if back:
            turn[:, -3:] -= 0.6 * torch.arange(1, 4)
        angles = 6.3 * torch.rand(n, 1, generator=draw) + turn
        others = 0.5 * torch.randn(n, 4, generator=draw) @ axes[2:]
        point = torch.stack([angles.cos(), angles.sin()], -1) @ axes[:2]
        return others[:, None] + point + 0.1 * torch.randn(n, T, 12, generator=draw)

    learned, normal, abnormal = segments(400, False), segments(150, False), segments(150, True)
    torch.manual_seed(10)
    plain_auc = auc(learn(plain(12), learned, 100, 32, 6e-3), normal, abnormal)
    hybrid_auc = auc(learn(made(12), learned, 100, 32, 6e-3), normal, abnormal)
    assert hybrid_auc > 0.9 and hybrid_auc > plain_auc + 0.1, (hybrid_auc, plain_auc)


@pytest.mark.parametrize("wrong", [{"items": 1}, {"prediction_score": -1.0}, {"predicted": 6, "stride": 7}])
def test_settings_out_of_range_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="--" + next(reversed(wrong)).replace("_", "-")):
        HybridSettings(**wrong)
