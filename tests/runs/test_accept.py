"""Accepting an observation: what was seen is normal at once, nothing else changes, and every state can come back."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from object_stores import FPS, FRAMES, WIDTH, object_store, walkers
from scenewise.checksums import CHECKSUMS, recorded_checksums, sha256_of
from scenewise.errors import ConfigError, DataError, FingerprintError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.files import write_bytes
from scenewise.methods.scores import Chunk, Observation
from scenewise.objects.object_table import Objects, joined
from scenewise.runs.accept import accept_observation
from scenewise.runs.history import HISTORY, in_lines, lock_run, read_history, undo
from scenewise.runs.run import MODEL, open_run
from scenewise.runs.score_stream import score_all
from scenewise.runs.train import train
from scenewise.scoring.calibration import read_calibration

BEGIN, END = 40, 70
"""Frames of an intruder."""
LOWER = np.array([0, 1, 0, 1], np.float32)
"""What of a box changes when it moves down."""


def intruder(kind: int, seed: int = 0, track: int = 90) -> Objects:
    """Something that looks like nothing else, and moves fast; `kind` decides how it looks, `seed` the noise."""
    look = 9.0 * np.eye(WIDTH)[kind]
    at = np.arange(BEGIN, END, 2, dtype=np.int32)
    features = look + 0.1 * np.random.default_rng(seed).normal(size=(len(at), WIDTH))
    corner = np.stack([0.02 * (at - BEGIN), np.full(len(at), 0.5)], axis=1)
    box = np.concatenate([corner, corner + 0.25], axis=1).astype(np.float32)
    centre = ((box[:, :2] + box[:, 2:]) / 2).astype(np.float32)
    number, area = np.full(len(at), track, np.int32), np.full(len(at), 0.06, np.float32)
    return Objects(at, box, area, np.full((len(at), 3), 0.4, np.float32), centre, number, features.astype(np.float16))


def passers(seed: int) -> Objects:
    """`walkers`, each on a way of its own: on one and the same, every other place would be infinitely far."""
    found, random = walkers(seed), np.random.default_rng(1000 + seed)
    down = random.uniform(-0.2, 0.2, found.track.max() + 1)[found.track] + random.normal(0, 0.004, len(found))
    shift = down[:, None].astype(np.float32)
    return replace(found, box=found.box + shift * LOWER, centre=found.centre + shift * LOWER[:2])


def with_walkers(*others: Objects) -> Objects:
    """A video's objects: walkers and `others`, in the order of frames."""
    everything = joined([passers(55), *others])
    return everything.select(np.argsort(everything.frame, kind="stable"))


def observation(objects: Objects, scene: str = "road", seed: int = 1) -> Observation:
    features = np.random.default_rng(seed).normal(size=(FRAMES, 6)).astype(np.float16)
    return Observation(scene, f"accepted/{scene}/new", "new.mp4", FPS, 0, features, objects, (BEGIN - 10, END + 10))


def scores(run: Path, seen: Observation) -> np.ndarray:
    """On the scene scale."""
    opened = open_run(run)
    chunks = [Chunk(seen.features, seen.objects)]
    scored = score_all(opened.open_scorer("cpu"), chunks, seen.fps, seen.scene, opened.settings.smoothing)
    return read_calibration(run).scales[seen.scene].apply(scored.scores)


def content(folder: Path) -> dict[str, str]:
    """{name: SHA-256} of the files of a state."""
    return {name: digest for name, digest in recorded_checksums(folder).items() if name != HISTORY}


def require_whole(folder: Path) -> None:
    """All that SHA256SUMS lists is as it says; nothing else lies there but the report, and the other states."""
    recorded = recorded_checksums(folder)
    assert all(sha256_of(folder / name) == digest for name, digest in recorded.items())
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {name for name in found if not name.startswith("history/")} - {"report.html"} == {*recorded, CHECKSUMS}


@pytest.fixture(scope="module", params=["fusion", "object-memory", "fusion pooled"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accept")
    normal = {scene: [passers(10 * place + n) for n in range(6)] for place, scene in enumerate(("road", "square"))}
    store = object_store(folder / "features", normal)
    method, _, scope = request.param.partition(" ")
    train(store.folder, folder / "run", method, {"scope": scope} if scope else None, thumbnails=False)
    return folder / "run"


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


def accept(run: Path, seen: Observation, **more: object) -> object:
    return accept_observation(run, seen, open_run(run).fingerprint.digest, **more)  # type: ignore[arg-type]


def test_what_was_accepted_is_ordinary_and_other_things_still_alarm(run: Path) -> None:
    seen, again = observation(with_walkers(intruder(2))), observation(with_walkers(intruder(2, seed=5)))
    other = observation(with_walkers(intruder(5)))
    before, before_other = scores(run, seen), scores(run, other)
    assert before[BEGIN:END].max() > 1 < before_other[BEGIN:END].max(), "alarms"
    done = accept(run, seen, by="anna")
    after = scores(run, seen)
    assert after[BEGIN - 10 : END + 10].max() < 0.5 and scores(run, again)[BEGIN:END].max() < 0.5
    assert scores(run, other)[BEGIN:END].max() > 1, "another kind of intruder"
    assert done.before == pytest.approx(before[BEGIN - 10 : END + 11].max(), abs=1e-3)  # type: ignore[attr-defined]
    assert done.after == pytest.approx(after[BEGIN - 10 : END + 11].max(), abs=1e-3)  # type: ignore[attr-defined]


def test_other_scenes_stay_as_they_are_to_the_byte(run: Path) -> None:
    elsewhere = observation(with_walkers(intruder(2)), scene="square")
    before = scores(run, elsewhere)
    done = accept(run, observation(with_walkers(intruder(2))))
    pooled = open_run(run).settings.scope == "pooled"
    assert done.everywhere is pooled  # type: ignore[attr-defined]
    assert (scores(run, elsewhere).tobytes() == before.tobytes()) is not pooled


def test_undo_brings_back_every_byte_and_what_was_undone_too(run: Path) -> None:
    trained = content(run)
    (run / "report.html").write_text("of the first state")
    accept(run, observation(with_walkers(intruder(2))), by="anna", details={"event": 3})
    one = content(run)
    accept(run, observation(with_walkers(intruder(5))), by="bert")
    two = content(run)
    assert len({trained[MODEL], one[MODEL], two[MODEL]}) == 3 and not (run / "report.html").exists()
    for to, expected, current in ((None, one, 1), (None, trained, 0), (2, two, 2), (0, trained, 0)):
        assert undo(run, to).current == current
        assert content(run) == expected
        assert (run / "report.html").exists() is (current == 0), "what was made of a state stays with it"
        require_whole(run)
        for number in {0, 1, 2} - {current}:
            require_whole(run / "history" / str(number))
            open_run(run / "history" / str(number)).open_scorer("cpu")
    with pytest.raises(ConfigError, match="as it was trained, and there is nothing to undo"):
        undo(run)
    with pytest.raises(ConfigError, match="--to 7: there is no such state; the run has 3 states: 0, 1, 2"):
        undo(run, 7)
    accept(run, observation(with_walkers(intruder(3))))
    assert [state.parent for state in read_history(run).states] == [None, 0, 1, 0]


def test_the_history_says_what_when_by_whom_and_from_which_footage(run: Path) -> None:
    assert [line.split()[0] for line in in_lines(read_history(run))] == ["*"]
    details = {"event": 3, "start": 4.0, "end": 7.0, "footage_sha256": "ab" * 32}
    accept(run, observation(with_walkers(intruder(2))), by="anna", details=details)
    first, second = in_lines(read_history(run))
    assert first.startswith("  0  ") and first.endswith("trained")
    assert second.startswith("* 1  ") and "accepted by anna: road, event 3 of new.mp4, 0:04.0 to 0:07.0" in second
    assert "footage abababababab" in second and " -> 0." in second


def test_an_interrupted_accept_leaves_the_run_as_it_was(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}

    def interrupted(path: Path, written: bytes) -> None:
        write_bytes(path, written)
        raise KeyboardInterrupt

    monkeypatch.setattr("scenewise.runs.accept.write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        accept(run, observation(with_walkers(intruder(2))))
    assert {path: path.read_bytes() for path in run.parent.rglob("*") if path.is_file()} == before


def test_two_at_once_are_told(run: Path) -> None:
    with lock_run(run), pytest.raises(ConfigError, match="another command is writing a run there"):
        accept(run, observation(with_walkers(intruder(2))))
    with lock_run(run), pytest.raises(ConfigError, match="another command is writing a run there"):
        undo(run)


def test_what_does_not_fit_is_refused(run: Path) -> None:
    seen = observation(with_walkers(intruder(2)))
    with pytest.raises(ConfigError, match="does not know the scene gate; it knows road, square"):
        accept(run, seen._replace(scene="gate"))
    with pytest.raises(FingerprintError, match="score the video again"):
        accept_observation(run, seen, "another")
    assert read_history(run).current == 0 and not (run / HISTORY).exists()


def test_a_changed_state_is_not_brought_back(run: Path) -> None:
    accept(run, observation(with_walkers(intruder(2))))
    model = run / "history" / "0" / MODEL
    changed = bytearray(model.read_bytes())
    changed[-1] ^= 1
    model.unlink()
    model.write_bytes(bytes(changed))
    with pytest.raises(IntegrityError, match="its bytes are not those"):
        undo(run)
    assert read_history(run).current == 1


@pytest.mark.parametrize("method", ["frame-knn", "whitened-knn"])
def test_methods_that_remember_frames_accept_frames(
    method: str, make_store: Callable[..., FeatureStore], tmp_path: Path
) -> None:
    store = make_store({"road": [150, 150], "square": [150, 150]})
    run = tmp_path / "run"
    train(store.folder, run, method, thumbnails=False)
    features = store.of("train")[0].features()[:80].astype(np.float16)
    features[40:] += 3 * np.random.default_rng(3).normal(size=features.shape[1]).astype(np.float16)
    seen = Observation("road", "accepted/road/new", "new.mp4", 25.0, 0, features, None, (30, 79))
    elsewhere = scores(run, seen._replace(scene="square"))
    assert scores(run, seen)[60:].max() > 1
    accept(run, seen)
    assert scores(run, seen)[60:].max() < 0.5
    assert scores(run, seen._replace(scene="square")).tobytes() == elsewhere.tobytes()


def test_other_methods_say_what_to_do_instead(make_store: Callable[..., FeatureStore], tmp_path: Path) -> None:
    store = make_store({"road": [150, 150]})
    train(store.folder, tmp_path / "run", "mahalanobis", thumbnails=False)
    seen = observation(with_walkers())
    with pytest.raises(ConfigError, match=r"--method mahalanobis has no memory .* train again, or use --method fusion"):
        accept(tmp_path / "run", seen)


def test_objects_that_stand_still_are_ordinary_already(run: Path) -> None:
    still = replace(intruder(2), speed=np.zeros((15, 3), np.float32))
    if open_run(run).method.needs_objects:
        with pytest.raises(DataError, match=r"is ordinary for .* already .* nothing to accept"):
            accept(run, observation(still))
    else:
        assert accept(run, observation(still)).objects == 0  # type: ignore[attr-defined]
