"""CUHK Avenue's two trees: generated miniatures, right and wrong, and the real clips if they are there."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from conftest import write_mp4
from scenewise.dataset_tools.check import check_dataset
from scenewise.datasets import load_dataset
from scenewise.labels.labels import abnormal_ranges, read_labels, read_masks

pytestmark = pytest.mark.slow

TREES = {
    "full": ("training_videos", "testing_videos", "testing_label_mask"),
    "short": ("train", "test", "labels"),
}
ABNORMAL = {1: (2, 4), 2: (0, 0), 12: (7, 9)}
"""First and last abnormal frame, from 0, of the ten frames of every test video."""


def write_masks(path: Path, frames: int, first: int, last: int) -> None:
    masks = np.empty((1, frames), object)
    for number in range(frames):
        mask = np.zeros((48, 64), np.uint8)
        mask[10:20, 5:9] = first <= number <= last
        masks[0, number] = mask
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(path, {"volLabel": masks}, do_compression=True)


def write_avenue(root: Path, tree: str = "full", labels_in: str = "") -> Path:
    train, test, labels = TREES[tree]
    for number in (1, 2, 3):
        write_mp4(root / train / f"{number:02d}.avi", 10, seed=number)
    for number, (first, last) in ABNORMAL.items():
        write_mp4(root / test / f"{number:02d}.avi", 10, seed=20 + number)
        write_masks(root / labels_in / labels / f"{number}_label.mat", 10, first, last)
    (root / test / "._01.avi").write_bytes(b"litter")
    (root / train / "Thumbs.db").write_bytes(b"litter")
    return root


def reasons(root: Path) -> str:
    """The problems that the check reports, a line each."""
    return "\n".join(f"{path}: {reason}" for path, reason in check_dataset(root).mismatches)


@pytest.mark.parametrize(
    ("tree", "labels_in"),
    [("full", ""), ("full", "ground_truth_demo"), ("full", "../ground_truth_demo"), ("short", "")],
)
def test_the_trees(tree: str, labels_in: str, tmp_path: Path) -> None:
    write_avenue(tmp_path / "Avenue Dataset", tree, labels_in)
    dataset = load_dataset(tmp_path)
    assert dataset.layout == "avenue"
    assert [video.title for video in dataset.videos] == [
        "train/avenue/01", "train/avenue/02", "train/avenue/03", "test/avenue/01", "test/avenue/02", "test/avenue/12",
    ]  # fmt: skip
    last = dataset.of("test")[-1]
    assert last.labels is not None and last.masks is not None
    assert abnormal_ranges(read_labels(last.labels, 10)) == [ABNORMAL[12]]
    assert next(iter(read_masks(last.masks, 10))).shape == (48, 64)
    assert [path.name for path in dataset.ignored] == ["Thumbs.db"]
    if labels_in:
        return
    checked = check_dataset(tmp_path)
    assert not checked.mismatches
    assert [tuple(tally)[:5] for tally in checked.tallies] == [
        ("train", "avenue", 3, 30, None), ("test", "avenue", 3, 30, 7),
    ]  # fmt: skip


def test_the_generic_tree_is_not_taken_for_the_short_one(tmp_path: Path) -> None:
    write_mp4(tmp_path / "train/road/01.avi", 10)
    write_masks(tmp_path / "labels/1_label.mat", 10, 0, 1)
    assert load_dataset(tmp_path).layout == "generic"


@pytest.mark.parametrize("tree", TREES)
def test_missing_labels_are_reported_by_their_path(tree: str, tmp_path: Path) -> None:
    write_avenue(tmp_path, tree)
    missing = tmp_path / TREES[tree][2] / "12_label.mat"
    missing.unlink()
    assert f"{missing}: expected a .mat file of one mask per frame" in reasons(tmp_path)


def test_a_missing_download_of_the_labels_is_reported(tmp_path: Path) -> None:
    write_avenue(tmp_path, labels_in="../elsewhere")
    assert f"{tmp_path}/testing_label_mask/1_label.mat" in reasons(tmp_path)


def test_labels_one_frame_off_are_reported(tmp_path: Path) -> None:
    write_avenue(tmp_path)
    write_masks(tmp_path / "testing_label_mask/2_label.mat", 9, 0, 0)
    assert "2_label.mat: 9 masks for a video of 10 frames" in reasons(tmp_path)


def test_labels_of_no_video_show_a_missing_video_and_swapped_splits(tmp_path: Path) -> None:
    write_avenue(tmp_path)
    (tmp_path / "testing_videos/12.avi").unlink()
    assert "12_label.mat: labels of no test video" in reasons(tmp_path)
    write_mp4(tmp_path / "testing_videos/12.avi", 10, seed=32)
    (tmp_path / "testing_videos").rename(tmp_path / "aside")
    (tmp_path / "training_videos").rename(tmp_path / "testing_videos")
    (tmp_path / "aside").rename(tmp_path / "training_videos")
    lines = reasons(tmp_path)
    assert "12_label.mat: labels of no test video" in lines and "3_label.mat: expected a .mat file" in lines


def test_another_letter_case_is_reported(tmp_path: Path) -> None:
    write_avenue(tmp_path)
    (tmp_path / "testing_label_mask/1_label.mat").rename(tmp_path / "testing_label_mask/1_Label.mat")
    assert "letter case counts: expected 1_label.mat" in reasons(tmp_path)


def test_a_mat_of_something_else_is_reported(tmp_path: Path) -> None:
    write_avenue(tmp_path)
    scipy.io.savemat(tmp_path / "testing_label_mask/1_label.mat", {"volLabel": np.zeros((48, 64, 10))})
    scipy.io.savemat(tmp_path / "testing_label_mask/2_label.mat", {"labels": np.zeros(10)})
    lines = reasons(tmp_path)
    assert (
        "1_label.mat: expected a .mat file of one mask per frame, a cell called volLabel; found something else" in lines
    )
    assert "2_label.mat: expected a .mat file of one mask per frame, a cell called volLabel; found nothing" in lines


def test_the_real_clips(footage: Path) -> None:
    checked = check_dataset(footage / "avenue")
    assert not checked.mismatches and checked.dataset.layout == "avenue"
    assert [tuple(tally)[:5] for tally in checked.tallies] == [
        ("train", "avenue", 2, 389, None), ("test", "avenue", 6, 1353, 36 + 56 + 328 + 294 + 140 + 80 + 74 + 53),
    ]  # fmt: skip
