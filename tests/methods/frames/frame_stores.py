"""Feature stores without objects: each scene's frames walk along a line of its own."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conftest import write_video
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.features.store import FeatureStore, StoredVideo, write_store
from scenewise.methods.scores import Chunk, Scored, Scorer

FRAMES, WIDTH = 40, 6
SCENES = ("lawn", "road")


def normal_frames(scene: int, seed: int, frames: int = FRAMES) -> NDArray[np.float16]:
    """(frames, WIDTH) frames of a scene: long in direction `scene`, short in all others."""
    random = np.random.default_rng([scene, seed])
    features = 0.1 * random.normal(size=(frames, WIDTH)) + 1
    features[:, scene] += random.normal(size=frames)
    return features.astype(np.float16)


def frame_store(folder: Path, videos: int = 5) -> FeatureStore:
    """`videos` training videos and a test video of each of two scenes."""
    stored: list[StoredVideo] = []
    for place, scene in enumerate(SCENES):
        for number in range(videos):
            features = normal_frames(place, number)
            stored.append(write_video(folder, scene, f"{number:02d}", "train", features, block=16))
        stored.append(write_video(folder, scene, "00", "test", normal_frames(place, 99), block=16))
    stored.sort(key=lambda video: video.split, reverse=True)
    store = FeatureStore(folder, Fingerprint({"kind": "imported", "name": "toy"}, {}), tuple(stored), {}, ())
    write_store(store)
    return store


def scores_of(scorer: Scorer, chunks: Iterable[Chunk], scene: str) -> NDArray[np.float32]:
    """The raw scores of a video."""
    scored: list[Scored] = list(scorer.stream(chunks, 25.0, scene))
    return np.concatenate([part.scores for part in scored])


def cut(features: NDArray[np.float16], *at: int) -> list[Chunk]:
    """A video in chunks that end at the frames `at`."""
    return [Chunk(features[begin:end], None) for begin, end in pairwise((0, *at, len(features)))]
