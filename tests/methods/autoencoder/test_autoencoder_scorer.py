"""The autoencoders' scorer: one score per frame however it comes, as soon as it is known."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import SMALL, scene_features
from scenewise.features.store import FeatureStore
from scenewise.methods.scores import Chunk, Scorer
from scenewise.methods.segments.scorer import SegmentScorer
from scenewise.runs.score_stream import delay_of, score_stream
from scenewise.runs.train import train

FRAMES = 70
LOOK_AHEADS = st.one_of(st.none(), st.sampled_from([0.0, 0.04, 0.12, 0.2, 0.32, 0.5, 3.0]))


@pytest.fixture(params=[None, 10.0], ids=["every frame", "10 a second"])
def scorer(request: pytest.FixtureRequest, make_store: Callable[..., FeatureStore], tmp_path: Path) -> Scorer:
    more = {"objective": "reconstruction", "steps": 3, "stride": 2, "segment_fps": request.param}
    run = train(make_store({"a": [90, 90]}).folder, tmp_path / "run", "autoencoder", {**SMALL, **more})
    return run.open_scorer("cpu")


def footage() -> np.ndarray:
    return scene_features(0, FRAMES, 12, np.random.default_rng(5)).astype(np.float16)


def scores(scorer: Scorer, chunks: list[np.ndarray], look_ahead: float | None = None) -> np.ndarray:
    parts = scorer.stream([Chunk(own, None) for own in chunks], 25.0, "a", look_ahead)
    return np.concatenate([part.scores for part in parts])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, FRAMES), max_size=10).map(sorted), look_ahead=LOOK_AHEADS)
def test_scores_do_not_depend_on_the_chunks(scorer: Scorer, cuts: list[int], look_ahead: float | None) -> None:
    whole = scores(scorer, [footage()], look_ahead)
    assert whole.shape == (FRAMES,) and (whole >= 0).all()
    np.testing.assert_allclose(scores(scorer, np.split(footage(), cuts), look_ahead), whole, rtol=1e-4)


def test_a_look_ahead_that_suffices_changes_nothing_and_a_shorter_one_does(scorer: Scorer) -> None:
    whole, enough = scores(scorer, [footage()]), scorer.look_ahead(25.0)
    for look_ahead in (enough, enough + 0.1, 100.0):
        np.testing.assert_array_equal(scores(scorer, [footage()], look_ahead), whole)
    assert not np.allclose(scores(scorer, [footage()], 0.0), whole)


@pytest.mark.parametrize("look_ahead", [None, 0.3, 0.5, 1.0])
def test_scores_are_given_out_in_time(scorer: Scorer, look_ahead: float | None) -> None:
    """Fed one frame at a time. The first windows of a video have to end in any case."""
    fed = given = 0

    def one_by_one() -> object:
        nonlocal fed
        for row in footage():
            fed += 1
            yield Chunk(row[None], None)

    seconds = scorer.look_ahead(25.0) if look_ahead is None else look_ahead
    delays = []
    for part in scorer.stream(one_by_one(), 25.0, "a", look_ahead):
        delays += [fed - 1 - frame for frame in range(given, given + len(part.scores))]
        given += len(part.scores)
    assert given == FRAMES
    first_window = 8 if scorer.look_ahead(25.0) < 0.5 else 23  # frames until the first window of 8 has ended
    assert max(delays[first_window:]) <= np.ceil(seconds * 25)
    if look_ahead is None:
        assert max(delays) >= np.ceil(seconds * 25) - 3, "it is about the least that the scores need"


@pytest.mark.parametrize("fps", [10.0, 25.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.4])
@pytest.mark.parametrize("stride", [1, 4])
def test_no_score_comes_later_than_stated(scorer: Scorer, stride: int, smoothing: float, fps: float) -> None:
    """Fed one frame at a time, at every latency that can be asked for. Only the first window may take longer."""
    assert isinstance(scorer, SegmentScorer)
    scorer = SegmentScorer(scorer.models, scorer.scenes, replace(scorer.settings, stride=stride), scorer.device)
    first_window = ceil(9 * max(fps / (scorer.settings.segment_fps or fps), 1))
    for latency in (0.2, 0.3, 0.5, 1.0, None):
        stated = delay_of(scorer, fps, smoothing, latency).latency
        fed = given = 0
        late = []

        def one_by_one() -> Iterator[Chunk]:
            nonlocal fed
            for row in footage():
                fed += 1
                yield Chunk(row[None], None)

        for part in score_stream(scorer, one_by_one(), fps, "a", smoothing, latency):
            late += [fed - 1 - frame for frame in range(given, given + len(part.scores))]
            given += len(part.scores)
        assert given == FRAMES and max(late[first_window:]) <= round(stated * fps, 6)
        assert max(late) <= round(stated * fps, 6) + first_window
        assert latency is None or stated <= max(latency, scorer.least_look_ahead(fps)) + 1e-9


def test_the_latency_that_a_stride_needs_is_stated(scorer: Scorer) -> None:
    assert isinstance(scorer, SegmentScorer)
    settings = replace(scorer.settings, stride=4, segment_length=16, segment_fps=None)
    delay = delay_of(SegmentScorer(scorer.models, scorer.scenes, settings, scorer.device), 10.0, 0.4, 0.2)
    assert delay.look_ahead == delay.latency == pytest.approx(0.3)
