"""What one `extract` did, for people and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scenewise.counted import counted

_FEW = 5
"""So many names or faults are listed."""


@dataclass
class ExtractSummary:
    """What one `extract` did."""

    out: Path
    shard: str | None = None
    """Which of several jobs it was, such as 2/8."""
    extracted: list[str] = field(default_factory=list)
    """Videos encoded now, some of them from where an earlier extraction had stopped."""
    kept: list[str] = field(default_factory=list)
    """Videos found whole and verified."""
    failed: list[dict[str, str]] = field(default_factory=list)
    """Videos that could not be read: {video, path, reason}."""
    failed_scenes: list[dict[str, str]] = field(default_factory=list)
    """Scenes of which no training video could be read: {scene, reason}."""
    ignored: list[str] = field(default_factory=list)
    """Files and folders among the videos that are none."""
    nested: list[str] = field(default_factory=list)
    """Those of them that are folders of videos, one level too deep."""
    faults: list[str] = field(default_factory=list)
    """What is wrong with videos that were encoded now all the same, such as a clock that jumps."""
    passed_over: list[dict[str, str]] = field(default_factory=list)
    """Folders beside and among the videos that were not looked into: {path, reason}."""
    frames: int = 0
    """Frames encoded now."""
    lost: int = 0
    """Frames in the store that could not be decoded and repeat their neighbour."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "out": str(self.out)}

    @property
    def notes(self) -> list[str]:
        """What was passed over, and what is wrong with videos that were encoded, in sentences."""
        notes = [f"scene {one['scene']} cannot be learned: {one['reason']}" for one in self.failed_scenes]
        notes += self.faults[:_FEW]
        if len(self.faults) > _FEW:
            notes.append(
                f"{counted(len(self.faults) - _FEW, 'more fault')} of videos; `scenewise datasets check` lists all"
            )
        rest = [path for path in self.ignored if path not in self.nested]
        if rest:
            notes.append(
                f"passed over {counted(len(rest), 'file or folder', 'files or folders')} outside "
                f"any scene or no video: {_first_few(rest)}"
            )
        if self.nested:
            notes.append(
                f"passed over {counted(len(self.nested), 'folder that holds', 'folders that hold')} "
                f"videos one level too deep (expected "
                f"train/SCENE/VIDEO.mp4): {_first_few(self.nested)}; move the videos up, or name them in a dataset.json"
            )
        notes += [f"passed over {one['path']}: {one['reason']}" for one in self.passed_over]
        return notes


def _first_few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more
