"""Feature stores with objects that need no video: people who walk through the picture one after another."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save as save_tensors

from conftest import write_video
from scenewise.checksums import record_checksums
from scenewise.config import ExtractConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.features.backgrounds import FOLDER
from scenewise.features.store import FeatureStore, write_store
from scenewise.files import write_bytes
from scenewise.objects.object_table import Objects, joined

FPS, FRAMES, WIDTH, EVERY = 10.0, 120, 8, 2
"""Frames a second and frames of a video; width of its objects' features; every how many-th frame has objects."""


def walkers(seed: int, frames: int = FRAMES, every: int = EVERY) -> Objects:
    """A walker every 30 frames, for 25; between them nobody."""
    random = np.random.default_rng(seed)
    parts = []
    for track, begin in enumerate(range(0, frames, 30)):
        at = np.arange(begin, min(begin + 25, frames), every, dtype=np.int32)
        at = at[at % every == 0]
        appearance = random.normal(size=WIDTH)
        features = appearance + 0.2 * random.normal(size=(len(at), WIDTH))
        corner = np.stack([0.01 * (at - begin), np.full(len(at), 0.3)], axis=1)
        box = np.concatenate([corner, corner + 0.2], axis=1).astype(np.float32)
        speed = random.lognormal(-2, 0.2, (len(at), 3)).astype(np.float32)
        number, area = np.full(len(at), track, np.int32), np.full(len(at), 0.04, np.float32)
        centre = ((box[:, :2] + box[:, 2:]) / 2).astype(np.float32)
        parts.append(Objects(at, box, area, speed, centre, number, features.astype(np.float16)))
    return joined(parts)


def object_store(folder: Path, scenes: dict[str, list[Objects]]) -> FeatureStore:
    """A store whose training videos hold the objects {scene: [of each video]}, and a test video of walkers a scene."""
    videos = []
    for place, (scene, of_videos) in enumerate(scenes.items()):
        known = [("train", f"{n:02d}", own, 100 * place + n) for n, own in enumerate(of_videos)]
        for split, name, objects, seed in [*known, ("test", "00", walkers(77 + place), 777 + place)]:
            features = np.random.default_rng(seed).normal(size=(FRAMES, 6))
            videos.append(write_video(folder, scene, name, split, features, objects=objects, fps=FPS))
        empty = {"picture": np.zeros((6, 8, 3), np.uint8), "noise": np.zeros((6, 8), np.float32)}
        write_bytes(folder / FOLDER / f"{scene}.safetensors", save_tensors(empty))
        record_checksums(folder / FOLDER, [f"{scene}.safetensors"])
    videos.sort(key=lambda video: video.split, reverse=True)
    config = ExtractConfig(objects_every=EVERY)
    store = FeatureStore(folder, Fingerprint({"kind": "test"}, {}), tuple(videos), {}, (), config)
    write_store(store)
    return store
