"""What methods fitted in one pass share: models for scenes or one for all, calibration, and how a run holds them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from scenewise.methods.frames.settings import OnePassSettings
from scenewise.methods.method import Fitted, Method, RunContent
from scenewise.methods.method import Settings as CommonSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from scenewise.features.store import FeatureStore, StoredVideo
    from scenewise.formats.tensors import TensorForm
    from scenewise.methods.scores import Scorer

ALL_SCENES = "*"
"""Name of the one model for all scenes, with `--scope pooled`."""


class FittedPart(NamedTuple):
    """What one pass over the footage of a scene, or of all scenes, found."""

    model: Any
    """A NamedTuple of arrays."""
    normal: list[NDArray[np.float32]]
    """(N,) raw scores of each video's frames, each by a model that has not seen it."""


class OnePassMethod(Method):
    """A method whose model of a part, a scene or all scenes, is a NamedTuple of arrays."""

    Settings: ClassVar[type[CommonSettings]] = OnePassSettings
    deterministic: ClassVar[bool] = True
    label: ClassVar[str]
    """What titles call it."""
    model: ClassVar[Callable[..., Any]]
    """The NamedTuple that a part's model is."""
    forms: ClassVar[Mapping[str, TensorForm]]
    """{field: form} of its fields; the axis `width` is that of the features."""

    @abstractmethod
    def fit_part(self, videos: Sequence[StoredVideo], store: FeatureStore, settings: Any) -> FittedPart:
        """What is normal in `videos`, and their scores. Raises DataError if there is too little footage."""

    @abstractmethod
    def scorer(self, models: Mapping[str, Any], run: RunContent) -> Scorer:
        """The scorer of `models` {scene, or ALL_SCENES: model}. Raises ValueError if they do not go together."""

    def require(self, store: FeatureStore) -> None:
        """Raise ConfigError if the features lack what the method scores; any features will do unless it says so."""
        return

    def facts(self, store: FeatureStore, parts: Mapping[str, Sequence[StoredVideo]]) -> dict[str, Any]:
        """What scoring needs beside the tensors, as plain JSON; `parts` {part: the videos it is learned from}."""
        return {}

    def title(self, settings: Any) -> str:
        """Method, and whether it knows the scenes."""
        scopes = {"pooled": "scene-agnostic (one model)", "scene": "scene-aware (one a scene)"}
        return f"{self.label}, {scopes[settings.scope]}"

    def scene_aware(self, settings: Any) -> bool:
        """With a model for each scene."""
        return bool(settings.scope == "scene")

    def fit(self, store: FeatureStore, settings: Any, work: Path, *, resume: bool = False) -> Fitted:
        """One pass over the normal footage of each scene, or over all of it."""
        import numpy as np

        from scenewise.methods.scores import NormalScores
        from scenewise.progress import progress

        self.require(store)
        videos = store.of("train")
        scenes = sorted({video.scene for video in videos})
        by_scene = {scene: [video for video in videos if video.scene == scene] for scene in scenes}
        parts = {ALL_SCENES: list(videos)} if settings.scope == "pooled" else by_scene
        tensors: dict[str, NDArray[Any]] = {}
        normal: dict[str, list[NormalScores]] = {scene: [] for scene in scenes}
        with progress() as bar:
            for part, footage in bar.track(parts.items(), total=len(parts), description=f"train {self.name}"):
                found = self.fit_part(footage, store, settings)
                tensors |= {f"{part}/{field}": np.asarray(value) for field, value in found.model._asdict().items()}
                for video, scores in zip(footage, found.normal, strict=True):
                    normal[video.scene].append(NormalScores(scores, video.fps))
        return Fitted(tensors, normal, self.facts(store, parts))

    def open(self, run: RunContent, device: str) -> Scorer:
        """The models of the run; the processor is all they need. Raises IntegrityError if they are not whole."""
        from scenewise.checksums import reading

        with reading(run.folder, "train again"):
            return self.scorer(self.models_of(run), run)

    def models_of(self, run: RunContent) -> dict[str, Any]:
        """{scene, or ALL_SCENES: model} of the run. Raises ValueError if they are not whole."""
        from scenewise.formats.tensors import require_tensors

        models = {}
        for part in (ALL_SCENES,) if run.settings.scope == "pooled" else run.scenes:
            own = {field: run.tensors.get(f"{part}/{field}") for field in self.forms}
            forms = {f"{part}/{field}": form for field, form in self.forms.items()}
            require_tensors(run.tensors, forms, {"width": run.width})
            models[part] = type(self).model(**own)
        return models


def part_of(models: Mapping[str, Any], scene: str) -> Any:
    """The model that scores `scene`. Raises DataError if there is none."""
    from scenewise.errors import DataError

    model = models.get(scene, models.get(ALL_SCENES))
    if model is None:
        raise DataError(f"scene {scene} has no normal footage in the run; it knows {', '.join(models)}")
    return model
