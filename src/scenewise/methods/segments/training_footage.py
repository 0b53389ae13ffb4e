"""Normal footage made ready to train on: divided, tabled, and sampled from."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.counted import counted
from scenewise.features.store import FeatureStore
from scenewise.methods.segments.feature_table import FeatureTable, frames_bytes
from scenewise.methods.segments.held_out import divide
from scenewise.methods.segments.sampler import SceneSampler
from scenewise.methods.segments.settings import StepSettings
from scenewise.methods.segments.windows import every_start, window_starts
from scenewise.progress import note, say


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
    held_out_scenes: NDArray[np.int64]
    """(B,): the scene of each, as a place in `scenes`."""


def prepare(store: FeatureStore, settings: StepSettings) -> Footage:
    """Divide the store's training videos, and make what batches are drawn from.

    Raises DataError if a scene's footage does not suffice, IntegrityError if a file was changed.
    """
    videos = store.of("train")
    split = divide(videos, settings.segment_length, settings.segment_fps)
    for scene in sorted({part.video.scene for part in split.held_out}):
        short, long = (
            sum(s.stop - s.first for s in part if s.video.scene == scene) for part in (split.held_out, split.learned)
        )
        if short < 0.03 * long:
            note(
                f"{scene} is calibrated on only {counted(short, 'frame')}, against {long} for "
                "training; use training videos "
                "of similar length"
            )
    for video in split.too_short:
        say(f"not used for training: {video.title} ({counted(video.frames, 'frame')}) is shorter than a segment")
    slowest = min(videos, key=lambda video: video.fps)
    if settings.segment_fps is not None and settings.segment_fps > slowest.fps:
        note(
            f"--segment-fps {settings.segment_fps:g} is above the {counted(slowest.fps, 'frame')} per second of "
            f"{slowest.title}, so segments of it repeat frames"
        )
    scenes = tuple(sorted({part.video.scene for part in split.learned}))
    mapped = frames_bytes([*split.learned, *split.held_out]) > settings.memory_budget * 2**30
    table = FeatureTable(split.learned, mapped, settings.segment_fps)
    starts = table.starts(settings.segment_length, every_start)
    of_scene = [
        np.concatenate([rows for rows, part in zip(starts, split.learned, strict=True) if part.video.scene == scene])
        for scene in scenes
    ]
    sampler = SceneSampler(of_scene, settings.scenes_per_batch, settings.segments_per_scene, settings.seed)
    held_out = FeatureTable(split.held_out, mapped, settings.segment_fps)
    covering = held_out.starts(settings.segment_length, lambda frames, length: window_starts(frames, length, length))
    scene_of = [
        np.full(len(rows), scenes.index(part.video.scene)) for rows, part in zip(covering, split.held_out, strict=True)
    ]
    return Footage(scenes, table, sampler, held_out, np.concatenate(covering), np.concatenate(scene_of))
