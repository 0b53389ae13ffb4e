"""What float16 does to imported features: nothing, something that is noted, or so much that they are refused."""

from pathlib import Path

import numpy as np
import pytest

from scenewise.cli import run
from scenewise.features.float16_loss import Rounding


def normal(frames: int = 200, width: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, width))


def imported(folder: Path, capsys: pytest.CaptureFixture[str], **files: np.ndarray) -> tuple[int, list[str]]:
    """The exit code of the import, and its notes and errors."""
    for name, features in files.items():
        path = folder / "made/train/road" / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, features)
    code = run(["features", "import", str(folder / "made"), "--out", str(folder / "out"), "--encoder-name", "own"])
    lines = capsys.readouterr().err.splitlines()
    return code, [line for line in lines if line.startswith(("note: ", "scenewise: "))]


def unit_length(features: np.ndarray) -> np.ndarray:
    return features / np.linalg.norm(features, axis=1, keepdims=True)


FINE = {
    "usual": normal(),
    "of unit length": unit_length(normal(width=768)),
    "rectified, with dead dimensions": np.maximum(normal(), 0) * (np.arange(16) > 3),
    "large": 3e4 * np.tanh(normal()),
    "integers": (100 * normal()).astype(np.int32),
    "offset that float16 resolves": 10 + normal(),
    "float16 already": normal().astype(np.float16),
    "one frame": normal(1),
}


@pytest.mark.parametrize("name", FINE)
def test_usual_features_are_imported_without_a_word(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, capsys, a=FINE[name]) == (0, [])


REFUSED = {
    "become 0": (1e-9 * normal(), "100% of the values are below 6.1e-05, 100% of them become 0; multiply", "1e+10"),
    "hardly a digit": (1e-7 * normal(), "16 of the 16 dimensions that vary are lost to rounding, 100% of", "1e+08"),
    "mostly 0 already": (1e-10 * np.maximum(normal(), 0), "become 0", "1e+11"),
    "a large mean": (1000 + 0.1 * normal(), "16 of the 16 dimensions that vary are lost", "subtract one mean"),
    "large means of their own": (500 * (1 + np.arange(16)) + 0.1 * normal(), "16 of the 16", "subtract one mean"),
    "constant and tiny": (np.full((50, 16), 1e-9), "100% of them become 0", "1e+09"),
    "most dimensions": (normal() * np.where(np.arange(16) < 12, 1e-9, 1), "12 of the 16", "scale each dimension"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("files", [1, 3])
def test_features_that_float16_spoils_are_refused_with_what_to_do(
    name: str, files: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features, loss, remedy = REFUSED[name]
    code, lines = imported(tmp_path, capsys, **{f"f{number}": features for number in range(files)})
    assert code == 2 and len(lines) == 1 and not (tmp_path / "out").exists()
    assert "do not survive float16" in lines[0] and loss in lines[0] and remedy in lines[0]


def test_tiny_features_that_keep_their_digits_are_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = imported(tmp_path, capsys, a=5e-6 * normal())
    assert code == 0 and "100% of the values are below 6.1e-05" in line and "such as 1e+06" in line


def test_some_lost_dimensions_are_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = imported(tmp_path, capsys, a=normal() * np.where(np.arange(16) < 3, 1e-9, 1))
    assert code == 0 and "3 of the 16 dimensions that vary are lost to rounding" in line and "19% of" in line


@pytest.mark.parametrize(
    ("spoilt", "text"),
    [(1e-9 * normal(), "become 0"), (2000 + 0.1 * normal(), "lost to rounding"), (np.full((9, 16), 1e-9), "become 0")],
)
def test_one_file_of_many_is_noted_by_its_name(
    spoilt: np.ndarray, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = imported(tmp_path, capsys, a=normal(seed=1), b=normal(seed=2), c=spoilt)
    assert code == 0 and f"{tmp_path}/made/train/road/c.npy: features do not survive float16" in lines[0]
    assert text in lines[0] and "a.npy" not in lines[0]


@pytest.mark.parametrize("value", [0.0, 1.5])
def test_features_that_never_change_are_noted(value: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = imported(tmp_path, capsys, a=normal(), b=np.full((50, 16), value))
    assert code == 0 and "b.npy: features are the same in every frame" in line and "a.npy" not in line


@pytest.mark.parametrize("frame", [0, 150, 199])
def test_values_beyond_float16_name_the_frame_and_write_nothing(
    frame: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = normal()
    features[frame, 3] = 7e4
    code, (line,) = imported(tmp_path, capsys, a=features)
    assert code == 2 and f"features of frame {frame} hold 70000.0, beyond 65504" in line and "scale them" in line
    assert not (tmp_path / "out").exists()


def test_the_noise_of_float32_is_no_variation() -> None:
    still = np.full((100, 8), 0.7) + 1e-7 * normal(100, 8)
    assert not Rounding.of(still).varying.any() and not Rounding.of(still).mostly_lost


def test_several_files_together_are_as_one() -> None:
    features = 300 * normal() + np.arange(16)
    together = Rounding.of(features[:70]) + Rounding.of(features[70:])
    whole = Rounding.of(features)
    assert together.frames == whole.frames and (together.varying == whole.varying).all()
    np.testing.assert_allclose(together.squares, whole.squares)
