"""Imported features and the frames of the footage: a row per frame, or one line with both numbers."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import write_mp4
from scenewise.cli import run
from scenewise.errors import DataError
from scenewise.features.import_features import import_features
from scenewise.features.store import open_store


def footage(root: Path, frames: int = 48) -> Path:
    write_mp4(root / "train/road/a.mp4", frames)
    for number in range(frames):
        path = root / "train/road/b" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 12)).save(path)
    return root


def features(folder: Path, **rows: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, count) in enumerate(rows.items()):
        np.save(folder / f"{name}.npy", np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32))
    return folder


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ({"a": 47}, "a.npy: 47 rows for the 48 frames of {root}/train/road/a.mp4; expected one row per frame"),
        ({"b": 49}, "b.npy: 49 rows for the 48 frames of {root}/train/road/b; expected"),
        ({"a": 3}, "3 rows for the 48 frames of {root}/train/road/a.mp4 (a row for every 16 frames? repeat each row"),
        ({"b": 10}, "(a row for every 5 frames?"),
        ({"a": 480, "b": 480}, "480 rows for the 48 frames"),
        ({"a": 47, "b": 47}, "(1 more file does not fit)"),
    ],
)
def test_other_numbers_are_refused_before_anything_is_written(
    rows: dict[str, int], problem: str, tmp_path: Path
) -> None:
    root, made = footage(tmp_path / "data"), features(tmp_path / "made", **rows)
    with pytest.raises(DataError) as told:
        import_features(made, tmp_path / "out", "own", root)
    assert problem.format(root=root) in str(told.value) and not (tmp_path / "out").exists()


def test_as_many_rows_as_frames_are_imported(tmp_path: Path) -> None:
    root, made = footage(tmp_path / "data"), features(tmp_path / "made", a=48, b=48)
    import_features(made, tmp_path / "out", "own", root)
    assert [video.frames for video in open_store(tmp_path / "out").videos] == [48, 48]


def test_a_wrong_claim_of_a_container_is_not_believed(tmp_path: Path) -> None:
    path = footage(tmp_path / "data") / "train/road/a.mp4"
    path.unlink()
    write_mp4(path.with_suffix(".ts"), 48)  # which does not count its frames
    import_features(features(tmp_path / "made", a=48, b=48), tmp_path / "out", "own", tmp_path / "data")
    with pytest.raises(DataError, match="47 rows for the 48 frames"):
        import_features(features(tmp_path / "made", a=47, b=48), tmp_path / "again", "own", tmp_path / "data")


def test_footage_that_cannot_be_read_is_said_and_no_obstacle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, made = footage(tmp_path / "data"), features(tmp_path / "made", a=31, b=48)
    (root / "train/road/a.mp4").write_bytes(b"")
    command = ["features", "import", str(made), "--encoder-name", "own", "--fps", "25", "--out", str(tmp_path / "out")]
    assert run([*command, "--data", str(root)]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert "rows could not be compared" in line and "train/road/a" in line and "the file is empty" in line


def test_without_a_data_set_there_is_nothing_to_compare(tmp_path: Path) -> None:
    import_features(features(tmp_path / "made/train/road", a=31).parents[1], tmp_path / "out", "own")
    assert open_store(tmp_path / "out").videos[0].frames == 31
