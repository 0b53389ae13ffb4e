"""Batches: what is in them, and that they depend on seed and step alone."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.methods.segments.sampler import SceneSampler


@st.composite
def samplers(draw: st.DrawFn) -> SceneSampler:
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    starts = [1000 * scene + np.arange(size) for scene, size in enumerate(sizes)]
    return SceneSampler(starts, draw(st.integers(1, 5)), draw(st.integers(1, 35)), draw(st.integers(0, 1000)))


@given(samplers(), st.integers(0, 10_000))
def test_s_scenes_of_k_segments_without_replacement_while_they_last(sampler: SceneSampler, step: int) -> None:
    batch = sampler.batch(step)
    scenes = Counter(batch.scenes.tolist())
    assert len(scenes) == sampler.scenes_per_batch
    assert set(scenes.values()) == {sampler.segments_per_scene}
    for scene in scenes:
        drawn = batch.starts[batch.scenes == scene]
        assert (drawn // 1000 == scene).all()
        # As even as can be: no segment is drawn twice more often than another that is there.
        times = Counter(drawn.tolist())
        counts = [times[start] for start in sampler.starts[scene].tolist()]
        assert max(counts) - min(counts) <= 1


@given(samplers(), st.lists(st.integers(0, 500), min_size=1, max_size=5))
def test_a_batch_is_a_function_of_seed_and_step(sampler: SceneSampler, steps: list[int]) -> None:
    again = SceneSampler(sampler.starts, sampler.scenes_per_batch, sampler.segments_per_scene, sampler.seed)
    forward = [sampler.batch(step) for step in steps]
    for step, batch in reversed(list(zip(steps, forward, strict=True))):
        np.testing.assert_array_equal(again.batch(step).starts, batch.starts)
        np.testing.assert_array_equal(again.batch(step).scenes, batch.scenes)


def test_all_scenes_and_all_segments_are_drawn_in_the_long_run() -> None:
    sampler = SceneSampler([100 * scene + np.arange(50) for scene in range(6)], 4, 30, seed=1)
    drawn = Counter(np.concatenate([sampler.batch(step).starts for step in range(200)]).tolist())
    assert len(drawn) == 300
    assert max(drawn.values()) < 2 * min(drawn.values())


def test_other_seeds_and_steps_give_other_batches() -> None:
    starts = [np.arange(100), 1000 + np.arange(100)]
    one = SceneSampler(starts, 2, 30, seed=0)
    other = SceneSampler(starts, 2, 30, seed=1)
    assert one.batch(0).starts.tolist() != one.batch(1).starts.tolist()
    assert one.batch(0).starts.tolist() != other.batch(0).starts.tolist()


def test_a_scene_without_segments_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one segment"):
        SceneSampler([np.arange(3), np.empty(0, np.int64)], 2, 2, 0)
