"""Old is gold: two stages with the paper's terms, each reaching the weights it should, and pseudo-anomalies told."""

import math

import pytest
import torch
from toy_segments import SIZES, T, auc, learn, plain

from scenewise.errors import ConfigError
from scenewise.methods.adversarial import Adversarial, AdversarialSettings

NO_SCENE = torch.zeros(6, dtype=torch.long)


def made(width: int, **settings: float) -> Adversarial:
    torch.manual_seed(5)
    return Adversarial(width, AdversarialSettings(**{**SIZES, "steps": 30, "tuning_steps": 10, **settings}))


def reached(model: Adversarial, step: int) -> set[str]:
    """The parts of the model whose weights have a gradient after the losses of `step`."""
    model.zero_grad()
    model.train()
    model.losses(torch.randn(6, T, 10), NO_SCENE, step)["loss"].backward()
    return {
        name.split(".")[0] for name, weight in model.named_parameters() if weight.grad is not None and weight.grad.any()
    }


def test_the_second_stage_reaches_the_discriminator_alone() -> None:
    model = made(10)
    assert reached(model, 19) == {"autoencoder", "discriminator"}
    assert reached(model, 20) == {"discriminator"}


def test_in_the_first_stage_each_learns_from_its_own_terms() -> None:
    model = made(10, noise=0.0)
    terms = model.losses(torch.randn(6, T, 10), NO_SCENE, 0)
    judge, autoencoder = list(model.discriminator.parameters()), list(model.autoencoder.project_out.parameters())
    for name, of in (("reconstruction_loss", autoencoder), ("adversarial_loss", autoencoder),
                     ("discriminator_loss", judge)):  # fmt: skip
        for parts in (judge, autoencoder):
            found = torch.autograd.grad(terms[name], parts, retain_graph=True, allow_unused=True)
            assert all((value is not None) == (parts is of) for value in found), name
    expected = terms["reconstruction_loss"] + 0.2 * terms["adversarial_loss"] + terms["discriminator_loss"]
    torch.testing.assert_close(terms["loss"], expected)


def test_the_second_stage_is_the_papers_formula_frame_by_frame() -> None:
    model = made(10, real_share=0.3, old_share=0.2)
    inputs = torch.randn(6, T, 10)
    torch.manual_seed(1)
    terms = model.second_stage(inputs)
    torch.manual_seed(1)
    others = torch.randperm(6)
    with torch.no_grad():
        old = model.older.reconstruct(inputs)
        good = model.autoencoder.reconstruct(inputs)
        pseudo = model.autoencoder.reconstruct(torch.stack([(old[k] + old[others[k]]) / 2 for k in range(6)]))
        total = 0.0
        for share, right, batch in ((0.3, 0, inputs), (0.7, 0, good), (0.2, 1, old), (0.8, 1, pseudo)):
            for frame in batch.flatten(0, 1):
                chance = 1 / (1 + math.exp(-float(model.discriminator(frame))))
                total -= share * math.log(chance if right else 1 - chance) / (6 * T)
    assert float(terms["loss"].detach()) == pytest.approx(total, rel=1e-4)
    errors = model.frame_errors(inputs, NO_SCENE)
    torch.testing.assert_close(errors, model.discriminator(good).squeeze(-1))


def test_the_older_copy_is_that_of_its_step_and_stays() -> None:
    model = made(10, old=0.25)
    segments = torch.randn(40, T, 10)
    early = learn(made(10, old=0.25), segments, 5).autoencoder.state_dict()
    later = learn(model, segments, 9)
    for name, value in later.older.state_dict().items():
        torch.testing.assert_close(value, early[name], rtol=0, atol=0)
    assert not torch.equal(later.older.project_in.weight, later.autoencoder.project_in.weight)
    assert [step for step in range(1, 31) if model.may_be_kept(step)] == [30]


def test_it_tells_a_mixture_of_normal_patterns_that_plain_reconstruction_gives_back() -> None:
    """Three patterns that vary in the plane of themselves: a plain autoencoder learns the plane, and so their means,
    which are what pseudo-anomalies are."""
    draw = torch.Generator().manual_seed(42)
    patterns = torch.linalg.qr(torch.randn(16, 3, generator=draw))[0].T * 4

    def segments(n: int, centres: torch.Tensor) -> torch.Tensor:
        codes = centres + 0.15 * torch.randn(n, 3, generator=draw)
        return (codes @ patterns)[:, None] + 0.3 * torch.randn(n, T, 16, generator=draw)

    learned, normal = (segments(n, torch.eye(3)[torch.randint(3, (n,), generator=draw)]) for n in (400, 150))
    mixed = segments(150, torch.tensor([[0.5, 0.5, 0.0]]).expand(150, 3))
    torch.manual_seed(5)
    plain_auc = auc(learn(plain(16), learned, 200, 32, 6e-3), normal, mixed)
    settings = {"steps": 200, "tuning_steps": 80}
    adversarial_auc = auc(learn(made(16, **settings), learned, 200, 32, 6e-3), normal, mixed)
    assert adversarial_auc > 0.85 and adversarial_auc > plain_auc + 0.1, (adversarial_auc, plain_auc)


@pytest.mark.parametrize("wrong", [{"tuning_steps": 0}, {"old": 1.5}, {"noise": -1}])
def test_settings_that_do_not_go_together_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="--" + next(reversed(wrong)).replace("_", "-")):
        AdversarialSettings(**wrong)
