"""After PatchCore (Roth et al., CVPR 2022), on region features, place by place; VideoPatchCore (2024) on videos.

Each place of the grid has a memory bank: the coreset of its normal features, chosen greedily so that no normal feature
is far from it. A region's score is the distance to the nearest vector in the bank of its place and of the places around
it, weighted as in the paper by how far that vector's own neighbours are. A frame scores as its most abnormal region.

Other than in the paper, features are the means of an encoder's maps over a grid, and a fixed camera lets each place
have a bank of its own: what is normal on the road is not normal on the lawn beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.config import require_between
from scenewise.errors import ConfigError
from scenewise.formats.tensors import require_indices, tensor
from scenewise.methods.frames.method import FittedPart, OnePassMethod
from scenewise.methods.frames.settings import OnePassSettings
from scenewise.methods.method import RunContent, Settings
from scenewise.scoring.coreset import greedy_coreset

if TYPE_CHECKING:
    from scenewise.features.store import FeatureStore, StoredVideo
    from scenewise.methods.scores import Scorer

MOST_FRAMES = 2000
"""Frames that the coresets are chosen from at most, evenly spread."""


@dataclass(frozen=True)
class PatchMemorySettings(OnePassSettings):
    """`scenewise train --method patch-memory`."""

    coreset: int = 50
    """Normal features that each place remembers."""
    reach: int = 1
    """Places away, in rows and columns, whose memory a region is compared with too; 0 for its own place alone."""
    neighbours: int = 9
    """Nearest neighbours (b) of the nearest normal feature that weight the distance to it; 1 for no weights."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 10_000, "coreset", "neighbours")
        require_between(self, 0, 100, "reach")


class PatchMemory(NamedTuple):
    """The coresets of the R places of one scene, m features each."""

    bank: NDArray[np.float16]
    """(R, m, D')."""
    video: NDArray[np.int32]
    """(R, m) which of the training videos each is from."""
    frame: NDArray[np.int32]
    """(R, m)"""
    grid: NDArray[np.int64]
    """(2,) rows and columns of places; R is their product."""
    reach: NDArray[np.int64]
    """(1,) places away."""
    neighbours: NDArray[np.int64]
    """(1,) b."""

    def around(self, place: int) -> NDArray[np.int64]:
        """The places whose memory the region at `place` is compared with."""
        rows, columns = np.divmod(np.arange(len(self.bank)), self.grid[1])
        reach = self.reach.item()
        near = (np.abs(rows - rows[place]) <= reach) & (np.abs(columns - columns[place]) <= reach)
        return np.flatnonzero(near)

    def score(self, regions: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """(N, R) scores, at least 0, of regions (N, R, D'), and (N, R) their nearest rows in the R x m of the bank."""
        scores = np.empty(regions.shape[:2], np.float32)
        rows = np.empty(regions.shape[:2], np.int64)
        for place in range(len(self.bank)):
            around = self.around(place)
            shared = self.bank[around].reshape(-1, self.bank.shape[2]).astype(np.float32)
            scores[:, place], found = weighted_distance(regions[:, place], shared, self.neighbours.item())
            rows[:, place] = (around[:, None] * self.bank.shape[1] + np.arange(self.bank.shape[1])).ravel()[found]
        return scores, rows


class PatchMemoryMethod(OnePassMethod):
    """Nearest region features, place by place."""

    name = "patch-memory"
    summary = "distance of each place of a frame to a coreset of its normal features"
    Settings: ClassVar[type[Settings]] = PatchMemorySettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "patch-memory": {},
        "patch-memory/pooled": {"scope": "pooled"},
    }
    label = "patch memory"
    model = PatchMemory
    forms: ClassVar = {
        "bank": tensor("float16", "places", "coreset", "region width"),
        "video": tensor("int32", "places", "coreset"),
        "frame": tensor("int32", "places", "coreset"),
        "grid": tensor("int64", 2),
        "reach": tensor("int64", 1),
        "neighbours": tensor("int64", 1),
    }

    def require(self, store: FeatureStore) -> None:
        """Raise ConfigError if the features have no regions, or a grid that nobody knows."""
        if any(video.regions is None for video in store.of("train")):
            raise ConfigError(
                f"--method patch-memory scores region features, and the features in {store.folder} hold none; extract "
                "again with --regions 7x7"
            )
        places = {video.regions[0] for video in store.of("train") if video.regions}
        if places != {int(np.prod(grid_of(store)))}:
            raise ConfigError(
                f"--method patch-memory: the features in {store.folder} have {min(places)} regions a frame, and it is "
                "not known in how many rows and columns; extract again with --regions 7x7"
            )

    def facts(self, store: FeatureStore, parts: Mapping[str, Sequence[StoredVideo]]) -> dict[str, Any]:
        """The videos that the coresets' features are from, and whether the grid covers the whole picture.

        Where pictures were cut or padded before they were encoded, their shape decides where a place lies, and features
        do not tell it.
        """
        videos = {part: [[video.title, video.source] for video in footage] for part, footage in parts.items()}
        whole = store.extract_config is not None and store.extract_config.fit == "squash"
        return {"videos": videos, "whole_picture": whole}

    def fit_part(self, videos: Sequence[StoredVideo], store: FeatureStore, settings: PatchMemorySettings) -> FittedPart:
        """The coresets of all footage, and each frame's score by those of the other groups of folds."""
        from scenewise.methods.folds import folds_by_scene
        from scenewise.methods.frames.leave_out import groups_of, models_without
        from scenewise.methods.object_memory.appearance import evenly_spread

        groups = groups_of(folds_by_scene([(video.scene, video.frames) for video in videos]))
        scenes = len({video.scene for video in videos})
        rows = evenly_spread(sum(video.frames for video in videos), MOST_FRAMES * scenes)
        regions, of_video, of_frame = _sampled(videos, rows)
        grid = np.array(grid_of(store))

        def learn(kept: NDArray[np.bool_]) -> PatchMemory:
            chosen = [
                greedy_coreset(regions[kept, place], settings.coreset * scenes) for place in range(regions.shape[1])
            ]
            at = np.flatnonzero(kept)[np.stack(chosen)]
            bank = np.stack([regions[own, place] for place, own in enumerate(at)])
            constants = np.array([settings.reach]), np.array([settings.neighbours])
            return PatchMemory(bank, of_video[at], of_frame[at], grid, *constants)

        without = dict(models_without(np.concatenate(groups)[rows], learn))
        normal = []
        for video, own in zip(videos, groups, strict=True):
            normal.append(np.empty(video.frames, np.float32))
            for first, part in _region_blocks(video):
                here = own[first : first + len(part)]
                for group in np.unique(here):
                    # A group of a few frames may have none in the sample; then every model is without it.
                    model = without.get(int(group)) or next(iter(without.values()))
                    normal[-1][first : first + len(part)][here == group] = model.score(part[here == group])[0].max(
                        axis=1
                    )
        return FittedPart(learn(np.ones(len(rows), bool)), normal)

    def scorer(self, models: Mapping[str, PatchMemory], run: RunContent) -> Scorer:
        """One that gives every frame the score of its most abnormal region, and every region as a box."""
        from scenewise.methods.frames.region_scorer import RegionScorer, require_facts

        require_facts(run.facts, models)
        for part, model in models.items():
            if np.prod(model.grid) != len(model.bank) or model.bank.size == 0 or model.neighbours.item() < 1:
                raise ValueError(f"{part}/grid: expected {len(model.bank)} places, got {model.grid.tolist()}")
            require_indices(f"{part}/video", model.video, len(run.facts["videos"][part]))
        return RegionScorer(models, run.facts, run.objects_every, run.scenes)


def weighted_distance(
    vectors: NDArray[np.floating], bank: NDArray[np.float32], b: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(N,) weighted distance of `vectors` (N, D) to the nearest of `bank` (n, D), and (N,) its row.

    After the paper's re-weighting: with m* the nearest and N the b nearest to m* in the bank, m* among them, the
    distance d(m*) is multiplied by 1 - exp d(m*) / sum over N of exp d(m). It is less where the bank is dense: m* is
    then one of many that are as near. Distances in the exponents are divided by sqrt(D), which keeps them in range. b
    is at most n; with one there is nothing to weight.
    """
    from scenewise.methods.object_memory.neighbours import nearest

    found = nearest(np.asarray(vectors, np.float32), bank, 1)
    distance, row = found.distance[:, 0], found.row[:, 0]
    if min(b, len(bank)) < 2:
        return distance, row
    stars, star_of = np.unique(row, return_inverse=True)
    near = nearest(bank[stars], bank, b).row
    weighted = np.empty_like(distance)
    for begin in range(0, len(vectors), 256):
        part = slice(begin, begin + 256)
        apart = vectors[part, None].astype(np.float32) - bank[near[star_of[part]]]
        exponents = np.linalg.norm(apart, axis=2) / bank.shape[1] ** 0.5
        own = distance[part] / bank.shape[1] ** 0.5
        weighted[part] = distance[part] * (1 - 1 / np.exp(np.minimum(exponents - own[:, None], 80)).sum(axis=1))
    return weighted, row


def grid_of(store: FeatureStore) -> tuple[int, int]:
    """Rows and columns of the store's regions, as `extract` was asked for them; (0, 0) if nobody knows."""
    return (store.extract_config and store.extract_config.grid) or (0, 0)


def _region_blocks(video: StoredVideo) -> Iterator[tuple[int, NDArray[np.float16]]]:
    """First frame and regions (n, R, D') of each block."""
    for block in video.blocks():
        assert block.regions is not None  # `require` looked
        yield block.first, block.regions


def _sampled(
    videos: Sequence[StoredVideo], rows: NDArray[np.int64]
) -> tuple[NDArray[np.float16], NDArray[np.int32], NDArray[np.int32]]:
    """Regions (n, R, D') of the frames `rows`, counted over all videos; and of each the video and the frame in it."""
    regions, of_video, of_frame, begun = [], [], [], 0
    for number, video in enumerate(videos):
        own = rows[(rows >= begun) & (rows < begun + video.frames)] - begun
        for first, part in _region_blocks(video):
            inside = own[(own >= first) & (own < first + len(part))]
            regions.append(part[inside - first])
        of_video.append(np.full(len(own), number, np.int32))
        of_frame.append(own.astype(np.int32))
        begun += video.frames
    return np.concatenate(regions), np.concatenate(of_video), np.concatenate(of_frame)
