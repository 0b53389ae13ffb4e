"""Memories fitted after a stop are those of a run that nobody disturbed, and what is not ours is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from scenewise.training import remember

from conftest import scene_features, write_video
from scenewise import files
from scenewise.benchmark.child import Job, make
from scenewise.config import TrainConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, IntegrityError
from scenewise.features.backgrounds import FOLDER
from scenewise.features.store import FeatureStore, write_store
from scenewise.methods.object_memory.fit import fit_memory
from scenewise.objects.object_table import Objects
from scenewise.runs.run import BACKGROUNDS, MODEL, NORMAL_TERMS, RUN_JSON
from scenewise.runs.train import train

FUSION = TrainConfig(method="fusion")
AGAIN = replace(FUSION, resume=True)
WRITES = [MODEL, NORMAL_TERMS, files.CHECKSUMS, BACKGROUNDS, files.CHECKSUMS, RUN_JSON, files.CHECKSUMS]
"""What fitting a memory writes, in order."""


def walker(random: np.random.Generator) -> Objects:
    """One person who is there for 60 frames."""
    frame = np.arange(60, dtype=np.int32)
    corner = np.stack([frame / 100, np.full(60, 0.3)], axis=1)
    box = np.concatenate([corner, corner + 0.2], axis=1).astype(np.float32)
    speed = random.lognormal(-2, 0.2, (60, 3)).astype(np.float32)
    appearance = (random.normal(size=8) + 0.2 * random.normal(size=(60, 8))).astype(np.float16)
    return Objects(frame, box, np.full(60, 0.04, np.float32), speed, speed[:, :2], np.zeros(60, np.int32), appearance)


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features of one scene, with objects."""
    folder, random = tmp_path_factory.mktemp("remember") / "features", np.random.default_rng(0)
    videos = [
        write_video(folder, "a", name, split, scene_features(0, 60, 6, random), objects=walker(random))
        for name, split in (("00", "train"), ("01", "train"), ("02", "test"))
    ]
    (folder / FOLDER).mkdir()
    empty = {"picture": np.zeros((6, 8, 3), np.uint8), "noise": np.zeros((6, 8), np.float32)}
    save_file(empty, folder / FOLDER / "a.safetensors")
    files.record_checksums(folder / FOLDER, ["a.safetensors"])
    write_store(FeatureStore(folder, Fingerprint({"kind": "test"}, {}), tuple(videos), {}, ()))
    return folder


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """run.json tells how long a fitting took."""
    monkeypatch.setattr(remember.time, "perf_counter", lambda: 0.0)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def stopped_at(number: int | None, how: str = "before") -> Iterator[list[str]]:
    """Stop before write `number` (from 0), half way as a kill does, or after it; gives the names written."""
    written: list[str] = []
    real = files.whole_file

    @contextmanager
    def whole_file(path: Path) -> Iterator[Path]:
        stops = len(written) == number
        if stops and how == "before":
            raise KeyboardInterrupt
        if stops and how == "half":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".writing-{path.name}").write_bytes(b"half")
            raise SystemExit
        with real(path) as temporary:
            yield temporary
        written.append(path.name)
        if stops:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files, "whole_file", whole_file)
        yield written


def test_a_memory_that_was_stopped_at_any_write_is_fitted_anew_to_the_same_bytes(
    features: Path, tmp_path: Path
) -> None:
    with stopped_at(None) as written:
        fit_memory(features, tmp_path / "whole", AGAIN)
    assert written == WRITES
    whole = files_of(tmp_path / "whole")
    for number in range(len(written)):
        for how in ("before", "half", "after"):
            out = tmp_path / f"{number}-{how}"
            with stopped_at(number, how), pytest.raises((KeyboardInterrupt, SystemExit)):
                fit_memory(features, out, AGAIN)  # run.json would tell another flag
            if out.exists() and any(out.iterdir()):
                left = files_of(out)
                with pytest.raises(ConfigError, match="go on with it by --resume"):
                    fit_memory(features, out, FUSION)
                assert files_of(out) == left
            fit_memory(features, out, AGAIN)
            assert files_of(out) == whole


@pytest.mark.parametrize("number", range(len(WRITES)))
def test_the_benchmark_goes_on_with_a_memory_that_was_stopped(features: Path, tmp_path: Path, number: int) -> None:
    job = Job(features, tmp_path / "run", tmp_path / "costs" / "run.json", FUSION, (), {}, ())
    with stopped_at(number, "after"), pytest.raises(KeyboardInterrupt):
        make(job)
    make(job)
    train(features, tmp_path / "whole", AGAIN)
    assert files_of(tmp_path / "run") == files_of(tmp_path / "whole")


def test_another_method_begins_where_a_memory_was_stopped(features: Path, tmp_path: Path) -> None:
    with stopped_at(4), pytest.raises(KeyboardInterrupt):
        train(features, tmp_path / "run", FUSION)
    small = TrainConfig(
        method="autoencoder",
        objective="reconstruction",
        steps=2,
        width="8",
        segments_per_scene=2,
        resume=True,
        device="cpu",
    )
    train(features, tmp_path / "run", small)
    assert {NORMAL_TERMS, BACKGROUNDS}.isdisjoint(files_of(tmp_path / "run"))


@pytest.mark.parametrize("other", ["config.json", files.CHECKSUMS, ".writing-model.safetensors"])
def test_weights_of_others_are_no_memory_of_ours(features: Path, tmp_path: Path, other: str) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    save_file({"weight": np.ones(3, np.float32)}, theirs / MODEL)
    for write in (lambda: None, lambda: (theirs / other).write_text(""), lambda: (theirs / MODEL).write_text("no")):
        write()
        before = files_of(theirs)
        with pytest.raises(ConfigError, match="found other things"):
            train(features, theirs, AGAIN)
        assert files_of(theirs) == before


def test_a_memory_among_other_things_is_not_removed(features: Path, tmp_path: Path) -> None:
    with stopped_at(3), pytest.raises(KeyboardInterrupt):
        fit_memory(features, tmp_path / "run", FUSION)
    (tmp_path / "run" / "letter.txt").write_text("dear")
    before = files_of(tmp_path / "run")
    with pytest.raises(ConfigError, match="found other things"):
        train(features, tmp_path / "run", AGAIN)
    assert files_of(tmp_path / "run") == before


def test_a_finished_memory_that_was_changed_is_told_and_not_fitted_anew(features: Path, tmp_path: Path) -> None:
    fit_memory(features, tmp_path / "run", FUSION)
    path = tmp_path / "run" / RUN_JSON
    path.write_text(path.read_text().replace("fusion", "confus"))
    before = files_of(tmp_path / "run")
    with pytest.raises(IntegrityError, match=r"run\.json"):
        train(features, tmp_path / "run", AGAIN)
    assert files_of(tmp_path / "run") == before
