"""The order of pictures by their names: the order of time, or an error that names two of them."""

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scenewise.errors import VideoError
from scenewise.video.picture_order import picture_order

NIGHT = [datetime(2026, 1, 1, 23, 59, 50) + timedelta(seconds=second) for second in range(20)]
MORNING = [datetime(2026, 1, 31, 9, 59, 50) + timedelta(minutes=7 * number) for number in range(40)]
DAYS = [datetime(2026, 1, 25, 12) + timedelta(days=day) for day in range(20)]
RANDOM = random.Random(0)


def ordered(names: list[str], folder: str = "clip") -> list[str]:
    files = [Path(folder) / name for name in names]
    random.Random(1).shuffle(files)
    return [file.name for file in picture_order(files).files]


@pytest.mark.parametrize(
    "name",
    [
        "cam_%Y-%m-%d_%H-%M-%S.jpg",
        "%Y%m%d%H%M%S.jpg",
        "%Y%m%dT%H%M%SZ.jpg",
        "%Y-%m-%dT%H:%M:%S+0100.jpg",
        "2_%Y_%m_%d_%H_%M_%S.png",
        "%Y-%m-%d_%Hh%Mm%Ss.jpg",
        "%Y-%m-%d_cam1_%H-%M-%S.jpg",
        "%H%M%S_%Y%m%d.jpg",
        "192.168.1.64_01_%Y%m%d%H%M%S123_MOTION_DETECTION.jpg",
        "PXL_%Y%m%d_%H%M%S123.MP.jpg",
        "%d.%m.%Y %H.%M.%S.jpg",
        "WhatsApp Image %Y-%m-%d at %I.%M.%S %p.jpeg",
        "Screenshot %Y-%m-%d at %-I.%M.%S\u202f%p.png",
    ],
)
@pytest.mark.parametrize("times", [NIGHT, MORNING])
def test_names_with_date_and_time(name: str, times: list[datetime]) -> None:
    names = [time.strftime(name) for time in times]
    assert ordered(names) == names
    order = picture_order([Path(name) for name in names])
    assert order.timed and order.places is not None
    assert order.places[3] - order.places[2] == (times[3] - times[2]).total_seconds()


@pytest.mark.parametrize(
    "names",
    [
        [f"frame_{number}.jpg" for number in range(12)],
        [f"01_0014_{number:03d}.jpg" for number in range(12)],
        [f"img_{number:04d}_cam2.jpg" for number in range(12)],
        [f"00-{number}-00.jpg" for number in range(9995, 10005)],
        [f"scene_v2_{number:04d}.jpg" for number in range(12)],
        [f"IMG ({number}).jpg" for number in range(1, 12)],
        [f"v1.{number}.jpg" for number in range(1, 13)],
        [f"{number / 29.97:.5f}.jpg" for number in range(400)],
        [f"{number / 4}.png" for number in range(30)],
        [f"{number / 4:g}.png" for number in range(50)],
        [f"{1700000000 + number / 8}.jpg" for number in range(20)],
        [f"cam-{1700000000 + number / 2:.6f}-{RANDOM.getrandbits(32):08x}.jpg" for number in range(20)],
        [f"{1403636579763555584 + 50000000 * number}.png" for number in range(30)],
        [f"front-{1700000000 + number / 5:.6f}-abc{number * 5 % 7}de.jpg" for number in range(20)],
        [f"{1700000000000 + 40 * number}_{number * 5 % 7}.jpg" for number in range(20)],
        [f"frame_{number}_{1700000000 + number // 4}.jpg" for number in range(30)],
        [f"{number:04d}_{word}.jpg" for number, word in enumerate(["walk", "run", "3 people"] * 4)],
        [f"{time:%Y%m%d_%H%M%S}_{milliseconds}.jpg" for time in NIGHT for milliseconds in (7, 70, 700)],
        [f"{time:%Y%m%d-%H%M%S}-{number}.jpg" for time in NIGHT for number in range(12)],
        [f"{number // 5:02d}-{NIGHT[number]:%Y%m%d%H%M%S}-{n:02d}.jpg" for number in range(20) for n in range(11)],
        [f"{MORNING[0] + timedelta(seconds=number / 4)}.jpg" for number in range(20)],
        [f"2026-01-31 10.00.{seconds:g}.jpg" for seconds in (10.04, 10.08, 10.12, 10.2, 11)],
        [f"{number}.jpg" for number in range(199990, 210010, 20)],
        [f"{time:%H-%M-%S}.jpg" for time in MORNING],
        [f"{number // 60:02d}-{number % 60:02d}.jpg" for number in range(200)],
        [f"2026-1-1_9-{number // 60}-{number % 60}.jpg" for number in range(200)],
        [f"IMG-{day:%Y%m%d}-WA{number:04d}.jpg" for day in DAYS for number in range(3)],
        ["2026-10-25T02-59-59+0200.jpg", "2026-10-25T02-00-00+0100.jpg", "2026-10-25T02-00-01+0100.jpg"],
        [f"{day:%d%m%Y}.jpg" for day in DAYS],
        [f"{day:%m-%d-%Y}_1.jpg" for day in DAYS],
        ["05-03-2026_10.jpg", "05-03-2026_11.jpg"],
        ["IMG_1.JPG", "img_2.jpg"],
    ],
    ids=lambda names: names[0],
)
def test_other_names_that_tell_an_order(names: list[str]) -> None:
    assert ordered(names) == names


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["1.jpg", "001.png"], "same number"),
        (["20260101_120045_a.jpg", "20260101_120045_b.jpg"], "same number or time"),
        (["20260101_120045.jpg", "20260101_120045_1.jpg", "20260101_120046.jpg"], "same number or time"),
        (["05-01-2026.jpg", "03-02-2026.jpg"], "day and month"),
        (["260131_120000.jpg", "260201_120000.jpg"], "day and month"),
        ([f"{time:%H-%M-%S}.jpg" for time in NIGHT], "midnight"),
        ([f"{time:%H%M%S}.jpg" for time in NIGHT], "midnight"),
        (["cam1_0001.jpg", "cam1_0002.jpg", "cam2_0001.jpg", "cam2_0002.jpg"], "several numbers"),
        (["cam1_20260101_120000.jpg", "cam2_20260101_120001.jpg", "cam1_20260101_120002.jpg"], "several numbers"),
        (["01_0014_001.jpg", "01_0015_000.jpg"], "several numbers"),
        (["front_20260101_120000.jpg", "back_20260101_120001.jpg"], "different ways"),
        (["a_1.jpg", "b_2.jpg"], "different ways"),
        (["0001.jpg", "cam_2026-01-01.jpg"], "different ways"),
        (["28-Feb-2026.jpg", "01-Mar-2026.jpg"], "different ways"),
        (["500ms.jpg", "1s.jpg"], "different ways"),
        (["3f2a.jpg", "7c1b.jpg"], "different ways"),
        ([f"{uuid.UUID(int=RANDOM.getrandbits(128))}.jpg" for _ in range(9)], "different ways"),
        (["1.9.jpg", "1.11.jpg"], "decimals, or two numbers"),
        (["0.25.jpg", "0.5.jpg", "0.75.jpg"], "decimals, or two numbers"),
        ([f"cam1.20260301_095959.{millisecond}.jpg" for millisecond in range(7, 999, 40)], "without leading zeros"),
        (["9-59-59.7.jpg", "9-59-59.127.jpg"], "without leading zeros"),
        (["20261231_235959.jpg", "202711_000.jpg", "202711_001.jpg"], "without leading zeros"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)
def test_names_that_tell_no_order_are_one_error(names: list[str], why: str) -> None:
    with pytest.raises(VideoError, match=why) as told:
        ordered(names)
    assert sum(name in str(told.value) for name in names) >= 2, "it names two of them"
    assert "rename them to 0001.jpg" in str(told.value) and "\n" not in str(told.value)


def test_times_with_am_and_pm_that_cannot_be_told_from_dates() -> None:
    with pytest.raises(VideoError, match="from 0 to 23"):
        ordered([time.strftime("%Y-%m-%d-%I-%M-%S-%p.jpg") for time in MORNING])


def test_a_folder_called_by_a_date_holds_one_day() -> None:
    names = ["00-30-00.jpg", "23-59-59.jpg"]
    assert ordered(names, "2026-01-01") == names
    with pytest.raises(VideoError, match="midnight"):
        ordered(names, "gate")


@pytest.mark.parametrize("name", [str, "{:06d}".format, "00{}".format])
def test_plain_numbers_are_plain_numbers(name: Callable[[int], str]) -> None:
    files = [Path(f"{name(number)}.jpg") for number in range(200)]
    order = picture_order(files[::-1])
    assert order == (files, list(range(200)), False)
