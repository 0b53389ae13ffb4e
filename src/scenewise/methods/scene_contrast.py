"""After HSC (Sun and Gong, CVPR 2023), on features: latent codes contrasted by scene and by what is seen in it.

An autoencoder reads its latent codes from a memory of normal prototypes of the scene. Two losses order the codes: the
scene-level contrast pulls segments of a scene together and pushes those of other scenes away; the object-level contrast
does the same within a scene with its classes of object. A frame's score is its reconstruction error from the scene's
prototypes.

What differs: the paper parses each frame into objects of named classes, their appearance, their motion and the
background, and contrasts each object. Features of frames name no object, so the classes within a scene are clusters of
its segments (k-means, moved along while training), and frames are reconstructed as a whole by this program's
Transformer. The gradient learns the prototypes. The paper makes more normal motion from skeletons, which features have
not. Instead `--transplant` makes hard negatives: what a segment shows beyond the mean of its scene is set into the mean
of another, and the scene-level contrast pushes the result away, if it is farther from the other scene's clusters than
all of that scene's own segments in the batch.

`--no-contrast-scenes` takes all scenes for one, which leaves the object-level contrast: the scene-agnostic form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from scenewise.config import require_between
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.losses import supervised_contrastive
from scenewise.methods.segments.memory import read_memory
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import reconstruction_error
from scenewise.methods.segments.settings import TransformerSettings
from scenewise.methods.segments.transformer import TransformerModel


@dataclass(frozen=True)
class SceneContrastSettings(TransformerSettings):
    """`scenewise train --method scene-contrast`."""

    contrast_scenes: bool = True
    """Tell scenes apart: prototypes for each, and the scene-level contrast; without, the method is scene-agnostic."""
    items: int = 50
    """Normal prototypes of each scene."""
    shrinkage: float = 1.0
    """Addressing weights below this many times 1/items are cut to zero; 0 cuts none."""
    clusters: int = 8
    """Clusters of each scene's segments, which stand for classes of objects."""
    scene_weight: float = 0.1
    """Weight of the scene-level contrast."""
    object_weight: float = 0.1
    """Weight of the object-level contrast."""
    transplant: bool = True
    """Set what a segment shows into other scenes, as hard negatives of the scene-level contrast."""
    temperature: float = 0.1
    """Temperature of both contrasts."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 2, 100_000, "items", "clusters")
        require_between(self, 0, 100, "shrinkage")
        require_between(self, 0, 1e6, "scene_weight", "object_weight")
        require_between(self, 1e-4, 1e4, "temperature")


class SceneClusters(nn.Module):
    """Mean and clusters of each scene's segments, moved along while training without gradients.

    Mini-batch k-means (Sculley, WWW 2010): a cluster's centre is the mean of all that was ever assigned to it.
    """

    means: Tensor
    centres: Tensor
    counts: Tensor

    def __init__(self, scenes: int, clusters: int, width: int) -> None:
        super().__init__()
        self.register_buffer("means", torch.zeros(scenes, width))
        self.register_buffer("centres", torch.zeros(scenes, clusters, width))
        self.register_buffer("counts", torch.zeros(scenes, clusters))

    def distances(self, points: Tensor, scenes: Tensor) -> Tensor:
        """Distance of each point (B, D) to each centre of its scene, (B, K); infinite where there is none yet."""
        apart = torch.cdist(points[:, None], self.centres[scenes])[:, 0]
        return apart.masked_fill(self.counts[scenes] == 0, torch.inf)

    def learn(self, points: Tensor, scenes: Tensor) -> None:
        """Move means and centres by points (B, D) of `scenes` (B,); a new scene begins with some of its points."""
        for scene in torch.unique(scenes):
            own = points[scenes == scene]
            seen = self.counts[scene].sum()
            if seen == 0:
                first = own[torch.randperm(len(own), device=own.device)[: self.centres.shape[1]]]
                self.centres[scene, : len(first)], self.counts[scene, : len(first)] = first, 1
            nearest = self.distances(own, scene.expand(len(own))).argmin(dim=1)
            if seen == 0:
                self.counts[scene] = 0  # the first centres are points themselves
            share = functional.one_hot(nearest, self.centres.shape[1]).to(own.dtype)
            added = share.sum(dim=0)
            self.counts[scene] += added
            step = share.T @ own - added[:, None] * self.centres[scene]
            self.centres[scene] += step / self.counts[scene].clamp(min=1)[:, None]
            self.means[scene] += (own - self.means[scene]).sum(dim=0) / (seen + len(own))

    def transplanted(self, segments: Tensor, scenes: Tensor, others: Tensor) -> Tensor:
        """Segments (B, T, D) of `scenes` (B,) set into the means of `others` (B,): those that are strange there.

        Strange is a segment whose mean is farther from the nearest centre of the other scene than each of that scene's
        own segments among these. One whose `others` is its own scene is not moved, and left out.
        """
        own = self.distances(segments.mean(dim=1), scenes).amin(dim=1)
        farthest = torch.zeros(len(self.means), dtype=own.dtype, device=own.device)
        farthest = farthest.scatter_reduce(0, scenes, own, "amax")
        moved = segments + (self.means[others] - self.means[scenes])[:, None]
        strange = self.distances(moved.mean(dim=1), others).amin(dim=1) > farthest[others]
        return moved[strange & (others != scenes) & (self.counts[others].sum(dim=1) > 0)]


class SceneContrast(TransformerModel):
    """The shared Transformer with a memory for each scene, and contrasts of its codes."""

    def __init__(self, feature_width: int, scenes: int, settings: SceneContrastSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, settings)
        self.settings = settings
        self.needs_scene = settings.contrast_scenes
        scenes = scenes if settings.contrast_scenes else 1
        self.memory = nn.Parameter(torch.randn(scenes, settings.items, settings.latent) / settings.latent**0.5)
        self.clusters = SceneClusters(scenes, settings.clusters, feature_width)

    def told(self, scenes: Tensor) -> Tensor:
        """The scenes as the model tells them apart, (B,)."""
        return scenes if self.settings.contrast_scenes else torch.zeros_like(scenes)

    def reconstructed(self, codes: Tensor, scenes: Tensor) -> Tensor:
        """Standardised segments (B, T, D) from what codes (B, T, Z) read from the prototypes of their scenes."""
        return self.decode(read_memory(codes, self.memory[scenes], self.settings.shrinkage).values).float()

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """Reconstruction, and the contrasts that the batch allows: of scenes if it has several."""
        settings, inputs, scenes = self.settings, self.standardised(segments), self.told(scenes)
        codes = self.codes(inputs).float()
        error = reconstruction_error(inputs, self.reconstructed(codes, scenes)).mean()
        embedding, apart = codes.mean(dim=1), error * 0.0
        if (scenes != scenes[0]).any():
            others = scenes[torch.randperm(len(scenes), device=scenes.device)]
            strange = self.clusters.transplanted(inputs, scenes, others) if settings.transplant else inputs[:0]
            negatives = self.codes(strange).float().mean(dim=1)
            alone = len(self.memory) + torch.arange(len(strange), device=scenes.device)  # each its only one
            apart = supervised_contrastive(
                torch.cat([embedding, negatives]), torch.cat([scenes, alone]), settings.temperature
            )
        classes = self.clusters.distances(inputs.mean(dim=1), scenes).argmin(dim=1)
        within = torch.stack(
            [
                supervised_contrastive(embedding[scenes == scene], classes[scenes == scene], settings.temperature)
                for scene in torch.unique(scenes)
            ]
        ).mean()
        return {
            "loss": error + settings.scene_weight * apart + settings.object_weight * within,
            "reconstruction_loss": error,
            "scene_contrast": apart,
            "object_contrast": within,
        }

    def after_step(self, segments: Tensor, scenes: Tensor, step: int) -> None:
        """The clusters take in the batch."""
        self.clusters.learn(self.standardised(segments).mean(dim=1), self.told(scenes))

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Reconstruction error of each frame by the prototypes of its scene, (B, T)."""
        inputs = self.standardised(segments)
        return reconstruction_error(inputs, self.reconstructed(self.codes(inputs), self.told(scenes)))


class SceneContrastMethod(SegmentMethod):
    """Reconstruction error from the prototypes of a scene."""

    name = "scene-contrast"
    summary = "reconstructs segments from prototypes of their scene, with codes contrasted by scene and by content"
    Settings: ClassVar[type[CommonSettings]] = SceneContrastSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "scene-contrast/agnostic": {"contrast_scenes": False},
        "scene-contrast/no-transplant": {"transplant": False},
    }

    def build(self, widths: Widths, scenes: int, settings: SceneContrastSettings) -> SceneContrast:
        """One autoencoder with a memory for each scene."""
        return SceneContrast(widths.features, scenes, settings)

    def title(self, settings: SceneContrastSettings) -> str:
        """Method, and whether it contrasts scenes."""
        if settings.contrast_scenes and not settings.by_scene:
            return f"{self.name}, scene-aware (prototypes of each scene)"
        return super().title(settings)

    def scene_aware(self, settings: SceneContrastSettings) -> bool:
        """With prototypes of each scene, or one model per scene."""
        return settings.contrast_scenes or settings.by_scene
