"""The losses on points one can draw, and against an independent implementation."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from scenewise.methods.segments.losses import supervised_contrastive, unit_normal_divergence
from scenewise.methods.segments.model import reconstruction_error


def slow_supervised_contrastive(embeddings: torch.Tensor, labels: list[int], temperature: float) -> float:
    """Khosla et al., eq. 2, a sum at a time."""
    points = [vector / vector.norm() for vector in embeddings.double()]
    of_anchors = []
    for i, anchor in enumerate(points):
        others = [a for a in range(len(points)) if a != i]
        positives = [p for p in others if labels[p] == labels[i]]
        if not positives:
            continue
        total = sum(math.exp(float(anchor @ points[a]) / temperature) for a in others)
        shares = [math.log(math.exp(float(anchor @ points[p]) / temperature) / total) for p in positives]
        of_anchors.append(-sum(shares) / len(positives))
    return sum(of_anchors) / len(of_anchors) if of_anchors else 0.0


def test_by_hand_on_the_axes() -> None:
    # Two points on the x axis, two on the y axis, temperature 1: each anchor sees its positive at cosine 1 and two
    # negatives at cosine 0, so the loss is -log(e / (e + 2)).
    points = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.0, 0.5]])
    loss = supervised_contrastive(points, torch.tensor([0, 0, 1, 1]), temperature=1.0)
    assert float(loss) == pytest.approx(-math.log(math.e / (math.e + 2)))


def test_by_hand_all_the_same_point() -> None:
    # Nothing tells the scenes apart: every share is 1 / 3.
    loss = supervised_contrastive(torch.ones(4, 3), torch.tensor([0, 0, 1, 1]))
    assert float(loss) == pytest.approx(math.log(3), rel=1e-5)


@given(
    st.lists(st.integers(0, 3), min_size=2, max_size=12), st.integers(0, 2**31 - 1), st.sampled_from([0.07, 0.5, 1.0])
)
def test_equals_the_slow_sum(labels: list[int], seed: int, temperature: float) -> None:
    points = torch.randn(len(labels), 5, generator=torch.Generator().manual_seed(seed))
    loss = supervised_contrastive(points, torch.tensor(labels), temperature)
    assert float(loss) == pytest.approx(slow_supervised_contrastive(points, labels, temperature), rel=1e-3, abs=1e-5)


def test_equals_pytorch_metric_learning() -> None:
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    points = torch.randn(120, 32, generator=torch.Generator().manual_seed(3))
    labels = torch.arange(4).repeat_interleave(30)
    reference = losses.SupConLoss(temperature=0.07)(points, labels)
    assert float(supervised_contrastive(points, labels, 0.07)) == pytest.approx(float(reference), rel=1e-4)


def test_no_positive_is_zero_with_a_gradient() -> None:
    points = torch.randn(3, 4, requires_grad=True)
    loss = supervised_contrastive(points, torch.tensor([0, 1, 2]))
    loss.backward()
    assert float(loss.detach()) == 0 and points.grad is not None and not points.grad.any()


def test_gradient_is_finite_for_far_points() -> None:
    points = torch.tensor([[1.0, 0.0], [1.0, 1e-4], [-1.0, 0.0], [-1.0, 1e-4]], requires_grad=True)
    supervised_contrastive(points, torch.tensor([0, 1, 0, 1]), 0.01).backward()
    assert points.grad is not None and torch.isfinite(points.grad).all()


def test_reconstruction_error_is_the_mean_square_of_each_frame() -> None:
    inputs = torch.zeros(1, 2, 4)
    outputs = torch.tensor([[[1.0, 1.0, 1.0, 1.0], [2.0, 0.0, 0.0, 0.0]]])
    assert reconstruction_error(inputs, outputs).tolist() == [[1.0, 1.0]]


def test_divergence_by_hand() -> None:
    # One latent: N(2, 1) lies 2²/2 away, N(0, e) lies (e - 1 - 1)/2 away, and the unit normal itself 0; two add up.
    mean = torch.tensor([[2.0, 0.0], [0.0, 0.0], [2.0, 0.0]])
    log_variance = torch.tensor([[0.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    expected = [2.0, (math.e - 2) / 2, 2 + (math.e - 2) / 2]
    assert unit_normal_divergence(mean, log_variance).tolist() == pytest.approx(expected)
    assert unit_normal_divergence(torch.zeros(3), torch.zeros(3)) == 0


@given(st.integers(0, 2**31 - 1), st.floats(0.1, 4.0))
def test_divergence_equals_that_of_torch_distributions(seed: int, scale: float) -> None:
    mean, log_variance = scale * torch.randn(2, 3, 5, 7, generator=torch.Generator().manual_seed(seed)).double()
    posterior = Normal(mean, (log_variance / 2).exp())
    expected = kl_divergence(posterior, Normal(torch.zeros_like(mean), torch.ones_like(mean))).sum(dim=-1)
    torch.testing.assert_close(unit_normal_divergence(mean, log_variance), expected)


def test_descending_the_divergence_leads_to_the_unit_normal() -> None:
    mean, log_variance = torch.full((2, 4), 3.0, requires_grad=True), torch.full((2, 4), -2.0, requires_grad=True)
    optimiser = torch.optim.Adam([mean, log_variance], lr=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        unit_normal_divergence(mean, log_variance).sum().backward()
        optimiser.step()
    assert float(mean.detach().abs().max()) < 0.01 and float(log_variance.detach().abs().max()) < 0.01
