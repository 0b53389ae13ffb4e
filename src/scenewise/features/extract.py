"""`scenewise extract`: every video through the frozen encoder into the store.

What is whole is kept, what is missing or was made otherwise is made again, and a long video goes on inside: its
blocks are whole or absent, so a kill costs at most one block of encoding.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from scenewise.config import ExtractConfig
from scenewise.datasets import Dataset, Video, load_dataset
from scenewise.encoders import Encoder, Fingerprint, open_encoder
from scenewise.errors import DataError, VideoError
from scenewise.features.extract_video import Source, encode_video, read_whole
from scenewise.features.ignore_mask import IgnoreMask, masks_by_scene
from scenewise.features.store import MANIFEST, FeatureStore, StoredVideo, open_store, write_store
from scenewise.progress import progress
from scenewise.video.probe import probe, source_signature


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


def extract(
    data: Path, out: Path, config: ExtractConfig | None = None, encoder: Encoder | None = None
) -> ExtractSummary:
    """Encode the data set in `data` into the feature store `out`, by the encoder that `config` names or by your own.

    Raises DataError where `data` is no data set or no video of it can be read, EncoderError and ConfigError as
    `open_encoder` does; with `config.strict` the first VideoError.
    """
    config = config or ExtractConfig()
    dataset = load_dataset(data)
    videos = [video for video in dataset.videos if config.split in ("all", video.split)]
    if not videos:
        raise DataError(f"{data}: no {config.split} videos; it has {len(dataset.videos)} of the other split")
    encoder = encoder or open_encoder(config)
    fingerprint = fingerprint_of(encoder, config)
    masks = masks_by_scene([Path(path) for path in config.ignore_mask], {video.scene for video in dataset.videos})
    summary = ExtractSummary(out, ignored=[str(path) for path in dataset.ignored])
    began = time.perf_counter()
    stored: list[StoredVideo] = []
    with progress() as bar:
        task = bar.add_task("extract", total=sum(_frames_claimed(video, config) for video in videos))
        for video in videos:
            try:
                bar.update(task, description=f"extract {video.title}")
                stored.append(
                    _extract_video(
                        video, out, encoder, config, masks.get(video.scene), summary, partial(bar.advance, task)
                    )
                )
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


def fingerprint_of(encoder: Encoder, config: ExtractConfig) -> Fingerprint:
    """What decides the features that `encoder`, opened by `config`, makes of any video. Raises ConfigError."""
    masks = {Path(path).stem: IgnoreMask(Path(path)).digest for path in config.ignore_mask}
    identity = {**_without_masks(encoder, config), **({"ignore_masks": masks} if masks else {})}
    return Fingerprint(identity, encoder.execution)


def _without_masks(encoder: Encoder, config: ExtractConfig) -> dict[str, Any]:
    return {**encoder.identity, "decode_height": config.decode_height}


def _frames_claimed(video: Video, config: ExtractConfig) -> int:
    try:
        return probe(video.path, video.fps or config.fps).frames_claimed or 0
    except VideoError:
        return 0  # told when its turn comes


def _extract_video(
    video: Video,
    out: Path,
    encoder: Encoder,
    config: ExtractConfig,
    mask: IgnoreMask | None,
    summary: ExtractSummary,
    advance: Callable[[int], None],
) -> StoredVideo:
    """Encode one video, or find it whole; returns its entry in the manifest."""
    folder = out / video.split / video.scene / video.name
    source = Source(video.path, video.fps or config.fps, config.decode_height, mask)
    info = probe(video.path, source.fps)
    # The rate is part of what was read: the timestamps of a folder of frames follow from it.
    identity = Fingerprint(_without_masks(encoder, config), {}).digest
    made_from = {"identity": identity, "source": source_signature(video.path), "fps": info.fps}
    if mask is not None:
        made_from["ignore_mask"] = mask.digest
    described = read_whole(folder, made_from, config.block)
    if described is None:
        described, encoded = encode_video(source, folder, encoder, made_from, config.block, advance)
        summary.extracted.append(video.title)
        summary.frames += encoded
    else:
        advance(described["frames"])
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
    return FeatureStore(out, fingerprint, tuple(videos), dataset.normal_classes, tuple(summary.failed), config)
