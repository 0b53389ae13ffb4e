"""Normal footage made ready to train on: divided, tabled, and sampled from."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.config import TrainConfig
from scenewise.errors import ConfigError, DataError
from scenewise.features.store import FeatureStore, StoredVideo
from scenewise.files import recorded_checksums
from scenewise.methods.segments.feature_table import FeatureTable, frames_bytes
from scenewise.methods.segments.held_out import divide
from scenewise.methods.segments.sampler import SceneSampler
from scenewise.methods.segments.windows import every_start, window_starts
from scenewise.progress import console


class Footage(NamedTuple):
    """Normal features of all scenes: what is learned from, and what is kept back."""

    scenes: tuple[str, ...]
    table: FeatureTable
    """What is learned from."""
    sampler: SceneSampler
    """Draws segments of `table`."""
    held_out: FeatureTable
    held_out_starts: NDArray[np.int64]
    """(B,): first rows in `held_out` of windows that cover it, hardly overlapping."""


def footage_digest(videos: Sequence[StoredVideo]) -> str:
    """SHA-256, in hex, of the names and the features of `videos`: what a run learns from and is calibrated on."""
    digest = hashlib.sha256()
    for video in videos:
        digest.update(f"{video.title} {video.frames} {video.fps}\n".encode())
        for path in video.block_paths():
            digest.update(recorded_checksums(video.folder).get(path.name, "").encode())
    return digest.hexdigest()


def prepare(store: FeatureStore, config: TrainConfig) -> Footage:
    """Divide the store's training videos, and make what batches are drawn from.

    Raises DataError where a scene's footage does not suffice, ConfigError where settings do not fit the footage,
    IntegrityError where a file was changed.
    """
    videos = store.of("train")
    if not videos:
        raise DataError(f"{store.folder}: it holds no training videos; extract the data set's train part too")
    split = divide(videos, config.segment_length, config.segment_fps)
    for scene in sorted({stretch.video.scene for stretch in split.held_out}):
        short, long = (
            sum(s.stop - s.first for s in part if s.video.scene == scene) for part in (split.held_out, split.learned)
        )
        if short < 0.03 * long:
            console.print(
                f"note: {scene} is calibrated on {short} frames beside {long} learned; videos of like length help"
            )
    for video in split.too_short:
        console.print(f"left out of training: {video.title} ({video.frames} frames) is shorter than a segment")
    slowest = min(videos, key=lambda video: video.fps)
    if config.segment_fps is not None and config.segment_fps > slowest.fps:
        console.print(
            f"note: --segment-fps {config.segment_fps:g} is above the {slowest.fps:g} frames a second of "
            f"{slowest.title}, so segments of it repeat frames"
        )
    scenes = tuple(sorted({stretch.video.scene for stretch in split.learned}))
    if len(scenes) == 1 and config.objective != "reconstruction":
        raise ConfigError(
            f"--objective {config.objective} contrasts scenes with each other, and there is only one ({scenes[0]}); "
            "use --objective reconstruction"
        )
    mapped = frames_bytes([*split.learned, *split.held_out]) > config.memory_budget * 2**30
    table = FeatureTable(split.learned, mapped, config.segment_fps)
    starts = table.starts(config.segment_length, every_start)
    of_scene = [
        np.concatenate(
            [own for own, stretch in zip(starts, split.learned, strict=True) if stretch.video.scene == scene]
        )
        for scene in scenes
    ]
    sampler = SceneSampler(of_scene, config.scenes_per_batch, config.segments_per_scene, config.seed)
    held_out = FeatureTable(split.held_out, mapped, config.segment_fps)
    covering = held_out.starts(config.segment_length, lambda frames, length: window_starts(frames, length, length))
    return Footage(scenes, table, sampler, held_out, np.concatenate(covering))
