"""Prediction: what is predicted is not seen, prototypes are the paper's, and an order that is wrong is told."""

import itertools

import numpy as np
import pytest
import torch
from toy_segments import SIZES, T, auc, learn, plain

from scenewise.errors import ConfigError
from scenewise.methods.prediction import Prediction, PredictionSettings, prototype_losses, prototypes_of
from scenewise.methods.scores import Chunk
from scenewise.methods.segments.scorer import ALL_SCENES, SegmentScorer

NO_SCENE = torch.zeros(400, dtype=torch.long)


def made(width: int, **settings: float) -> Prediction:
    torch.manual_seed(9)
    return Prediction(width, PredictionSettings(**{**SIZES, "predicted": 2, "stride": 2, **settings}))


def test_prototypes_are_the_papers_formula_code_by_code() -> None:
    torch.manual_seed(3)
    codes, attention = torch.randn(2, 5, 4), torch.rand(2, 5, 3)
    summed = prototypes_of(codes, attention)
    compact, near = [], []
    for b in range(2):
        prototypes = []
        for m in range(3):
            total = sum(attention[b, t, m] for t in range(5))
            prototypes.append(sum(attention[b, t, m] / total * codes[b, t] for t in range(5)))
        torch.testing.assert_close(summed.prototypes[b], torch.stack(prototypes))
        for t in range(5):
            products = [float(torch.exp(codes[b, t] @ p)) for p in prototypes]
            relevance = [product / sum(products) for product in products]
            np.testing.assert_allclose(summed.relevance[b, t], relevance, rtol=1e-5)
            compact.append(float((codes[b, t] - prototypes[int(np.argmax(relevance))]).norm()))
        near += [max(1.5 - float((p - q).norm()), 0) for p, q in itertools.combinations(prototypes, 2)]
    found = prototype_losses(codes, summed, 1.5)
    np.testing.assert_allclose([float(value) for value in found], [np.mean(compact), np.mean(near)], rtol=1e-5)


@pytest.mark.parametrize("prototypes", [0, 3])
def test_what_is_predicted_is_not_seen(prototypes: int) -> None:
    model = made(6, prototypes=prototypes).eval()
    inputs = torch.randn(4, T, 6)
    other = inputs.clone()
    other[:, -2:] = torch.randn(4, 2, 6)
    predicted = model.predict(inputs)[0]
    assert predicted.shape == (4, 2, 6)
    torch.testing.assert_close(model.predict(other)[0], predicted)
    errors = model.frame_errors(inputs, NO_SCENE[:4])
    torch.testing.assert_close(errors[:, -2:], (inputs[:, -2:] - predicted).square().mean(dim=-1))
    torch.testing.assert_close(errors[:, :-2], errors[:, -2:].mean(dim=1, keepdim=True).expand(-1, T - 2))
    losses = model.losses(inputs, NO_SCENE[:4], 0)
    torch.testing.assert_close(losses["prediction_loss"], errors.mean())
    if prototypes:
        weights = model.settings.prototype_weight, model.settings.diversity_weight
        terms = losses["compact_loss"] + weights[1] * losses["diversity_loss"]
        torch.testing.assert_close(losses["loss"], losses["prediction_loss"] + weights[0] * terms)


@pytest.mark.parametrize("frames", [5, T, 21])
def test_a_frame_is_scored_by_the_windows_that_predict_it_as_soon_as_these_have_ended(frames: int) -> None:
    model = made(6).eval()
    features = np.random.default_rng(8).standard_normal((frames, 6)).astype(np.float32)
    scorer = SegmentScorer({ALL_SCENES: model}, ("a",), model.settings, torch.device("cpu"))
    scores = np.concatenate([part.scores for part in scorer.stream([Chunk(features, None)], 25.0, "b")])
    assert scorer.look_ahead(25.0) == pytest.approx(1 / 25)
    starts = sorted({*range(0, max(frames - T, 0) + 1, 2), max(frames - T, 0)})
    of_frame: list[list[float]] = [[] for _ in range(frames)]
    first = None
    for start in starts:
        rows = np.minimum(start + np.arange(T), frames - 1)
        with torch.inference_mode():
            errors = model.frame_errors(torch.from_numpy(features[rows])[None], NO_SCENE[:1])[0].tolist()
        first = errors if first is None else first
        for offset in (T - 2, T - 1):
            if start + offset < frames:
                of_frame[start + offset].append(errors[offset])
    # The window that ends at the video's end is for its last two frames alone, which wait for no other.
    expected = [np.mean(own) if own else first[frame] for frame, own in enumerate(of_frame)]
    np.testing.assert_allclose(scores[: frames - 2], expected[: frames - 2], rtol=1e-4)
    assert scores.shape == (frames,)


def test_a_wrong_order_of_normal_frames_is_told() -> None:
    """A point goes round a circle. That it jumps shows in no single frame, which is all that plain reconstruction asks
    of: it gives back each frame as it is."""
    draw = torch.Generator().manual_seed(33)
    plane = torch.linalg.qr(torch.randn(10, 2, generator=draw))[0].T * 4

    def segments(n: int, jump: float) -> torch.Tensor:
        angles = 6.3 * torch.rand(n, 1, generator=draw) + 0.4 * torch.arange(T)
        angles[:, -2:] += jump
        return torch.stack([angles.cos(), angles.sin()], -1) @ plane + 0.1 * torch.randn(n, T, 10, generator=draw)

    learned, normal, abnormal = segments(400, 0.0), segments(150, 0.0), segments(150, 1.5)
    torch.manual_seed(9)
    plain_auc = auc(learn(plain(10), learned, 200, 32, 6e-3), normal, abnormal)
    prediction_auc = auc(learn(made(10), learned, 200, 32, 6e-3), normal, abnormal)
    assert prediction_auc > 0.95 and prediction_auc > plain_auc, (prediction_auc, plain_auc)


@pytest.mark.parametrize(
    "wrong", [{"predicted": 16}, {"predicted": 0}, {"prototypes": -1}, {"predicted": 6, "stride": 7}, {"margin": -1.0}]
)
def test_settings_that_do_not_go_together_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="--" + next(reversed(wrong)).replace("_", "-")):
        PredictionSettings(**wrong)
