"""One file of labels for all test videos: ShanghaiTech, and the re-packaged UCSD and Avenue."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image

from conftest import write_mp4
from scenewise.dataset_tools.check import check_dataset
from scenewise.datasets import Dataset, load_dataset
from scenewise.errors import DataError
from scenewise.labels.labels import read_labels

LENGTHS = {"01_0014": 4, "01_0029": 6, "06_0147": 5}
"""Frames of the test videos; the first frames of each, one, two and three, are abnormal."""


def write_clip(folder: Path, frames: int, seed: int) -> None:
    folder.mkdir(parents=True)
    for number in range(frames):
        Image.new("RGB", (16, 12), (10 * seed, 20 * number, 0)).save(folder / f"{number:03d}.png")


def labels_in_a_row(lengths: dict[str, int]) -> np.ndarray:
    return np.concatenate([np.arange(frames) <= place for place, frames in enumerate(lengths.values())]).astype(
        np.uint8
    )


def shanghai(root: Path, lengths: dict[str, int] = LENGTHS, videos: bool = False) -> Path:
    for place, scene in enumerate(("01", "06")):
        write_clip(root / f"training/frames/{scene}_001", 3, 20 + place)
    for seed, (name, frames) in enumerate(lengths.items()):
        if videos:
            write_mp4(root / f"testing/videos/{name}.avi", frames, seed)
        else:
            write_clip(root / f"testing/frames/{name}", frames, seed)
    return root


def truths(dataset: Dataset, lengths: dict[str, int]) -> dict[str, list[int]]:
    """{video: its abnormal frames}."""
    found = {}
    for video in dataset.of("test"):
        assert video.labels is not None and video.labels_sought == ()
        labels = read_labels(video.labels, lengths[video.score_name])
        found[video.score_name] = np.flatnonzero(labels).tolist()
    return found


RIGHT = {"01_0014": [0], "01_0029": [0, 1], "06_0147": [0, 1, 2]}


@pytest.mark.parametrize("videos", [False, True])
@pytest.mark.parametrize("row", [False, True])
@pytest.mark.parametrize(
    "place",
    [
        "shanghai/frame_labels_shanghai.npy",
        "frame_labels_shanghai.npy",
        "shanghai/gt.npy",
        "frame_labels_shanghaitech.npy",
    ],
)
def test_shanghaitech_in_and_beside_the_folder(place: str, row: bool, videos: bool, tmp_path: Path) -> None:
    root = shanghai(tmp_path / "shanghai", videos=videos)
    labels = labels_in_a_row(LENGTHS)
    np.save(tmp_path / place, labels[None] if row else labels)
    assert truths(load_dataset(root), LENGTHS) == RIGHT
    checked = check_dataset(root)
    assert checked.mismatches == ()
    assert [(tally.scene, tally.abnormal) for tally in checked.tallies if tally.split == "test"] == [
        ("01", 3),
        ("06", 3),
    ]


def test_the_folder_may_have_another_name(tmp_path: Path) -> None:
    root = shanghai(tmp_path / "ST-Campus")
    np.save(tmp_path / "frame_labels_st-campus.npy", labels_in_a_row(LENGTHS))
    assert truths(load_dataset(root), LENGTHS) == RIGHT


def test_ranges_of_all_videos_in_matlab(tmp_path: Path) -> None:
    root = shanghai(tmp_path / "shanghai")
    ranges = np.empty((1, 3), object)
    ranges[0] = [np.array([[1], [1]]), np.array([[1], [2]]), np.array([[1], [3]])]
    scipy.io.savemat(root / "shanghai.mat", {"gt": ranges})
    assert truths(load_dataset(root), LENGTHS) == RIGHT


def test_videos_go_by_their_numbers_not_as_text(tmp_path: Path) -> None:
    lengths = {"1_2": 4, "1_10": 6, "2_1": 5, "10_1": 7}  # as text 10_1 is the first, and 1_10 before 1_2
    root = shanghai(tmp_path / "shanghai", lengths)
    np.save(root / "frame_labels_shanghai.npy", labels_in_a_row(lengths))
    assert truths(load_dataset(root), lengths) == {"1_2": [0], "1_10": [0, 1], "2_1": [0, 1, 2], "10_1": [0, 1, 2, 3]}


def test_a_file_a_video_goes_before_the_one_file(tmp_path: Path) -> None:
    root = shanghai(tmp_path / "shanghai")
    np.save(root / "frame_labels_shanghai.npy", labels_in_a_row(LENGTHS))
    (root / "testing/test_frame_mask").mkdir()
    assert truths(load_dataset(root), LENGTHS) == RIGHT  # an empty folder says nothing
    for name, frames in LENGTHS.items():
        np.save(root / f"testing/test_frame_mask/{name}.npy", np.zeros(frames, np.uint8))
    assert truths(load_dataset(root), LENGTHS) == {name: [] for name in LENGTHS}


@pytest.mark.parametrize("videos", [False, True])
@pytest.mark.parametrize("frames", [14, 16])
def test_another_length_is_one_line(frames: int, videos: bool, tmp_path: Path) -> None:
    root = shanghai(tmp_path / "shanghai", videos=videos)
    np.save(root / "frame_labels_shanghai.npy", np.zeros(frames, np.uint8))
    (mismatch,) = check_dataset(root).mismatches
    assert mismatch.path == root / "frame_labels_shanghai.npy"
    assert f"labels of shape ({frames},) for test videos of 15 frames together" in mismatch.reason


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    root = shanghai(tmp_path / "shanghai")
    np.save(root / "frame_labels_shanghai.npy", np.array([np.zeros(4), np.zeros(6), np.zeros(5)], object))
    for content in ((root / "frame_labels_shanghai.npy").read_bytes(), pickle.dumps([0, 1])):
        (root / "frame_labels_shanghai.npy").write_bytes(content)
        (mismatch,) = check_dataset(root).mismatches
        assert "damaged, or no array" in mismatch.reason


def test_a_video_that_cannot_be_counted_leaves_no_labels(tmp_path: Path) -> None:
    root = shanghai(tmp_path / "shanghai", videos=True)
    np.save(root / "frame_labels_shanghai.npy", labels_in_a_row(LENGTHS))
    (root / "testing/videos/01_0029.avi").write_bytes(b"junk" * 100)
    dataset = load_dataset(root)
    assert all(video.labels is None and video.labels_sought for video in dataset.of("test"))
    reasons = [reason for path, reason in dataset.mismatches if path == root / "frame_labels_shanghai.npy"]
    assert len(reasons) == 1 and "cannot be divided" in reasons[0] and "01_0029.avi" in reasons[0]


def test_several_files_are_not_guessed_at(tmp_path: Path) -> None:
    root = shanghai(tmp_path / "shanghai")
    for name in ("frame_labels_shanghai.npy", "frame_labels_ped2.npy"):
        np.save(root / name, labels_in_a_row(LENGTHS))
    with pytest.raises(DataError, match=r"expected one file of labels, found frame_labels_ped2\.npy, frame_labels_sh"):
        load_dataset(root)


@pytest.mark.parametrize(
    ("folder", "place"),
    [
        ("ped2", "ped2/frame_labels_ped2.npy"),
        ("ped2", "frame_labels_ped2.npy"),
        ("UCSD-Ped1-pictures", "frame_labels_ped1.npy"),
        ("Avenue", "frame_labels_avenue.npy"),
    ],
)
def test_the_repackaged_ones(folder: str, place: str, tmp_path: Path) -> None:
    root, lengths = tmp_path / folder, {"1": 4, "2": 6, "10": 5}
    write_clip(root / "training/frames/1", 3, 20)
    for seed, (name, frames) in enumerate(lengths.items()):
        write_clip(root / f"testing/frames/{name}", frames, seed)
    sought = load_dataset(root).of("test")[0].labels_sought
    assert sought and all(path.suffix == ".npy" for path in sought)
    np.save(tmp_path / place, labels_in_a_row(lengths)[None])
    dataset = load_dataset(root)
    found = [np.flatnonzero(read_labels(video.labels, lengths[video.name])).tolist() for video in dataset.of("test")]  # type: ignore[arg-type]
    assert found == [[0], [0, 1], [0, 1, 2]]


def test_where_labels_were_looked_for_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shanghai(tmp_path / "shanghai")
    reason = check_dataset(root).mismatches[0].reason
    assert reason.startswith("a test video without frame labels; looked for ")
    assert f"{root}/testing/test_frame_mask/01_0014.npy" in reason and f"{root}/frame_labels_shanghai.npy" in reason
    monkeypatch.chdir(root)
    assert check_dataset(Path()).mismatches[0].reason == reason
