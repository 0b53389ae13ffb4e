"""Street Scene's tree: a generated miniature, right and wrong in the ways a download can be wrong."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenewise.dataset_tools.check import check_dataset
from scenewise.datasets import load_dataset
from scenewise.errors import DataError
from scenewise.labels.labels import abnormal_ranges, read_labels, read_masks

PLACES = ("Test/{clip}/{clip}_gt.txt", "Test/{clip}_gt.txt", "Test/gt/{clip}.txt", "groundtruth/{clip}_gt.txt")


def write_clip(folder: Path, seed: int, frames: int = 8) -> None:
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for number in range(1, frames + 1):
        Image.fromarray(random.integers(0, 256, (12, 16, 3), np.uint8)).save(folder / f"{number:03d}.jpg")


def write_street(root: Path, place: str = PLACES[0]) -> Path:
    for number in (1, 2):
        write_clip(root / f"Train/Train{number:03d}", number)
        write_clip(root / f"Test/Test{number:03d}", 10 + number)
        tracks = root / place.format(clip=f"Test{number:03d}")
        tracks.parent.mkdir(parents=True, exist_ok=True)
        frames = range(2, 4 + number)
        tracks.write_text("".join(f"Test{number:03d}/{frame:03d}.jpg 0 8 6 4 2\n" for frame in frames))
    return root


def reasons(root: Path) -> str:
    """The problems that the check reports, a line each."""
    return "\n".join(f"{path}: {reason}" for path, reason in check_dataset(root).mismatches)


@pytest.mark.parametrize("place", PLACES)
def test_the_tree_with_its_tracks_in_any_place(place: str, tmp_path: Path) -> None:
    dataset = load_dataset(write_street(tmp_path, place))
    assert dataset.layout == "street-scene" and not dataset.ignored
    assert [video.title for video in dataset.videos] == [
        "train/street/001", "train/street/002", "test/street/001", "test/street/002",
    ]  # fmt: skip
    ranges = {}
    for video in dataset.of("test"):
        assert video.fps == 15 and video.labels is not None and video.masks is not None
        ranges[video.name] = abnormal_ranges(read_labels(video.labels, 8))
        drawn = np.zeros((12, 16), bool)
        drawn[5:7, 6:10] = True
        np.testing.assert_array_equal(list(read_masks(video.masks, 8))[1], drawn)
    assert ranges == {"001": [(1, 3)], "002": [(1, 4)]}
    checked = check_dataset(tmp_path)
    assert not checked.mismatches
    assert [tuple(tally)[:5] for tally in checked.tallies] == [
        ("train", "street", 2, 16, None), ("test", "street", 2, 16, 7),
    ]  # fmt: skip


def test_missing_tracks_are_reported_by_their_path(tmp_path: Path) -> None:
    write_street(tmp_path)
    (tmp_path / "Test/Test002/Test002_gt.txt").unlink()
    assert f"{tmp_path}/Test/Test002/Test002_gt.txt: expected a file of tracks" in reasons(tmp_path)


def test_tracks_of_no_clip_are_reported(tmp_path: Path) -> None:
    write_street(tmp_path, PLACES[3])
    (tmp_path / "groundtruth/Test009_gt.txt").write_text("001.jpg 0 8 6 4 2\n")
    assert "Test009_gt.txt: tracks of no test clip" in reasons(tmp_path)


@pytest.mark.parametrize(("missing", "problem"), [(1, "picture 1 missing"), (4, "picture 4 missing")])
def test_a_missing_frame_excludes_its_clip(missing: int, problem: str, tmp_path: Path) -> None:
    (write_street(tmp_path) / f"Test/Test001/{missing:03d}.jpg").unlink()
    assert [video.name for video in load_dataset(tmp_path).of("test")] == ["002"]
    assert f"Test001: {problem}" in reasons(tmp_path)


def test_frames_counted_from_zero_exclude_their_clip(tmp_path: Path) -> None:
    clip = write_street(tmp_path) / "Test/Test001"
    (clip / "001.jpg").with_name("000.jpg").write_bytes((clip / "001.jpg").read_bytes())
    assert "Test001: its first picture is number 0, expected 1" in reasons(tmp_path)


def test_tracks_one_frame_off_are_reported_with_their_line(tmp_path: Path) -> None:
    tracks = write_street(tmp_path) / "Test/Test001/Test001_gt.txt"
    tracks.write_text(tracks.read_text() + "Test001/009.jpg 0 8 6 4 2\n")
    assert "Test001_gt.txt, line 4: Test001/009.jpg is not among the video's 8 frames" in reasons(tmp_path)


def test_swapped_splits_are_reported(tmp_path: Path) -> None:
    write_street(tmp_path)
    (tmp_path / "Train").rename(tmp_path / "aside")
    (tmp_path / "Test").rename(tmp_path / "Train")
    (tmp_path / "aside").rename(tmp_path / "Test")
    with pytest.raises(DataError, match="are the splits swapped"):
        load_dataset(tmp_path)


def test_a_clip_in_another_letter_case_is_reported(tmp_path: Path) -> None:
    write_street(tmp_path)
    clip = min((tmp_path / "Train").iterdir())
    clip.rename(clip.with_name(clip.name.lower()))
    assert "written in another letter case than Train001" in reasons(tmp_path)


def test_the_folders_of_the_splits_may_be_in_small_letters(tmp_path: Path) -> None:
    write_street(tmp_path)
    for folder in ("Train", "Test"):
        (tmp_path / folder).rename(tmp_path / folder.lower())
    assert len(load_dataset(tmp_path).videos) == 4 and not reasons(tmp_path)
