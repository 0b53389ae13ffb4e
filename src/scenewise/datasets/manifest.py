"""The description of a data set: the scene and the split of every video, and the place of its labels.

It holds paths only: `labels/` alone opens label files, and only `evaluation/` and `dataset_tools/` may import it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from scenewise.names import as_text

Split = Literal["train", "test"]
LabelKind = Literal[
    "npy", "npy-part", "npz", "ucsd-m", "mat-ranges", "mat-masks", "mask-folder", "tracks", "ubnormal", "normal"
]


@dataclass(frozen=True)
class LabelSource:
    """The place and the form of one video's labels. `labels/kinds.py` has the reader of each kind."""

    path: Path
    """A file, or a folder."""
    kind: LabelKind = "npy"
    """npy: an array with a 0 or 1 for each frame, or a mask for each (N, H, W).
    npy-part: the frames `key` = FIRST-STOP/TOTAL (from 0, without STOP) of such an array over all videos.
    npz: its array `key`.
    ucsd-m: the ranges of entry `key` (from 1) of UCSD's TestVideoFile.
    mat-ranges: the ranges of entry `key` (from 1) of a cell `gt` of 2 x K.
    mat-masks: Avenue's `volLabel`, a mask per frame.
    mask-folder: one .bmp, .png or .tif a frame; abnormal pixels are above 0.
    tracks: Street Scene's boxes, a line for each frame and track; `key` is the pictures' size, such as 1280x720.
    ubnormal: a folder of UBnormal's annotations.
    normal: every frame is normal, and `path` is the file that says so."""
    key: str | None = None
    """The part of the file that belongs to this video."""

    def as_json(self) -> str | dict[str, str | None]:
        """Its form in manifests: the path alone if it is a plain `.npy`."""
        path = str(self.path)
        return path if self.kind == "npy" and self.key is None else {"path": path, "kind": self.kind, "key": self.key}

    @classmethod
    def from_json(cls, described: str | dict[str, Any] | None) -> "LabelSource | None":
        """The source that `as_json` described; None stays None."""
        if described is None or isinstance(described, str):
            return None if described is None else cls(Path(described))
        return cls(Path(described["path"]), described["kind"], described["key"])


@dataclass(frozen=True)
class Video:
    """One video of one fixed camera view."""

    scene: str
    name: str
    """Without the scene's prefix and without suffix; unique within scene and split. Both are text: see names.py."""
    split: Split
    path: Path
    """A video file, or a folder of pictures."""
    labels: LabelSource | None = None
    """Frame labels; None if there are none (all training videos)."""
    masks: LabelSource | None = None
    """The abnormal pixels of every frame; None if the data set does not state them."""
    events: Path | None = None
    """`.events.json`: a list of {class, first_frame, last_frame, abnormal}, perhaps with boxes."""
    fps: float | None = None
    """Frames a second, if the data set states them; if None, the container's, or 25 for a folder of frames."""
    labels_sought: tuple[Path, ...] = ()
    """Where the labels of a test video were looked for, if none were found."""

    def __post_init__(self) -> None:
        """Layouts give the names as they are on disk."""
        object.__setattr__(self, "scene", as_text(self.scene))
        object.__setattr__(self, "name", as_text(self.name))

    @property
    def title(self) -> str:
        """The video's name in messages, such as `test/walkway/02`."""
        return f"{self.split}/{self.scene}/{self.name}"

    @property
    def score_name(self) -> str:
        """The name of its score files: SCENE_VIDEO."""
        return f"{self.scene}_{self.name}"


@dataclass(frozen=True)
class Dataset:
    """All videos of a data set, ordered by split (train first), scene and name."""

    root: Path
    layout: str
    videos: tuple[Video, ...]
    normal_classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """{scene: classes of objects that are normal there}, if the data set states them."""
    ignored: tuple[Path, ...] = ()
    """Files and folders among the videos that are no videos."""
    excluded: tuple[tuple[Path, str], ...] = ()
    """Videos of the data set that belong to neither split, each with the reason in a few words."""
    mismatches: tuple[tuple[Path, str], ...] = ()
    """Paths with a problem that the names alone show, such as labels of no video, each with it in a few words."""
    nested: tuple[Path, ...] = ()
    """The folders of `ignored` that hold videos one level too deep: SCENE/DAY/VIDEO.mp4."""
    passed_over: tuple[tuple[Path, str], ...] = ()
    """Folders beside and among the videos that were not looked into, each with the reason in a few words."""

    def of(self, split: Split) -> tuple[Video, ...]:
        """The videos of one split."""
        return tuple(video for video in self.videos if video.split == split)
