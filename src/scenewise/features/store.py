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
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenewise.config import ExtractConfig
from scenewise.datasets.manifest import LabelSource, Split
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import IntegrityError
from scenewise.files import check, read_json, record_checksums, recorded_checksums, write_bytes, write_json
from scenewise.objects.object_table import Objects, joined

FORMAT = 1
MANIFEST = "manifest.json"
VIDEO_JSON = "video.json"


@dataclass(frozen=True)
class Block:
    """Features of n consecutive frames of one video."""

    first: int
    features: NDArray[np.float16]
    timestamps: NDArray[np.float64]
    lost: NDArray[np.uint8]
    regions: NDArray[np.float16] | None = None
    objects: Objects | None = None
    """The objects of these frames; None where none were looked for."""

    @property
    def name(self) -> str:
        """Its file's name: the first frame's number."""
        return f"{self.first:06d}.safetensors"


def write_block(folder: Path, block: Block, made_from: dict[str, Any]) -> None:
    """Write one block, whole or not at all; `made_from` (encoder's digest, source's signature) goes with it."""
    tensors: dict[str, NDArray[Any]] = {"features": block.features, "timestamps": block.timestamps, "lost": block.lost}
    if block.regions is not None:
        tensors["regions"] = block.regions
    if block.objects is not None:
        tensors |= block.objects.as_tensors()
    # One key: safetensors writes several in random order, and the bytes would differ from run to run.
    metadata = {"scenewise": json.dumps({"format": FORMAT, "first": block.first, **made_from}, sort_keys=True)}
    write_bytes(folder / block.name, save_tensors(tensors, metadata))
    record_checksums(folder, [block.name])


def read_block(path: Path) -> tuple[Block, dict[str, Any]]:
    """A checked block and what it was made from. Raises IntegrityError, naming the file."""
    content = check(path).read_bytes()
    try:
        tensors = load_tensors(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        made_from = json.loads(header["__metadata__"]["scenewise"])
    except (SafetensorError, ValueError, KeyError) as error:
        raise IntegrityError(f"{path}: not a block of features ({error}); extract it again") from error
    if made_from.pop("format") > FORMAT:
        raise IntegrityError(f"{path}: written by a newer Scenewise; use that one, or extract again")
    first = made_from.pop("first")
    columns = tensors["features"], tensors["timestamps"], tensors["lost"], tensors.get("regions")
    return Block(first, *columns, Objects.from_tensors(tensors)), made_from


def require_finite(features: NDArray[np.float16], first: int, path: Path) -> None:
    """Raise IntegrityError, naming the frame, where features (n, D) from frame `first` on are not all finite."""
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        frame = first + int(finite.argmin())
        raise IntegrityError(f"{path}: features of frame {frame} are not finite numbers; extract the video again")


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
        return [self.folder / f"{first:06d}.safetensors" for first in range(0, self.frames, self.block)]

    @property
    def file_names(self) -> list[str]:
        """All files in its folder but SHA256SUMS."""
        return [*(path.name for path in self.block_paths()), VIDEO_JSON]

    def blocks(self) -> Iterator[Block]:
        """Its blocks in order, checked. Raises IntegrityError, naming the file, where a feature is not finite too."""
        for path in self.block_paths():
            block = read_block(path)[0]
            require_finite(block.features, block.first, path)
            if block.objects is not None and not np.isfinite(block.objects.features).all():
                raise IntegrityError(f"{path}: descriptions of objects are not finite numbers; extract the video again")
            yield block

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
    """SHA-256, in hex, of the names and the features of `videos`: what a run learns from and is calibrated on."""
    digest = hashlib.sha256()
    for video in videos:
        digest.update(f"{video.title} {video.frames} {video.fps}\n".encode())
        for path in video.block_paths():
            digest.update(recorded_checksums(video.folder).get(path.name, "").encode())
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


def open_store(folder: Path) -> FeatureStore:
    """The store in `folder`. Raises IntegrityError where there is none, or its manifest was changed."""
    if not (folder / MANIFEST).is_file():
        raise IntegrityError(
            f"{folder}: expected a folder of features with a {MANIFEST}; make it with: scenewise extract"
        )
    manifest = read_json(folder / MANIFEST, format_version=FORMAT)
    videos = tuple(
        StoredVideo(
            **{
                **entry,
                "folder": folder / entry["folder"],
                "labels": LabelSource.from_json(entry["labels"]),
                "masks": LabelSource.from_json(entry.get("masks")),
                "regions": None if entry["regions"] is None else tuple(entry["regions"]),
                "labels_sought": tuple(entry.get("labels_sought", ())),
            }
        )
        for entry in manifest["videos"]
    )
    return FeatureStore(
        folder,
        Fingerprint(manifest["encoder"]["identity"], manifest["encoder"]["execution"]),
        videos,
        {scene: tuple(classes) for scene, classes in manifest["normal_classes"].items()},
        tuple(manifest["failed"]),
        ExtractConfig.from_json(manifest.get("extract_config")),
    )
