"""Text that people wrote with any editor: every file that is read, in every encoding that can be told."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scenewise.cli import run
from scenewise.cli.app import app
from scenewise.cli.config_file import config_file as settings_of
from scenewise.datasets import LabelSource, load_dataset
from scenewise.errors import DataError
from scenewise.labels.labels import read_events, read_labels
from scenewise.text_file import read_text

Encoding = Callable[[str], bytes]
READ: dict[str, Encoding] = {
    "plain": lambda text: text.encode(),
    "windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "utf-8 mark": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "utf-16 of PowerShell": lambda text: b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le"),
    "utf-16 big-endian": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-32": lambda text: text.encode("utf-32"),
}
REFUSED: dict[str, Encoding] = {
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
    "cut in a character": lambda text: b"\xff\xfe" + text.encode("utf-16-le")[:-1],
    "not text": lambda text: bytes(range(256)) + text.encode(),
}


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def config_file(root: Path, encode: Encoding) -> None:
    config = written(root / "run.toml", encode("# Straße\nunlabelled = true\nfeatures = '/Straße'\n"))
    app.config = settings_of(app, ["evaluate", "run", "--config", str(config)])
    _, bound, _ = app.parse_args(["evaluate", "run", "--config", str(config)])
    settings = bound.arguments["settings"]
    assert settings.unlabelled and settings.features == "/Straße"


def dataset_json(root: Path, encode: Encoding) -> None:
    written(root / "data/train/Straße/a.mp4", b"")
    described = json.dumps({"format": 1, "scenes": {"Straße": {"fps": 10}}}, ensure_ascii=False, indent=1)
    written(root / "data/dataset.json", encode(described))
    assert load_dataset(root / "data").videos[0].fps == 10


def events(root: Path, encode: Encoding) -> None:
    listed = [{"class": "Rad", "first_frame": 2, "last_frame": 5, "abnormal": True}]
    path = written(root / "a.events.json", encode(json.dumps(listed, indent=1)))
    assert [event.kind for event in read_events(path, 10)] == ["Rad"]


def ucsd_list(root: Path, encode: Encoding) -> None:
    path = written(root / "UCSDped2.m", encode("TestVideoFile{end+1}.gt_frame = [2:3];\nTestVideoFile{end+1}.gt_frame = [4:4];\n"))  # fmt: skip # noqa: E501
    assert np.flatnonzero(read_labels(LabelSource(path, "ucsd-m", "2"), 6)).tolist() == [3]


def street_tracks(root: Path, encode: Encoding) -> None:
    path = written(root / "Test001_gt.txt", encode("Test001/001.jpg 0 8 6 4 2\nTest001/002.jpg 0 8 6 4 2\n"))
    assert read_labels(LabelSource(path, "tracks", "64x48"), 3).tolist() == [True, True, False]


def ubnormal_tracks(root: Path, encode: Encoding) -> None:
    path = written(root / "x_annotations/x_tracks.txt", encode("1,0,1\n2,3,3\n")).parent
    assert read_labels(LabelSource(path, "ubnormal"), 5).tolist() == [True, True, False, True, False]


def ubnormal_lists(root: Path, encode: Encoding) -> None:
    lists = {"normal_training": "normal_scene_1_scenario_1", "normal_test": "normal_scene_1_scenario_2", "abnormal_test": "abnormal_scene_1_scenario_1"}  # fmt: skip # noqa: E501
    for part, name in lists.items():
        written(root / "data/Scene1" / f"{name}.mp4", b"")
        written(root / f"data/scripts/{part}_video_names.txt", encode(f"{name}\n"))
    assert [video.split for video in load_dataset(root / "data").videos] == ["train", "test", "test"]


FILES = [config_file, dataset_json, events, ucsd_list, street_tracks, ubnormal_tracks, ubnormal_lists]


@pytest.mark.parametrize("encoding", READ)
@pytest.mark.parametrize("read", FILES)
def test_every_file_is_read_in_every_encoding(
    read: Callable[[Path, Encoding], None], encoding: str, tmp_path: Path
) -> None:
    read(tmp_path, READ[encoding])


@pytest.mark.parametrize("encoding", REFUSED)
def test_what_is_no_text_is_one_line_that_says_what_to_do(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encode = REFUSED[encoding]
    config = written(tmp_path / "run.toml", encode("scenes = 1\n"))
    assert run(["street", str(tmp_path / "street"), "--config", str(config)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "run.toml" in error and "save it as UTF-8" in error
    for read, name in ((dataset_json, "dataset.json"), (events, "events.json"), (ubnormal_lists, "names.txt")):
        with pytest.raises(DataError, match="save it as UTF-8") as told:
            read(tmp_path / "data" / read.__name__, encode)
        assert name in str(told.value)


def test_a_comment_of_another_age_does_not_spoil_a_list(tmp_path: Path) -> None:
    path = written(tmp_path / "x.m", "% größer\nTestVideoFile{end+1}.gt_frame = [1:1];\n".encode("latin-1"))
    assert read_labels(LabelSource(path, "ucsd-m", "1"), 2).tolist() == [True, False]


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt: expected a list, but it cannot be read \(No such file"):
        read_text(tmp_path / "none.txt", "expected a list")
    with pytest.raises(DataError, match="Is a directory"):
        read_text(tmp_path, "expected a list")
