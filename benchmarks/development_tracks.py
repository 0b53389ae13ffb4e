"""Real box tracks as a feature store: speed, place and direction of people, without the pictures.

The tracks are those of published work on ShanghaiTech Campus, npz files of one array a video: frame, track, left, top,
right, bottom in pixels of 856x480 at 24 frames a second; in the tests a seventh column marks persons who are abnormal.
An object's features are its outline alone, so what counts is how it moves, and where.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from scenewise.checksums import record_checksums
from scenewise.config import ExtractConfig
from scenewise.datasets import LabelSource
from scenewise.datasets.manifest import Split
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.features.backgrounds import FOLDER
from scenewise.features.blocks import Block, write_block
from scenewise.features.store import VIDEO_JSON, FeatureStore, StoredVideo, write_store
from scenewise.files import write_bytes, write_json
from scenewise.objects.object_table import Objects

SIZE, FPS = (856, 480), 24.0
EVERY = 4
"""Every fourth frame's boxes are used: 6 a second."""
MOST_VIDEOS = 20
"""Training videos of a camera, evenly spread."""
MADE_FROM = {"encoder": "outlines", "signature": "tracks"}


def track_store(tracks: Path, folder: Path, camera: str) -> FeatureStore:
    """The store of one camera."""
    videos = []
    splits: tuple[Split, ...] = ("train", "test")
    for split in splits:
        with np.load(tracks / "shanghaitech" / f"{split}.npz") as arrays:
            names = sorted(name for name in arrays.files if name.startswith(f"{camera}_"))
            if split == "train":
                names = [names[place] for place in np.unique(np.linspace(0, len(names) - 1, MOST_VIDEOS).astype(int))]
            videos += [_video(folder, split, camera, name, arrays[name].astype(np.int64)) for name in names]
    empty: dict[str, NDArray[Any]] = {"picture": np.zeros((6, 8, 3), np.uint8), "noise": np.zeros((6, 8), np.float32)}
    write_bytes(folder / FOLDER / f"{camera}.safetensors", save_tensors(empty))
    record_checksums(folder / FOLDER, [f"{camera}.safetensors"])
    config = ExtractConfig(objects_every=EVERY)
    store = FeatureStore(folder, Fingerprint({"kind": "outlines"}, {}), tuple(videos), {}, (), config)
    write_store(store)
    return store


def _video(folder: Path, split: Split, camera: str, name: str, boxes: NDArray[np.int64]) -> StoredVideo:
    own = folder / split / camera / name
    frames = int(boxes[:, 0].max()) + 1
    objects = _objects(boxes[boxes[:, 0] % EVERY == 0])
    features = np.random.default_rng(0).normal(size=(frames, 2)).astype(np.float16)  # no method here looks at frames
    times = np.arange(frames) / FPS
    write_block(own, Block(0, features, times, np.zeros(frames, np.uint8), objects=objects), MADE_FROM)
    described = {"format": 1, "frames": frames, "lost": 0, "width": 2, "regions": None, "block": frames}
    write_json(own / VIDEO_JSON, {**described, "made_from": MADE_FROM})
    record_checksums(own, [VIDEO_JSON])
    labels = None
    if split == "test":
        path = folder / "labels" / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        abnormal = np.zeros(frames, np.uint8)
        abnormal[np.unique(boxes[boxes[:, 6] == 1, 0])] = 1
        np.save(path, abnormal)
        labels = LabelSource(path)
    return StoredVideo(
        camera, name, split, FPS, frames, 0, 2, None, frames, own, name, labels, None, objects=objects.features.shape[1]
    )


def _objects(boxes: NDArray[np.int64]) -> Objects:
    """The boxes as objects; all of them move, since a tracker of people found them."""
    boxes = boxes[np.lexsort((boxes[:, 1], boxes[:, 0]))]
    width, height = SIZE
    shares = (boxes[:, 2:6] / np.array([width, height, width, height])).astype(np.float32)
    sides = np.maximum(boxes[:, 4:6] - boxes[:, 2:4], 1) / height
    outline = np.log(np.stack([sides[:, 0] / sides[:, 1], sides[:, 1]], axis=1))
    return Objects(
        boxes[:, 0].astype(np.int32),
        shares,
        (sides[:, 0] * sides[:, 1] * height / width).astype(np.float32),
        np.full((len(boxes), 3), 0.1, np.float32),
        ((boxes[:, 2:4] + boxes[:, 4:6]) / (2 * height)).astype(np.float32),
        boxes[:, 1].astype(np.int32),
        outline.astype(np.float16),
    )
