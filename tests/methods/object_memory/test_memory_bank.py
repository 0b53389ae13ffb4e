"""The normal objects of a scene, remembered and left out; and their frames' score."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenewise.errors import IntegrityError
from scenewise.methods.autoencoder.build_model import object_memory as module
from scenewise.methods.object_memory.appearance import learn_appearance
from scenewise.methods.object_memory.frame_residual import FOLDS, learn_residual, split_off
from scenewise.methods.object_memory.memory_bank import STILL, Normal, along_tracks, moving, remember
from scenewise.methods.object_memory.neighbours import bounded, mean_distance, nearest
from scenewise.methods.object_memory.scene_memory import (
    A_FEW,
    CROWD,
    HIGHEST,
    NEVER_SEEN,
    ORDINARY,
    SceneMemory,
    every_frame,
    frame_scores,
    learn_crowd,
)
from scenewise.methods.object_memory.tensors import memories_from_tensors, memories_to_tensors
from scenewise.objects.object_table import Objects, no_objects

WIDTH = 10
NO_CROWD = np.zeros(CROWD, np.float32)


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
    corner = random.uniform(0, 0.5, (tracks, 2))[track]
    return Objects(
        frame.astype(np.int32),
        np.concatenate([corner, corner + 0.3], axis=1).astype(np.float32),
        np.full(count, 0.01, np.float32),
        speed.astype(np.float32),
        np.zeros((count, 2), np.float32),
        track.astype(np.int32),
        features.astype(np.float16),
    )


FPS = 10.0
FOOTAGE = [objects(seed) for seed in range(6)]
LOOKS = learn_appearance(
    np.concatenate([own.features for own in FOOTAGE]),
    np.concatenate([own.track + 100 * place for place, own in enumerate(FOOTAGE)]),
)
NORMAL = [
    Normal(own, LOOKS.of(own.features), np.full(len(own), place, np.int32), FPS) for place, own in enumerate(FOOTAGE)
]


def test_medians_along_tracks_against_a_slow_loop() -> None:
    own = objects(3)
    values = np.random.default_rng(0).normal(size=(len(own), 2)).astype(np.float32)
    for fps in (0.4, 3.0, 10.0, 500.0):
        reach = round(module.TRACK_SECONDS * fps)
        slow = np.empty_like(values)
        for row in range(len(own)):
            near = (own.track == own.track[row]) & (np.abs(own.frame - own.frame[row]) <= reach)
            slow[row] = np.median(values[near], axis=0)
        np.testing.assert_allclose(along_tracks(values, own, fps), slow, rtol=1e-6)
    assert along_tracks(values[:0], no_objects(WIDTH), 10.0).shape == (0, 2)


def _track_at(video: int, frame: int, box: np.ndarray) -> int:
    own = FOOTAGE[video]
    return int(own.track[(own.frame == frame) & (own.box == box).all(axis=1)][0])


def test_normal_objects_are_ordinary_and_a_walkers_looks_at_a_cyclists_speed_are_not() -> None:
    memory = SceneMemory(remember(NORMAL), None, NO_CROWD)
    fresh, rider = objects(50), objects(51, fast=True)
    usual, nearest_row = memory.object_scores(fresh, LOOKS, FPS)
    new, _ = memory.object_scores(rider, LOOKS, FPS)
    assert np.median(new) > np.quantile(usual, 0.95)
    assert memory.objects is not None
    video, frame = memory.objects.source[nearest_row].T
    kinds = np.array([_track_at(*one) % 2 for one in zip(video, frame, memory.objects.box[nearest_row], strict=True)])
    assert (kinds == fresh.track % 2).mean() > 0.95, "the most nearest_row one is of its kind"


def test_left_out_novelty_is_that_of_new_footage() -> None:
    """Judged by the other videos, what was remembered is as ordinary as what was not: that is what calibrates."""
    memory = SceneMemory(remember(NORMAL), None, NO_CROWD)
    left_out = np.concatenate(memory.leave_one_out_scores(NORMAL))
    seen = np.concatenate([memory.object_scores(own.objects, LOOKS, FPS)[0] for own in NORMAL])
    fresh = np.concatenate([memory.object_scores(objects(seed), LOOKS, FPS)[0] for seed in range(100, 120)])
    assert abs(np.median(left_out) - np.median(fresh)) < 0.02 * np.median(fresh)
    assert np.median(seen) < 0.9 * np.median(left_out)


def test_a_members_source_and_box_are_its_own() -> None:
    memory = remember(NORMAL)
    assert memory is not None and len(memory.members) == sum(map(len, FOOTAGE))
    for row in range(0, len(memory.members), 97):
        video, frame = memory.source[row]
        own = FOOTAGE[video]
        at = np.flatnonzero((own.frame == frame) & (own.box == memory.box[row]).all(axis=1))
        assert len(at) == 1 and memory.groups[row] == video
        np.testing.assert_allclose(
            memory.members[row, :-3], LOOKS.of(own.features[at])[0] / memory.appearance_scale, rtol=1e-4
        )


def test_the_cap_holds_and_every_track_keeps_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MEMBERS", 480)
    memory = remember(NORMAL)
    assert memory is not None and len(memory.members) == 480
    tracks, shares = np.unique(
        np.concatenate([memory.source[:, :1], np.round(1e4 * memory.box[:, :1])], axis=1), axis=0, return_counts=True
    )
    assert len(tracks) == 48 and shares.min() >= 9 and shares.max() <= 11
    assert (np.diff(memory.source[:, 0]) >= 0).all()


def test_too_little_to_compare() -> None:
    alone = NORMAL[0]
    assert remember([alone]) is None
    nothing = Normal(no_objects(WIDTH), LOOKS.of(np.empty((0, WIDTH))), np.empty(0, np.int32), FPS)
    assert remember([nothing, nothing]) is None
    memory = SceneMemory(remember([alone, nothing]), None, NO_CROWD)
    score, nearest_row = memory.object_scores(alone.objects, LOOKS, FPS)
    assert (score == NEVER_SEEN).all() and (nearest_row == -1).all()
    two = [
        own._replace(objects=own.objects.select(slice(1)), appearance=own.appearance[:1], groups=own.groups[:1])
        for own in NORMAL[:2]
    ]
    found, _ = SceneMemory(remember(two), None, NO_CROWD).object_scores(FOOTAGE[2], LOOKS, FPS)
    assert np.isfinite(found).all()


def test_novelty_of_frames_by_hand() -> None:
    own = objects(0).select(np.arange(6))
    own = Objects(**{**vars(own), "frame": np.array([0, 0, 0, 2, 6, 6], np.int32)})
    found = frame_scores(np.array([1, 5, 3, 4, 0.2, 0.4], np.float32), own, np.array([0, 2, 4, 6]), NO_CROWD)
    assert HIGHEST == 2 and ORDINARY == 1
    np.testing.assert_allclose(found, [4, 2.5, 0, 0.3])
    alone = frame_scores(np.array([0.5], np.float32), own.select(slice(1)), np.array([0]), NO_CROWD)
    assert alone.tolist() == [0.5], "one very ordinary object makes no frame less ordinary than itself"
    between = every_frame(found, np.array([0, 2, 4, 6]), np.arange(8))
    np.testing.assert_allclose(between, [4, 3.25, 2.5, 1.25, 0, 0.15, 0.3, 0.3])


def test_what_a_crowd_of_ordinary_objects_has_against_many_draws() -> None:
    random = np.random.default_rng(0)
    normal = random.lognormal(0, 0.4, 5000).astype(np.float32)
    crowd = learn_crowd(np.concatenate([normal, np.zeros(3000, np.float32)]))  # what stands still is not drawn
    assert crowd.shape == (CROWD,) and (np.diff(crowd) > 0).all(), "the more there are, the more novel the most novel"
    for there in (2, 3, 5, 10, 20, CROWD):
        drawn = np.sort(random.choice(normal, (20_000, there)), axis=1)[:, -HIGHEST:]
        assert crowd[there - 1] == pytest.approx(drawn.mean(), rel=0.1)
    lone = frame_scores(normal, one_frame_each(len(normal)), np.arange(len(normal)), NO_CROWD)
    assert crowd[0] == pytest.approx(np.median(lone), rel=0.01)
    assert not learn_crowd(np.zeros(9, np.float32)).any() and not learn_crowd(normal[:0]).any()


def one_frame_each(count: int, there: int = 1) -> Objects:
    """`count` frames of `there` objects each."""
    rows = np.arange(count * there)
    own = objects(0).select(rows % 100)
    return Objects(**{**vars(own), "frame": (rows // there).astype(np.int32)})


def test_a_busy_frame_of_ordinary_objects_is_as_novel_as_one_of_a_few() -> None:
    random = np.random.default_rng(1)
    crowd = learn_crowd(random.lognormal(0, 0.4, 5000).astype(np.float32))

    def mean_of(there: int, crowd: np.ndarray) -> float:
        score = random.lognormal(0, 0.4, 1000 * there).astype(np.float32)
        return float(frame_scores(score, one_frame_each(1000, there), np.arange(1000), crowd).mean())

    few = mean_of(A_FEW, crowd)
    assert mean_of(12, NO_CROWD) > 1.3 * few, "for being busy alone"
    for there in (1, 2, 7, 12, CROWD):
        assert mean_of(there, crowd) == pytest.approx(few, rel=0.15)
    stranger = np.array([1, 1, 1, 4, 4], np.float32)
    own = one_frame_each(1, 5)
    found = frame_scores(stranger, own, np.array([0]), crowd)
    assert found[0] == pytest.approx(4 - (crowd[4] - crowd[A_FEW - 1]), rel=1e-5)
    packed = frame_scores(np.ones(50, np.float32), one_frame_each(1, 50), np.array([0]), crowd)
    assert packed[0] == pytest.approx(1 - (crowd[-1] - crowd[A_FEW - 1]), rel=1e-5)
    still = frame_scores(np.array([0, 0, 1, 4, 4], np.float32), own, np.array([0]), crowd)
    assert still[0] == pytest.approx(4), "what stands still is no crowd"


def test_what_moves_by_hand() -> None:
    """A lamp, a walker, one who starts halfway, and a video's first frame, before which nothing was seen."""
    count = 40
    frame, track = np.repeat(np.arange(count), 3), np.tile(np.arange(3), count)
    faster = np.array([0.2 * STILL, 20 * STILL, 0.0])[track]
    faster[(track == 2) & (frame >= 20)] = 10 * STILL
    faster[(track == 0) & (frame == 11)] = 50 * STILL  # one flicker
    faster[frame == 0] = np.nan
    own = objects(0, 3, 80).select(np.arange(3 * count))
    speed = np.stack([np.full(3 * count, 9.0), faster, np.full(3 * count, 9.0)], axis=1).astype(np.float32)
    own = Objects(**{**vars(own), "frame": frame.astype(np.int32), "track": track.astype(np.int32), "speed": speed})
    moves = moving(own, FPS)
    assert not moves[track == 0].any() and moves[track == 1].all()
    np.testing.assert_array_equal(moves[track == 2], np.arange(count) >= 20)
    for learned in (remember(NORMAL), None):
        score, nearest_row = SceneMemory(learned, None, NO_CROWD).object_scores(own, LOOKS, FPS)
        np.testing.assert_array_equal(score > 0, moves)
        assert (nearest_row[~moves] == -1).all()
    alone = own.select(np.flatnonzero(frame == 0))
    assert not moving(alone, FPS).any() and moving(no_objects(WIDTH), FPS).shape == (0,)


def test_footage_of_lamps_is_footage_of_nothing() -> None:
    lamps = [
        own._replace(objects=Objects(**{**vars(own.objects), "speed": 0.01 * STILL * own.objects.speed}))
        for own in NORMAL
    ]
    assert remember(lamps) is None
    alone, beside = remember(NORMAL), remember([*NORMAL, *lamps])
    assert alone is not None and beside is not None
    np.testing.assert_array_equal(beside.members, alone.members)


def test_left_out_is_by_a_memory_that_never_saw_the_group() -> None:
    """Against the slow way: for each group, remember the others anew, in the same space."""
    memory = remember(NORMAL)
    assert memory is not None
    left_out = memory.left_out(memory.members, memory.groups)
    for group in np.unique(memory.groups):
        others = memory.groups != group
        members, groups = memory.members[others], memory.groups[others]
        found = nearest(members, members, module.NEIGHBOURS, (groups, groups))
        anew = memory._replace(members=members, groups=groups, own=bounded(mean_distance(found)))
        expected, _ = anew.score(memory.members[~others])
        np.testing.assert_allclose(left_out[~others], expected, rtol=1e-4)


@pytest.mark.parametrize("videos", [2, 3])
def test_leaving_out_one_of_few(videos: int) -> None:
    """Of two, the one that is left has nothing to be compared with, and keeps its distances to the one left out."""
    memory = SceneMemory(remember(NORMAL[:videos]), None, NO_CROWD)
    score = memory.leave_one_out_scores(NORMAL[:videos])
    assert [len(own) for own in score] == [len(own.objects) for own in NORMAL[:videos]]
    assert all(0.5 < np.median(own) < 2 and own.max() < 10 for own in score)


def test_left_out_where_nothing_moves() -> None:
    still = NORMAL[0]._replace(objects=Objects(**{**vars(FOOTAGE[0]), "speed": 0 * FOOTAGE[0].speed}))
    memory = SceneMemory(remember(NORMAL), None, NO_CROWD)
    without, with_it = memory.leave_one_out_scores(NORMAL), memory.leave_one_out_scores([*NORMAL, still])
    assert not with_it[-1].any()
    for one, other in zip(without, with_it, strict=False):
        np.testing.assert_array_equal(one, other)
    assert (SceneMemory(None, None, NO_CROWD).leave_one_out_scores(NORMAL[:1])[0] > 1).all()


def frames(seed: int, count: int = 70, width: int = 16) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.normal(size=(count, width)) * np.linspace(3, 0.1, width)).astype(np.float32)


def test_left_out_residual_against_a_slow_loop() -> None:
    videos = [frames(seed) for seed in range(7)]
    groups = [np.full(70, place, np.int32) for place in range(7)]
    residual, own = learn_residual(videos, groups)
    left = []
    for place, video in enumerate(videos):
        others = np.concatenate([other for at, other in enumerate(videos) if at % FOLDS != place % FOLDS])
        centred = others - others.mean(axis=0)
        kept = residual.components.shape[1]
        axes = np.linalg.svd(centred, full_matrices=False)[2][:kept].T
        shifted = video - others.mean(axis=0)
        left.append(np.linalg.norm(shifted - shifted @ axes @ axes.T, axis=1))
    flat = np.concatenate(left)
    floored = bounded(flat)
    np.testing.assert_allclose(residual.own, floored, rtol=1e-3, atol=1e-4)
    line, group = np.concatenate(videos), np.concatenate(groups)
    projected = (line - residual.mean) @ residual.components
    for place in range(7):
        for row in range(0, 70, 13):
            at = 70 * place + row
            apart = np.linalg.norm(projected - projected[at], axis=1)
            apart[group == place] = np.inf
            nearest = np.argsort(apart)[:15]
            assert own[place][row] == pytest.approx(flat[at] / floored[nearest].mean(), rel=2e-3, abs=1e-4)
    assert [len(one) for one in own] == [70] * 7


def test_what_no_component_explains_is_new() -> None:
    residual, own = learn_residual([frames(seed) for seed in range(5)], [np.full(70, n, np.int32) for n in range(5)])
    strange = frames(50)
    strange[:, -1] += 5
    assert residual.score(strange).min() > np.quantile(np.concatenate(own), 0.99)
    assert 0.5 < np.median(residual.score(frames(51))) < 2


@pytest.mark.parametrize("count", [1, 2, 9])
def test_the_frames_of_a_short_video(count: int) -> None:
    residual, own = learn_residual([frames(0, count)], [np.arange(count, dtype=np.int32) % 5])
    assert np.isfinite(own[0]).all() and np.isfinite(residual.score(frames(1))).all()


def test_split_off_is_what_is_left() -> None:
    video = frames(0, 5000)
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 4)))[0].astype(np.float32)
    left, projected = split_off(video, video.mean(axis=0), axes)
    centred = video - video.mean(axis=0)
    np.testing.assert_allclose(projected, centred @ axes, atol=1e-4)
    np.testing.assert_allclose(left**2 + (projected**2).sum(axis=1), (centred**2).sum(axis=1), rtol=1e-4)


def test_memories_come_back_from_their_file(tmp_path: Path) -> None:
    residual, _ = learn_residual([frames(seed) for seed in range(5)], [np.full(70, n, np.int32) for n in range(5)])
    memories = {
        "walk way": SceneMemory(remember(NORMAL), residual, np.arange(CROWD, dtype=np.float32)),
        "walk": SceneMemory(remember(NORMAL[:3]), None, NO_CROWD),
        "*": SceneMemory(None, None, NO_CROWD),
    }
    (tmp_path / "m").write_bytes(save_tensors(memories_to_tensors(LOOKS, memories)))
    appearance, found = memories_from_tensors(load_tensors((tmp_path / "m").read_bytes()), list(memories))
    np.testing.assert_array_equal(appearance.matrix, LOOKS.matrix)
    assert list(found) == list(memories) and found["*"][:2] == (None, None) and found["walk"].residual is None
    for name, memory in memories.items():
        np.testing.assert_array_equal(found[name].crowd, memory.crowd)
    fresh = objects(50)
    for name in ("walk way", "walk"):
        for one, other in zip(
            *(own[name].object_scores(fresh, appearance, FPS) for own in (found, memories)), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    again = found["walk way"].residual
    assert again is not None
    np.testing.assert_array_equal(again.score(frames(9)), residual.score(frames(9)))


def test_a_file_of_an_older_form_is_told_in_one_line() -> None:
    tensors = memories_to_tensors(LOOKS, {"walk": SceneMemory(remember(NORMAL[:3]), None, NO_CROWD)})
    for missing in ("walk/crowd", "walk/objects.own", "appearance.mean"):
        older = {name: value for name, value in tensors.items() if name != missing}
        with pytest.raises(IntegrityError, match="older Scenewise; train again"):
            memories_from_tensors(older, ["walk"])
    for other in ({}, {"format": np.array([1])}):
        unlike = {name: value for name, value in tensors.items() if name != "format"} | other
        with pytest.raises(IntegrityError, match="another Scenewise's format; train again"):
            memories_from_tensors(unlike, ["walk"])


def test_objects_of_unknown_speed_alone_teach_nothing() -> None:
    own = NORMAL[0].only(np.arange(len(FOOTAGE[0])) < 5)
    speed = np.tile(np.array([[np.nan, 9, np.nan]], np.float32), (5, 1))
    unknown = [
        own._replace(objects=Objects(**{**vars(own.objects), "speed": speed}), groups=np.full(5, group, np.int32))
        for group in range(3)
    ]
    assert remember(unknown) is None
