"""What a data set is: which video belongs to which scene and split, and where its labels lie.

Paths only. Nothing here opens a labels file; only `evaluation/` does.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Split = Literal["train", "test"]


@dataclass(frozen=True)
class Video:
    """One video of one fixed camera view."""

    scene: str
    name: str
    """Without the scene's prefix and without suffix; unique within scene and split."""
    split: Split
    path: Path
    """A video file, or a folder of numbered frames."""
    labels: Path | None = None
    """`.npy` of one 0/1 a frame; None where there are none (all training videos)."""
    events: Path | None = None
    """`.events.json`: a list of {class, first_frame, last_frame, abnormal}."""
    fps: float | None = None
    """Frames a second where the data set states it; None takes the container's, or 25 for a folder of frames."""

    @property
    def title(self) -> str:
        """How the video is named to people, e.g. `test/walkway/02`."""
        return f"{self.split}/{self.scene}/{self.name}"

    @property
    def score_name(self) -> str:
        """How its scores are filed: SCENE_VIDEO."""
        return f"{self.scene}_{self.name}"


@dataclass(frozen=True)
class Dataset:
    """All videos of a data set, ordered by split (train first), scene and name."""

    root: Path
    layout: str
    videos: tuple[Video, ...]
    normal_classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """{scene: classes of things that are normal there}, where the data set says so."""
    ignored: tuple[Path, ...] = ()
    """What lies among the videos and is none."""
    nested: tuple[Path, ...] = ()
    """Those of `ignored` that are folders of videos, one level too deep: SCENE/DAY/VIDEO.mp4."""

    def of(self, split: Split) -> tuple[Video, ...]:
        """The videos of one split."""
        return tuple(video for video in self.videos if video.split == split)
