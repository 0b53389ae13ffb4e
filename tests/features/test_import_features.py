"""`scenewise features import`: files to videos by name, and a store that the other stages take as their own."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from scenewise.cli import run
from scenewise.datasets import load_dataset
from scenewise.errors import ConfigError, DataError
from scenewise.features.import_features import import_features
from scenewise.features.store import FeatureStore, open_store

TRAIN = ["--method", "autoencoder",
         "--steps", "10", "--segments-per-scene", "4", "--width", "16", "--latent", "8", "--feed-forward", "16",
         "--checkpoint-every", "5", "--device", "cpu"]  # fmt: skip


def write(path: Path, features: np.ndarray) -> Path:
    """In the form that the suffix names; `.hdf5` is a data set a frame."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, features)
        return path
    with h5py.File(path, "w") as file:
        if path.suffix == ".h5":
            file["features"] = features
        else:
            for number, frame in enumerate(features):
                file[str(number)] = frame[None]
    return path


def features_of(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, 8)).astype(np.float32)


def titles(store: FeatureStore) -> list[str]:
    return [video.title for video in store.videos]


def test_a_tree_becomes_a_store_as_extract_writes_one(tmp_path: Path) -> None:
    made = {"training/01_001.h5": 40, "training/01_002.npy": 50, "Testing/02/003.hdf5": 2100, "train/02/02_004.h5": 30}
    for seed, (name, frames) in enumerate(made.items()):
        write(tmp_path / "made" / name, features_of(frames, seed))
    (tmp_path / "made" / "notes.txt").write_text("how they were made")
    summary = import_features(tmp_path / "made", tmp_path / "features", "CLIP, somebody's", fps=24)
    store = open_store(tmp_path / "features")
    assert titles(store) == ["train/01/001", "train/01/002", "train/02/004", "test/02/003"] == summary.imported
    assert store.fingerprint.identity == {"kind": "imported", "name": "CLIP, somebody's"}
    assert summary.frames == 2220 and summary.extra == [str(tmp_path / "made/notes.txt")]
    for video, seed in zip(store.videos, (0, 1, 3, 2), strict=True):
        assert (video.features() == features_of(video.frames, seed).astype(np.float16)).all()
        assert video.fps == 24 and video.labels is None
        times = np.concatenate([block.timestamps for block in video.blocks()])
        assert times == pytest.approx(np.arange(video.frames) / 24)
    assert sorted(path.name for path in store.videos[-1].folder.iterdir()) == [
        "000000.safetensors", "002048.safetensors", "SHA256SUMS", "video.json"]  # fmt: skip


def test_what_is_whole_is_kept_and_what_changed_is_made_again(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"made/train/road/{number}.h5", features_of(40, number))
    out = tmp_path / "features"
    import_features(tmp_path / "made", out, "own")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (out / "train/road/1/video.json").unlink()  # as a kill in the middle leaves it
    (out / "train/road/1/000000.safetensors").write_bytes(b"half")
    summary = import_features(tmp_path / "made", out, "own")
    assert (summary.imported, summary.kept) == (["train/road/1"], ["train/road/0", "train/road/2"])
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    write(tmp_path / "made/train/road/2.h5", features_of(35, 9))
    assert import_features(tmp_path / "made", out, "own").imported == ["train/road/2"]
    assert len(import_features(tmp_path / "made", out, "another").imported) == 3
    assert len(import_features(tmp_path / "made", out, "another", fps=10).imported) == 3


def test_videos_of_a_data_set_are_found_by_their_names(tiny_dataset: Path, tmp_path: Path) -> None:
    # 00 and 01 of two scenes and both splits: named in full, by scene folder, or by both folders
    for number, name in enumerate(
        [
            "x/train/road/00.h5",
            "training/road_01.npy",
            "train/features/walkway/00.hdf5",
            "test/road/00.h5",
            "test/walkway_00.h5",
            "train/walkway/07.h5",
        ]
    ):
        write(tmp_path / "made" / name, features_of(50 if "test" in name else 60, number))
    summary = import_features(tmp_path / "made", tmp_path / "features", "own", tiny_dataset)
    assert summary.missing == ["train/walkway/01"]
    assert summary.extra == [str(tmp_path / "made/train/walkway/07.h5")]
    store = open_store(tmp_path / "features")
    assert titles(store) == ["train/road/00", "train/road/01", "train/walkway/00", "test/road/00", "test/walkway/00"]
    for video, seed in zip(store.videos, range(5), strict=True):
        assert (video.features() == features_of(video.frames, seed).astype(np.float16)).all()
    dataset = {video.title: video for video in load_dataset(tiny_dataset).videos}
    for video in store.videos:
        assert video.labels == dataset[video.title].labels and video.source == str(dataset[video.title].path)
    assert [failed["video"] for failed in store.failed] == ["train/walkway/01"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["train/00.h5"], "could be train/road/00 or train/walkway/00"),
        (["road_00.h5"], "could be train/road/00 or test/road/00"),
        (["train/road/00.h5", "train/road_00.npy"], "would both be features of train/road/00"),
        (["train/other.h5"], "none of the 6 videos"),
    ],
)
def test_names_that_do_not_tell_are_refused(tiny_dataset: Path, tmp_path: Path, names: list[str], problem: str) -> None:
    for name in names:
        write(tmp_path / "made" / name, features_of(50))
    with pytest.raises(DataError) as caught:
        import_features(tmp_path / "made", tmp_path / "features", "own", tiny_dataset)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["train/a_b.h5", "training/a_b.npy"], "would both be train/a/b"),
        (["a_b.h5", "validation/a_b.h5", "train/nameless.h5", "train/a/b/c.h5"], "found no features"),
    ],
)
def test_trees_that_do_not_tell_are_refused(tmp_path: Path, names: list[str], problem: str) -> None:
    for name in names:
        write(tmp_path / "made" / name, features_of(50))
    with pytest.raises(DataError) as caught:
        import_features(tmp_path / "made", tmp_path / "features", "own")
    assert problem in str(caught.value)


def test_folders_may_be_links_and_a_loop_ends(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/01/001.npy", features_of(40))
    (tmp_path / "made").mkdir()
    (tmp_path / "made/train").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/01/back").symlink_to("..")
    assert import_features(tmp_path / "made", tmp_path / "features", "an encoder").imported == ["train/01/001"]


def test_pickles_are_reported_and_never_loaded(tiny_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "made/train/01").mkdir(parents=True)
    (tmp_path / "made/train/01/001.pt").write_bytes(b"cos\nsystem\n")
    for data in (None, tiny_dataset):
        with pytest.raises(DataError, match=r"001\.pt is a pickle, which is never loaded"):
            import_features(tmp_path / "made", tmp_path / "features", "an encoder", data)


def test_an_encoder_without_a_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "made/train/01/001.npy", features_of(40))
    with pytest.raises(ConfigError, match="--encoder-name: expected what the encoder is called"):
        import_features(tmp_path / "made", tmp_path / "features", " ")


def test_nothing_is_written_where_a_file_is_not_as_the_others(tmp_path: Path) -> None:
    write(tmp_path / "made/train/road/00.h5", features_of(50))
    write(tmp_path / "made/train/road/01.h5", np.zeros((50, 9)))
    with pytest.raises(DataError, match="9 wide"):
        import_features(tmp_path / "made", tmp_path / "features", "own")
    assert not (tmp_path / "features").exists()
    with pytest.raises(DataError, match="no such folder"):
        import_features(tmp_path / "none", tmp_path / "features", "own")
    for fps in (0, float("nan"), 1e6):
        with pytest.raises(ConfigError, match="--fps"):
            import_features(tmp_path / "made", tmp_path / "features", "own", fps=fps)
    with pytest.raises(ConfigError, match="among the footage"):
        import_features(tmp_path / "made", tmp_path / "made", "own")


@pytest.mark.slow
def test_imported_features_train_and_evaluate_and_score_says_what_is_missing(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, video in enumerate(load_dataset(tiny_dataset).videos):
        frames = 50 if video.split == "test" else 60
        write(tmp_path / f"made/{video.split}/{video.score_name}.hdf5", features_of(frames, seed))
    features, trained = str(tmp_path / "features"), str(tmp_path / "run")
    command = ["features", "import", str(tmp_path / "made"), "--out", features, "--encoder-name", "own"]
    assert run([*command, "--data", str(tiny_dataset), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["imported"]) == 6
    assert run([*command, "--data", str(tiny_dataset)]) == 0
    assert "0 videos imported, 6 found whole" in capsys.readouterr().out
    assert run(["train", features, "--out", trained, *TRAIN]) == 0
    assert run(["evaluate", trained]) == 0
    assert run(["report", trained]) == 0
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    assert metrics["encoder"] == "own" and metrics["frames"] == 100 and metrics["frame_auc_micro"] is not None
    capsys.readouterr()
    for more in ([], ["--encoder", "motion-grid"]):
        assert run(["score", trained, str(tiny_dataset / "test/road/00.mp4"), "--out", str(tmp_path / "s"), *more]) == 2
        problem = capsys.readouterr().err
        assert "imported features" in problem and "'own'" in problem and problem.count("\n") == 1


def test_a_label_of_another_length_is_reported_by_evaluate(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, video in enumerate(load_dataset(tiny_dataset).videos):
        frames = 50 if video.split == "test" else 60
        write(tmp_path / f"made/{video.split}/{video.score_name}.npy", features_of(frames, seed))
        if video.labels is not None:
            np.save(video.labels.path, np.zeros(49, np.uint8))
    features, trained = str(tmp_path / "features"), str(tmp_path / "run")
    import_features(tmp_path / "made", tmp_path / "features", "own", tiny_dataset)
    assert run(["train", features, "--out", trained, *TRAIN]) == 0
    capsys.readouterr()
    assert run(["evaluate", trained]) == 2
    assert "49 labels for a video of 50 frames" in capsys.readouterr().err


def test_mistakes_of_the_command_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "made/train/road/00.h5", np.full((5, 3), np.nan))
    made, out = str(tmp_path / "made"), str(tmp_path / "out")
    for arguments, problem in (
        (["import", made, "--out", out, "--encoder-name", "own"], "frame 0 "),
        (["import", made, "--out", out], "--encoder-name"),
        (["import", made, "--out", out, "--encoder-name", "own", "--fps", "0"], "--fps"),
        (["import", made, "--out", out, "--encoder-name", "own", "--data", made + "x"], "no such folder"),
        (["export"], "export"),
    ):
        assert run(["features", *arguments]) == 2
        printed = capsys.readouterr().err.splitlines()
        assert problem in printed[-1] and printed[-1].startswith("scenewise: ")
