"""Scene contrast: the contrasts pair by pair, clusters as k-means has them, and what only the scene forbids."""

import math

import pytest
import torch
from toy_segments import SIZES, T, auc, learn, plain

from scenewise.errors import ConfigError
from scenewise.methods.scene_contrast import SceneClusters, SceneContrast, SceneContrastMethod, SceneContrastSettings


def made(width: int, scenes: int = 2, **settings: object) -> SceneContrast:
    torch.manual_seed(8)
    return SceneContrast(width, scenes, SceneContrastSettings(**{**SIZES, "items": 10, "clusters": 2, **settings}))


def contrast(codes: torch.Tensor, labels: list[int], anchors: range, temperature: float) -> float:
    """For each anchor with another of its label: minus the mean log share of those among all but itself."""
    of_anchor = []
    for i in anchors:
        near = [math.exp(float(torch.cosine_similarity(codes[i], other, dim=0)) / temperature) for other in codes]
        total = sum(near) - near[i]
        same = [j for j in range(len(codes)) if labels[j] == labels[i] and j != i]
        if same:
            of_anchor.append(-sum(math.log(near[j] / total) for j in same) / len(same))
    return sum(of_anchor) / len(of_anchor)


def test_the_loss_is_the_papers_contrasts_pair_by_pair() -> None:
    model = made(5, scene_weight=0.3, object_weight=0.2).eval()
    inputs, scenes = torch.randn(12, T, 5), torch.arange(12) // 6
    model.after_step(inputs, scenes, 0)
    torch.manual_seed(2)
    terms = model.losses(inputs, scenes, 1)
    torch.manual_seed(2)
    strange = model.clusters.transplanted(inputs, scenes, scenes[torch.randperm(12)])
    assert 0 < len(strange) < 12
    codes = model.codes(torch.cat([inputs, strange])).mean(dim=1).detach()
    labels = [*scenes.tolist(), *range(2, 2 + len(strange))]
    assert float(terms["scene_contrast"].detach()) == pytest.approx(contrast(codes, labels, range(12), 0.1), rel=1e-3)
    classes = model.clusters.distances(inputs.mean(dim=1), scenes).argmin(dim=1).tolist()
    within = [contrast(codes[6 * s : 6 * s + 6], classes[6 * s : 6 * s + 6], range(6), 0.1) for s in (0, 1)]
    assert float(terms["object_contrast"].detach()) == pytest.approx(sum(within) / 2, rel=1e-3)
    errors = model.frame_errors(inputs, scenes).mean()
    expected = errors + 0.3 * terms["scene_contrast"] + 0.2 * terms["object_contrast"]
    torch.testing.assert_close(terms["loss"], expected)


def test_clusters_are_the_running_means_of_what_was_nearest() -> None:
    clusters, scene = SceneClusters(2, 3, 2), torch.ones(9, dtype=torch.long)
    batches = [torch.randn(9, 2) + torch.tensor([5.0 * (k % 2), 0.0]) for k in range(4)]
    torch.manual_seed(1)
    centres = batches[0][torch.randperm(9)[:3]]
    taken: list[list[torch.Tensor]] = [[], [], []]
    for points in batches:
        torch.manual_seed(1)
        clusters.learn(points, scene)
        for point in points:
            taken[int((centres - point).norm(dim=1).argmin())].append(point)
        centres = torch.stack([torch.stack(own).mean(dim=0) for own in taken])
        torch.testing.assert_close(clusters.centres[1], centres)
    torch.testing.assert_close(clusters.means[1], torch.cat(batches).mean(dim=0))
    assert clusters.distances(torch.zeros(1, 2), torch.tensor([0])).isinf().all(), "a scene that was never seen"


def test_what_is_transplanted_is_the_content_and_only_if_it_is_strange_there() -> None:
    """Two scenes far apart, in both of which what is near is normal; one segment of the first shows more."""
    places = torch.tensor([[0.0, 0.0], [100.0, 0.0]])
    scenes = torch.arange(20) % 2
    usual = places[scenes][:, None] + 0.1 * torch.randn(20, T, 2)
    usual[::4] += torch.tensor([0.0, 3.0])  # of the first scene alone
    clusters = SceneClusters(2, 2, 2)
    for _ in range(20):
        clusters.learn(usual.mean(dim=1), scenes)
    moved = clusters.transplanted(usual, scenes, 1 - scenes)
    content = usual[::4] - clusters.means[0] + clusters.means[1]
    assert all(any(torch.allclose(one, other) for other in moved) for one in content)
    assert len(clusters.transplanted(usual, scenes, scenes)) == 0


def test_each_scene_reads_its_own_prototypes_unless_scenes_are_not_told_apart() -> None:
    inputs, one, other = torch.randn(3, T, 5), torch.zeros(3, dtype=torch.long), torch.ones(3, dtype=torch.long)
    method = SceneContrastMethod()
    for aware in (True, False):
        model = made(5, contrast_scenes=aware).eval()
        same = torch.equal(model.frame_errors(inputs, one), model.frame_errors(inputs, other))
        assert same != aware and model.needs_scene == aware
        assert method.scene_aware(model.settings) == aware
        assert ("scene-aware" in method.title(model.settings)) == aware
    terms = made(5, scenes=1).losses(inputs, one, 0)
    assert float(terms["scene_contrast"].detach()) == 0, "one scene has no other"


def test_content_of_another_scene_is_told() -> None:
    """Two scenes that look almost alike, with a content of its own each. The other's content is normal there, so that
    plain reconstruction, which has learned both, gives it back here too."""
    draw = torch.Generator().manual_seed(18)
    axes = torch.linalg.qr(torch.randn(12, 4, generator=draw))[0].T * 4

    def segments(scenes: torch.Tensor, contents: torch.Tensor) -> torch.Tensor:
        strength = 0.5 + torch.rand(len(scenes), 1, generator=draw)
        what = 0.1 * axes[scenes] + strength * axes[2 + contents]
        return what[:, None] + 0.3 * torch.randn(len(scenes), T, 12, generator=draw)

    of = {n: torch.randint(2, (n,), generator=draw) for n in (400, 150)}
    learned, normal, abnormal = (segments(of[n], c) for n, c in ((400, of[400]), (150, of[150]), (150, 1 - of[150])))
    torch.manual_seed(8)
    found = {
        name: auc(learn(model, learned, 100, 32, 6e-3, of[400]), normal, abnormal, of[150])
        for name, model in (("plain", plain(12)), ("agnostic", made(12, contrast_scenes=False)), ("aware", made(12)))
    }
    assert found["aware"] > 0.95 and found["aware"] > found["plain"] + 0.1, found


@pytest.mark.parametrize("wrong", [{"items": 1}, {"clusters": 1}, {"temperature": 0.0}, {"scene_weight": -1.0}])
def test_settings_out_of_range_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="--" + next(iter(wrong)).replace("_", "-")):
        SceneContrastSettings(**wrong)
