"""UCSD's tree and its re-packaging: generated miniatures, right and wrong in the ways a download can be wrong."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image

from scenewise.dataset_tools.check import check_dataset
from scenewise.datasets import LabelSource, load_dataset
from scenewise.errors import DataError
from scenewise.labels.labels import abnormal_ranges, read_labels, read_masks

ABNORMAL = {"001": [(3, 5)], "002": [(1, 2), (6, 8)], "003": [(8, 8)]}
"""First and last frame, from 1, of the eight frames of every test video."""


def write_frames(folder: Path, first: int, suffix: str, seed: int, frames: int = 8) -> None:
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for number in range(first, first + frames):
        picture = Image.fromarray(random.integers(0, 256, (6, 8), np.uint8))
        picture.save(folder / f"{number:03d}.{suffix}")


def write_ped(place: Path, ped: int = 2) -> Path:
    for number in (1, 2):
        write_frames(place / f"Train/Train{number:03d}", 1, "tif", 100 * ped + number)
    for name, ranges in ABNORMAL.items():
        write_frames(place / f"Test/Test{name}", 1, "tif", 100 * ped + 10 + int(name))
        masks = place / f"Test/Test{name}_gt"
        masks.mkdir()
        for number in range(1, 9):
            mask = np.zeros((6, 8), np.uint8)
            mask[2:4, 2:5] = 255 * any(first <= number <= last for first, last in ranges)
            Image.fromarray(mask).save(masks / f"{number:03d}.bmp")
    lines = (f"[{', '.join(f'{first}:{last}' for first, last in ranges)}];" for ranges in ABNORMAL.values())
    listed = "\n".join(f"TestVideoFile{{end+1}}.gt_frame = {line}" for line in lines)
    (place / f"Test/UCSDped{ped}.m").write_text(f"TestVideoFile = {{}};\n{listed}\n")
    for litter in ("Test/.DS_Store", "Test/._Test001", "Test/Test001/._001.tif", "Train/Train001/Thumbs.db"):
        (place / litter).write_bytes(b"litter")
    return place


def ranges_of(source: LabelSource | None) -> list[tuple[int, int]]:
    assert source is not None
    return [(first + 1, last + 1) for first, last in abnormal_ranges(read_labels(source, 8))]


def reasons(root: Path) -> str:
    """The problems that the check reports, a line each."""
    return "\n".join(f"{path}: {reason}" for path, reason in check_dataset(root).mismatches)


def test_one_of_the_two_as_shipped(tmp_path: Path) -> None:
    dataset = load_dataset(write_ped(tmp_path / "UCSDped2"))
    assert dataset.layout == "ucsd"
    assert [video.title for video in dataset.videos] == [
        "train/ped2/001", "train/ped2/002", "test/ped2/001", "test/ped2/002", "test/ped2/003",
    ]  # fmt: skip
    assert all(video.labels is None for video in dataset.of("train"))
    for video in dataset.of("test"):
        assert ranges_of(video.labels) == ABNORMAL[video.name] == ranges_of(video.masks)
        assert video.masks is not None and next(iter(read_masks(video.masks, 8))).shape == (6, 8)
        assert video.fps == 10
    assert not dataset.ignored and not reasons(tmp_path / "UCSDped2")


def test_both_are_two_scenes(tmp_path: Path) -> None:
    for ped in (1, 2):
        write_ped(tmp_path / "UCSD_Anomaly_Dataset.v1p2" / f"UCSDped{ped}", ped)
    for root in (tmp_path, tmp_path / "UCSD_Anomaly_Dataset.v1p2"):  # as unpacked, and one folder further in
        checked = check_dataset(root)
        assert not checked.mismatches
        assert [tuple(tally)[:5] for tally in checked.tallies] == [
            ("train", "ped1", 2, 16, None), ("train", "ped2", 2, 16, None),
            ("test", "ped1", 3, 24, 9), ("test", "ped2", 3, 24, 9),
        ]  # fmt: skip


def test_a_missing_video_does_not_move_the_labels_of_the_others(tmp_path: Path) -> None:
    write_ped(tmp_path)
    shutil.rmtree(tmp_path / "Test/Test002")
    dataset = load_dataset(tmp_path)
    assert {video.name: ranges_of(video.labels) for video in dataset.of("test")} == {
        name: ABNORMAL[name] for name in ("001", "003")
    }
    assert "Test002_gt: masks of no test video" in reasons(tmp_path)


def test_a_missing_frame_excludes_its_video(tmp_path: Path) -> None:
    (write_ped(tmp_path) / "Test/Test002/004.tif").unlink()
    dataset = load_dataset(tmp_path)
    assert [video.name for video in dataset.of("test")] == ["001", "003"]
    assert dataset.excluded == ((tmp_path / "Test/Test002", "picture 4 missing, and its labels go by number"),)
    assert "Test002: picture 4 missing" in reasons(tmp_path)


def test_the_last_frame_missing_is_found_by_labels_and_masks(tmp_path: Path) -> None:
    (write_ped(tmp_path) / "Test/Test003/008.tif").unlink()
    lines = reasons(tmp_path)
    assert "frames 8 to 8 do not lie inside the video's 7 frames" in lines and "8 masks for a video of 7" in lines


def test_a_missing_list_is_reported_by_its_path(tmp_path: Path) -> None:
    place = write_ped(tmp_path / "UCSDped2")
    (place / "Test/UCSDped2.m").unlink()
    assert f"{place}/Test/UCSDped2.m: expected UCSD's list" in reasons(place)


def test_a_list_of_too_few_is_reported(tmp_path: Path) -> None:
    listed = write_ped(tmp_path) / "Test/UCSDped2.m"
    listed.write_text("\n".join(listed.read_text().splitlines()[:-1]))
    assert "lists 2 test videos, but this is number 3" in reasons(tmp_path)


def test_swapped_splits_are_reported(tmp_path: Path) -> None:
    write_ped(tmp_path)
    (tmp_path / "Train").rename(tmp_path / "aside")
    (tmp_path / "Test").rename(tmp_path / "Train")
    (tmp_path / "aside").rename(tmp_path / "Test")
    with pytest.raises(DataError, match="are the splits swapped"):
        load_dataset(tmp_path)
    (tmp_path / "Train/Test001").rename(tmp_path / "Test/Test001")
    assert "Train/Test002: it lies in Train/; are the splits swapped?" in reasons(tmp_path)


def test_another_letter_case_is_reported(tmp_path: Path) -> None:
    write_ped(tmp_path)
    (tmp_path / "Test/Test002").rename(tmp_path / "Test/test002")
    assert "test002: written in another letter case than Test001" in reasons(tmp_path)


def test_the_folders_of_the_splits_may_be_in_small_letters(tmp_path: Path) -> None:
    write_ped(tmp_path)
    for folder in ("Train", "Test"):
        (tmp_path / folder).rename(tmp_path / folder.lower())
    assert [ranges_of(video.labels) for video in load_dataset(tmp_path).of("test")] == list(ABNORMAL.values())


def write_repackaged(place: Path, labels: str = "mat") -> Path:
    for number in (1, 2):
        write_frames(place / f"training/frames/{number:02d}", 0, "jpg", number)
    for name in ABNORMAL:
        write_frames(place / f"testing/frames/{int(name):02d}", 0, "jpg", 10 + int(name))
    if labels == "mat":
        gt = np.empty((1, 3), object)
        gt[0] = [np.array(ranges, float).T for ranges in ABNORMAL.values()]
        scipy.io.savemat(place / "ped2.mat", {"gt": gt})
    elif labels == "npy":
        of_frames = [
            any(first <= number <= last for first, last in ranges)
            for ranges in ABNORMAL.values()
            for number in range(1, 9)
        ]
        np.save(place / "frame_labels_ped2.npy", np.array([of_frames], np.uint8))
    return place


@pytest.mark.parametrize("labels", ["mat", "npy"])
def test_re_packaged_pictures_have_the_same_labels(labels: str, tmp_path: Path) -> None:
    dataset = load_dataset(write_repackaged(tmp_path / "data", labels))
    assert dataset.layout == "repackaged"
    assert [video.title for video in dataset.videos] == [
        "train/ped2/01", "train/ped2/02", "test/ped2/01", "test/ped2/02", "test/ped2/03",
    ]  # fmt: skip
    assert [ranges_of(video.labels) for video in dataset.of("test")] == list(ABNORMAL.values())
    assert not reasons(tmp_path / "data")


@pytest.mark.parametrize("labels", ["mat", "npy"])
def test_re_packaged_labels_beside_the_folder(labels: str, tmp_path: Path) -> None:
    place = write_repackaged(tmp_path / "ped2", labels)
    file = next(place.glob("*ped2.*"))
    file.rename(tmp_path / file.name)
    assert [ranges_of(video.labels) for video in load_dataset(place).of("test")] == list(ABNORMAL.values())


def test_re_packaged_scenes_side_by_side(tmp_path: Path) -> None:
    write_repackaged(tmp_path / "ped2")
    shutil.copytree(write_repackaged(tmp_path / "avenue", labels="none") / "training", tmp_path / "avenue/more")
    scenes = {video.scene: (video.fps, video.labels is None) for video in load_dataset(tmp_path).of("test")}
    assert scenes == {"ped2": (10, False), "avenue": (25, True)}
    assert "avenue/testing/frames/01: a test video without frame labels" in reasons(tmp_path)


def test_re_packaged_with_a_video_missing(tmp_path: Path) -> None:
    by_number = write_repackaged(tmp_path / "mat")
    in_a_row = write_repackaged(tmp_path / "npy", "npy")
    for place in (by_number, in_a_row):
        shutil.rmtree(place / "testing/frames/02")
    assert [ranges_of(video.labels) for video in load_dataset(by_number).of("test")] == [[(3, 5)], [(8, 8)]]
    assert "labels of no test video: 2" in reasons(by_number)
    assert "labels of shape (24,) for test videos of 16 frames together" in reasons(in_a_row)


def test_re_packaged_with_a_frame_missing(tmp_path: Path) -> None:
    for place in (write_repackaged(tmp_path / "mat"), write_repackaged(tmp_path / "npy", "npy")):
        (place / "testing/frames/02/003.jpg").unlink()
        assert "02: picture 3 missing" in reasons(place)
        assert [video.name for video in load_dataset(place).of("test")] == ["01", "03"]


@pytest.mark.parametrize("labels", ["mat", "npy"])
def test_re_packaged_with_a_first_frame_missing(labels: str, tmp_path: Path) -> None:
    picture = write_repackaged(tmp_path, labels) / "testing/frames/01/000.jpg"
    picture.unlink()
    picture.symlink_to("nowhere.jpg")
    assert "testing/frames/01: picture 0 missing" in reasons(tmp_path)


@pytest.mark.parametrize("labels", ["mat", "npy"])
def test_re_packaged_without_a_test_split(labels: str, tmp_path: Path) -> None:
    (write_repackaged(tmp_path, labels) / "testing").rename(tmp_path / "Testing")
    lines = reasons(tmp_path)
    assert "no test videos" in lines and "Testing: letter case counts: expected testing" in lines


def test_a_number_far_off_is_reported_and_not_counted_up_to(tmp_path: Path) -> None:
    clip = write_ped(tmp_path) / "Test/Test001"
    (clip / "008.tif").rename(clip / "20240101120000.tif")
    assert "Test001: picture 8 and 20240101119991 more missing" in reasons(tmp_path)


def test_re_packaged_labels_of_two_data_sets_are_refused(tmp_path: Path) -> None:
    place = write_repackaged(tmp_path)
    shutil.copy(place / "ped2.mat", place / "avenue.mat")
    with pytest.raises(DataError, match=r"one file of labels, found avenue\.mat, ped2\.mat"):
        load_dataset(place)


def test_labels_one_frame_off_are_reported(tmp_path: Path) -> None:
    place = write_repackaged(tmp_path, "npy")
    np.save(place / "frame_labels_ped2.npy", np.zeros(23))
    assert "labels of shape (23,) for test videos of 24 frames together" in reasons(place)
