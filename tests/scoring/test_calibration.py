"""Calibration: a function of arrays, against a slow sum; and in the folder of a run."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.checksums import record_checksums
from scenewise.errors import IntegrityError
from scenewise.scoring.calibration import calibrate, read_calibration, scene_scale, write_calibration
from scenewise.scoring.smoothing import smooth
from scenewise.scoring.threshold import NormalScores


def drawn(seed: int, lengths: list[int], fps: float = 25.0) -> list[NormalScores]:
    random = np.random.default_rng(seed)
    return [NormalScores(random.random(length).astype(np.float32), fps) for length in lengths]


def slow_quantile(values: list[float], share: float) -> float:
    """Between the two nearest ranks, in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


@given(st.integers(0, 99), st.lists(st.integers(1, 40), min_size=1, max_size=4), st.sampled_from([0.0, 0.1, 0.4]))
def test_the_scale_against_a_slow_reference(seed: int, lengths: list[int], smoothing: float) -> None:
    normal = {"a": drawn(seed, lengths), "b": drawn(seed + 1, [30])}
    found = calibrate(normal, smoothing)
    assert found.scales.keys() == found.smoothed.keys() == {"a", "b"}
    for scene, parts in normal.items():
        values = [float(score) for part in parts for score in smooth(part.scores, smoothing, part.fps)]
        assert found.scales[scene].median == pytest.approx(slow_quantile(values, 0.5))
        assert found.scales[scene].q99 == pytest.approx(slow_quantile(values, 0.99))
        for part, smoothed in zip(parts, found.smoothed[scene], strict=True):
            np.testing.assert_array_equal(smoothed.scores, smooth(part.scores, smoothing, part.fps))


def test_one_is_the_99th_percentile_and_nothing_is_cut_off() -> None:
    normal = drawn(0, [500, 500])
    found = calibrate({"a": normal}, 0.0)
    scaled = np.concatenate([part.scores for part in found.normal_scores("a")])
    assert np.median(scaled) == pytest.approx(0, abs=1e-6) and np.quantile(scaled, 0.99) == pytest.approx(1, abs=1e-6)
    assert [len(part.scores) for part in found.normal_scores("a")] == [500, 500]
    far = found.scales["a"].apply(np.array([-5, 50], np.float32))
    assert far[0] < -5 and far[1] > 50 and far.dtype == np.float32


def test_a_scene_is_calibrated_by_its_footage_alone() -> None:
    alone = calibrate({"a": drawn(0, [50])}, 0.4)
    beside = calibrate({"a": drawn(0, [50]), "b": [NormalScores(np.full(9, 1e6, np.float32), 5.0)]}, 0.4)
    assert alone.scales["a"] == beside.scales["a"]


def test_normal_scores_without_spread_still_give_a_scale() -> None:
    flat = np.full(40, 3, np.float32)
    assert scene_scale(flat).apply(flat).tolist() == [0] * 40
    above = scene_scale(flat).apply(np.array([3.1], np.float32))
    assert np.isfinite(above).all() and above[0] > 1
    kept = calibrate({"a": [NormalScores(flat, 25.0)]}, 0.4, least_spread=0.5).scales["a"]
    assert kept.apply(np.array([3.5], np.float32))[0] == pytest.approx(1)


def test_it_comes_back_from_the_folder_of_a_run(tmp_path: Path) -> None:
    written = calibrate({"walk way": drawn(0, [30, 7, 12]), "road": drawn(1, [20], 10.0)}, 0.4)
    write_calibration(tmp_path, written)
    with pytest.raises(IntegrityError):
        read_calibration(tmp_path)
    names = [path.name for path in tmp_path.iterdir() if not path.name.startswith("SHA")]
    record_checksums(tmp_path, names)
    found = read_calibration(tmp_path)
    assert found.scales == written.scales
    for scene, parts in written.smoothed.items():
        for one, other in zip(parts, found.smoothed[scene], strict=True):
            assert one.fps == other.fps
            np.testing.assert_array_equal(one.scores, other.scores)
    for name in names:
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        with pytest.raises(IntegrityError, match=name):
            read_calibration(tmp_path)
        (tmp_path / name).write_bytes(content)
