"""What names tell beside the order: the pace, and missing pictures."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenewise.dataset_tools.check import check_dataset
from scenewise.video import picture_pace
from scenewise.video.picture_order import picture_order
from scenewise.video.picture_pace import missing_pictures
from scenewise.video.source import open_source

BEGIN = datetime(2026, 1, 1, 11, 59)


def named(seconds: list[float], form: str = "%Y%m%d_%H%M%S") -> list[str]:
    return [f"{BEGIN + timedelta(seconds=second):{form}}.jpg" for second in seconds]


def save(folder: Path, names: list[str]) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / name)
    return folder


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (named([420.0 * number for number in range(5)], "%Y-%m-%d %H-%M"), "every 420 s"),
        (named([float(number) for number in range(5)]), "every 1 s"),
        ([f"{number / 29.97:.5f}.jpg" for number in range(90)], "--fps 29.97"),
        ([f"{name[:-4]}-{number}.jpg" for name in named([0, 1, 2, 3]) for number in range(10)], "--fps 13"),
        ([f"{1700000000000 + 100 * number}.jpg" for number in range(5)], "--fps 10"),
        ([f"{number / 25:.2f}.jpg" for number in range(90)], ""),
        ([f"{number:06d}.jpg" for number in range(5)], ""),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)
def test_another_pace_than_the_default_is_said(
    tmp_path: Path, names: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = save(tmp_path / "train/gate/clip", names)
    picture_pace._SAID.clear()
    assert open_source(folder).fps == 25
    of_source = capsys.readouterr().err
    assert told in of_source and bool(told) == bool(of_source)
    picture_pace._SAID.clear()
    check_dataset(tmp_path)
    of_check = [line for line in capsys.readouterr().err.splitlines(keepends=True) if line.startswith("note: ")]
    assert "".join(of_check) == of_source
    picture_pace._SAID.clear()
    assert open_source(folder, 2).fps == 2
    assert not capsys.readouterr().err, "a rate that was given"


@pytest.mark.parametrize(
    ("names", "where"),
    [
        (named([number for number in range(100) if number != 70]), "between 20260101_120009.jpg and 20260101_120011"),
        (named([number + 0.4 * (number % 2) for number in range(100)]), None),
        (named([0, 1, 2, 600, 601, 602, 4000, 4001]), None),
        ([f"{number / 25:.2f}.jpg" for number in range(100) if number != 30], "between 1.16.jpg and 1.24.jpg"),
        ([f"{number}.jpg" for number in range(0, 100, 5) if number != 50], "between 45 and 55"),
        ([f"{name[:-4]}-{number}.jpg" for name in named([0, 1, 7]) for number in range(10)], None),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)
def test_missing_pictures(names: list[str], where: str | None) -> None:
    told = missing_pictures(picture_order([Path(name) for name in names]))
    assert (told is None) if where is None else (told is not None and where in told)
