"""The memory bank of a scene: what is in it, how it scores, and leave-one-group-out."""

import numpy as np
import pytest
from two_kinds import (
    FPS,
    WIDTH,
    appearance,
    bank_of,
    changed,
    footage,
    normal,
    normal_objects,
    objects,
    scored,
)

from scenewise.methods.object_memory import memory_bank as module
from scenewise.methods.object_memory.description import Description
from scenewise.methods.object_memory.expected_speed import expected_speed_deviation
from scenewise.methods.object_memory.memory_bank import TERMS, MemoryBank, NormalObjects, fit_memory_bank
from scenewise.methods.object_memory.scene_model import SCORE_WITHOUT_BANK, ScoredNormal, leave_one_group_out
from scenewise.methods.object_memory.track_medians import STILL
from scenewise.objects.object_table import no_objects


def left_out(bank: module.MemoryBank | None, videos: tuple[NormalObjects, ...]) -> ScoredNormal:
    folds = [np.full(60, own.folds[0] if len(own.folds) else 0, np.int32) for own in videos]
    return leave_one_group_out(bank, videos, folds, every=1)


def track_at(video: int, frame: int, box: np.ndarray) -> int:
    there = footage()[video]
    return int(there.track[(there.frame == frame) & (there.box == box).all(axis=1)][0])


def test_normal_objects_are_ordinary_and_a_walker_at_a_cyclists_speed_is_not() -> None:
    bank = bank_of(normal())
    fresh = objects(50)
    usual, rows = scored(bank, fresh)
    new, _ = scored(bank, objects(51, fast=True))
    assert np.median(new) > np.quantile(usual, 0.95)
    where = zip(bank.video[rows], bank.frame[rows], bank.box[rows], strict=True)
    kinds = np.array([track_at(*one) % 2 for one in where])
    assert (kinds == fresh.track % 2).mean() > 0.95, "the nearest normal example is of its kind"


def test_each_term_of_speed_tells_a_walker_at_a_cyclists_speed() -> None:
    bank = bank_of(normal())
    usual, fast = (
        bank.score(normal_objects(known, 9).described(bank.measures))[0]
        for known in (objects(50), objects(51, fast=True))
    )
    for term in ("flow", "speed", "expected"):
        column = TERMS.index(term)
        assert np.median(fast[:, column]) > np.quantile(usual[:, column], 0.9), term


def test_an_object_where_nobody_goes_is_told_by_place_alone() -> None:
    bank, known = bank_of(normal()), objects(50)
    below = known.box.copy()
    below[:, [1, 3]] = 0.69, 0.99  # lower than anybody was seen
    elsewhere = changed(known, box=below)
    before, after = (bank.score(normal_objects(one, 9).described(bank.measures))[0] for one in (known, elsewhere))
    place = TERMS.index("place")
    assert np.median(after[:, place]) > 2 * np.median(before[:, place])


def test_normal_footage_by_leave_one_group_out_scores_like_new_footage() -> None:
    """That is what calibrates: the left-out scores have the median 0, and so have those of new footage."""
    bank = bank_of(normal())
    found = left_out(bank, normal())
    raw = np.concatenate([bank.left_out(own.described(bank.measures), own.folds)[:, 0] for own in normal()])
    fresh = np.concatenate([scored(bank, objects(seed))[0] for seed in range(100, 120)])
    themselves = np.concatenate([scored(bank, known)[0] for known in footage()])
    assert abs(np.median(raw) - np.median(fresh)) < 0.03 * np.median(fresh)
    assert np.median(themselves) < 0.9 * np.median(raw)
    assert abs(np.median(np.concatenate(found.scores))) < 0.2


def test_each_row_says_which_object_it_is() -> None:
    bank = bank_of(normal())
    assert len(bank) == sum(map(len, footage()))
    for row in range(0, len(bank), 97):
        there = footage()[bank.video[row]]
        at = np.flatnonzero((there.frame == bank.frame[row]) & (there.box == bank.box[row]).all(axis=1))
        assert len(at) == 1 and bank.folds[row] == bank.video[row]
        expected = appearance().embed(there.features[at])[0] / bank.measures.appearance
        np.testing.assert_allclose(bank.known.appearance[row], expected, rtol=1e-4, atol=1e-5)


def test_a_full_bank_keeps_its_share_of_every_track(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 480)
    bank = bank_of(normal())
    assert len(bank) == 480
    of_tracks = np.stack([bank.video, np.round(1e4 * bank.box[:, 1])], axis=1)
    tracks, shares = np.unique(of_tracks, axis=0, return_counts=True)
    assert len(tracks) == 48 and shares.min() >= 9 and shares.max() <= 11


def test_too_little_to_compare() -> None:
    alone = normal()[0]
    nothing = normal_objects(no_objects(WIDTH), 1)
    assert fit_memory_bank([alone]) is None
    assert fit_memory_bank([nothing, nothing]) is None
    assert fit_memory_bank([alone, nothing]) is None
    score, rows = scored(None, alone.objects)
    assert (score == SCORE_WITHOUT_BANK).all() and (rows == -1).all()
    few = [own.select(own.objects.track < 1) for own in normal()[:2]]
    assert np.isfinite(scored(bank_of(few), footage()[2])[0]).all()


def test_objects_of_unknown_speed_alone_fill_no_bank() -> None:
    few = normal()[0].select(np.arange(len(footage()[0])) < 5)
    speed = np.tile(np.array([[np.nan, 9, np.nan]], np.float32), (5, 1))
    unknown = [few._replace(objects=changed(few.objects, speed=speed), folds=np.full(5, n, np.int32)) for n in range(3)]
    assert fit_memory_bank(unknown) is None


def test_objects_that_are_seen_once_each_are_compared_by_appearance_and_flow() -> None:
    """As in footage of a frame a second: no track has a speed."""
    rare = [own.select(own.objects.frame % 9 == 0) for own in normal()]
    bank = bank_of(rare)
    assert np.isnan(bank.known.speed).all() and not bank.known.direction.any()
    found = left_out(bank, tuple(rare))
    assert all(np.isfinite(own).all() and np.abs(own).max() < 20 for own in found.scores)
    fresh, fast = objects(50), objects(51, fast=True)
    usual, new = (
        bank.score(normal_objects(one.select(one.frame % 9 == 0), 9).described(bank.measures))[0]
        for one in (fresh, fast)
    )
    assert np.median(new[:, 0]) > np.quantile(usual[:, 0], 0.9), "flow tells"
    assert not usual[:, TERMS.index("expected")].any(), "and what nobody knows says nothing"


def test_what_stands_still_is_not_in_the_bank() -> None:
    lamps = [own._replace(objects=changed(own.objects, speed=0.01 * STILL * own.objects.speed)) for own in normal()]
    assert fit_memory_bank(lamps) is None
    for one, other in zip(bank_of([*normal(), *lamps]).known, bank_of(normal()).known, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("videos", [2, 3])
def test_leave_one_group_out_of_few(videos: int) -> None:
    few = normal()[:videos]
    found = left_out(bank_of(few), few)
    assert [len(own) for own in found.scores] == [len(own.objects) for own in few]
    assert all(np.isfinite(own).all() and abs(np.median(own)) < 1 for own in found.scores)


def test_leave_one_group_out_where_nothing_moves() -> None:
    still = normal()[0]._replace(objects=changed(footage()[0], speed=0 * footage()[0].speed))
    found = left_out(bank_of(normal()), (*normal(), still))
    assert np.isnan(found.scores[-1]).all() and all(np.isfinite(own).all() for own in found.scores[:-1])
    assert (left_out(None, normal()[:1]).scores[0] == SCORE_WITHOUT_BANK).all()
    empty = normal_objects(no_objects(WIDTH), 0)
    assert left_out(None, (empty,)).scores[0].shape == (0,)


def test_a_description_does_not_depend_on_the_video_s_rate_alone() -> None:
    """The same way in half the frames of half the rate is the same speed."""
    bank, known = bank_of(normal()), footage()[0]
    even = known.select(known.frame % 2 == 0)
    slower = NormalObjects(
        changed(even, frame=even.frame // 2), appearance().embed(even.features), np.zeros(len(even), np.int32), FPS / 2
    ).described(bank.measures)
    whole = normal_objects(known, 0).described(bank.measures).speed[known.frame % 2 == 0]
    there = np.isfinite(slower.speed) & np.isfinite(whole)
    np.testing.assert_allclose(slower.speed[there], whole[there], rtol=1e-3)


def outside(bank: MemoryBank, fold: int) -> MemoryBank:
    """The bank of the other folds, with the same measures."""
    rows = bank.folds != fold
    known = Description(*(column[rows] for column in bank.known))
    return MemoryBank(bank.measures, known, bank.folds[rows], bank.video[rows], bank.frame[rows], bank.box[rows])


def test_leave_one_group_out_is_a_bank_filled_without_the_group() -> None:
    """Against the slow way, term by term."""
    bank = bank_of(normal())
    left_out = bank.left_out(bank.known, bank.folds)
    assert left_out.shape == (len(bank), len(TERMS)) and np.isfinite(left_out).all()
    for fold in np.unique(bank.folds):
        own = bank.folds == fold
        anew = outside(bank, fold).score(Description(*(column[own] for column in bank.known))).terms
        np.testing.assert_allclose(left_out[own], anew, rtol=1e-3, atol=1e-4)


def test_the_terms_of_a_bank_are_those_of_its_memories() -> None:
    bank = bank_of(normal())
    few = Description(*(column[::50] for column in bank.known))
    found, rows, _ = bank.score(few)
    np.testing.assert_array_equal(found[:, TERMS.index("expected")], expected_speed_deviation(bank.known, few))
    np.testing.assert_array_equal(rows, np.arange(len(bank))[::50], "each is nearest to itself")
    none, nothing, _ = bank.score(Description(*(column[:0] for column in bank.known)))
    assert none.shape == (0, len(TERMS)) and nothing.shape == (0,)
    assert bank.left_out(Description(*(column[:0] for column in bank.known)), bank.folds[:0]).shape == (0, len(TERMS))
