"""Objects in the store: the same bytes whatever stopped it, and a background that follows its footage."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import write_mp4
from scenewise.config import ExtractConfig
from scenewise.errors import IntegrityError
from scenewise.features.backgrounds import read_background
from scenewise.features.extract import extract
from scenewise.features.store import StoredVideo, open_store
from scenewise.video.decode import decode

pytestmark = pytest.mark.slow

CONFIG = ExtractConfig(encoder="motion-grid", block=16)


def dataset(root: Path) -> Path:
    """Two training videos and a test video of one ground: a bright square goes through."""
    for name in ("train/road/0", "train/road/1", "test/road/0"):
        write_mp4(root / f"{name}.mp4", 40, seed=3, size=(96, 64))
    return root


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this `data` and its `features`, which no test changes."""
    folder = tmp_path_factory.mktemp("extracted")
    extract(dataset(folder / "data"), folder / "features", CONFIG)
    return folder


@pytest.fixture
def data(extracted: Path, tmp_path: Path) -> Path:
    """A copy of the data set."""
    return Path(shutil.copytree(extracted / "data", tmp_path / "data"))


def feature_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent != folder
    }


def video_of(folder: Path, title: str = "test/road/0") -> StoredVideo:
    return next(video for video in open_store(folder).videos if video.title == title)


def test_what_moves_is_stored_with_its_frame(extracted: Path) -> None:
    video = video_of(extracted / "features")
    objects = video.all_objects()
    assert video.objects == objects.features.shape[1] and len(objects) > 12
    assert not (objects.frame % 2).any() and set(objects.frame) <= set(range(40))
    middle = objects.frame > 4
    left, top = (2 * objects.frame % 88) / 96, ((objects.frame + 15) % 56) / 64
    assert np.abs(objects.box[middle, 0] - left[middle]).mean() < 0.05
    assert np.abs(objects.box[middle, 1] - top[middle]).mean() < 0.05
    for block in video.blocks():
        assert block.objects is not None
        assert ((block.objects.frame >= block.first) & (block.objects.frame < block.first + 16)).all()


@pytest.mark.parametrize("every", [1, 3])
def test_objects_every(extracted: Path, tmp_path: Path, every: int) -> None:
    extract(extracted / "data", tmp_path / "features", replace(CONFIG, objects_every=every, split="test"))
    frames = video_of(tmp_path / "features").all_objects().frame
    assert set(frames) <= set(range(0, 40, every)) and len(set(frames)) > 30 // every


def test_twice_gives_the_same_bytes_and_a_stopped_one_goes_on(extracted: Path, tmp_path: Path) -> None:
    data, whole = extracted / "data", feature_files(extracted / "features")
    extract(data, tmp_path / "cut", CONFIG)
    assert feature_files(tmp_path / "cut") == whole
    folder = tmp_path / "cut" / "test" / "road" / "0"
    for name in ("video.json", "000032.safetensors"):
        (folder / name).unlink()
    (tmp_path / "cut" / "backgrounds" / "road.safetensors").write_bytes(b"half")
    assert extract(data, tmp_path / "cut", CONFIG).frames == 8
    assert feature_files(tmp_path / "cut") == whole


def test_without_objects_there_are_none(extracted: Path, tmp_path: Path) -> None:
    extract(extracted / "data", tmp_path / "plain", replace(CONFIG, objects=False))
    video = video_of(tmp_path / "plain")
    assert video.objects is None and all(block.objects is None for block in video.blocks())
    assert not (tmp_path / "plain" / "backgrounds").exists()
    with pytest.raises(IntegrityError, match="without --no-objects"):
        video.all_objects()
    np.testing.assert_array_equal(video_of(extracted / "features").features(), video.features())


def test_other_training_footage_gives_another_background(tmp_path: Path) -> None:
    data, size = tmp_path / "data", (96, 64)
    for name, seed in (("train/road/0", 3), ("train/road/1", 3), ("test/road/0", 3), ("train/walkway/0", 8)):
        write_mp4(data / f"{name}.mp4", 12, seed=seed, size=size)
    extract(data, tmp_path / "features", CONFIG)
    before = read_background(tmp_path / "features", "road")
    write_mp4(data / "test" / "road" / "1.mp4", 12, seed=3, size=size)
    assert extract(data, tmp_path / "features", CONFIG).extracted == ["test/road/1"], "test footage teaches nothing"
    write_mp4(data / "train" / "road" / "2.mp4", 20, seed=9, size=size)
    summary = extract(data, tmp_path / "features", CONFIG)
    assert summary.kept == ["train/walkway/0"] and len(summary.extracted) == 5
    assert (read_background(tmp_path / "features", "road").picture != before.picture).any()


def test_a_scene_without_training_videos(data: Path, tmp_path: Path) -> None:
    shutil.rmtree(data / "train")
    extract(data, tmp_path / "features", replace(CONFIG, split="test"))
    assert len(video_of(tmp_path / "features").all_objects())


def test_a_folder_of_frames_a_single_frame_and_another_size(data: Path, tmp_path: Path) -> None:
    folder = data / "test" / "road" / "folder"
    folder.mkdir()
    frames = np.concatenate([block.frames.copy() for block in decode(data / "test" / "road" / "0.mp4")])
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{number}.png")
    write_mp4(data / "test" / "road" / "one.mp4", 1, seed=3, size=(96, 64))
    write_mp4(data / "test" / "road" / "wide.mp4", 20, seed=3, size=(161 // 2 * 2, 48))
    summary = extract(data, tmp_path / "features", CONFIG)
    assert not summary.failed
    of_file, of_folder = (video_of(tmp_path / "features", f"test/road/{name}") for name in ("0", "folder"))
    np.testing.assert_array_equal(of_folder.all_objects().box, of_file.all_objects().box)
    alone = video_of(tmp_path / "features", "test/road/one").all_objects()
    assert np.isnan(alone.speed).all(), "nothing was seen before it"
    assert np.isfinite(video_of(tmp_path / "features", "test/road/wide").all_objects().features).all()


def test_what_is_ignored_has_no_objects(extracted: Path, tmp_path: Path) -> None:
    mask = np.zeros((64, 96), np.uint8)
    mask[:, :48] = 255
    Image.fromarray(mask).save(tmp_path / "road.png")
    ignoring = replace(CONFIG, ignore_mask=(str(tmp_path / "road.png"),), split="test")
    extract(extracted / "data", tmp_path / "features", ignoring)
    objects = video_of(tmp_path / "features").all_objects()
    assert len(objects) > 4 and (objects.box[:, 2] > 0.5).all()
    assert not read_background(tmp_path / "features", "road").picture[:, :44].any()


def test_pictures_that_the_decoder_shrinks(extracted: Path, tmp_path: Path) -> None:
    extract(extracted / "data", tmp_path / "features", replace(CONFIG, decode_height=40, split="test"))
    assert read_background(tmp_path / "features", "road").picture.shape == (40, 60, 3)
    assert len(video_of(tmp_path / "features").all_objects()) > 8
