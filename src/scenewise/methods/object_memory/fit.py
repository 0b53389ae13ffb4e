"""Fitting the methods that remember: no steps, one pass over the normal footage.

Every normal frame is kept_objects by what the other folds of footage taught (leave one out), so that all of the footage
is both learned from and calibrated on, and nothing is kept_objects by itself.

RUN/normal_terms.safetensors holds these terms, SCENE/VIDEO/objects and SCENE/VIDEO/frames, one number a frame;
RUN/backgrounds.safetensors the empty scenes, so that new videos are looked at as the footage was.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from scenewise.config import TrainConfig
from scenewise.errors import ConfigError, DataError
from scenewise.features.backgrounds import read_background, write_backgrounds
from scenewise.features.store import FeatureStore, StoredVideo, open_store
from scenewise.files import record_checksums, write_bytes
from scenewise.methods.autoencoder.checkpoints import made_from
from scenewise.methods.object_memory.appearance import AppearanceMap, learn_appearance
from scenewise.methods.object_memory.folds import frame_groups, track_groups
from scenewise.methods.object_memory.frame_residual import learn_residual
from scenewise.methods.object_memory.memory_bank import MOST_MEMBERS, Normal, remember
from scenewise.methods.object_memory.scene_memory import POOLED, SceneMemory, every_frame, frame_scores, learn_crowd
from scenewise.methods.object_memory.tensors import memories_to_tensors
from scenewise.methods.segments.footage import footage_digest
from scenewise.progress import progress
from scenewise.runs.begin import refuse_or_resume
from scenewise.runs.finish import finish
from scenewise.runs.run import BACKGROUNDS, MODEL, NORMAL_TERMS, Run

FEWEST = 50
"""Objects from which appearance can be learned."""


class Remembered(NamedTuple):
    """A scene's memory, and how new each of its videos' frames are, (N,) each, by leaving out."""

    memory: SceneMemory
    object_terms: list[NDArray[np.float32]]
    frame_terms: list[NDArray[np.float32]] | None
    """None for `object-memory`."""


def fit_memory(features: Path, out: Path, config: TrainConfig, commands: Sequence[str] = ()) -> Run:
    """Remember the store in `features`, write the run into `out`, and return it.

    Raises ConfigError where the features hold no objects or `out` holds something else, DataError where the footage
    does not suffice, IntegrityError where a file of features was changed or a scene's background is missing.
    """
    store = open_store(features)
    videos = store.of("train")
    _require_objects(store, config)
    digest = footage_digest(videos)
    finished = refuse_or_resume(out, config, made_from(config, store.fingerprint.digest, digest))
    if finished is not None:
        return finished
    began = time.perf_counter()
    scenes = tuple(sorted({video.scene for video in videos}))
    backgrounds = {scene: read_background(features, scene) for scene in scenes}
    parts = {POOLED: list(videos)} if not config.by_scene else {}
    parts = parts or {scene: [video for video in videos if video.scene == scene] for scene in scenes}
    appearance = learn_all_appearance(videos)
    memories: dict[str, SceneMemory] = {}
    terms: dict[str, NDArray[np.float32]] = {}
    with progress() as bar:
        task = bar.add_task(f"remember {config.method}", total=len(parts))
        for name, own in parts.items():
            remembered = remember_videos(own, appearance, objects_every(store), with_frames=config.method == "fusion")
            memories[name] = remembered.memory
            for place, video in enumerate(own):
                terms[f"{video.scene}/{video.name}/objects"] = remembered.object_terms[place]
                if remembered.frame_terms is not None:
                    terms[f"{video.scene}/{video.name}/frames"] = remembered.frame_terms[place]
            bar.advance(task)
    tensors = memories_to_tensors(appearance, memories)
    write_bytes(out / MODEL, save_tensors(tensors))
    write_bytes(out / NORMAL_TERMS, save_tensors(terms))
    record_checksums(out, [NORMAL_TERMS])
    write_backgrounds(out / BACKGROUNDS, backgrounds)
    training = {
        "seconds": round(time.perf_counter() - began, 1),
        "parameters": sum(tensor.size for tensor in tensors.values()),
        "members": {name: _members(memory) for name, memory in memories.items()},
        "videos": {name: [[video.title, video.source] for video in own] for name, own in parts.items()},
    }
    return finish(out, config, store, digest, scenes, training, commands)


def objects_every(store: FeatureStore) -> int:
    """Every how many-th frame was looked at for objects."""
    return 1 if store.extract_config is None else store.extract_config.objects_every


def learn_all_appearance(videos: Sequence[StoredVideo]) -> AppearanceMap:
    """AppearanceMap from the objects of all training videos. Raises DataError where they hold next to none."""
    features, tracks, begun = [], [], 0
    for video in videos:
        objects = video.all_objects()
        rows = slice(None, None, max(1, len(objects) * len(videos) // (10 * MOST_MEMBERS)))
        features.append(objects.features[rows])
        tracks.append(objects.track[rows].astype(np.int64) + begun)
        begun += int(objects.track.max(initial=-1)) + 1
    found = sum(map(len, features))
    if found < FEWEST:
        raise DataError(
            f"the training videos show {found} moving objects in all, too few to learn from; add footage, or train "
            "with --method autoencoder"
        )
    return learn_appearance(np.concatenate(features), np.concatenate(tracks))


def remember_videos(
    videos: Sequence[StoredVideo], appearance: AppearanceMap, every: int, *, with_frames: bool
) -> Remembered:
    """What is normal in `videos`, in which every `every`-th frame was looked at for objects."""
    groups = frame_groups([video.frames for video in videos])
    normal = []
    for video, own in zip(videos, groups, strict=True):
        objects = video.all_objects()
        of_tracks = track_groups(objects.track, objects.frame, own)
        normal.append(Normal(objects, appearance.of(objects.features), of_tracks, video.fps))
    memory = SceneMemory(remember(normal), None, learn_crowd(np.empty(0, np.float32)))
    score = memory.leave_one_out_scores(normal)
    memory = memory._replace(crowd=learn_crowd(np.concatenate(score)))
    object_terms = [
        _object_term(memory, own, new, every, video.frames)
        for video, own, new in zip(videos, normal, score, strict=True)
    ]
    if not with_frames:
        return Remembered(memory, object_terms, None)
    residual, frame_terms = learn_residual([video.features() for video in videos], groups)
    return Remembered(memory._replace(residual=residual), object_terms, frame_terms)


def _object_term(
    memory: SceneMemory, video: Normal, score: NDArray[np.float32], every: int, frames: int
) -> NDArray[np.float32]:
    looked_at = np.arange(0, frames, every)
    scores = frame_scores(score, video.objects, looked_at, memory.crowd)
    return every_frame(scores, looked_at, np.arange(frames))


def _require_objects(store: FeatureStore, config: TrainConfig) -> None:
    videos: tuple[Any, ...] = store.of("train")
    if not videos:
        raise DataError(f"{store.folder}: it holds no training videos; extract the data set's train part too")
    if any(video.objects is None for video in videos):
        raise ConfigError(
            f"--method {config.method} compares moving objects, and the features in {store.folder} hold none; extract "
            "again without --no-objects, or train with --method autoencoder"
        )


def _members(memory: SceneMemory) -> int:
    return 0 if memory.objects is None else len(memory.objects.members)
