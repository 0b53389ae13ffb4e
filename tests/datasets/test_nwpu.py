"""The tree of NWPU Campus. No video is opened here: empty files will do."""

from pathlib import Path

import pytest
from empty_tree import touch

from scenewise.datasets import LabelSource, load_dataset
from scenewise.errors import DataError


def test_the_tree(tmp_path: Path) -> None:
    touch(
        tmp_path, "videos/Train/D001_01.avi", "videos/Train/N002_11.avi", "videos/Test/D001_02.avi", "videos/Test/x.md5"
    )
    dataset = load_dataset(touch(tmp_path, "groundtruth/NWPU_Campus_gt.npz"))
    assert [video.title for video in dataset.videos] == ["train/D001/01", "train/N002/11", "test/D001/02"]
    assert dataset.videos[2].labels == LabelSource(tmp_path / "groundtruth/NWPU_Campus_gt.npz", "npz", "D001_02")
    assert dataset.videos[0].labels is None and dataset.mismatches == ()
    assert dataset.ignored == (tmp_path / "videos/Test/x.md5",)


def test_names_without_a_scene_are_reported(tmp_path: Path) -> None:
    dataset = load_dataset(touch(tmp_path, "videos/Train/D001_01.avi", "videos/Test/clip.avi"))
    assert dataset.mismatches[0][0] == tmp_path / "videos/Test/clip.avi"
    with pytest.raises(DataError, match="SCENE_VIDEO"):
        load_dataset(touch(tmp_path / "other", "videos/Train/clip.avi"))


@pytest.mark.parametrize("name", ["Videos/Test/a_1.avi", "videos/test/a_1.avi", "groundtruth/nwpu_campus_gt.npz"])
def test_another_letter_case_is_reported(tmp_path: Path, name: str) -> None:
    dataset = load_dataset(touch(tmp_path, "videos/Train/D001_01.avi", name))
    assert "letter case counts" in dataset.mismatches[0][1]
