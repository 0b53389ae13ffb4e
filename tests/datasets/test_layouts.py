"""Which layout a folder is recognised as. No video is opened here: empty files will do."""

from pathlib import Path

import pytest
from empty_tree import touch

from scenewise.datasets import load_dataset
from scenewise.datasets.layouts import LAYOUTS
from scenewise.errors import DataError

SHANGHAITECH = ("training/videos/01_001.avi", "testing/frames/01_0014/000.jpg", "testing/test_frame_mask/01_0014.npy")
SHANGHAITECH_SD = ("training/01_0016/000.jpg", "testing/01_0014/000.jpg", "testframemask/01_0014.npy")
NWPU = ("videos/Train/D001_01.avi", "videos/Test/D001_02.avi", "groundtruth/NWPU_Campus_gt.npz")
GENERIC = ("train/road/a.mp4", "test/road/b.mp4", "labels/road/b.npy")


@pytest.mark.parametrize(
    ("names", "layout"),
    [(SHANGHAITECH, "shanghaitech"), (SHANGHAITECH_SD, "shanghaitech-sd"), (NWPU, "nwpu-campus"), (GENERIC, "generic")],
)
def test_a_tree_is_one_layout_and_no_other(tmp_path: Path, names: tuple[str, ...], layout: str) -> None:
    touch(tmp_path / "archive", *names)
    assert [name for name, one in LAYOUTS.items() if one.recognise(tmp_path / "archive")] == [layout]
    assert load_dataset(tmp_path / "archive").layout == layout
    assert load_dataset(tmp_path).videos == load_dataset(tmp_path / "archive").videos  # one folder in the way


def test_what_macos_adds_to_an_archive_is_no_second_folder(tmp_path: Path) -> None:
    touch(tmp_path, *(f"inner/{name}" for name in NWPU), "__MACOSX/inner/._videos", ".DS_Store")
    assert load_dataset(tmp_path).layout == "nwpu-campus"


def test_an_archive_is_reported_to_be_unpacked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="an archive has to be unpacked first"):
        load_dataset(touch(tmp_path, "data.zip") / "data.zip")


def test_two_folders_in_the_way_are_not_guessed_at(tmp_path: Path) -> None:
    touch(tmp_path / "one", *GENERIC)
    touch(tmp_path / "two", *GENERIC)
    with pytest.raises(DataError, match="scenewise datasets list"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Training/Videos/01_001.avi", "Training is training in the tree of shanghaitech"),
        ("Videos/Train/D001_01.avi", "Videos is videos in the tree of shanghaitech"),
        ("Train/road/a.mp4", "letter case counts: Train is train"),
    ],
)
def test_a_folder_in_another_letter_case_is_reported(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        load_dataset(touch(tmp_path, name, "readme.txt"))


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_draws_its_tree_and_says_whose_it_is(name: str, tmp_path: Path) -> None:
    layout = LAYOUTS[name]
    assert layout.TITLE and (layout.__doc__ or "").count("\n") > 5
    assert layout.SOURCE is None or layout.SOURCE.startswith("http")
    assert not layout.recognise(tmp_path) and not layout.recognise(tmp_path / "missing")


def test_every_page_of_a_data_set_is_in_the_list_of_pages() -> None:
    folder = Path(__file__).parents[2] / "docs/datasets"
    pages = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert pages and all(f"]({page})" in (folder / "README.md").read_text() for page in pages)
