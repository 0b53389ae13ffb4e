"""`scenewise features import` of segment features without footage: whole commands on small made-up arrays."""

import json
from pathlib import Path

import numpy as np
import pytest

from scenewise.cli import run
from scenewise.features.store import open_store

LENGTHS = {"train/01_001": 90, "train/02_002": 75, "test/01_0014": 80, "test/02_0007": 64}
ROWS, WIDTH = 32, 6
TRAIN = ["--method", "autoencoder", "--steps", "6", "--segments-per-scene", "4", "--width", "16", "--latent", "8",
         "--feed-forward", "16", "--checkpoint-every", "3", "--device", "cpu"]  # fmt: skip


def array_of(name: str, *crops: int) -> np.ndarray:
    return np.random.default_rng(len(name) + LENGTHS[name]).normal(size=(ROWS, *crops, WIDTH)).astype(np.float32)


def labels_of(frames: int) -> np.ndarray:
    labels = np.zeros(frames, np.uint8)
    labels[frames // 2 : frames // 2 + 9] = 1
    return labels


def made(root: Path, *crops: int, nested_labels: bool = False) -> Path:
    """Flat SCENE_VIDEO files in train/, test/ and labels/, as published ones are, and frames.json beside them."""
    for name, frames in LENGTHS.items():
        path = root / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, array_of(name, *crops))
        if name.startswith("test"):
            stem = name.removeprefix("test/")
            labels = root / "labels" / f"{stem.replace('_', '/') if nested_labels else stem}.npy"
            labels.parent.mkdir(parents=True, exist_ok=True)
            np.save(labels, labels_of(frames))
    table = {name.partition("/")[2]: frames for name, frames in LENGTHS.items()}
    (root / "frames.json").write_text(json.dumps(table))
    return root


def command(root: Path, out: Path, *more: str) -> list[str]:
    spread = ["--rows", "spread", "--frames", str(root / "frames.json")]
    return ["features", "import", str(root), "--out", str(out), "--encoder-name", "i3d", "--fps", "24", *spread, *more]


def expected_of(name: str) -> np.ndarray:
    frames = LENGTHS[name]
    return np.stack([array_of(name)[frame * ROWS // frames] for frame in range(frames)]).astype(np.float16)


@pytest.mark.slow
@pytest.mark.parametrize("nested_labels", [False, True])
def test_published_segment_features_train_and_evaluate(
    tmp_path: Path, nested_labels: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    root, out = made(tmp_path / "made", nested_labels=nested_labels), tmp_path / "features"
    assert run([*command(root, out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["extra"] == [] and summary["frames"] == sum(LENGTHS.values())
    store = open_store(out)
    assert store.fingerprint.identity == {"kind": "imported", "name": "i3d", "rows": "spread"}
    assert {video.title.replace("/0", "/0", 1): video.frames for video in store.videos} == {
        f"{split}/{stem.replace('_', '/')}": LENGTHS[f"{split}/{stem}"]
        for split, stem in (name.split("/") for name in LENGTHS)
    }
    for video in store.videos:
        assert (video.features() == expected_of(f"{video.split}/{video.score_name}")).all()
        assert (video.labels is not None) == (video.split == "test") and video.fps == 24
    assert run(["train", str(out), "--out", str(tmp_path / "run"), *TRAIN]) == 0
    assert run(["evaluate", str(tmp_path / "run")]) == 0
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    assert metrics["frames"] == 144 and metrics["abnormal_frames"] == 18 and metrics["scene_auc_mean"] is not None


def test_what_was_imported_is_kept_and_other_choices_are_made_again(tmp_path: Path) -> None:
    root, out = made(tmp_path / "made", 10), tmp_path / "features"
    assert run(command(root, out)) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert run(command(root, out)) == 0
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    described = json.loads((out / "test/02/0007/video.json").read_text())
    assert described["made_from"]["spread_over"] == 64
    assert open_store(out).fingerprint.identity["crops"] == "mean"
    assert run(command(root, out, "--crops", "3")) == 0
    assert open_store(out).fingerprint.identity["crops"] == 3
    first = open_store(out).videos[0]
    assert (first.features()[0] == array_of("train/01_001", 10)[0, 3].astype(np.float16)).all()


def test_an_archive_a_split_and_labels_of_a_data_set_of_labels_alone(tmp_path: Path) -> None:
    root, out = made(tmp_path / "labelled"), tmp_path / "features"
    folder = tmp_path / "archives"
    folder.mkdir()
    for split in ("train", "test"):
        arrays = {name.partition("/")[2]: array_of(name) for name in LENGTHS if name.startswith(split)}
        np.savez(folder / f"{split}.npz", **arrays)
        for path in (root / split).iterdir():
            path.unlink()
        (root / split).rmdir()
    words = ["features", "import", str(folder), "--out", str(out), "--encoder-name", "i3d", "--data", str(root)]
    assert run([*words, "--rows", "spread", "--frames", str(root / "frames.json")]) == 0
    store = open_store(out)
    assert len(store.videos) == 4
    for video in store.videos:
        assert (video.features() == expected_of(f"{video.split}/{video.score_name}")).all()
    assert [str(video.labels.path) for video in store.of("test")] == [
        str(root / f"labels/{stem}.npy") for stem in ("01_0014", "02_0007")
    ]


def test_the_footage_tells_the_number_of_frames(tiny_dataset: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for name in ("train/road_00", "test/road_00"):
        path = tmp_path / f"made/{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, rng.normal(size=(8, 6)).astype(np.float32))
    words = ["features", "import", str(tmp_path / "made"), "--out", str(tmp_path / "out"), "--encoder-name", "i3d"]
    assert run([*words, "--data", str(tiny_dataset), "--rows", "spread"]) == 0
    assert [video.frames for video in open_store(tmp_path / "out").videos] == [60, 50]


def spoil_width(root: Path) -> None:
    np.save(root / "test/01_0014.npy", np.ones((32, 7)))


def spoil_number(root: Path) -> None:
    array = array_of("train/02_002")
    array[17, 2] = np.nan
    np.save(root / "train/02_002.npy", array)


def spoil_table(root: Path) -> None:
    (root / "frames.json").write_text(json.dumps({"01_001": 90, "01_0014": 80, "02_0007": 64}))


def spoil_labels(root: Path) -> None:
    np.save(root / "labels/01_0014.npy", np.zeros(79, np.uint8))


def too_few_frames(root: Path) -> None:
    (root / "frames.json").write_text(json.dumps({"01_001": 31, "02_002": 75, "01_0014": 80, "02_0007": 64}))


def no_frames(root: Path) -> None:
    (root / "frames.json").write_text(json.dumps({"01_001": 0}))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (spoil_width, "are 7 wide"),
        (spoil_number, "frame 17 hold nan"),
        (spoil_table, "train/02/002 is not known (not in {root}/frames.json); give a table of them by --frames"),
        (spoil_labels, "01_0014.npy: 79 labels for the 80 frames"),
        (too_few_frames, "32 rows to spread over 31 frames"),
        (no_frames, "01_001: expected a number of frames from 1"),
    ],
)
def test_what_does_not_fit_is_one_line_and_nothing_is_written(
    spoil: object, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, out = made(tmp_path / "made"), tmp_path / "out"
    spoil(root)
    assert run(command(root, out)) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("scenewise: ")]
    assert problem.format(root=root) in line and not out.exists()


def test_choices_that_do_not_go_together_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = made(tmp_path / "made")
    words = ["features", "import", str(root), "--out", str(tmp_path / "out"), "--encoder-name", "i3d"]
    for more, problem in (
        ([], "32 rows for the 80 frames of test/01/0014, by its labels"),
        (
            ["--rows", "spread"],
            "--frames (frames.json or frames.csv), or the data set with its videos by --data, or labels",
        ),
        (["--frames", str(root / "frames.json")], "--rows spread too"),
        (["--rows", "evenly"], "--rows"),
        (["--crops", "middle"], "--crops"),
        (["--crops", "-1"], "--crops"),
        (["--rows", "spread", "--frames", str(root / "none.json")], "none.json"),
    ):
        assert run([*words, *more]) == 2
        line = capsys.readouterr().err.splitlines()[-1]
        assert problem in line and line.startswith("scenewise: "), line
    assert not (tmp_path / "out").exists()
