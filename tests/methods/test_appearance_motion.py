"""Appearance and motion: the parts one by one, their scale, and a motion that is normal for another appearance."""

import pytest
import torch
from toy_segments import SIZES, T, auc, learn, plain

from scenewise.errors import ConfigError
from scenewise.methods.appearance_motion import (
    AppearanceMotion,
    AppearanceMotionMethod,
    AppearanceMotionSettings,
    disagreement,
)
from scenewise.methods.segments.method import Widths
from scenewise.methods.segments.motion import Motion
from scenewise.methods.segments.running_mean import RunningMean

NO_SCENE = torch.zeros(6, dtype=torch.long)


def made(width: int, flow: int = 0, **settings: float) -> AppearanceMotion:
    torch.manual_seed(3)
    return AppearanceMotion(Widths(width, flow), AppearanceMotionSettings(**{**SIZES, "items": 20, **settings}))


def test_motion_is_the_difference_of_frames_on_the_scale_of_training() -> None:
    motion = Motion(Widths(3))
    inputs = torch.randn(4, T, 3)
    appearance, steps = motion(inputs)
    assert appearance is inputs and (motion.appearance_width, motion.width) == (3, 3)
    rms = (inputs[:, 1:] - inputs[:, :-1]).square().mean().sqrt()
    torch.testing.assert_close(steps[:, 3], (inputs[:, 3] - inputs[:, 2]) / rms)
    torch.testing.assert_close(steps[:, 0], steps[:, 1])
    motion.eval()
    torch.testing.assert_close(motion(5 * inputs)[1], 5 * steps)


def test_optical_flow_behind_the_features_is_the_motion() -> None:
    motion, inputs = Motion(Widths(10, flow=4)), torch.randn(4, T, 10)
    appearance, flow = motion(inputs)
    assert torch.equal(appearance, inputs[..., :6]) and torch.equal(flow, inputs[..., 6:])
    model = made(10, flow=4)
    model.eval()
    scores = model.frame_errors(inputs, torch.zeros(4, dtype=torch.long))
    assert scores.shape == (4, T) and model.embedding(inputs).shape == (4, SIZES["latent"])


def test_a_running_mean_is_the_plain_mean_at_first_and_follows_later() -> None:
    running, values = RunningMean(2), torch.randn(15, 2)
    for k, value in enumerate(values):
        torch.testing.assert_close(running.take(value), values[: k + 1].mean(dim=0))
    for _ in range(150):
        running.take(torch.full((2,), 9.0))
    torch.testing.assert_close(running.mean, torch.full((2,), 9.0), atol=0.05, rtol=0)
    running.eval()
    assert torch.equal(running.take(torch.zeros(2)), running.mean)


def test_disagreement_is_a_share_of_what_the_readings_vary_by() -> None:
    read = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])  # variance (1 + 1 + 4 + 4) / 4
    assert float(disagreement(read, torch.zeros(4, 2))) == pytest.approx(1)
    assert float(disagreement(0.01 * read, torch.zeros(4, 2))) == pytest.approx(1, rel=1e-4)
    assert float(disagreement(read, read + torch.tensor([0.5, 0.0]))) == pytest.approx(0.25 / 2.5)


def test_the_loss_and_the_score_are_made_of_the_parts() -> None:
    model = made(10, consistency_weight=0.3, entropy_weight=0.5, consistency_score=0.7)
    segments = torch.randn(6, T, 10)
    terms = {name: value.detach() for name, value in model.losses(segments, NO_SCENE, 0).items()}
    expected = terms["appearance_loss"] + terms["motion_loss"] + 0.3 * terms["consistency_loss"]
    torch.testing.assert_close(terms["loss"], expected + 0.5 * terms["addressing_entropy"])
    model.eval()
    reads, told, errors = model.parts(segments)
    apart = [(read.values - hint).square().sum(dim=-1) for read, hint in zip(reads, told, strict=True)]
    torch.testing.assert_close(errors[..., 2:], torch.stack(apart, dim=-1))
    usual = errors.mean(dim=(0, 1))  # the one batch so far
    expected = errors[..., 0] / usual[0] + errors[..., 1] / usual[1]
    expected = expected + 0.7 * (apart[0] / usual[2] + apart[1] / usual[3]) / 2
    torch.testing.assert_close(model.frame_errors(segments, NO_SCENE), expected)
    torch.testing.assert_close(model.held_out_errors(segments, NO_SCENE), errors[..., 0] + errors[..., 1])


def test_each_reconstruction_hears_what_the_other_stream_read() -> None:
    model = made(10).eval()
    frames = torch.randn(6, T, 10)
    still = model.appearance_stream
    before = model.parts(frames).errors
    with torch.no_grad():
        model.motion_stream.memory.add_(torch.randn_like(model.motion_stream.memory))
    after = model.parts(frames).errors
    assert not torch.allclose(after[..., 0], before[..., 0]), "the appearance is decoded with what the motion tells"
    own = still.read(frames).values
    told = still.from_other(model.motion_stream.read(model.motion(frames)[1]).values)
    decoded = still.decode(still.join(torch.cat([own, told], dim=-1)))
    torch.testing.assert_close(after[..., 0], (frames - decoded).square().mean(dim=-1))


def test_a_motion_that_is_normal_for_another_appearance_is_told() -> None:
    """Walkers are slow and cyclists fast, along the same way and among other things. A fast walker shows in no single
    frame, which is all that plain reconstruction asks of."""
    draw = torch.Generator().manual_seed(14)
    axes = torch.linalg.qr(torch.randn(12, 6, generator=draw))[0].T * 4
    speeds = torch.tensor([0.05, 0.2])

    def segments(kinds: torch.Tensor, moves: torch.Tensor) -> torch.Tensor:
        way = 2 * torch.rand(len(kinds), 1, generator=draw) + speeds[moves][:, None] * (torch.arange(T) - T / 2)
        others = 0.5 * torch.randn(len(kinds), 4, generator=draw) @ axes[2:]
        noise = 0.1 * torch.randn(len(kinds), T, 12, generator=draw)
        return ((kinds - 0.5)[:, None] * axes[0] + others)[:, None] + (way[..., None] - 1) * axes[1] + noise

    of = {n: torch.randint(2, (n,), generator=draw) for n in (400, 150)}
    learned, normal, abnormal = (segments(of[n], m) for n, m in ((400, of[400]), (150, of[150]), (150, 1 - of[150])))
    torch.manual_seed(3)
    plain_auc = auc(learn(plain(12), learned, 100, 32, 6e-3), normal, abnormal)
    both_auc = auc(learn(made(12), learned, 100, 32, 6e-3), normal, abnormal)
    assert both_auc > 0.95 and both_auc > plain_auc + 0.1, (both_auc, plain_auc)


@pytest.mark.parametrize("wrong", [{"items": 1}, {"consistency_score": -1.0}, {"segment_length": 1, "stride": 1}])
def test_settings_out_of_range_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="--" + next(iter(wrong)).replace("_", "-")):
        AppearanceMotionSettings(**wrong)


def test_it_tells_scenes_apart_by_a_model_each_alone() -> None:
    method = AppearanceMotionMethod()
    assert not method.scene_aware(method.Settings())
    assert method.scene_aware(method.Settings(scope="scene"))
