"""The memory autoencoder: addressing as in the paper, and a bottleneck that cannot copy what is between the normal."""

import math

import numpy as np
import pytest
import torch
from toy_segments import SIZES, T, auc, learn, plain

from scenewise.errors import ConfigError
from scenewise.methods.memory_autoencoder import (
    MemoryAutoencoder,
    MemoryAutoencoderSettings,
    compact_and_separate,
)
from scenewise.methods.segments.memory import entropy, read_memory


def made(width: int, **settings: float) -> MemoryAutoencoder:
    torch.manual_seed(4)
    return MemoryAutoencoder(width, MemoryAutoencoderSettings(**{**SIZES, "items": 20, **settings}))


@pytest.mark.parametrize("shrinkage", [0.0, 1.0, 1.3])
def test_reading_is_the_papers_formula_item_by_item(shrinkage: float) -> None:
    torch.manual_seed(11)
    queries, items = torch.randn(2, 3, 5), torch.randn(7, 5)
    read = read_memory(queries, items, shrinkage)
    for b in range(2):
        for t in range(3):
            query = queries[b, t].double().numpy()
            cosines = [float(query @ m) / (np.linalg.norm(query) * np.linalg.norm(m)) for m in items.double().numpy()]
            weights = [math.exp(cosine) / sum(map(math.exp, cosines)) for cosine in cosines]
            kept = [weight if weight > shrinkage / 7 else 0.0 for weight in weights]
            kept = [weight / sum(kept) for weight in kept]
            np.testing.assert_allclose(read.weights[b, t], kept, atol=1e-6)
            value = sum(weight * m for weight, m in zip(kept, items.numpy(), strict=True))
            np.testing.assert_allclose(read.values[b, t], value, atol=1e-5)
    if shrinkage > 1:
        assert (read.weights == 0).any()


def test_entropy_is_least_for_one_item_and_most_for_all_alike() -> None:
    weights = torch.tensor([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4])
    torch.testing.assert_close(entropy(weights), torch.tensor([0.0, math.log(2), math.log(4)]), atol=1e-5, rtol=0)


def test_compact_and_separate_losses_of_a_drawn_memory() -> None:
    items = torch.tensor([[3.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])  # lengths do not count
    angle = math.radians(20)
    queries = torch.tensor([[math.cos(angle), math.sin(angle)], [0.0, 5.0]], requires_grad=True)
    near, far = 2 * math.sin(math.radians(10)), 2 * math.sin(math.radians(35))
    compact, separate = compact_and_separate(queries, items, 1.0)
    assert float(compact.detach()) == pytest.approx(near / 2, abs=1e-5)
    assert float(separate.detach()) == pytest.approx((max(near - far + 1, 0) + max(0 - 2**0.5 + 1, 0)) / 2, abs=1e-5)
    (compact + separate).backward()
    assert torch.isfinite(queries.grad).all(), "also where a query meets its item"


def test_the_loss_is_the_weighted_sum_of_its_terms() -> None:
    segments = torch.randn(6, T, 10)
    model = made(10, compact_weight=0.3, separate_weight=0.2, entropy_weight=0.5)
    terms = {name: float(value.detach()) for name, value in model.losses(segments, torch.zeros(6).long(), 0).items()}
    expected = terms["reconstruction_loss"] + 0.5 * terms["addressing_entropy"]
    assert terms["loss"] == pytest.approx(expected + 0.3 * terms["compact_loss"] + 0.2 * terms["separate_loss"])
    assert set(made(10).losses(segments, torch.zeros(6).long(), 0)) == {
        "loss", "reconstruction_loss", "addressing_entropy",
    }  # fmt: skip
    errors = model.eval().frame_errors(segments, torch.zeros(6).long())
    assert errors.shape == (6, T) and float(errors.mean()) == pytest.approx(terms["reconstruction_loss"], rel=1e-5)


def test_it_does_not_reconstruct_what_lies_between_the_normal_patterns() -> None:
    """Three patterns that vary in the plane of themselves: a plain autoencoder learns the plane, and so its middle."""
    draw = torch.Generator().manual_seed(21)
    patterns = torch.linalg.qr(torch.randn(16, 3, generator=draw))[0].T * 4

    def segments(n: int, centres: torch.Tensor) -> torch.Tensor:
        codes = centres + 0.2 * torch.randn(n, 3, generator=draw)
        return (codes @ patterns)[:, None] + 0.3 * torch.randn(n, T, 16, generator=draw)

    learned, normal = (segments(n, torch.eye(3)[torch.randint(3, (n,), generator=draw)]) for n in (400, 150))
    middle = segments(150, torch.zeros(150, 3))
    torch.manual_seed(4)
    plain_auc = auc(learn(plain(16), learned, 200, 32, 6e-3), normal, middle)
    memory_auc = auc(learn(made(16), learned, 200, 32, 6e-3), normal, middle)
    assert memory_auc > 0.9 and plain_auc < 0.8, (memory_auc, plain_auc)


@pytest.mark.parametrize("wrong", [{"items": 1}, {"shrinkage": -1.0}, {"entropy_weight": float("nan")}, {"layers": 0}])
def test_settings_out_of_range_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="--" + next(iter(wrong)).replace("_", "-")):
        MemoryAutoencoderSettings(**wrong)
