"""The feature store: written once, checked, read many times.

    FEATURES/
    ├── manifest.json                    encoder, and of every video: scene, split, fps, frames, labels' path
    ├── backgrounds/SCENE.safetensors    the empty scene, which its objects stand out from
    ├── SHA256SUMS
    └── SPLIT/SCENE/VIDEO/
        ├── 000000.safetensors           features (n, D) float16, timestamps (n,) float64, lost (n,) uint8,
        ├── 002048.safetensors           regions (n, R, D') float16 where asked for, objects.* (m, ...) columns of
        │                                what moves unless left out; named by its first frame
        ├── video.json                   written last: a folder with it is whole
        └── SHA256SUMS

Nothing in a video's folder depends on time or place: the same footage gives the same bytes. The manifest does know
where the footage and its labels lie; it is the only file that does.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.checksums import read_json, record_checksums, recorded_checksums
from scenewise.config import ExtractConfig
from scenewise.datasets.manifest import LabelSource, Split
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, IntegrityError
from scenewise.features.blocks import FORMAT, Block, block_name, read_block, require_finite
from scenewise.features.manifest_form import ManifestForm
from scenewise.files import write_json
from scenewise.objects.object_table import Objects, joined

MANIFEST = "manifest.json"
VIDEO_JSON = "video.json"


@dataclass(frozen=True)
class StoredVideo:
    """One video of the store."""

    scene: str
    name: str
    split: Split
    fps: float
    """Mean frames per second: the container's claim, or where its timestamps say otherwise, as measured on them."""
    frames: int
    lost: int
    """Frames that could not be decoded and repeat their neighbour."""
    width: int
    """D, the feature width."""
    regions: tuple[int, int] | None
    """(R, D') of the region features, where there are any."""
    block: int
    """Frames a block; the last one may hold fewer."""
    folder: Path
    """Where its blocks lie."""
    source: str
    """The video file or the folder of frames it came from."""
    labels: LabelSource | None
    events: str | None
    masks: LabelSource | None = None
    objects: int | None = None
    """D' of its objects' descriptions; None where no objects were looked for."""
    labels_sought: tuple[str, ...] = ()
    """Where the labels of a test video were looked for, if none were found."""

    @property
    def title(self) -> str:
        """How the video is named to people, e.g. `test/walkway/02`."""
        return f"{self.split}/{self.scene}/{self.name}"

    @property
    def score_name(self) -> str:
        """How its scores are filed: SCENE_VIDEO."""
        return f"{self.scene}_{self.name}"

    def block_paths(self) -> list[Path]:
        """Its block files in order."""
        return [self.folder / block_name(first) for first in range(0, self.frames, self.block)]

    def block_at(self, first: int) -> Block:
        """The block from frame `first` on, checked to hold what the manifest says. Raises IntegrityError."""
        path = self.folder / block_name(first)
        lengths = {"frames": min(self.block, self.frames - first), "width": self.width}
        if self.regions is not None:
            lengths |= {"regions": self.regions[0], "region width": self.regions[1]}
        if self.objects is not None:
            lengths["object width"] = self.objects
        block = read_block(path, lengths)[0]
        require_finite(block.features, first, path)
        if (block.objects is None) != (self.objects is None):
            raise IntegrityError(f"{path}: expected objects as the manifest says; extract the video again")
        if block.objects is not None and not np.isfinite(block.objects.features).all():
            raise IntegrityError(f"{path}: descriptions of objects are not finite numbers; extract the video again")
        return block

    @property
    def file_names(self) -> list[str]:
        """All files in its folder but SHA256SUMS."""
        return [*(path.name for path in self.block_paths()), VIDEO_JSON]

    def blocks(self) -> Iterator[Block]:
        """Its blocks in order, checked. Raises IntegrityError, naming the file."""
        return map(self.block_at, range(0, self.frames, self.block))

    def features(self) -> NDArray[np.float16]:
        """Features of all its frames, (N, D)."""
        return np.concatenate([block.features for block in self.blocks()])

    def all_objects(self) -> Objects:
        """The objects of all its frames. Raises IntegrityError where none were looked for."""
        parts = [block.objects for block in self.blocks() if block.objects is not None]
        if not parts:
            raise IntegrityError(f"{self.folder}: holds no objects; extract the data set again, without --no-objects")
        return joined(parts)


@dataclass(frozen=True)
class FeatureStore:
    """An extracted data set: what `extract` wrote and `train` reads."""

    folder: Path
    fingerprint: Fingerprint
    videos: tuple[StoredVideo, ...]
    normal_classes: dict[str, tuple[str, ...]]
    failed: tuple[dict[str, str], ...]
    """Videos that could not be read: {video, path, reason}."""
    extract_config: ExtractConfig | None = None
    """The settings it was extracted with, by which `score` opens the same encoder again."""

    @property
    def width(self) -> int:
        """D, the feature width."""
        return self.videos[0].width

    @property
    def objects_every(self) -> int:
        """Every how many-th frame was examined for objects."""
        return 1 if self.extract_config is None else self.extract_config.objects_every

    def of(self, split: Split) -> tuple[StoredVideo, ...]:
        """The videos of one split."""
        return tuple(video for video in self.videos if video.split == split)


def footage_digest(videos: Sequence[StoredVideo]) -> str:
    """SHA-256, in hex, of the names and the features of `videos`: what a run learns from and is calibrated on.

    Raises IntegrityError if a block is missing.
    """
    digest = hashlib.sha256()
    for video in videos:
        digest.update(f"{video.title} {video.frames} {video.fps}\n".encode("utf-8", "surrogateescape"))
        checksums = recorded_checksums(video.folder)
        for first in range(0, video.frames, video.block):
            name = block_name(first)
            if name not in checksums:
                raise IntegrityError(f"{video.folder / name}: missing; extract the video again")
            digest.update(checksums[name].encode())
    return digest.hexdigest()


def write_store(store: FeatureStore) -> None:
    """Write the manifest; the videos' own folders are written already."""
    videos = []
    for video in store.videos:
        entry = asdict(video)
        entry["folder"] = video.folder.relative_to(store.folder).as_posix()
        entry["labels"] = None if video.labels is None else video.labels.as_json()
        entry["masks"] = None if video.masks is None else video.masks.as_json()
        videos.append(entry)
    manifest = {
        "format": FORMAT,
        "encoder": {"identity": dict(store.fingerprint.identity), "execution": dict(store.fingerprint.execution)},
        "extract_config": None if store.extract_config is None else asdict(store.extract_config),
        "normal_classes": store.normal_classes,
        "videos": videos,
        "failed": list(store.failed),
    }
    write_json(store.folder / MANIFEST, manifest)
    record_checksums(store.folder, [MANIFEST])


def open_store(folder: str | Path) -> FeatureStore:
    """The store in `folder`. Raises IntegrityError if there is none, or its manifest was changed or is not valid."""
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        raise IntegrityError(
            f"{folder}: expected a folder of features with a {MANIFEST}; make it with: scenewise extract"
        )
    manifest = read_json(folder / MANIFEST, ManifestForm, format_version=FORMAT)
    known = {field.name for field in fields(StoredVideo)}
    videos = tuple(
        StoredVideo(
            **{
                **{name: value for name, value in entry.items() if name in known},
                "folder": folder / entry["folder"],
                "labels": LabelSource.from_json(entry["labels"]),
                "masks": LabelSource.from_json(entry.get("masks")),
                "regions": None if entry["regions"] is None else tuple(entry["regions"]),
                "labels_sought": tuple(entry.get("labels_sought", ())),
            }
        )
        for entry in manifest["videos"]
    )
    if len({video.width for video in videos}) > 1:
        raise IntegrityError(f"{folder / MANIFEST}: its videos have features of several widths; extract them again")
    return FeatureStore(
        folder,
        Fingerprint(manifest["encoder"]["identity"], manifest["encoder"]["execution"]),
        videos,
        {scene: tuple(classes) for scene, classes in manifest["normal_classes"].items()},
        tuple(manifest["failed"]),
        recorded_extraction(manifest.get("extract_config"), folder / MANIFEST),
    )


def recorded_extraction(described: dict[str, Any] | None, path: Path) -> ExtractConfig | None:
    """The settings of `extract` as the file `path` records them. Raises IntegrityError if they are not valid."""
    try:
        return ExtractConfig.from_json(described)
    except ConfigError as error:
        raise IntegrityError(f"{path}: its settings of extract are not valid ({error}); extract again") from error
