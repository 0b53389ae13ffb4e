"""`scenewise extract`: every video through the frozen encoder into the store.

What is whole is kept, what is missing or was made otherwise is made again, and a long video goes on inside: its
blocks are whole or absent, so a kill costs at most one block of encoding.
"""

import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress, TaskID

from scenewise.config import ExtractConfig
from scenewise.datasets import Dataset, Video, load_dataset
from scenewise.encoders import Encoder, Fingerprint, open_encoder
from scenewise.errors import DataError, IntegrityError, VideoError
from scenewise.features.store import (
    FORMAT,
    MANIFEST,
    VIDEO_JSON,
    Block,
    FeatureStore,
    StoredVideo,
    open_store,
    read_block,
    write_block,
    write_store,
)
from scenewise.files import read_json, record_checksums, write_json
from scenewise.progress import progress
from scenewise.video.decode import decode
from scenewise.video.probe import probe, source_signature
from scenewise.video.read_ahead import read_ahead


@dataclass
class ExtractSummary:
    """What one `extract` did."""

    out: Path
    extracted: list[str] = field(default_factory=list)
    """Videos encoded now, some of them from where an earlier extraction had stopped."""
    kept: list[str] = field(default_factory=list)
    """Videos found whole and verified."""
    failed: list[dict[str, str]] = field(default_factory=list)
    """Videos that could not be read: {video, path, reason}."""
    ignored: list[str] = field(default_factory=list)
    """Files among the videos that are none, by their suffix."""
    frames: int = 0
    """Frames encoded now."""
    lost: int = 0
    """Frames in the store that could not be decoded and repeat their neighbour."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "out": str(self.out)}


def extract(data: Path, out: Path, config: ExtractConfig | None = None) -> ExtractSummary:
    """Encode the data set in `data` into the feature store `out`.

    Raises DataError where `data` is no data set or no video of it can be read, EncoderError and ConfigError as
    `open_encoder` does; with `config.strict` the first VideoError.
    """
    config = config or ExtractConfig()
    dataset = load_dataset(data)
    videos = [video for video in dataset.videos if config.split in ("all", video.split)]
    if not videos:
        raise DataError(f"{data}: no {config.split} videos; it has {len(dataset.videos)} of the other split")
    encoder = open_encoder(config)
    fingerprint = Fingerprint({**encoder.identity, "decode_height": config.decode_height}, encoder.execution)
    summary = ExtractSummary(out, ignored=[str(path) for path in dataset.ignored])
    began = time.perf_counter()
    stored: list[StoredVideo] = []
    with progress() as bar:
        task = bar.add_task("extract", total=sum(_frames_claimed(video, config) for video in videos))
        for video in videos:
            try:
                stored.append(_extract_video(video, out, encoder, fingerprint, config, summary, bar, task))
            except VideoError as error:
                if config.strict:
                    raise
                summary.failed.append({"video": video.title, "path": str(video.path), "reason": str(error)})
    if not stored:
        raise DataError(
            f"{data}: none of its {len(videos)} videos can be read; the first: {summary.failed[0]['reason']}"
        )
    store = _join_with_other_split(out, dataset, fingerprint, stored, summary, config)
    write_store(store)
    summary.lost = sum(video.lost for video in store.videos)
    summary.seconds = time.perf_counter() - began
    return summary


def _frames_claimed(video: Video, config: ExtractConfig) -> int:
    try:
        return probe(video.path, video.fps or config.fps).frames_claimed or 0
    except VideoError:
        return 0  # told when its turn comes


def _extract_video(
    video: Video,
    out: Path,
    encoder: Encoder,
    fingerprint: Fingerprint,
    config: ExtractConfig,
    summary: ExtractSummary,
    bar: Progress,
    task: TaskID,
) -> StoredVideo:
    """Encode one video, or find it whole; returns its entry in the manifest."""
    folder = out / video.split / video.scene / video.name
    rate = video.fps or config.fps
    info = probe(video.path, rate)
    # The rate is part of what was read, for folders of frames: their timestamps follow from it.
    made_from = {"identity": fingerprint.digest, "source": source_signature(video.path), "fps": info.fps}
    described = _read_whole(folder, made_from, config.block)
    if described is None:
        begin = _resume_point(folder, made_from, config.block)
        bar.update(task, description=f"extract {video.title}")
        bar.advance(task, begin)
        described = _encode(video, folder, begin, made_from, encoder, rate, config, lambda n: bar.advance(task, n))
        summary.extracted.append(video.title)
        summary.frames += described["frames"] - begin
    else:
        bar.advance(task, described["frames"])
        summary.kept.append(video.title)
    return StoredVideo(
        scene=video.scene,
        name=video.name,
        split=video.split,
        fps=info.fps,
        frames=described["frames"],
        lost=described["lost"],
        width=described["width"],
        regions=None if described["regions"] is None else (described["regions"][0], described["regions"][1]),
        block=described["block"],
        folder=folder,
        source=str(video.path.resolve()),
        labels=None if video.labels is None else str(video.labels.resolve()),
        events=None if video.events is None else str(video.events.resolve()),
    )


def _read_whole(folder: Path, made_from: dict[str, Any], block: int) -> dict[str, Any] | None:
    """video.json of a folder that is whole, verified and made from the same; else None."""
    try:
        described = read_json(folder / VIDEO_JSON, format_version=FORMAT)
        if described["made_from"] != made_from or described["block"] != block:
            return None
        for first in range(0, described["frames"], block):
            read_block(folder / f"{first:06d}.safetensors")
    except IntegrityError:
        return None
    return described


def _resume_point(folder: Path, made_from: dict[str, Any], block: int) -> int:
    """The first frame that has to be encoded; what lies behind it, or was made otherwise, is removed."""
    (folder / VIDEO_JSON).unlink(missing_ok=True)
    begin = 0
    while True:
        path = folder / f"{begin:06d}.safetensors"
        try:
            found, found_from = read_block(path)
        except IntegrityError:
            break
        if found_from != made_from or len(found.features) != block:
            break
        begin += block
    if begin == 0:
        shutil.rmtree(folder, ignore_errors=True)
    for path in folder.glob("*"):
        if path.suffix == ".safetensors" and (not path.stem.isdigit() or int(path.stem) >= begin):
            path.unlink()
    return begin


class _Blocks:
    """Cuts the stream of encoded batches into blocks of `size` frames and writes each as it fills."""

    def __init__(self, folder: Path, size: int, begin: int, made_from: dict[str, Any]) -> None:
        self.folder, self.size, self.first, self.made_from = folder, size, begin, made_from
        self.waiting: list[tuple[np.ndarray[Any, Any], ...]] = []
        self.frames = 0

    def add(self, *columns: np.ndarray[Any, Any]) -> None:
        self.waiting.append(columns)
        self.frames += len(columns[0])
        while self.frames >= self.size:
            self._write(self.size)

    def finish(self) -> None:
        if self.frames:
            self._write(self.frames)

    def _write(self, count: int) -> None:
        joined = [np.concatenate(column) for column in zip(*self.waiting, strict=True)]
        features, timestamps, lost, *regions = (column[:count] for column in joined)
        block = Block(self.first, features, timestamps, lost, regions[0] if regions else None)
        write_block(self.folder, block, self.made_from)
        self.waiting = [tuple(column[count:] for column in joined)]
        self.frames -= count
        self.first += count


def _encode(
    video: Video,
    folder: Path,
    begin: int,
    made_from: dict[str, Any],
    encoder: Encoder,
    rate: float | None,
    config: ExtractConfig,
    advance: Any,
) -> dict[str, Any]:
    """Decode and encode `video` from frame `begin` on, write its blocks and, last, its video.json."""
    blocks = _Blocks(folder, config.block, begin, made_from)
    encoder.reset()
    frames = begin
    with read_ahead(decode(video.path, batch=encoder.batch, fps=rate, decode_height=config.decode_height)) as batches:
        for batch in batches:
            # Frames before `begin` are stored. An encoder that carries state has to see them once more all the same.
            skip = min(max(begin - batch.first, 0), len(batch.frames))
            if skip == len(batch.frames) and not encoder.carries_state:
                continue
            start = 0 if encoder.carries_state else skip
            encoded = encoder.encode(batch.frames[start:])
            drop = skip - start
            columns = [encoded.features[drop:].astype(np.float16), batch.timestamps[skip:]]
            columns.append(batch.lost[skip:].astype(np.uint8))
            if encoded.regions is not None:
                columns.append(encoded.regions[drop:].astype(np.float16))
            if len(columns[0]):
                blocks.add(*columns)
                frames += len(columns[0])
                advance(len(columns[0]))
    blocks.finish()
    return _write_video_json(folder, frames, made_from, config.block)


def _write_video_json(folder: Path, frames: int, made_from: dict[str, Any], block: int) -> dict[str, Any]:
    lost, width, regions = 0, 0, None
    for first in range(0, frames, block):
        found = read_block(folder / f"{first:06d}.safetensors")[0]
        lost += int(found.lost.sum())
        width = found.features.shape[1]
        regions = None if found.regions is None else list(found.regions.shape[1:])
    described = {
        "format": FORMAT,
        "frames": frames,
        "lost": lost,
        "width": width,
        "regions": regions,
        "block": block,
        "made_from": made_from,
    }
    write_json(folder / VIDEO_JSON, described)
    record_checksums(folder, [VIDEO_JSON])
    return described


def _join_with_other_split(
    out: Path,
    dataset: Dataset,
    fingerprint: Fingerprint,
    stored: list[StoredVideo],
    summary: ExtractSummary,
    config: ExtractConfig,
) -> FeatureStore:
    """The new store; with --split, the other split's videos of the same encoder stay in it."""
    others: list[StoredVideo] = []
    if config.split != "all" and (out / MANIFEST).is_file():
        earlier = open_store(out)
        if earlier.fingerprint.digest == fingerprint.digest:
            others = [video for video in earlier.videos if video.split != config.split]
    order = {"train": 0, "test": 1}
    videos = sorted([*others, *stored], key=lambda video: (order[video.split], video.scene, video.name))
    return FeatureStore(out, fingerprint, tuple(videos), dataset.normal_classes, tuple(summary.failed))
