"""What the runs remember: pictures of normal examples that travel with them, scene by scene."""

from dataclasses import dataclass

from scenewise.formats.pictures import data_uri
from scenewise.report.evaluated_runs import Model
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content
from scenewise.runs.thumbnails import Thumbnails

TITLE = "Normal examples"
MOST = 24
"""Pictures of one memory bank, evenly spread over its examples."""


@dataclass(frozen=True)
class Remembered:
    """The memory bank of one scene, or of several that share it."""

    scenes: tuple[str, ...]
    examples: int
    pictures: list[str]
    """Data URIs."""


@dataclass(frozen=True, eq=False)
class MemoryContent(Content):
    """The memory banks of the first model that keeps pictures."""

    model: Model
    memories: list[Remembered]


def show(gathered: Gathered) -> MemoryContent | None:
    """Pictures of normal examples; None if no run keeps any."""
    for model in gathered.drawn:
        kept = model.by_seed[0].thumbnails
        if kept is not None and kept.jpegs:
            return MemoryContent(model, [_remembered(kept, memory) for memory in sorted(set(kept.memories.values()))])
    return None


def _remembered(kept: Thumbnails, memory: int) -> Remembered:
    scenes = tuple(sorted(scene for scene, number in kept.memories.items() if number == memory))
    pictures = kept.of_memory(memory, MOST)
    return Remembered(scenes, len(kept.alike[memory]), [data_uri(jpeg) for jpeg in pictures])
