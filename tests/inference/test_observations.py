"""What `score` keeps for `accept`: the frames around highlights as they were seen, within a bound."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scenewise.checksums import record_checksums
from scenewise.errors import IntegrityError
from scenewise.inference import observations
from scenewise.inference.observations import AROUND, MARGIN, OBSERVED, ObservationFile, read_observation
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.objects.object_table import Objects

FPS, FRAMES, EVERY = 10.0, 600, 2
RANDOM = np.random.default_rng(8)
FEATURES = RANDOM.normal(size=(FRAMES, 4)).astype(np.float16)
AT = np.arange(0, FRAMES, EVERY, dtype=np.int32)
OBJECTS = Objects(
    AT,
    RANDOM.random((len(AT), 4)).astype(np.float32),
    np.ones(len(AT), np.float32),
    np.ones((len(AT), 3), np.float32),
    np.ones((len(AT), 2), np.float32),
    np.zeros(len(AT), np.int32),
    RANDOM.normal(size=(len(AT), 5)).astype(np.float16),
)


def highlight(start: float, end: float, time: float | None = None) -> Any:
    time = start if time is None else time
    return SimpleNamespace(start=start, end=end, time=time, frame=round(time * FPS), observed=None)


def written(folder: Path, found: list[Any], size: int, scores: np.ndarray | None = None) -> None:
    """The file of a video that comes in blocks of `size` frames."""
    highlights: Any = SimpleNamespace(found=found, source=SimpleNamespace(fps=FPS))
    sink = ObservationFile(folder, highlights, EVERY, "digest")
    scores = np.zeros(FRAMES, np.float32) if scores is None else scores
    for first in range(0, FRAMES, size):
        part = slice(first, first + size)
        times = np.arange(FRAMES)[part] / FPS
        count = len(times)
        seen = OBJECTS.between(first, first + size)
        sink.add(
            ScoredFrames(
                first,
                scores[part],
                scores[part],
                times,
                np.zeros(count, bool),
                [],
                [[]] * count,
                features=FEATURES[part],
                objects=seen,
            )
        )
    sink.close()
    record_checksums(folder, [OBSERVED] if (folder / OBSERVED).exists() else [])


@pytest.mark.parametrize("size", [1, 7, 64, 600])
def test_a_highlight_is_kept_with_what_lies_around_it(size: int, tmp_path: Path) -> None:
    found = [highlight(20.0, 23.0), highlight(26.0, 26.0), highlight(0.2, 0.2), highlight(59.5, 59.9)]
    written(tmp_path, found, size)
    for one in found:
        seen, encoder = read_observation(tmp_path, one.observed, "gate", "title", "source")
        first, last = max(one.start - MARGIN, 0), min(one.end + MARGIN, (FRAMES - 1) / FPS)
        assert seen.accepted == one.observed == (round(first * FPS), round(last * FPS)) and encoder == "digest"
        stop = seen.first + len(seen.features)
        assert seen.first % EVERY == 0 and seen.first <= max(first * FPS - (AROUND - MARGIN) * FPS + EVERY, 0)
        assert stop >= min(last * FPS + (AROUND - MARGIN) * FPS, FRAMES)
        assert (seen.features == FEATURES[seen.first : stop]).all()
        expected = OBJECTS.between(seen.first, stop)
        assert seen.objects is not None and (seen.objects.frame == expected.frame).all()
        assert (seen.objects.features == expected.features).all() and (seen.objects.box == expected.box).all()


def test_a_long_event_is_kept_around_its_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "LONGEST", 10.0)
    found = [highlight(5.0, 55.0, 30.0)]
    written(tmp_path, found, 16)
    assert found[0].observed == (round((25 - MARGIN) * FPS), round((35 + MARGIN) * FPS))


def test_beyond_the_bound_what_scores_low_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "LONGEST", 2.0)
    monkeypatch.setattr(observations, "MOST_BYTES", 3000)
    scores = np.zeros(FRAMES, np.float32)
    scores[200:230] = 3
    found, low = highlight(20.0, 23.0, 21.0), highlight(40.0, 40.0)
    written(tmp_path, [found, low], 5, scores)
    assert found.observed is not None and low.observed is None
    seen, _ = read_observation(tmp_path, found.observed, "gate", "title", "source")
    assert (seen.features == FEATURES[seen.first : seen.first + len(seen.features)]).all()


def test_nothing_worth_it_writes_nothing_and_damage_is_found(tmp_path: Path) -> None:
    written(tmp_path, [], 64)
    assert not (tmp_path / OBSERVED).exists()
    written(tmp_path, [one := highlight(20.0, 23.0)], 64)
    with pytest.raises(IntegrityError, match="expected all from 300 to 310"):
        read_observation(tmp_path, (300, 310), "gate", "title", "source")
    (tmp_path / OBSERVED).write_bytes((tmp_path / OBSERVED).read_bytes()[:-1])
    with pytest.raises(IntegrityError, match="its bytes are not those"):
        read_observation(tmp_path, one.observed, "gate", "title", "source")
