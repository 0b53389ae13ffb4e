"""Files that somebody else names: a pipe, a device or a folder in the place of any of them is one line, at once."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenewise.cli import run

SPECIAL = {
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "circle of links": lambda path: path.symlink_to(path.name),
}
"""{kind: what makes one}."""


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """A command that waits for a pipe fails instead of hanging."""

    def too_long(*_: object) -> None:
        raise AssertionError("the command waits")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(params=SPECIAL)
def special(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a special file in a folder of its own, with a name that suits its place."""

    def make(name: str) -> Path:
        (tmp_path / "special").mkdir(exist_ok=True)
        SPECIAL[request.param](tmp_path / "special" / name)
        return tmp_path / "special" / name

    return make


def refused(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 2) -> str:
    """The error of a command that ends with this exit code."""
    assert run([str(argument) for argument in arguments]) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return told.out + told.err


NAMED = {"path": "1.mp4", "labels": "1.npy", "events": "1.json", "masks": "1.npy", "matlab": "1.mat", "text": "1.txt"}


@pytest.mark.parametrize("place", NAMED)
def test_what_a_data_set_names(
    place: str, special: Callable[[str], Path], tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = str(next((tiny_dataset / "train" / "road").iterdir()))
    test = {"scene": "road", "name": "1", "split": "test", "path": str(tiny_dataset / "test" / "road" / "00.mp4")}
    path = special(NAMED[place])
    form = {"matlab": {"path": str(path), "kind": "mat-ranges"}, "text": {"path": str(path), "kind": "tracks"}}
    test["labels" if place in form else place] = form.get(place, str(path))
    (tmp_path / "set").mkdir()
    described = {"format": 1, "videos": [{"scene": "road", "name": "0", "split": "train", "path": video}, test]}
    (tmp_path / "set" / "dataset.json").write_text(json.dumps(described))
    assert path.name in refused(capsys, "datasets", "check", tmp_path / "set")


@pytest.mark.parametrize("name", ["train/road/02.mp4", "labels/road/00.npy", "labels/road/00.events.json"])
def test_what_lies_in_a_data_set(
    name: str, special: Callable[[str], Path], tiny_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny_dataset / name).unlink(missing_ok=True)
    special("x").rename(tiny_dataset / name)
    run(["datasets", "check", str(tiny_dataset)])  # a folder may be passed over; nothing waits
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "name"),
    [("--config", "run.toml"), ("--ignore-mask", "road.png"), ("--encoder", "openvino:m.onnx"), ("--encoder", "tower")],
)
def test_what_a_flag_names(
    flag: str,
    name: str,
    special: Callable[[str], Path],
    tiny_dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lead, colon, rest = name.rpartition(":")
    path = special(rest)
    encoder = [] if flag == "--encoder" else ["--encoder", "motion-grid"]
    command = ["extract", tiny_dataset, "--out", tmp_path / "f", "--no-objects", *encoder, flag, f"{lead}{colon}{path}"]
    assert path.name in refused(capsys, *command)
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("suffix", [".npy", ".h5"])
def test_imported_features(
    suffix: str, special: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "made" / "train" / "road"
    place.mkdir(parents=True)
    np.save(place / "0.npy", np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32))
    special("x").rename(place / f"1{suffix}")
    run(["features", "import", str(tmp_path / "made"), "--out", str(tmp_path / "f"), "--encoder-name", "mine"])
    assert "Traceback" not in capsys.readouterr().err


def test_among_the_videos_that_are_extracted_and_scored(
    special: Callable[[str], Path], tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others go on."""
    (tiny_dataset / "dataset.json").unlink(missing_ok=True)
    for place in ("train", "test"):
        special("special.mp4").rename(tiny_dataset / place / "road" / "special.mp4")
    special("dataset.json").rename(tiny_dataset / "dataset.json")
    made, run_folder = tmp_path / "f", tmp_path / "r"
    assert run(["extract", str(tiny_dataset), "--out", str(made), "--encoder", "motion-grid"]) in (0, 2)
    assert run(["train", str(made), "--out", str(run_folder), "--method", "object-memory"]) == 0
    capsys.readouterr()
    scoring = ["score", run_folder, tiny_dataset / "test" / "road", "--out", tmp_path / "s", "--scene", "road"]
    told = refused(capsys, *scoring, code=3)
    assert "special.mp4" in told and len(list((tmp_path / "s").iterdir())) >= 1


def test_a_picture_in_a_folder_of_pictures(special: Callable[[str], Path], tmp_path: Path) -> None:
    """It is no frame."""
    folder = tmp_path / "data" / "train" / "road" / "v"
    folder.mkdir(parents=True)
    for number in range(3):
        Image.fromarray(np.full((48, 64, 3), 40 * number, np.uint8)).save(folder / f"{number}.png")
    special("x").rename(folder / "3.png")
    assert run(["extract", str(tmp_path / "data"), "--out", str(tmp_path / "f"), "--encoder", "motion-grid"]) == 0
