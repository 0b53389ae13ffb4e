"""`scenewise features import`: turns features made by another program into a feature store like that of `extract`.

Nothing is known of the encoder but the name that the user gives: runs trained on such features are evaluated like any
other, but cannot score new videos.
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from scenewise.checksums import record_checksums, require_written
from scenewise.config import FPS, ExtractConfig
from scenewise.config.import_features import MEAN, Crops, Rows
from scenewise.datasets import Dataset, LabelSource, Video, load_dataset
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, DataError
from scenewise.features.blocks import FORMAT, Block, write_block
from scenewise.features.extract_video import read_whole
from scenewise.features.float16_loss import Float16Loss
from scenewise.features.foreign_features import ForeignFeatures
from scenewise.features.foreign_file import FeatureFile, open_foreign
from scenewise.features.foreign_tree import Files, match, read_tree
from scenewise.features.frame_counts import require_a_row_per_frame
from scenewise.features.label_tree import holds_labels_alone
from scenewise.features.output_checks import refuse_footage, refuse_foreign_files, target_of, written_files
from scenewise.features.spread_frames import frames_to_spread_over
from scenewise.features.spread_rows import spread
from scenewise.features.store import MANIFEST, VIDEO_JSON, FeatureStore, StoredVideo, write_store
from scenewise.files import write_json
from scenewise.folders import real
from scenewise.output_folder import OutputFolder
from scenewise.progress import progress
from scenewise.video.probe import DEFAULT_FPS, source_signature
from scenewise.video.source import open_source

IMPORTED = "imported"
"""The kind of an encoder of which only the name is known."""
BLOCK = ExtractConfig.block


@dataclass
class ImportSummary:
    """What one import did."""

    out: Path
    imported: list[str] = field(default_factory=list)
    """Videos whose features were written now."""
    kept: list[str] = field(default_factory=list)
    """Videos that an earlier call had finished, verified."""
    missing: list[str] = field(default_factory=list)
    """Videos of the data set without features."""
    extra: list[str] = field(default_factory=list)
    """Files that belong to no video."""
    frames: int = 0
    """Frames in the store."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "out": str(self.out)}


@dataclass(frozen=True)
class _Checked:
    """What the checks of all files found."""

    rows: dict[Video, tuple[FeatureFile, int]]
    """{video: its file of features and the rows in it}."""
    crops: bool
    """Whether any file holds several crops."""


def import_features(
    folder: str | Path,
    out: str | Path,
    encoder_name: str,
    data: str | Path | None = None,
    fps: float | None = None,
    *,
    rows: Rows = "frames",
    frames: str | Path | None = None,
    crops: Crops = MEAN,
) -> ImportSummary:
    """Write the features in `folder`, made by the encoder `encoder_name`, as the feature store `out`.

    With the data set `data`, each file is matched to a video by its name, and the store keeps the paths of the labels.
    Without it, or if it holds labels alone, the tree of folders names the scenes. `fps`: frames per second, by default
    the data set's, else 25. `rows`: whether each row is a frame's, or the rows of a file are spread evenly over the
    frames of the video, of which `frames` is a table. `crops`: which of several to take. Videos that an earlier call
    finished are kept.

    Raises DataError if nothing is found, a file could belong to two videos, a file is refused, it does not fit the
    number of frames of its video, that number is needed and not known, or the features do not survive float16;
    ConfigError if `out` is among the footage or holds other files, `fps` is no rate, the name is empty, or settings do
    not go together.
    """
    folder, out = Path(folder), Path(out)
    data, frames = None if data is None else Path(data), None if frames is None else Path(frames)
    _refuse_settings(encoder_name, fps, rows, frames, crops)
    dataset, files, extra = _files(folder, data)
    missing = [video for video in dataset.videos if video not in files]
    unused = [str(file) for file in extra if frames is None or file.path != frames]
    summary = ImportSummary(out, missing=[video.title for video in missing], extra=unused)
    refuse_footage(out, folder, [replace(video, path=file.path) for video, file in files.items()])
    refuse_footage(out, dataset.root, dataset.videos)
    with OutputFolder(out, "features").lock():
        for video in files:
            refuse_foreign_files(out, video)
        checked = _check_files(files, crops)  # opens and checks all before the first is copied
        lengths: dict[Video, int] = {}
        if rows == "spread":
            lengths = frames_to_spread_over(checked.rows, frames)
        else:
            require_a_row_per_frame(checked.rows)
        identity: dict[str, Any] = {"kind": IMPORTED, "name": encoder_name}
        if rows == "spread":
            identity["rows"] = rows
        if checked.crops:
            identity["crops"] = crops
        importer = _Importer(out, Fingerprint(identity, {}), crops, summary)
        with progress() as bar:
            stored = [
                importer.video(video, file, lengths.get(video), fps or _rate(video, file))
                for video, file in bar.track(files.items(), total=len(files), description="import")
            ]
        failed = [
            {"video": video.title, "path": str(video.path), "reason": f"{folder} has no features of it"}
            for video in missing
        ]
        write_store(FeatureStore(out, importer.fingerprint, tuple(stored), dataset.normal_classes, tuple(failed)))
        require_written(out, [MANIFEST])
        for written in stored:
            require_written(written.folder, written.file_names)
    return summary


def _refuse_settings(encoder_name: str, fps: float | None, rows: Rows, frames: Path | None, crops: Crops) -> None:
    if fps is not None and not FPS[0] <= fps <= FPS[1]:
        raise ConfigError(f"--fps: expected a number from {FPS[0]:g} to {FPS[1]:g}, got {fps}")
    if not encoder_name.strip():
        raise ConfigError("--encoder-name: expected what the encoder is called, got nothing")
    if frames is not None and rows != "spread":
        raise ConfigError("--frames: a table of frames serves to spread rows over them; give --rows spread too")
    if crops != MEAN and crops < 0:
        raise ConfigError(f"--crops: expected mean, or the number of a crop from 0 on, got {crops}")


def _files(folder: Path, data: Path | None) -> tuple[Dataset, Files, list[FeatureFile]]:
    """The data set, its files of features, and the files that are none."""
    if data is None or holds_labels_alone(data):
        files, extra = read_tree(folder, data)
        return Dataset(data or folder, "features", tuple(files)), files, extra
    dataset = load_dataset(data)
    return dataset, *match(folder, dataset.videos)


def _check_files(files: Files, crops: Crops) -> _Checked:
    """The rows of all files.

    Raises DataError if a file is refused, one is of another width, or float16 spoils the features.
    """
    rows: dict[Video, tuple[FeatureFile, int]] = {}
    several = False
    first: ForeignFeatures | None = None
    loss = Float16Loss()
    with progress() as bar:
        for video, file in bar.track(files.items(), total=len(files), description="check"):
            with open_foreign(file, crops) as features:
                first = first or features
                if features.width != first.width:
                    raise DataError(
                        f"{file}: its features are {features.width} wide and those of {first.name} {first.width}; "
                        "expected features of one encoder"
                    )
                rows[video] = file, features.frames
                several = several or features.crops is not None
                loss.add(str(file), features.sample())
    loss.report()
    return _Checked(rows, several)


def _rate(video: Video, file: FeatureFile) -> float:
    """Frames a second of the footage; 25 if there is only the file of features."""
    return video.fps or (DEFAULT_FPS if video.path == file.path else open_source(video.path).fps)


@dataclass(frozen=True)
class _Importer:
    """Copies videos into a store."""

    out: Path
    fingerprint: Fingerprint
    crops: Crops
    summary: ImportSummary

    def video(self, video: Video, file: FeatureFile, frames: int | None, fps: float) -> StoredVideo:
        """Copy the features of one video, unless an earlier call did; returns its entry in the manifest.

        `frames`: how many its rows are spread over; None if each row is a frame.
        """
        folder = target_of(self.out, video)
        made_from: dict[str, Any] = {"identity": self.fingerprint.digest, "fps": fps}
        made_from |= {"source": source_signature(file.path), "key": file.key, "spread_over": frames}
        described = read_whole(folder, made_from, BLOCK)
        if described is None:
            with open_foreign(file, self.crops) as features:
                described = _write_video(features if frames is None else spread(features, frames), folder, made_from)
            self.summary.imported.append(video.title)
        else:
            self.summary.kept.append(video.title)
        self.summary.frames += described["frames"]
        return StoredVideo(
            scene=video.scene,
            name=video.name,
            split=video.split,
            fps=fps,
            frames=described["frames"],
            lost=0,
            width=described["width"],
            regions=None,
            block=BLOCK,
            folder=folder,
            source=str(real(video.path)),
            labels=_resolved(video.labels),
            events=None if video.events is None else str(real(video.events)),
            masks=_resolved(video.masks),
            labels_sought=tuple(str(real(path)) for path in video.labels_sought),
        )


def _resolved(source: LabelSource | None) -> LabelSource | None:
    return None if source is None else replace(source, path=real(source.path))


def _write_video(features: ForeignFeatures, folder: Path, made_from: dict[str, Any]) -> dict[str, Any]:
    """Write the blocks and then video.json, which is returned. Frame i is at i / fps seconds."""
    for path in written_files(folder):
        path.unlink()
    for first in range(0, features.frames, BLOCK):
        rows = features.read(first, first + BLOCK)
        timestamps = (first + np.arange(len(rows))) / made_from["fps"]
        write_block(folder, Block(first, rows, timestamps, np.zeros(len(rows), np.uint8)), made_from)
    described = {
        "format": FORMAT,
        "frames": features.frames,
        "lost": 0,
        "fps": made_from["fps"],
        "width": features.width,
        "regions": None,
        "block": BLOCK,
        "made_from": made_from,
    }
    write_json(folder / VIDEO_JSON, described)
    record_checksums(folder, [VIDEO_JSON])
    return described
