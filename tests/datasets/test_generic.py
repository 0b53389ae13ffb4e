"""Data sets as they lie on disk. No video is opened here: empty files will do."""

import json
from pathlib import Path

import pytest

from scenewise.datasets import LabelSource, load_dataset
from scenewise.errors import DataError


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_the_generic_tree(tmp_path: Path) -> None:
    touch(
        tmp_path, "train/road/b.mp4", "train/road/a.AVI", "train/walk/000/001.jpg", "test/road/x.mkv", "test/walk/y.ts"
    )
    touch(tmp_path, "labels/road/x.npy", "labels/road/x.events.json", "train/road/notes.txt", "train/road/.hidden.mp4")
    dataset = load_dataset(tmp_path)
    assert [video.title for video in dataset.videos] == [
        "train/road/a", "train/road/b", "train/walk/000", "test/road/x", "test/walk/y",
    ]  # fmt: skip
    by_title = {video.title: video for video in dataset.videos}
    assert by_title["test/road/x"].labels == LabelSource(tmp_path / "labels/road/x.npy")
    assert by_title["test/road/x"].events == tmp_path / "labels/road/x.events.json"
    assert by_title["test/walk/y"].labels is None and by_title["train/road/a"].labels is None
    assert [path.name for path in dataset.ignored] == ["notes.txt"]
    assert len(dataset.of("train")) == 3


def test_a_video_does_not_repeat_its_scenes_prefix(tmp_path: Path) -> None:
    dataset = load_dataset(touch(tmp_path, "test/01/01_0014.mp4", "labels/01/01_0014.npy"))
    assert dataset.videos[0].score_name == "01_0014" and dataset.videos[0].labels is not None


def test_a_name_that_is_all_prefix_is_kept(tmp_path: Path) -> None:
    assert [video.name for video in load_dataset(touch(tmp_path, "train/walk/walk_.mp4")).videos] == ["walk_"]


def test_videos_one_folder_too_deep_are_reported(tmp_path: Path) -> None:
    touch(tmp_path, "train/road/monday/a.mp4", "train/road/tuesday/000/1.jpg", "train/road/empty/x.txt")
    with pytest.raises(DataError, match="train/road/monday holds some, one level too deep"):
        load_dataset(tmp_path)
    dataset = load_dataset(touch(tmp_path, "train/road/b.mp4"))
    assert [path.name for path in dataset.ignored] == ["empty", "monday", "tuesday"]
    assert [path.name for path in dataset.nested] == ["monday", "tuesday"]


@pytest.mark.parametrize(
    "names",
    [("train/a/1.mp4", "train/a/1.avi"), ("test/a_b/c.mp4", "test/a/b_c.mp4"), ("train/a/a_1.mp4", "train/a/1.mp4")],
)
def test_names_that_would_clash_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    with pytest.raises(DataError, match="rename one"):
        load_dataset(touch(tmp_path, *names))


def test_folders_that_are_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        load_dataset(tmp_path / "missing")
    with pytest.raises(DataError, match="an empty folder"):
        load_dataset(tmp_path)
    with pytest.raises(DataError, match=r"holiday\.mp4"):
        load_dataset(touch(tmp_path, "holiday.mp4"))
    (tmp_path / "train" / "road").mkdir(parents=True)
    with pytest.raises(DataError, match="no video found"):
        load_dataset(tmp_path)


def write_json(root: Path, described: dict) -> Path:
    (root / "dataset.json").write_text(json.dumps(described))
    return root


def test_dataset_json_adds_to_the_tree(tmp_path: Path) -> None:
    touch(tmp_path, "train/road/000/001.jpg", "train/walk/000/001.jpg")
    scenes = {"walk": {"normal_classes": ["person"], "fps": 10}}
    dataset = load_dataset(write_json(tmp_path, {"format": 1, "fps": 30, "scenes": scenes}))
    assert {video.scene: video.fps for video in dataset.videos} == {"road": 30, "walk": 10}
    assert dataset.normal_classes == {"walk": ("person",)}


def test_dataset_json_says_it_all(tmp_path: Path) -> None:
    touch(tmp_path, "clips/x.mp4", "truth/x.npy", "clips/y.mp4")
    videos = [
        {"scene": "road", "name": "x", "split": "test", "path": "clips/x.mp4", "labels": "truth/x.npy"},
        {"scene": "road", "name": "y", "split": "train", "path": "clips/y.mp4"},
    ]
    dataset = load_dataset(write_json(tmp_path, {"format": 1, "videos": videos}))
    assert [video.title for video in dataset.videos] == ["train/road/y", "test/road/x"]
    assert dataset.videos[1].labels == LabelSource(tmp_path / "truth/x.npy")


@pytest.mark.parametrize(
    ("described", "problem"),
    [
        ({"format": 2}, "format"),
        ({"format": 1, "scens": {}}, "scens"),
        ({"format": 1, "videos": [{"scene": "a/b", "name": "x", "split": "test", "path": "x"}]}, "scene"),
        ({"format": 1, "videos": [{"scene": "a", "name": "x", "split": "exam", "path": "x"}]}, "split"),
        ({"format": 1, "videos": [{"scene": "a", "name": "x", "split": "test", "path": "none.mp4"}]}, "no such file"),
        ({"format": 1, "videos": []}, "at least one"),
        ({"format": 1, "fps": 0}, "fps"),
        (
            {
                "format": 1,
                "videos": [
                    {"scene": "a", "name": "x", "split": "test", "path": "x", "labels": {"path": "x", "kind": "pickle"}}
                ],
            },
            r"videos\.0\.labels\.kind: Input should be .*npy",
        ),
    ],
)
def test_dataset_json_that_is_wrong_is_reported(tmp_path: Path, described: dict, problem: str) -> None:
    touch(tmp_path, "x")
    with pytest.raises(DataError, match=problem):
        load_dataset(write_json(tmp_path, described))
