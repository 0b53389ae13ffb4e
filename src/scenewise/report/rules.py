"""What is normal in each scene by the data set, what its test events show of it, and how long a segment lasts there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenewise.errors import IntegrityError
from scenewise.features.store import open_store
from scenewise.report.runs import Model
from scenewise.report.videos import SceneView

UNSAID = "not said by the data set"


@dataclass(frozen=True)
class Rules:
    """One scene's rules."""

    scene: str
    normal_classes: tuple[str, ...]
    why_none: str
    """Why there are no normal classes; empty where there are."""
    events: tuple[tuple[str, str], ...]
    """(class, `normal`, `abnormal` or `normal and abnormal`) of the test events, by name."""
    rate: str
    """Frames a second of its test videos, and how long the segments of models that have them last at that rate."""


def scene_rules(models: Sequence[Model], scenes: Sequence[SceneView]) -> dict[str, Rules]:
    """The rules of every test scene, from the features that the first run was trained on."""
    said, reason = _said(Path(models[0].runs[0].info["features"]))
    rules = {}
    for scene in scenes:
        classes = said.get(scene.name, ())
        rules[scene.name] = Rules(scene.name, classes, "" if classes else reason, _events(scene), _rate(models, scene))
    return rules


def _said(features: Path) -> tuple[dict[str, tuple[str, ...]], str]:
    """{scene: normal classes}, and what to say of a scene that has none."""
    try:
        return open_store(features).normal_classes, UNSAID
    except IntegrityError:
        gone = "are not whole any more" if features.exists() else "are no longer where they were"
        return {}, f"not known, because the run's features {gone}"


def _events(scene: SceneView) -> tuple[tuple[str, str], ...]:
    kept_objects: dict[str, set[str]] = {}
    for video in scene.videos:
        for event in video.events:
            kept_objects.setdefault(event.name, set()).add("abnormal" if event.abnormal else "normal")
    return tuple((name, " and ".join(sorted(kept_objects[name], reverse=True))) for name in sorted(kept_objects))


def _rate(models: Sequence[Model], scene: SceneView) -> str:
    rates = sorted({video.fps for video in scene.videos})
    lengths = set()
    for model in (model for model in models if not model.row.needs_objects):
        config = model.runs[0].info["config"]
        lengths |= {config["segment_length"] / (config.get("segment_fps") or rate) for rate in rates}
    frames = " or ".join(f"{rate:g}" for rate in rates)
    if not lengths:
        return f"{frames} frames a second"
    return f"{frames} frames a second; a segment lasts {' or '.join(f'{length:.2g} s' for length in sorted(lengths))}"
