"""`scenewise datasets check` and `build` on generated miniatures of the real trees, right and wrong."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conftest import write_mp4
from scenewise.cli import run
from scenewise.datasets import load_dataset
from scenewise.datasets.shanghaitech_sd_split import COUNTS, TEST, TRAIN

FRAMES = 12
LABELS = "testing/test_frame_mask"


def write_frames(folder: Path, seed: int, frames: int = FRAMES, size: tuple[int, int] = (48, 64)) -> None:
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    ground = random.integers(0, 200, (*size, 3), np.uint8)
    for number in range(frames):
        picture = ground.copy()
        picture[:, number : number + 8] = 255
        Image.fromarray(picture).save(folder / f"{number:03d}.jpg")


def write_labels(path: Path, labels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, labels)


def shanghaitech(root: Path, frames: int = FRAMES) -> Path:
    """Two scenes; one training video is a file, as the official data set has them."""
    for seed, name in enumerate(("01_001", "01_002", "06_001")):
        write_frames(root / "training/frames" / name, seed, frames)
    write_mp4(root / "training/videos/06_002.avi", frames, seed=3)
    for seed, name in enumerate(("01_0014", "06_0147"), start=10):
        write_frames(root / "testing/frames" / name, seed, frames)
        labels = (np.arange(frames) >= frames - 4).astype(np.uint8)
        write_labels(root / LABELS / f"{name}.npy", labels)
        write_labels(root / "testing/test_pixel_mask" / f"{name}.npy", labels[:, None, None].repeat(6, 1).repeat(8, 2))
    return root


def checked(root: Path, capsys: pytest.CaptureFixture[str], *flags: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, what is printed for machines, and what is printed on standard error."""
    capsys.readouterr()
    code = run(["datasets", "check", str(root), "--json", *flags])
    printed = capsys.readouterr()
    return code, json.loads(printed.out), printed.err


def test_a_whole_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for flags in ([], ["--decode"]):
        code, found, _ = checked(shanghaitech(tmp_path / f"data{len(flags)}"), capsys, *flags)
        assert code == 0 and found["layout"] == "shanghaitech" and found["mismatches"] == []
        assert found["splits"]["train"] | {"videos": 4, "frames": 48, "abnormal": None} == found["splits"]["train"]
        assert found["splits"]["test"] | {"videos": 2, "frames": 24, "abnormal": 8} == found["splits"]["test"]
        assert [(one["split"], one["scene"]) for one in found["scenes"]] == [
            ("train", "01"), ("train", "06"), ("test", "01"), ("test", "06"),
        ]  # fmt: skip


def swap_splits(root: Path) -> None:
    (root / "training/frames").rename(root / "frames")
    (root / "testing/frames").rename(root / "training/frames")
    (root / "frames").rename(root / "testing/frames")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 95 // 100])


WRONG: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "missing labels": (lambda r: (r / LABELS / "06_0147.npy").unlink(), f"{LABELS}/06_0147.npy", "be read"),
    "no labels at all": (lambda r: shutil.rmtree(r / LABELS), "testing/frames/06_0147", "without frame labels"),
    "one label too few": (
        lambda r: np.save(r / LABELS / "06_0147.npy", np.zeros(11, np.uint8)),
        f"{LABELS}/06_0147.npy",
        "11 labels for a video of 12 frames",
    ),
    "one label too many": (
        lambda r: np.save(r / LABELS / "06_0147.npy", np.zeros(13, np.uint8)),
        f"{LABELS}/06_0147.npy",
        "13 labels for a video of 12 frames",
    ),
    "masks of another length": (
        lambda r: np.save(r / "testing/test_pixel_mask/01_0014.npy", np.zeros((11, 6, 8), np.uint8)),
        "testing/test_pixel_mask/01_0014.npy",
        "11 masks for a video of 12 frames",
    ),
    "labels that are none": (
        lambda r: np.save(r / LABELS / "06_0147.npy", np.full(12, 2, np.uint8)),
        f"{LABELS}/06_0147.npy",
        "found also 2",
    ),
    "missing test video": (
        lambda r: shutil.rmtree(r / "testing/frames/06_0147"),
        f"{LABELS}/06_0147.npy",
        "labels of no test video",
    ),
    "swapped splits": (swap_splits, "testing/test_frame_mask/06_0147.npy", "are the splits swapped"),
    "wrong letter case": (
        lambda r: (r / LABELS / "06_0147.npy").rename(r / LABELS / "06_0147.NPY"),
        f"{LABELS}/06_0147.NPY",
        "letter case counts",
    ),
    "missing picture": (
        lambda r: (r / "training/frames/01_001/005.jpg").unlink(),
        "training/frames/01_001",
        "pictures are missing between 4 and 6",
    ),
    "empty picture": (
        lambda r: (r / "training/frames/01_001/005.jpg").write_bytes(b""),
        "training/frames/01_001/005.jpg",
        "empty file",
    ),
    "unreadable video": (
        lambda r: (r / "training/videos/06_002.avi").write_bytes(bytes(5000)),
        "training/videos/06_002.avi",
        "not a video",
    ),
    "cut-off video": (
        lambda r: cut_off(r / "training/videos/06_002.avi"),
        "training/videos/06_002.avi",
        "cut off",
    ),
    "duplicate": (
        lambda r: shutil.copytree(r / "training/frames/01_001", r / "training/frames/01_003"),
        "training/frames/01_003",
        "the same video as",
    ),
    "overlap": (
        lambda r: shutil.copytree(r / "testing/frames/01_0014", r / "training/frames/01_003"),
        "testing/frames/01_0014",
        "training and test overlap",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WRONG)
def test_every_way_to_be_wrong_is_reported_with_its_path(
    way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, path, reason = WRONG[way]
    spoil(shanghaitech(tmp_path))
    code, found, error = checked(tmp_path, capsys)
    assert code == 2 and "Traceback" not in error
    assert [one for one in found["mismatches"] if one["path"] == str(tmp_path / path) and reason in one["reason"]]
    assert run(["datasets", "check", str(tmp_path)]) == 2
    assert f"wrong: {tmp_path / path}: " in capsys.readouterr().out


def test_damage_inside_is_found_by_decoding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = shanghaitech(tmp_path) / "testing/frames/01_0014/003.jpg"
    picture.write_bytes(picture.read_bytes()[:300])
    assert checked(tmp_path, capsys)[0] == 0
    code, found, _ = checked(tmp_path, capsys, "--decode")
    assert code == 2 and "1 of its 12 frames " in found["mismatches"][0]["reason"]


def nwpu(root: Path, **labels: int) -> Path:
    """`labels` {video: how many}."""
    for seed, name in enumerate(("Train/D001_01", "Train/D002_01", "Test/D001_02", "Test/D002_02")):
        write_mp4(root / "videos" / f"{name}.avi", 20, seed=seed)
    (root / "groundtruth").mkdir()
    np.savez(
        root / "groundtruth/NWPU_Campus_gt.npz",
        **{name: (np.arange(frames) > 14).astype(np.uint8) for name, frames in labels.items()},
    )
    return root


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ({"D001_02": 20, "D002_02": 20}, None),
        ({"D001_02": 20}, "holds none called D002_02"),
        ({"D001_02": 20, "D002_02": 19}, "19 labels for a video of 20 frames"),
        ({"D001_02": 20, "D002_02": 20, "D003_01": 20}, "labels of no test video: D003_01"),
    ],
)
def test_one_file_of_labels_for_all(
    labels: dict[str, int], problem: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = checked(nwpu(tmp_path, **labels), capsys)
    assert found["layout"] == "nwpu-campus" and code == (0 if problem is None else 2)
    assert [one["reason"] for one in found["mismatches"] if problem and problem in one["reason"]] or problem is None
    if problem is None:
        assert found["splits"]["test"]["abnormal"] == 10


def test_the_generic_tree_is_checked_too(tiny_dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tiny_dataset, capsys)[0] == 0
    np.save(tiny_dataset / "labels/road/07.npy", np.zeros(50))
    (tiny_dataset / "labels/raod").mkdir()
    (tiny_dataset / "labels/road/00.events.json").write_text('[{"class": "fall", "first_frame": 40}]')
    code, found, _ = checked(tiny_dataset, capsys)
    reasons = {Path(one["path"]).name: one["reason"] for one in found["mismatches"]}
    assert code == 2 and reasons["07.npy"] == "labels of no test video" and "labels of no scene" in reasons["raod"]
    assert "Field required" in reasons["00.events.json"]


def test_settings_of_check_come_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = shanghaitech(tmp_path / "data") / "testing/frames/01_0014/003.jpg"
    picture.write_bytes(picture.read_bytes()[:300])
    settings = tmp_path / "check.toml"
    settings.write_text("decode = true\n")
    assert checked(tmp_path / "data", capsys, "--config", str(settings))[0] == 2
    settings.write_text("decod = true\n")
    assert run(["datasets", "check", str(tmp_path / "data"), "--config", str(settings)]) == 2
    assert "datasets check has no setting decod; the nearest is decode" in capsys.readouterr().err


@pytest.mark.slow
def test_a_published_tree_goes_through_all_stages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shanghaitech(tmp_path / "data", frames=48)
    features, trained = str(tmp_path / "features"), str(tmp_path / "run")
    assert run(["extract", str(tmp_path / "data"), "--out", features, "--encoder", "motion-grid"]) == 0
    tiny = ["--method", "autoencoder", "--steps", "10", "--segments-per-scene", "2"]
    tiny += ["--width", "16", "--latent", "8", "--device", "cpu"]
    assert run(["train", features, "--out", trained, *tiny]) == 0
    capsys.readouterr()
    assert run(["evaluate", trained, "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert (metrics["videos"], metrics["frames"], metrics["abnormal_frames"]) == (2, 96, 8)
    assert np.load(tmp_path / "run/evaluation/scores/01_0014.npy").shape == (48,)


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every video that ShanghaiTech-SD takes, its test videos of as many frames in all as the official ones.

    A video's pictures are links to one tiny file; all normal scene 01 has labels of its own, which must not count.
    """
    root = tmp_path_factory.mktemp("official")
    for place, (scene, names) in enumerate(TRAIN.items()):
        home = "testing" if scene == "01" else "training"
        for number, name in enumerate(names.split()):
            linked_frames(root / home / "frames" / f"{scene}_{name}", 2, 100 * place + number)
    for place, (scene, names) in enumerate(TEST.items()):
        frames, abnormal = COUNTS[scene]
        shares = np.diff(np.linspace(0, frames, len(names.split()) + 1).astype(int))
        truth = np.arange(frames) >= frames - abnormal if scene != "01" else np.arange(frames) % 2 == 0
        for number, (name, share) in enumerate(zip(names.split(), shares, strict=True)):
            linked_frames(root / "testing/frames" / f"{scene}_{name}", share, 1000 + 100 * place + number)
            first = int(shares[:number].sum())
            write_labels(root / LABELS / f"{scene}_{name}.npy", truth[first : first + share].astype(np.uint8))
    for name in TRAIN["01"].split():
        write_labels(root / LABELS / f"01_{name}.npy", np.ones(2, np.uint8))
    return root


def linked_frames(folder: Path, frames: int, seed: int) -> None:
    folder.mkdir(parents=True)
    picture = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    Image.fromarray(picture).save(folder / "0000.jpg")
    for number in range(1, frames):
        os.link(folder / "0000.jpg", folder / f"{number:04d}.jpg")


@pytest.fixture
def another(official: Path, tmp_path: Path) -> Iterator[Path]:
    """The same videos, with labels and a list of videos that a test may change."""
    root = tmp_path / "another"
    for folder in ("training/frames", "testing/frames"):
        (root / folder).mkdir(parents=True)
        for video in (official / folder).iterdir():
            (root / folder / video.name).symlink_to(video)
    shutil.copytree(official / LABELS, root / LABELS)
    return root


def build(official: Path, out: Path, *flags: str) -> int:
    return run(["datasets", "build", "shanghaitech-sd", "--from", str(official), "--out", str(out), *flags])


def test_the_split_is_built_with_the_published_counts(
    official: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sd"
    assert build(official, out, "--json") == 0
    built = json.loads(capsys.readouterr().out)
    assert (built["training_videos"], built["test_videos"], built["differences"]) == (35, 18, [])
    assert {path.name for path in out.iterdir()} == {"dataset.json", "SHA256SUMS"}
    code, found, _ = checked(out, capsys)
    assert code == 0 and found["splits"]["train"]["videos"] == 35
    assert found["splits"]["test"] | {"videos": 18, "frames": 5946, "abnormal": 2898} == found["splits"]["test"]
    assert {
        one["scene"]: (one["frames"], one["abnormal"]) for one in found["scenes"] if one["split"] == "test"
    } == COUNTS
    assert load_dataset(out).normal_classes["01"] == ("person", "bicycle", "motorbike")
    assert build(official, out) == 2
    assert "a new or an empty folder" in capsys.readouterr().err


def test_links_are_the_tree_that_published_code_reads(
    official: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sd"
    assert build(official, out, "--link") == 0
    assert (out / "training/01_0016/0000.jpg").is_file() and (out / "testing/06_0147").is_symlink()
    assert not np.load(out / "testframemask/01_0014.npy").any()
    assert not (out / "testframemask/01_0014.npy").is_symlink()
    (out / "dataset.json").unlink()  # which would be read first
    code, found, _ = checked(out, capsys)
    assert code == 0 and found["layout"] == "shanghaitech-sd"
    assert found["splits"]["test"] | {"videos": 18, "frames": 5946, "abnormal": 2898} == found["splits"]["test"]


def test_counts_that_differ_never_pass_silently(
    another: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = np.load(another / LABELS / "06_0147.npy")
    labels[labels.argmin()] = 1
    np.save(another / LABELS / "06_0147.npy", labels)
    assert build(another, tmp_path / "sd") == 2
    problem = "scene 06 has 329 abnormal test frames (published: 328)"
    assert problem in capsys.readouterr().err and not (tmp_path / "sd").exists()
    assert build(another, tmp_path / "sd", "--accept-differences") == 0
    assert problem in capsys.readouterr().err.replace("\n", " ")
    described = json.loads((tmp_path / "sd/dataset.json").read_text())
    assert described["made_by"]["differences"] == [problem]


def test_what_is_missing_is_reported_before_anything_is_written(
    another: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (another / LABELS / "12_0142.npy").unlink()
    assert build(another, tmp_path / "sd") == 2 and "12_0142.npy" in capsys.readouterr().err
    (another / "testing/frames/01_0051").unlink()
    assert build(another, tmp_path / "sd", "--link") == 2 and "01_0051" in capsys.readouterr().err
    assert build(tmp_path / "nowhere", tmp_path / "sd") == 2
    assert not (tmp_path / "sd").exists()


def test_files_can_not_be_linked_as_folders(another: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (another / "training/frames/06_001").unlink()
    write_mp4(another / "training/videos/06_001.avi", 5)
    assert build(another, tmp_path / "sd", "--link") == 2
    assert "as a folder of frames" in capsys.readouterr().err
    assert build(another, tmp_path / "sd") == 0


def test_the_split_is_never_written_among_the_footage(
    official: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    for out, problem in (
        (official / "training/frames/sd", "lies among the footage"),
        (tmp_path / "link", "found a link to nowhere"),
    ):
        assert build(official, out) == 2 and problem in capsys.readouterr().err
    assert not list(tmp_path.glob(".writing-*")) and not (official / "training/frames/sd").exists()


def test_another_data_set_is_refused(tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(tiny_dataset, tmp_path / "sd") == 2
    assert "official ShanghaiTech Campus" in capsys.readouterr().err


def test_the_layouts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["datasets", "list"]) == 0
    text = capsys.readouterr().out
    assert "testframemask/SS_VVVV.npy" in text and "NWPU_Campus_gt.npz" in text
    assert run(["datasets", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["shanghaitech"]["source"].startswith("https://")
