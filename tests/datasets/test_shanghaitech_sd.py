"""The tree of ShanghaiTech-SD, and the lists of its split. No video is opened here: empty files will do."""

from pathlib import Path

import pytest
from empty_tree import touch

from scenewise.datasets import LabelSource, load_dataset
from scenewise.datasets.shanghaitech_sd_split import COUNTS, TEST, TRAIN, manifest, members
from scenewise.errors import DataError


def test_the_tree_that_published_code_reads(tmp_path: Path) -> None:
    touch(tmp_path, "training/01_0016/000.jpg", "training/06_001/000.jpg", "testing/06_0147/000.jpg")
    dataset = load_dataset(touch(tmp_path, "testframemask/06_0147.npy", "testframemask/06_0150.npy"))
    assert [video.title for video in dataset.videos] == ["train/01/0016", "train/06/001", "test/06/0147"]
    assert dataset.videos[2].labels == LabelSource(tmp_path / "testframemask/06_0147.npy")
    assert dataset.mismatches == ((tmp_path / "testframemask/06_0150.npy", "labels of no test video"),)


def test_the_lists_are_as_many_as_published() -> None:
    assert sum(len(names.split()) for names in TRAIN.values()) == 35
    assert sum(len(names.split()) for names in TEST.values()) == 18
    assert sum(frames for frames, _ in COUNTS.values()) == 5946
    assert sum(abnormal for _, abnormal in COUNTS.values()) == 2898
    for scene in TRAIN:
        names = [*TRAIN[scene].split(), *TEST[scene].split()]
        assert len(set(names)) == len(names) and names


def official(root: Path) -> Path:
    """Every video that the split takes, in its place in the official data set, and one that it does not take."""
    for scene in TRAIN:
        train = "testing" if scene == "01" else "training"
        touch(root, *(f"{train}/frames/{scene}_{name}/000.jpg" for name in TRAIN[scene].split()))
        touch(root, *(f"testing/frames/{scene}_{name}/000.jpg" for name in TEST[scene].split()))
    return touch(root, "training/frames/13_001/000.jpg", "testing/test_frame_mask/06_0147.npy")


def test_scene_01_is_trained_on_official_test_videos_and_is_all_normal(tmp_path: Path) -> None:
    chosen = members(load_dataset(official(tmp_path)))
    assert len(chosen) == 53
    assert {member.video.split for member in chosen if member.video.scene == "01"} == {"test"}
    assert sum(member.split == "train" for member in chosen) == 35
    described = {(entry["split"], entry["scene"], entry["name"]): entry for entry in manifest(chosen, {})["videos"]}
    assert described["test", "01", "0014"]["labels"] == {"path": "dataset.json", "kind": "normal"}
    assert described["test", "06", "0147"]["labels"] == str(tmp_path / "testing/test_frame_mask/06_0147.npy")
    assert "labels" not in described["train", "01", "0016"]


def test_missing_videos_are_named(tmp_path: Path) -> None:
    root = official(tmp_path)
    for name in ("testing/frames/01_0016", "training/frames/12_015"):
        (root / name / "000.jpg").unlink()
    with pytest.raises(DataError, match=r"2 missing: testing/ 01_0016, training/ 12_015"):
        members(load_dataset(root))
