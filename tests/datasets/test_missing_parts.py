"""Missing parts of a data set, by the names alone."""

from pathlib import Path

import pytest
from empty_tree import touch

from scenewise.dataset_tools.check import missing_parts
from scenewise.datasets import load_dataset

SHANGHAITECH = ("training/frames/01_001/000.jpg", "testing/frames/01_0014/000.jpg")


def problems(root: Path) -> list[tuple[str, str]]:
    return [(path.relative_to(root).as_posix(), reason) for path, reason in missing_parts(load_dataset(root))]


def test_a_complete_data_set_has_no_problems(tmp_path: Path) -> None:
    assert problems(touch(tmp_path, *SHANGHAITECH, "training/frames/Thumbs.db", "training/frames/@eaDir/SYNO")) == []


@pytest.mark.parametrize(("there", "missing"), [(SHANGHAITECH[0], "test"), (SHANGHAITECH[1], "training")])
def test_a_published_data_set_has_both_splits(there: str, missing: str, tmp_path: Path) -> None:
    assert problems(touch(tmp_path, there)) == [(".", f"no {missing} videos: is a part of the download missing?")]


def test_the_users_footage_may_be_of_one_split(tmp_path: Path) -> None:
    assert (
        problems(touch(tmp_path / "one", "train/road/a.mp4"))
        == problems(touch(tmp_path / "two", "test/road/a.mp4"))
        == []
    )


def test_a_scene_that_is_tested_has_to_be_learnt(tmp_path: Path) -> None:
    names = ("train/road/a.mp4", "test/Road/b.mp4", "test/Road/c.mp4")
    reason = "a test video of scene Road, of which there are no training videos"
    assert problems(touch(tmp_path, *names)) == [("test/Road/b.mp4", reason)]


def test_empty_folders_are_reported(tmp_path: Path) -> None:
    frames = touch(tmp_path, *SHANGHAITECH, "training/frames/01_002/.DS_Store") / "training/frames"
    touch(frames, "01_003/images/000.jpg")
    (frames / "01_004").symlink_to("nowhere")
    (frames / "01_005").symlink_to("01_005")
    reasons = dict(problems(tmp_path))
    assert [Path(path).name for path in reasons] == ["01_002", "01_003", "01_004", "01_005"]
    for reason, expected in zip():
        assert expected in reason


def test_an_empty_scene_is_reported(tmp_path: Path) -> None:
    root = touch(tmp_path, "train/road/a.mp4")
    (root / "train/gate").mkdir()
    assert [path for path, _ in problems(root)] == ["train/gate"]
