"""`object-memory` and `fusion` as methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from scenewise.config import require_between
from scenewise.methods.method import Fitted, Method, RunContent
from scenewise.methods.method import Settings as CommonSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from scenewise.features.store import FeatureStore, StoredVideo
    from scenewise.methods.accepting import Accepted, Observation
    from scenewise.methods.scores import NormalScores, Scorer


@dataclass(frozen=True)
class ObjectMemorySettings(CommonSettings):
    """`scenewise train --method fusion` and `--method object-memory`."""

    smoothing: float = 1.0
    """Standard deviation in seconds of the Gaussian that smooths scores inside each video; 0 for none."""
    scope: Literal["scene", "pooled"] = "scene"
    """scene: a memory bank for each scene; pooled: one for all scenes."""

    def __post_init__(self) -> None:
        require_between(self, 0, 3600, "smoothing")


class ObjectMemory(Method):
    """Neighbour distance of moving objects, by appearance and speed, in a memory bank of the scene's normal objects."""

    name = "object-memory"
    summary = "compares appearance and speed of moving objects with a memory bank of the scene's normal objects"
    Settings: ClassVar[type[CommonSettings]] = ObjectMemorySettings
    deterministic = True
    needs_objects = True
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "object-memory": {},
        "object-memory/pooled": {"scope": "pooled"},
    }
    label: ClassVar[str] = "object memory"
    with_frames: ClassVar[bool] = False
    """Whether the frame residual is added."""

    def title(self, settings: ObjectMemorySettings) -> str:
        """Method, and whether it knows the scenes."""
        scopes = {"pooled": "scene-agnostic (one memory bank)", "scene": "scene-aware (a memory bank per scene)"}
        return f"{self.label}, {scopes[settings.scope]}"

    def scene_aware(self, settings: ObjectMemorySettings) -> bool:
        """With a bank for each scene."""
        return settings.scope == "scene"

    def fit(self, store: FeatureStore, settings: ObjectMemorySettings, work: Path, *, resume: bool = False) -> Fitted:
        """Fill the memory banks, and score all normal footage by leave-one-group-out."""

        from scenewise.methods.object_memory.fit import fit_appearance_of, fit_part
        from scenewise.methods.object_memory.scene_model import ALL_SCENES
        from scenewise.methods.object_memory.tensors import State, to_tensors
        from scenewise.methods.object_memory.term_scales import LEAST_SPREAD, fit_term_scale
        from scenewise.methods.scores import NormalScores
        from scenewise.progress import progress

        videos = store.of("train")
        scenes = sorted({video.scene for video in videos})
        by_scene = {scene: [video for video in videos if video.scene == scene] for scene in scenes}
        parts = {ALL_SCENES: list(videos)} if settings.scope == "pooled" else by_scene
        state = State(fit_appearance_of(videos), {}, {})
        object_terms: dict[StoredVideo, NDArray[np.float32]] = {}
        frame_terms: dict[StoredVideo, NDArray[np.float32]] = {}
        with progress() as bar:
            for part in bar.track(parts, description=f"train {self.name}"):
                found = fit_part(parts[part], state.appearance, store.objects_every, with_frames=self.with_frames)
                state.models[part] = found.model
                object_terms |= dict(zip(parts[part], found.object_terms, strict=True))
                frame_terms |= dict(zip(parts[part], found.frame_terms, strict=True))
        weight = frame_weight(store)
        normal: dict[str, list[NormalScores]] = {}
        for scene, of_scene in by_scene.items():
            of_objects, of_frames = ([terms[video] for video in of_scene] for terms in (object_terms, frame_terms))
            scale = fit_term_scale(of_objects, of_frames, [video.fps for video in of_scene], settings.smoothing)
            state.scales[scene] = scale
            normal[scene] = [
                NormalScores(scale.of_objects(one) + weight * scale.of_frames(other), video.fps)
                for one, other, video in zip(of_objects, of_frames, of_scene, strict=True)
            ]
        sizes = {part: 0 if model.bank is None else len(model.bank) for part, model in state.models.items()}
        facts = {
            "frame_weight": weight,
            "videos": {part: [[video.title, video.source] for video in footage] for part, footage in parts.items()},
        }
        return Fitted(to_tensors(state), normal, facts, {"objects in the memory bank": _in_words(sizes)}, LEAST_SPREAD)

    def open(self, run: RunContent, device: str) -> Scorer:
        """The memory banks of the run; the processor is all they need."""
        from scenewise.methods.object_memory.scene_model import ALL_SCENES
        from scenewise.methods.object_memory.scorer import ObjectMemoryScorer
        from scenewise.methods.object_memory.tensors import state_of

        state = state_of(run, (ALL_SCENES,) if run.settings.scope == "pooled" else run.scenes)
        return ObjectMemoryScorer(state, run.facts["videos"], run.facts["frame_weight"], run.objects_every)

    def accept(self, run: RunContent, observed: Observation) -> Accepted:
        """What is unusual in the observation joins the memory bank; for `fusion` its frames to the normal frames."""
        from scenewise.methods.accepting import Accepted
        from scenewise.methods.object_memory.accept import with_observation
        from scenewise.methods.object_memory.scene_model import ALL_SCENES
        from scenewise.methods.object_memory.scorer import ObjectMemoryScorer
        from scenewise.methods.object_memory.tensors import state_of, to_tensors

        part = ALL_SCENES if run.settings.scope == "pooled" else observed.scene
        state = state_of(run, (ALL_SCENES,) if run.settings.scope == "pooled" else run.scenes)
        videos = run.facts["videos"][part]
        scorer = ObjectMemoryScorer(state, run.facts["videos"], run.facts["frame_weight"], run.objects_every)
        scored = scorer.stream([observed.as_chunk()], observed.fps, observed.scene)
        objects = [one.objects for one in scored if one.objects is not None]
        added = with_observation(state, part, observed, len(videos), objects)
        known = run.facts["videos"] | {part: [*videos, [observed.title, observed.source]]}
        return Accepted(to_tensors(added.state), {**run.facts, "videos": known}, added.objects, added.frames)


class Fusion(ObjectMemory):
    """The same, and what is unlike the scene's normal frames as a whole."""

    name = "fusion"
    summary = "object-memory, plus the residual of the whole frame"
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"fusion": {}, "fusion/pooled": {"scope": "pooled"}}
    label = "fusion (objects + frame)"
    with_frames = True


def frame_weight(store: FeatureStore) -> float:
    """Weight of the frame term, by what the store's object encoder declares."""
    from scenewise.methods.object_memory.term_scales import FRAME_WEIGHT, FRAME_WEIGHT_BY_SHAPE

    distinguishes_classes = store.fingerprint.identity.get("objects", {}).get("distinguishes_classes", True)
    return FRAME_WEIGHT if distinguishes_classes else FRAME_WEIGHT_BY_SHAPE


def _in_words(sizes: Mapping[str, int]) -> str:
    """`21,987: cycleway 10,993, walkway 10,994`; of one bank the number alone."""
    total = f"{sum(sizes.values()):,}"
    parts = ", ".join(f"{scene} {count:,}" for scene, count in sizes.items())
    return f"{total}: {parts}" if len(sizes) > 1 else total
