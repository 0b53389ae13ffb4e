"""What all methods have in common that are trained in steps on segments: they differ in their model and its settings.

settings.py    derive from StepSettings, or from TransformerSettings
model.py       derive from SegmentModel, or from TransformerModel in transformer.py
method.py      derive from SegmentMethod: a name, the Settings, and `build`
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from scenewise.errors import ConfigError
from scenewise.methods.method import Embedded, Fitted, Method, RunContent, SegmentScores

if TYPE_CHECKING:
    import torch

    from scenewise.features.store import FeatureStore
    from scenewise.methods.scores import Scorer
    from scenewise.methods.segments.checkpoints import Progress
    from scenewise.methods.segments.model import SegmentModel

PUBLISHED_CHECKPOINTS = 100
"""So many does published code choose among by test AUC."""


class Widths(NamedTuple):
    """What a model's inputs are made of."""

    features: int
    """D, of a frame."""
    flow: int = 0
    """How many of them, the last ones, are optical flow."""


class SegmentMethod(Method):
    """One model for all scenes, or one a scene (`--scope scene`), trained in steps; frames are scored by windows.

    `Settings` derives from `StepSettings`.
    """

    free_settings = frozenset({"tensorboard", "wandb", "memory_budget", "device", "precision"})
    adding_settings = frozenset({"keep_checkpoints"})

    @abstractmethod
    def build(self, widths: Widths, scenes: int, settings: Any) -> SegmentModel:
        """The model of `settings`, with fresh weights, for features of these `widths` and so many scenes.

        Raises ConfigError if settings do not go with the width.
        """

    def title(self, settings: Any) -> str:
        """Method, and whether it tells the scenes apart."""
        how = "scene-aware (one a scene)" if settings.by_scene else "scene-agnostic"
        return f"{self.name}, {how}"

    def called(self, settings: Any) -> str:
        """What the progress bar calls a training."""
        return self.name

    def scene_aware(self, settings: Any) -> bool:
        """With one model per scene."""
        return bool(settings.by_scene)

    def with_checkpoints(self, settings: Any) -> Any | None:
        """As many as published code chooses among, or as many as there are steps."""
        if settings.by_scene:
            return None
        return replace(settings, keep_checkpoints=min(PUBLISHED_CHECKPOINTS, settings.steps))

    def fit(self, store: FeatureStore, settings: Any, work: Path, *, resume: bool = False) -> Fitted:
        """Train on all footage, or scene by scene; then score what was held out."""
        from functools import partial

        import numpy as np
        import torch

        from scenewise.device import pick_device
        from scenewise.methods.scores import Chunk, NormalScores
        from scenewise.methods.segments.held_out import divide
        from scenewise.methods.segments.scorer import ALL_SCENES, SegmentScorer
        from scenewise.methods.segments.training import learn
        from scenewise.methods.segments.training_footage import prepare

        videos = store.of("train")
        # A scene of too little footage is reported before any work.
        held_out = divide(videos, settings.segment_length, settings.segment_fps).held_out
        scenes = sorted({video.scene for video in videos})
        models: dict[str, SegmentModel] = {}
        progress: dict[str, Progress] = {}
        for part in scenes if settings.by_scene else [ALL_SCENES]:
            own = scenes if part == ALL_SCENES else [part]
            footage = replace(store, videos=tuple(video for video in videos if video.scene in own))
            prepared = prepare(footage, settings)
            models[part], progress[part] = learn(
                partial(self.build, Widths(store.width, store.fingerprint.flow_width), len(own), settings),
                prepared,
                settings,
                work / "scenes" / part if settings.by_scene else work,
                what=f"train {self.called(settings)} seed {settings.seed}{f' {part}' if settings.by_scene else ''}",
                resume=resume,
            )
            models[part].load_state_dict(progress[part].best)
            with torch.inference_mode():
                models[part].eval().after_training(prepared)
        device = pick_device(settings.device)
        on_device = {part: model.to(device).eval() for part, model in models.items()}
        scorer = SegmentScorer(on_device, scenes, settings, device)
        normal: dict[str, list[NormalScores]] = {scene: [] for scene in scenes}
        for range_ in held_out:
            video = range_.video
            chunk = Chunk(video.features()[range_.first : range_.stop], None)
            parts = [scored.scores for scored in scorer.stream([chunk], video.fps, video.scene)]
            normal[video.scene].append(NormalScores(np.concatenate(parts), video.fps))
        tensors = {
            name if part == ALL_SCENES else f"{part}/{name}": value.cpu().numpy()
            for part, model in models.items()
            for name, value in model.state_dict().items()
        }
        return Fitted(tensors, normal, *_facts(models, progress, settings))

    def open(self, run: RunContent, device: str) -> Scorer:
        """The models of the run on `device`."""
        from scenewise.device import pick_device
        from scenewise.methods.segments.scorer import ALL_SCENES, SegmentScorer

        chosen = pick_device(device)
        parts = run.scenes if run.settings.by_scene else (ALL_SCENES,)
        models = {part: self.load_model(run, part, chosen) for part in parts}
        return SegmentScorer(models, run.scenes, run.settings, chosen)

    def embed(self, run: RunContent, store: FeatureStore, per_scene: int) -> Embedded:
        """Segments as the model's `embedding` places them.

        Raises DataError if the model has no latent space, or if each scene has one of its own.
        """
        import torch

        from scenewise.errors import DataError
        from scenewise.methods.segments.embedding import embed_normal
        from scenewise.methods.segments.scorer import ALL_SCENES

        if run.settings.by_scene:
            raise DataError("each scene has a model of its own, and so a latent space that no other scene is in")
        model = self.load_model(run, ALL_SCENES, torch.device("cpu"))
        return embed_normal(model, run.settings, run.scenes, store, per_scene)

    def checkpoints(self, run: RunContent, device: str) -> Sequence[SegmentScores]:
        """The run's weights, and those that `keep_checkpoints` kept. Raises ConfigError for one model per scene."""
        from functools import partial

        from scenewise.device import pick_device
        from scenewise.methods.segments.kept_checkpoints import kept_file, kept_steps, read_weights
        from scenewise.methods.segments.scorer import ALL_SCENES, errors_in_scene
        from scenewise.methods.segments.segment_rate import picked_frames

        settings = run.settings
        if settings.by_scene:
            raise ConfigError(
                "--protocol published knows one model for all scenes, and the run has one a scene; use --protocol "
                "strict"
            )
        chosen = pick_device(device)
        found = [("model.safetensors", self.load_model(run, ALL_SCENES, chosen))]
        for step in kept_steps(settings):
            path = kept_file(run.folder, step)
            kept = run._replace(tensors=read_weights(run.folder, path))
            found.append((path.relative_to(run.folder).as_posix(), self.load_model(kept, ALL_SCENES, chosen)))
        return [
            SegmentScores(
                name,
                partial(errors_in_scene, model, run.scenes, chosen),
                settings.segment_length,
                partial(picked_frames, segment_fps=settings.segment_fps),
            )
            for name, model in found
        ]

    def load_model(self, run: RunContent, part: str, device: torch.device) -> SegmentModel:
        """The model of a scene, or of ALL_SCENES, with the run's weights. Raises IntegrityError if they do not fit."""
        import torch

        from scenewise.checksums import reading
        from scenewise.formats.tensors import forms_of, require_tensors
        from scenewise.methods.segments.scorer import ALL_SCENES

        prefix = "" if part == ALL_SCENES else f"{part}/"
        tensors = {name.removeprefix(prefix): value for name, value in run.tensors.items() if name.startswith(prefix)}
        scenes = len(run.scenes) if part == ALL_SCENES else 1
        widths = Widths(run.width, run.flow_width)
        with reading(run.folder, "train again"):
            with torch.device("meta"):  # no memory is taken for the sizes that the settings claim
                planned = self.build(widths, scenes, run.settings).state_dict()
            require_tensors(tensors, forms_of(planned))
        model = self.build(widths, scenes, run.settings)
        model.load_state_dict({name: torch.from_numpy(tensors[name]) for name in planned})
        return model.to(device).eval()


def _facts(
    models: Mapping[str, SegmentModel], progress: Mapping[str, Progress], settings: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts and the summary of a training."""
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
