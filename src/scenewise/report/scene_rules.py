"""What is normal in each scene by the data set, and what its test events show of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenewise.errors import IntegrityError
from scenewise.features.store import open_store
from scenewise.report.evaluated_runs import Model
from scenewise.report.scored_videos import ScoredScene

UNSAID = "not said by the data set"


@dataclass(frozen=True)
class SceneRules:
    """One scene's rules."""

    scene: str
    normal_classes: tuple[str, ...]
    why_none: str
    """Why there are no normal classes; empty if there are."""
    events: tuple[tuple[str, str], ...]
    """(class, `normal`, `abnormal` or `normal and abnormal`) of the test events, by name."""
    rate: str
    """Frames a second of its test videos."""


def scene_rules(models: Sequence[Model], scenes: Sequence[ScoredScene]) -> dict[str, SceneRules]:
    """The rules of every test scene, from the features that the first run was trained on."""
    said, reason = _said(Path(models[0].runs[0].info["features"]))
    rules = {}
    for scene in scenes:
        classes = said.get(scene.name, ())
        rules[scene.name] = SceneRules(scene.name, classes, "" if classes else reason, _events(scene), _rate(scene))
    return rules


def _said(features: Path) -> tuple[dict[str, tuple[str, ...]], str]:
    """{scene: normal classes}, and what to say of a scene that has none."""
    try:
        return open_store(features).normal_classes, UNSAID
    except IntegrityError:
        gone = "are not whole any more" if features.exists() else "are no longer where they were"
        return {}, f"not known, because the run's features {gone}"


def _events(scene: ScoredScene) -> tuple[tuple[str, str], ...]:
    found: dict[str, set[str]] = {}
    for video in scene.videos:
        for event in video.events:
            found.setdefault(event.name, set()).add("abnormal" if event.abnormal else "normal")
    return tuple((name, " and ".join(sorted(found[name], reverse=True))) for name in sorted(found))


def _rate(scene: ScoredScene) -> str:
    rates = sorted({video.fps for video in scene.videos})
    return f"{' or '.join(f'{rate:g}' for rate in rates)} frames per second"
