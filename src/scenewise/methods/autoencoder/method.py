"""The autoencoders as methods: one model for all scenes under three objectives, one per scene, and variational."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, ClassVar

from scenewise.errors import ConfigError
from scenewise.methods.autoencoder.settings import AutoencoderSettings, VariationalSettings
from scenewise.methods.method import Embedded, Fitted, Method, RunContent, SegmentScores
from scenewise.methods.method import Settings as CommonSettings

if TYPE_CHECKING:
    import torch

    from scenewise.features.store import FeatureStore
    from scenewise.methods.autoencoder.checkpoints import Progress
    from scenewise.methods.autoencoder.model import Autoencoder
    from scenewise.methods.scores import Scorer

PUBLISHED_CHECKPOINTS = 100
"""So many does published code choose among by test AUC."""
OBJECTIVES = {
    "reconstruction": "scene-agnostic (reconstruction)",
    "contrastive": "scene-aware (+ contrastive)",
    "contrastive+classification": "scene-aware (+ contrastive + classification)",
}


class AutoencoderMethod(Method):
    """Reconstruction error of a Transformer autoencoder over segments of frames."""

    name = "autoencoder"
    summary = "reconstructs segments of frames; the score is the reconstruction error"
    Settings: ClassVar[type[CommonSettings]] = AutoencoderSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "reconstruction": {"objective": "reconstruction"},
        "reconstruction/scene": {"objective": "reconstruction", "scope": "scene"},
        "contrastive": {"objective": "contrastive"},
        "contrastive+classification": {"objective": "contrastive+classification"},
    }
    free_settings = frozenset({"tensorboard", "wandb", "memory_budget", "device", "precision"})
    adding_settings = frozenset({"keep_checkpoints"})

    def title(self, settings: AutoencoderSettings) -> str:
        """Method, and what training tells the scenes apart by."""
        if settings.by_scene:
            return f"{self.name}, scene-aware (one a scene, {settings.objective})"
        return f"{self.name}, {OBJECTIVES[str(settings.objective)]}"

    def scene_aware(self, settings: AutoencoderSettings) -> bool:
        """With one model per scene, or a loss that contrasts scenes."""
        return settings.by_scene or settings.contrasts

    def require_scenes(self, settings: AutoencoderSettings, scenes: Sequence[str]) -> None:
        """Raise ConfigError if there is nothing to contrast."""
        if len(scenes) == 1 and settings.contrasts:
            raise ConfigError(
                f"--objective {settings.objective} contrasts scenes with each other, and there is only one "
                f"({scenes[0]}); use --objective reconstruction"
            )

    def with_checkpoints(self, settings: AutoencoderSettings) -> AutoencoderSettings | None:
        """As many as published code chooses among, or as many as there are steps."""
        if settings.by_scene:
            return None
        return replace(settings, keep_checkpoints=min(PUBLISHED_CHECKPOINTS, settings.steps))

    def fit(self, store: FeatureStore, settings: AutoencoderSettings, work: Path, *, resume: bool = False) -> Fitted:
        """Train on all footage, or scene by scene; then score what was held out."""
        import numpy as np

        from scenewise.device import pick_device
        from scenewise.methods.autoencoder.scorer import ALL_SCENES, AutoencoderScorer
        from scenewise.methods.autoencoder.training import learn
        from scenewise.methods.scores import Chunk, NormalScores
        from scenewise.methods.segments.held_out import divide
        from scenewise.methods.segments.training_footage import prepare

        videos = store.of("train")
        # A scene of too little footage is reported before any work.
        held_out = divide(videos, settings.segment_length, settings.segment_fps).held_out
        scenes = sorted({video.scene for video in videos})
        models: dict[str, Autoencoder] = {}
        progress: dict[str, Progress] = {}
        for part in scenes if settings.by_scene else [ALL_SCENES]:
            footage = store
            if settings.by_scene:
                footage = replace(store, videos=tuple(video for video in videos if video.scene == part))
            folder = work / "scenes" / part if settings.by_scene else work
            models[part], progress[part] = learn(
                prepare(footage, settings), store.width, settings, folder, resume=resume
            )
            models[part].load_state_dict(progress[part].best)
        device = pick_device(settings.device)
        scorer = AutoencoderScorer({part: model.to(device).eval() for part, model in models.items()}, settings, device)
        normal: dict[str, list[NormalScores]] = {scene: [] for scene in scenes}
        for range_ in held_out:
            video = range_.video
            chunk = Chunk(video.features()[range_.first : range_.stop], None)
            parts = [scored.scores for scored in scorer.stream([chunk], video.fps, video.scene)]
            normal[video.scene].append(NormalScores(np.concatenate(parts), video.fps))
        tensors = {
            name if part == ALL_SCENES else f"{part}/{name}": value.numpy()
            for part, own_progress in progress.items()
            for name, value in own_progress.best.items()
        }
        return Fitted(tensors, normal, *self._facts(models, progress, settings))

    def _facts(
        self, models: Mapping[str, Autoencoder], progress: Mapping[str, Progress], settings: AutoencoderSettings
    ) -> tuple[dict[str, Any], dict[str, str]]:
        error = fmean(one.best_error for one in progress.values())
        facts: dict[str, Any] = {
            "seconds": round(sum(one.seconds for one in progress.values()), 1),
            "parameters": sum(value.numel() for model in models.values() for value in model.parameters()),
            "best_step": {part: one.best_step for part, one in progress.items()},
            "held_out_error": {part: one.best_error for part, one in progress.items()},
        }
        if settings.by_scene:
            steps = ", ".join(f"{part} {one.best_step:,}" for part, one in progress.items())
            return facts, {"best step": steps, "mean held-out error": f"{error:.4g}"}
        (only,) = progress.values()
        return facts, {"best step": f"{only.best_step:,} of {settings.steps:,}", "held-out error": f"{error:.4g}"}

    def open(self, run: RunContent, device: str) -> Scorer:
        """The models of the run on `device`."""
        from scenewise.device import pick_device
        from scenewise.methods.autoencoder.scorer import ALL_SCENES, AutoencoderScorer

        chosen = pick_device(device)
        parts = run.scenes if run.settings.by_scene else (ALL_SCENES,)
        return AutoencoderScorer({part: load_model(run, part, chosen) for part in parts}, run.settings, chosen)

    def embed(self, run: RunContent, store: FeatureStore, per_scene: int) -> Embedded:
        """Mean latent code of each segment. Raises DataError if each scene has a latent space of its own."""
        import torch

        from scenewise.errors import DataError
        from scenewise.methods.autoencoder.embedding import embed_normal
        from scenewise.methods.autoencoder.scorer import ALL_SCENES

        if run.settings.by_scene:
            raise DataError("each scene has a model of its own, and so a latent space that no other scene is in")
        model = load_model(run, ALL_SCENES, torch.device("cpu"))
        return embed_normal(model, run.settings, run.scenes, store, per_scene)

    def checkpoints(self, run: RunContent, device: str) -> Sequence[SegmentScores]:
        """The run's weights, and those that `keep_checkpoints` kept. Raises ConfigError for one model per scene."""
        from functools import partial

        from scenewise.device import pick_device
        from scenewise.methods.autoencoder.kept_checkpoints import kept_file, kept_steps, read_weights
        from scenewise.methods.autoencoder.scorer import ALL_SCENES, segment_errors
        from scenewise.methods.segments.segment_rate import picked_frames

        settings: AutoencoderSettings = run.settings
        if settings.by_scene:
            raise ConfigError(
                "--protocol published knows one model for all scenes, and the run has one a scene; use --protocol "
                "strict"
            )
        chosen = pick_device(device)
        found = [("model.safetensors", load_model(run, ALL_SCENES, chosen))]
        for step in kept_steps(settings):
            path = kept_file(run.folder, step)
            kept = run._replace(tensors=read_weights(run.folder, path))
            found.append((path.relative_to(run.folder).as_posix(), load_model(kept, ALL_SCENES, chosen)))
        return [
            SegmentScores(
                name,
                partial(segment_errors, model, device=chosen),
                settings.segment_length,
                partial(picked_frames, segment_fps=settings.segment_fps),
            )
            for name, model in found
        ]


class VariationalMethod(AutoencoderMethod):
    """The same with a normal distribution for every latent code (Kingma and Welling, ICLR 2014)."""

    name = "variational"
    summary = "the autoencoder with a distribution in place of each latent code"
    Settings: ClassVar[type[CommonSettings]] = VariationalSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"variational": {"objective": "contrastive"}}


def load_model(run: RunContent, part: str, device: torch.device) -> Autoencoder:
    """The model of a scene, or of ALL_SCENES, with the run's weights. Raises IntegrityError if they do not fit it."""
    import torch

    from scenewise.checksums import reading
    from scenewise.formats.tensors import forms_of, require_tensors
    from scenewise.methods.autoencoder.scorer import ALL_SCENES
    from scenewise.methods.autoencoder.variational import build_model

    prefix = "" if part == ALL_SCENES else f"{part}/"
    tensors = {name.removeprefix(prefix): value for name, value in run.tensors.items() if name.startswith(prefix)}
    scenes = len(run.scenes) if part == ALL_SCENES else 1
    with reading(run.folder, "train again"):
        if run.settings.layers > len(tensors):  # before so many layers are made
            raise ValueError(f"it has {len(tensors)} weights for {run.settings.layers} layers")
        with torch.device("meta"):  # no memory is taken for the sizes that the settings claim
            planned = build_model(run.width, scenes, run.settings).state_dict()
        require_tensors(tensors, forms_of(planned))
    model = build_model(run.width, scenes, run.settings)
    model.load_state_dict({name: torch.from_numpy(tensors[name]) for name in planned})
    return model.to(device).eval()
