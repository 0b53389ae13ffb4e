"""Folders that a user may not read, and folders that operating systems make, beside and among the videos."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from empty_tree import touch

from conftest import write_mp4
from other_user import other_user, shared_folder
from scenewise.config import ExtractConfig
from scenewise.dataset_tools.check import check_dataset, in_lines
from scenewise.datasets import load_dataset
from scenewise.errors import DataError
from scenewise.features.extract import extract
from scenewise.features.foreign_tree import read_tree
from scenewise.features.store import open_store

TREES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "generic": ("own", ("train/road/a.mp4", "test/road/b.mp4", "labels/road/b.npy"), "train"),
    "shanghaitech": ("sh", ("training/frames/01_001/0.jpg", "testing/frames/01_0014/0.jpg"), "testing/frames"),
    "shanghaitech-sd": ("sd", ("training/01_0016/0.jpg", "testing/01_0014/0.jpg"), "training"),
    "nwpu-campus": ("nwpu", ("videos/Train/D001_01.avi", "videos/Test/D001_02.avi"), "videos/Test"),
    "ucsd": ("UCSDped2", ("Train/Train001/001.tif", "Test/Test001/001.tif", "Test/UCSDped2.m"), "Train"),
    "repackaged": ("ped2", ("training/frames/01/0.jpg", "testing/frames/01/0.jpg", "ped2.mat"), "training/frames"),
    "avenue": ("av", ("training_videos/01.avi", "testing_videos/01.avi"), "testing_videos"),
    "ubnormal": ("ub", ("Scene1/normal_scene_1_scenario_1.mp4", "Scene1/abnormal_scene_1_scenario_1.mp4"), "Scene1"),
    "street-scene": ("st", ("Train/Train001/001.jpg", "Test/Test001/001.jpg"), "Train"),
}
"""{layout: name of its root, files, a folder among its videos}."""
CLIP = {"shanghaitech": "01_0099", "shanghaitech-sd": "01_0099", "ucsd": "Train002", "repackaged": "02",
        "street-scene": "Train002"}  # fmt: skip
"""What a clip may be called in the layouts whose clips are folders."""
SYSTEM = ["lost+found", "$RECYCLE.BIN", "System Volume Information", "@eaDir", "__MACOSX", "#recycle", "FOUND.000",
          "@tmp"]  # fmt: skip
HIDDEN = [".Trash-1000", ".DS_Store", ".Spotlight-V100"]


@pytest.fixture
def shared() -> Iterator[Path]:
    with shared_folder() as folder:
        yield folder


def tree(shared: Path, layout: str) -> tuple[Path, Path]:
    """The root of a tree of empty files, and a folder among its videos."""
    name, files, among = TREES[layout]
    root = touch(shared / name, *files)
    return root, root / among


@pytest.mark.parametrize("layout", TREES)
def test_a_closed_folder_beside_and_among_the_videos_is_passed_over(layout: str, shared: Path) -> None:
    root, among = tree(shared, layout)
    before = load_dataset(root)
    closed = [root / "lost+found", root / "private", among / CLIP.get(layout, "closed")]
    for folder in closed:
        folder.mkdir()
        folder.chmod(0o700)
    with other_user():
        dataset = load_dataset(root)
    assert dataset.layout == layout and dataset.videos == before.videos
    assert {path for path, _ in dataset.passed_over} == set(closed)
    reasons = dict(dataset.passed_over)
    assert reasons[closed[0]] == "a folder of the operating system"
    assert reasons[closed[1]] == reasons[closed[2]] == "it cannot be listed (Permission denied)"
    assert (dataset.ignored, dataset.mismatches) == (before.ignored, before.mismatches)


@pytest.mark.parametrize("layout", TREES)
def test_folders_of_operating_systems_are_no_scene_and_no_video(layout: str, shared: Path) -> None:
    root, among = tree(shared, layout)
    before = load_dataset(root)
    for place in (root, among):
        for name in SYSTEM:
            touch(place / name, "thumb.jpg", "01_001/000.jpg", "clip.mp4")
        touch(place, *(f"{name}/x.mp4" for name in HIDDEN), "._01_002.avi")
    dataset = load_dataset(root)
    assert dataset.videos == before.videos and (dataset.ignored, dataset.nested) == (before.ignored, before.nested)
    assert {path for path, _ in dataset.passed_over} == {place / name for place in (root, among) for name in SYSTEM}
    assert load_dataset(root.parent).videos == before.videos  # one folder in the way


def test_pictures_of_macos_beside_pictures_are_no_frames(shared: Path) -> None:
    root = touch(shared, "train/road/clip/000.jpg", "train/road/clip/._000.jpg", "train/road/clip/@eaDir/000.jpg")
    (video,) = load_dataset(root).videos
    assert video.path.name == "clip" and load_dataset(root).passed_over == ()


@pytest.mark.parametrize("mode", [0o700, 0o744])  # not to be listed, or to be listed and not to be entered
def test_a_closed_part_is_named_by_the_error(mode: int, shared: Path) -> None:
    root = touch(shared, "train/road/a.mp4")
    (root / "train").chmod(mode)
    with other_user(), pytest.raises(DataError, match="train cannot be listed"):
        load_dataset(root)
    (root / "train").chmod(0o755)
    root.chmod(mode)
    with other_user(), pytest.raises(DataError, match="cannot be listed"):
        load_dataset(root)


def test_closed_labels_are_passed_over_and_wrong(shared: Path) -> None:
    root = touch(shared, "labels/road/b.npy")
    write_mp4(root / "train/road/a.mp4", 10)
    write_mp4(root / "test/road/b.mp4", 10, seed=1)
    for closed in ("labels/road", "labels"):
        (root / closed).chmod(0o700)
        with other_user():
            checked = check_dataset(root)
        reasons = {path.relative_to(root).as_posix(): reason for path, reason in checked.mismatches}
        assert reasons[closed].startswith("it cannot be listed (Permission denied)")
        assert reasons["test/road/b.mp4"].endswith(f"looked for {root}/labels/road/b.npy")


def test_check_and_extract_say_each_once(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = shared / "disk"
    write_mp4(root / "train/gate/0.mp4", 10)
    write_mp4(root / "train/gate/1.mp4", 10, seed=1)
    extract(root, shared / "first", ExtractConfig(encoder="motion-grid"))  # what it imports is closed to others
    before = (shared / "first/manifest.json").read_bytes()
    (root / "train/gate/2.mp4").symlink_to("nowhere.mp4")
    (root / "train/gate/3.mp4").write_bytes(b"not for others")
    (root / "train/gate/3.mp4").chmod(0o600)
    for closed in ("lost+found", "private", "train/yard", "train/gate/night"):
        (root / closed).mkdir()
        (root / closed).chmod(0o700)
    (shared / "out").mkdir()
    (shared / "out").chmod(0o777)
    with other_user():
        summary = extract(root, shared / "out/features", ExtractConfig(encoder="motion-grid"))
        checked = check_dataset(root)
    assert summary.extracted == ["train/gate/0", "train/gate/1"]
    assert [one["video"] for one in summary.failed] == ["train/gate/2", "train/gate/3"]
    notes = "\n".join(summary.notes)
    lines = list(in_lines(checked))
    for closed in ("lost+found", "private", "train/yard", "train/gate/night"):
        assert notes.count(f"{root / closed}:") == 1
        assert sum(f"{root / closed}:" in line for line in lines) == 1
    assert sum(line.startswith("passed over: ") for line in lines) == 2  # those beside the videos
    assert {path.name for path, _ in checked.mismatches} == {"2.mp4", "3.mp4", "yard", "night"}
    assert (
        len(open_store(shared / "out/features").videos) == 2 and before == (shared / "first/manifest.json").read_bytes()
    )


def test_a_closed_folder_of_features_is_listed_as_not_imported(shared: Path) -> None:
    root = touch(shared / "made", "train/road/a.npy", "train/yard/b.npy")
    (root / "train/yard").chmod(0o700)
    with other_user():
        files, extra = read_tree(root)
    assert [video.title for video in files] == ["train/road/a"] and [file.path for file in extra] == [
        root / "train/yard"
    ]
