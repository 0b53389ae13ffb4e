"""The tree of ShanghaiTech Campus, right and wrong. No video is opened here: empty files will do."""

from pathlib import Path

import pytest
from empty_tree import touch

from scenewise.datasets import LabelSource, load_dataset
from scenewise.errors import DataError

FRAMES = ("training/frames/01_001/000.jpg", "training/frames/06_002/000.jpg")
VIDEOS = ("training/videos/01_001.avi", "training/videos/06_002.avi")
TEST = (
    "testing/frames/01_0014/000.jpg", "testing/frames/06_0147/000.jpg",
    "testing/test_frame_mask/01_0014.npy", "testing/test_frame_mask/06_0147.npy",
)  # fmt: skip


@pytest.mark.parametrize("training", [FRAMES, VIDEOS])
def test_the_official_tree_and_its_repackaging(tmp_path: Path, training: tuple[str, ...]) -> None:
    dataset = load_dataset(touch(tmp_path, *training, *TEST, "testing/test_pixel_mask/06_0147.npy"))
    assert [video.title for video in dataset.videos] == [
        "train/01/001", "train/06/002", "test/01/0014", "test/06/0147",
    ]  # fmt: skip
    assert dataset.mismatches == () and dataset.ignored == () and dataset.excluded == ()
    test = dataset.videos[3]
    assert test.labels == LabelSource(tmp_path / "testing/test_frame_mask/06_0147.npy")
    assert test.masks == LabelSource(tmp_path / "testing/test_pixel_mask/06_0147.npy")
    assert {video.fps for video in dataset.videos} == {24.0}
    assert dataset.videos[0].labels is None


def test_frames_go_before_the_same_video_as_a_file(tmp_path: Path) -> None:
    dataset = load_dataset(touch(tmp_path, *FRAMES, VIDEOS[0], *TEST))
    assert dataset.videos[0].path == tmp_path / "training/frames/01_001"
    assert dataset.excluded == ((tmp_path / VIDEOS[0], "frames/ has the same video"),)


def test_scenes_of_any_name(tmp_path: Path) -> None:
    names = ("training/frames/front_door_1/1.jpg", "testing/frames/front_door_2/1.jpg")
    assert {video.scene for video in load_dataset(touch(tmp_path, *names)).videos} == {"front_door"}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("testing/test_frame_mask/06_0155.npy", "labels of no test video"),
        ("testing/test_frame_mask/06_0147.NPY", "letter case counts: expected 06_0147.npy"),
        ("testing/test_frame_mask/06_002.npy", "labels of a training video; are the splits swapped"),
        ("testing/test_pixel_mask/07_0001.npy", "labels of no test video"),
        ("training/videos/hall.avi", "expected a name such as 01_001"),
        ("testing/frames/06_002/000.jpg", "is it in both splits"),
    ],
)
def test_what_names_alone_show_to_be_wrong(tmp_path: Path, name: str, problem: str) -> None:
    dataset = load_dataset(touch(tmp_path, *FRAMES, *TEST, name))
    path = tmp_path / (name.removesuffix("/000.jpg"))
    assert [reason for wrong, reason in dataset.mismatches if wrong == path and problem in reason]


@pytest.mark.parametrize(
    "name", ["Testing", "Training", "testing/Frames", "testing/test_Frame_mask", "training/VIDEOS"]
)
def test_folders_in_another_letter_case_are_reported(tmp_path: Path, name: str) -> None:
    dataset = load_dataset(touch(tmp_path, *FRAMES, *TEST, f"{name}/x"))
    assert [path for path, reason in dataset.mismatches if "letter case counts" in reason] == [tmp_path / name]


def test_a_missing_label_file_keeps_its_place(tmp_path: Path) -> None:
    """So evaluation reports the missing file, and does not ignore the video."""
    (touch(tmp_path, *FRAMES, *TEST) / TEST[2]).unlink()
    assert load_dataset(tmp_path).videos[2].labels == LabelSource(tmp_path / TEST[2])


def test_no_video_that_is_called_scene_and_video(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="SCENE_VIDEO"):
        load_dataset(touch(tmp_path, "training/frames/_1/000.jpg"))
