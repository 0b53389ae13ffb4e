"""Normal objects of two kinds, walkers and cyclists three times as fast, and banks filled with them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.appearance import AppearanceMap, fit_appearance
from scenewise.methods.object_memory.memory_bank import TERMS, MemoryBank, NormalObjects, fit_memory_bank
from scenewise.methods.object_memory.object_scale import CELLS, SIZES, ObjectScale
from scenewise.methods.object_memory.scene_model import SceneModel
from scenewise.methods.object_memory.scorer import ObjectMemoryScorer
from scenewise.methods.object_memory.tensors import State
from scenewise.methods.object_memory.term_scales import TermScale
from scenewise.methods.scores import Chunk
from scenewise.objects.object_table import Objects

WIDTH, FPS = 10, 10.0
AS_THEY_ARE = TermScale(0, 1, 0, 1)
"""The scale that leaves scores as they are."""
RAW = ObjectScale(
    np.full(SIZES - 1, 2, np.float32),
    np.zeros((CELLS, len(TERMS)), np.float32),
    np.ones((CELLS, len(TERMS)), np.float32),
)
"""The same for objects."""
FLOW_ALONE = np.array([1, 0, 0, 0], np.float32)
"""Weights of the terms."""


def objects(seed: int, tracks: int = 8, frames: int = 60, fast: bool = False) -> Objects:
    """Tracks of two kinds; those of the second kind are three times as fast. With `fast` only the first kind, as
    fast as the second."""
    random = np.random.default_rng(seed)
    kinds = np.arange(tracks) % 2 if not fast else np.zeros(tracks, int)
    frame, track = (
        np.array(one)
        for one in zip(*[(at, one) for at in range(frames) for one in range(tracks) if (at + one) % 3], strict=True)
    )
    kind, count = kinds[track], len(frame)
    features = 0.3 * random.normal(size=(tracks, WIDTH))[track] + 0.1 * random.normal(size=(count, WIDTH))
    features[:, 0] += 4 * kind
    quick = (1 + 2 * kind) if not fast else np.full(count, 3)
    speed = 0.1 * quick[:, None] * random.lognormal(0, 0.1, (count, 3))
    corner = random.uniform(0.02, 0.4, (tracks, 2))[track]
    corner[:, 0] += 0.02 * quick * frame / FPS  # the second kind is three times as fast along its track, too
    return Objects(
        frame.astype(np.int32),
        np.concatenate([corner, corner + 0.3], axis=1).astype(np.float32),
        np.full(count, 0.01, np.float32),
        speed.astype(np.float32),
        (corner + 0.15).astype(np.float32),
        track.astype(np.int32),
        features.astype(np.float16),
    )


def changed(known: Objects, **columns: NDArray[np.generic]) -> Objects:
    """`known` with other `columns`."""
    return Objects(**{**vars(known), **columns})  # type: ignore[arg-type]


@cache
def footage() -> tuple[Objects, ...]:
    """The objects of six videos."""
    return tuple(objects(seed) for seed in range(6))


@cache
def appearance() -> AppearanceMap:
    """The map that they define."""
    return fit_appearance(
        np.concatenate([own.features for own in footage()]),
        np.concatenate([own.track + 100 * place for place, own in enumerate(footage())]),
    )


def normal_objects(known: Objects, fold: int) -> NormalObjects:
    """`known` as normal objects of one video, which is a fold."""
    folds = np.full(len(known), fold, np.int32)
    return NormalObjects(known, appearance().embed(known.features), folds, FPS)


@cache
def normal() -> tuple[NormalObjects, ...]:
    """The six videos' normal objects, each video a fold."""
    return tuple(normal_objects(own, fold) for fold, own in enumerate(footage()))


def bank_of(videos: tuple[NormalObjects, ...] | list[NormalObjects]) -> MemoryBank:
    """The bank of `videos` that suffice for one."""
    bank = fit_memory_bank(videos)
    assert bank is not None
    return bank


def scored(bank: MemoryBank | None, known: Objects) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Scores (M,) of `known` by the term flow of `bank`, NOTHING for what stands still, and rows (M,) of the nearest
    normal examples."""
    state = State(appearance(), {"place": SceneModel(bank, RAW, FLOW_ALONE, None)}, {"place": AS_THEY_ARE})
    scorer = ObjectMemoryScorer(state, {"place": []}, frame_weight=0.0, every=1)
    features = np.zeros((int(known.frame.max(initial=0)) + 1, 4), np.float16)
    found = [part.objects for part in scorer.stream([Chunk(features, known)], FPS, "place")]
    assert all(part is not None for part in found)
    score, nearest = zip(*[(part.score, part.nearest) for part in found if part is not None], strict=True)
    return np.concatenate(score), np.concatenate(nearest)
