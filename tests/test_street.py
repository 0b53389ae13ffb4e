"""The rendered street: what is written is whole, repeatable, and labelled as the scenes' own rules say."""

import hashlib
import json
import shutil
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scenewise.checksums import record_checksums
from scenewise.config import StreetConfig
from scenewise.datasets import load_dataset
from scenewise.errors import ConfigError, ScenewiseError
from scenewise.output_folder import OutputFolder
from scenewise.street import render, render_street
from scenewise.street.actors import FPS, Actor, draw_actors
from scenewise.street.backdrop import backdrop
from scenewise.street.camera import Camera
from scenewise.street.events import Event, events, frame_labels
from scenewise.street.frames import render_frames
from scenewise.street.scenes import scene

pytestmark = pytest.mark.slow

TINY = StreetConfig(scenes=5, videos=2, frames=16, size="160x90", seed=41)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("street") / "data"
    render_street(folder, TINY, workers=1)
    return folder


def decoded(path: Path) -> NDArray[np.uint8]:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_layout_is_the_generic_one(street: Path) -> None:
    dataset = load_dataset(street)
    assert not dataset.ignored
    scenes = ["cycleway", "plaza", "road", "walkway_a", "walkway_b"]
    assert sorted({video.scene for video in dataset.videos}) == scenes == sorted(dataset.normal_classes)
    assert len(dataset.of("train")) == len(dataset.of("test")) == 5 * 2
    for video in dataset.videos:
        frames = decoded(video.path)
        assert frames.shape == (TINY.frames, 90, 160, 3)
        with av.open(str(video.path)) as container:
            assert container.streams.video[0].codec_context.name == "h264"
        if video.split == "train":
            assert video.labels is None
            continue
        assert video.labels is not None and video.events is not None
        labels = np.load(video.labels.path, allow_pickle=False)
        assert labels.dtype == np.uint8 and labels.shape == (TINY.frames,)
        assert np.array_equal(labels, frame_labels(json.loads(video.events.read_text()), TINY.frames))


def test_any_number_of_workers_gives_the_same_frames(street: Path, tmp_path: Path) -> None:
    config = replace(TINY, scenes=4, videos=1)
    videos = render_street(tmp_path / "again", config, workers=2)
    assert len(videos) == 4 * 3
    for video in videos:
        assert np.array_equal(decoded(video), decoded(street / video.relative_to(tmp_path / "again")))


def test_a_missing_or_damaged_file_is_restored_and_nothing_else_touched(street: Path) -> None:
    before = contents(street)
    lost = street / "test/road/001.mp4"
    damaged = street / "labels/plaza/000.events.json"
    unfinished = street / "train/road/.writing-1-000.mp4"
    untouched = street / "train/walkway_a/000.mp4"
    written = untouched.stat().st_mtime_ns
    lost.unlink()
    damaged.write_bytes(damaged.read_bytes() + b" ")
    unfinished.write_bytes(b"half a video")
    render_street(street, TINY, workers=1)
    assert contents(street) == before
    assert untouched.stat().st_mtime_ns == written


SMALL = replace(TINY, scenes=4, videos=1, frames=3)


@pytest.fixture(scope="module")
def small_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "data"
    render_street(folder, SMALL, workers=1)
    return folder


@pytest.fixture
def small(small_once: Path, tmp_path: Path) -> Path:
    """A street of SMALL that a test may change."""
    return Path(shutil.copytree(small_once, tmp_path / "small"))


@pytest.mark.parametrize("lost", ["dataset.json", "SHA256SUMS"])
def test_what_the_folder_knows_of_itself_is_restored(lost: str, small: Path) -> None:
    before = contents(small)
    (small / lost).unlink()
    render_street(small, SMALL, workers=1)
    assert contents(small) == before


def test_other_numbers_keep_the_videos_that_stay_and_other_settings_none(small: Path) -> None:
    first = contents(small)
    kept = small / "train/road/000.mp4"
    written = kept.stat().st_mtime_ns

    render_street(small, replace(SMALL, videos=2), workers=1)
    grown = contents(small)
    assert {name: grown[name] for name in first if name != "SHA256SUMS"}.items() <= first.items()
    assert (small / "train/road/001.mp4").exists()
    render_street(small, SMALL, workers=1)
    assert contents(small) == first
    assert kept.stat().st_mtime_ns == written

    render_street(small, replace(SMALL, seed=42), workers=1)
    other = contents(small)
    assert other.keys() == first.keys()
    assert all(other[name] != first[name] for name in first if name.endswith(".mp4"))


@pytest.mark.parametrize("name", ["train/road/holiday.mp4", "notes.txt", "dataset.json"])
def test_a_folder_of_somebody_else_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text('{"format": 1}')
    before = contents(tmp_path)
    with pytest.raises(ConfigError, match=name):
        render_street(tmp_path, TINY, workers=1)
    assert contents(tmp_path) == before


def test_a_strange_file_among_ours_is_left_alone(street: Path) -> None:
    strange = street / "train/road/holiday.mp4"
    strange.write_bytes(b"mine")
    before = contents(street)
    with pytest.raises(ConfigError, match=r"holiday\.mp4"):
        render_street(street, replace(TINY, seed=42), workers=1)
    assert contents(street) == before
    strange.unlink()


def test_another_data_set_with_checksums_is_left_alone(tmp_path: Path) -> None:
    for name in ("train/road/000.mp4", "frames/0.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"mine")
    record_checksums(tmp_path, ["train/road/000.mp4", "frames/0.png"])
    before = contents(tmp_path)
    with pytest.raises(ConfigError, match=r"frames/0\.png"):
        render_street(tmp_path, TINY, workers=1)
    assert contents(tmp_path) == before


def test_two_commands_do_not_render_into_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "street"
    with OutputFolder(folder, "a street data set").lock(), pytest.raises(ConfigError, match="another command"):
        render_street(folder, TINY, workers=1)
    assert not list(tmp_path.iterdir())


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(ConfigError, match="found a file"):
        render_street(tmp_path / "data", TINY)


@pytest.mark.parametrize("size", ["161x90", "160x91", "160", "160x90x3", "16x10", "0x0", "-160x90", "wide"])
def test_sizes_that_can_not_be(size: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--size"):
        render_street(tmp_path / "data", replace(TINY, size=size))
    assert not (tmp_path / "data").exists()


def found_in(number: int, video: int, seed: int, frames: int = 300) -> list[Event]:
    here = scene(number, seed)
    camera = here.camera((320, 180))
    return events(
        here, draw_actors(here, "test", video, frames, camera, np.random.default_rng((seed, video))), frames, camera
    )


def test_the_same_class_is_normal_in_one_scene_and_abnormal_in_another() -> None:
    normal: dict[str, set[str]] = {}
    abnormal: dict[str, set[str]] = {}
    for number in range(5):
        here = scene(number, 41)
        for event in (event for video in range(4) for event in found_in(number, video, 41)):
            place = abnormal if event["abnormal"] else normal
            place.setdefault(event["class"], set()).add(here.name)
            assert event["abnormal"] != (event["class"] in here.normal_classes)
            assert 0 <= event["first_frame"] <= event["last_frame"] < 300
    assert {"bicycle", "motorbike", "car", "on_lawn"} <= normal.keys() & abnormal.keys()
    assert {"running", "wrong_way", "abandoned_object"} <= abnormal.keys() - normal.keys()


@pytest.mark.parametrize("seed", [61, 62, 63])
@pytest.mark.parametrize("videos", [2, 3])
def test_few_test_videos_show_each_scene_dependent_class_where_it_is_allowed_and_where_not(
    seed: int, videos: int
) -> None:
    """In the scenes of the demo; each for a second or longer."""
    shown: dict[tuple[str, bool], set[str]] = {}
    for number in range(StreetConfig.scenes):
        for event in (event for video in range(videos) for event in found_in(number, video, seed, 150)):
            if event["last_frame"] - event["first_frame"] >= FPS:
                shown.setdefault((event["class"], event["abnormal"]), set()).add(scene(number, seed).name)
    for label in ("bicycle", "car", "motorbike", "on_lawn"):
        assert shown[label, False] and shown[label, True]
    assert {"walkway_a", "walkway_b"} <= shown["bicycle", True] and {"road", "plaza"} <= shown["bicycle", False]


def test_people_are_as_large_as_fixed_cameras_show_them() -> None:
    for number in range(5):
        here = scene(number, 47)
        camera = here.camera((640, 360))
        heights: list[float] = []
        for route in {flow.route for flow in here.flows if flow.figure == "person"}:
            place, _ = here.routes[route].at(here.routes[route].in_view(camera), 0.0)
            feet, _ = camera.project(np.column_stack([place, np.zeros(len(place))]))
            head, _ = camera.project(np.column_stack([place, np.full(len(place), 1.7)]))
            middle = (feet[:, 1] > 120) & (head[:, 1] < 240)
            heights += (feet - head)[middle, 1].tolist()
        assert 50 <= np.median(heights) <= 120


def test_videos_run_at_the_rate_that_actors_move_by(street: Path) -> None:
    with av.open(str(street / "train/road/000.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == FPS and stream.frames == TINY.frames


def test_scenes_differ_in_how_often_something_abnormal_happens() -> None:
    shares = []
    for number in range(5):
        labels = [frame_labels(found_in(number, video, 42, 150), 150) for video in range(8)]
        shares.append(np.mean([one.any() for one in labels]))
    assert all(0 < share < 1 for share in shares)
    assert max(shares) >= 2 * min(shares)


@pytest.mark.parametrize("number", range(10))
def test_training_footage_is_normal(number: int) -> None:
    here = scene(number, 43)
    for video in range(6):
        actors = draw_actors(here, "train", video, 200, here.camera((320, 180)), np.random.default_rng((43, video)))
        assert actors
        assert not any(actor.abnormal for actor in actors)
        assert all(actor.label in (None, *here.normal_classes) for actor in actors)


def test_scenes_beyond_the_five_kinds_have_other_names_and_colours() -> None:
    scenes = [scene(number, 44) for number in range(12)]
    assert len({made.name for made in scenes}) == 12
    road, mirrored = backdrop(scenes[0], (160, 90)).picture, backdrop(scenes[5], (160, 90)).picture
    assert np.abs(road.astype(int) - mirrored).mean() > 10


@pytest.mark.parametrize("number", range(5))
def test_what_is_labelled_is_in_the_picture(number: int) -> None:
    """Render with and without the abnormal actor: labelled frames differ, frames without it do not."""
    here, frames = scene(number, 45), 60
    camera = here.camera((160, 90))
    empty = backdrop(here, (160, 90))
    actors = draw_actors(here, "test", 0, frames, camera, np.random.default_rng(45))
    culprit = next(actor for actor in actors if actor.abnormal)
    labels = frame_labels(events(here, [culprit], frames, camera), frames)
    assert labels.any()

    def film(shown: list[Actor]) -> NDArray[np.int64]:
        return np.stack(list(render_frames(here, empty, shown, frames, camera, np.random.default_rng(1)))).astype(
            np.int64
        )

    changed = np.abs(film([culprit]) - film([])).max(3)
    present = culprit.motion(np.arange(frames) / FPS).present
    assert (changed[labels == 1].max((1, 2)) > 20).all()
    assert not changed[~present].any()


def test_an_events_boxes_are_around_what_is_drawn() -> None:
    """The pixels that the abnormal actor changes lie in its box, but for its shadow and the encoder's blur."""
    here, frames, size = scene(1, 45), 60, (160, 90)
    camera, empty = here.camera(size), backdrop(here, size)
    actors = draw_actors(here, "test", 0, frames, camera, np.random.default_rng(45))
    culprit = next(actor for actor in actors if actor.abnormal)
    (event, *_) = events(here, [culprit], frames, camera)
    boxes = event["boxes"]
    assert [boxes[0][0], boxes[-1][0]] == [event["first_frame"], event["last_frame"]]
    shown, without = (
        np.stack(list(render_frames(here, empty, who, frames, camera, np.random.default_rng(1)))).astype(np.int64)
        for who in ([culprit], [])
    )
    for frame, left, top, right, bottom in boxes:
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
        changed = np.abs(shown[int(frame)] - without[int(frame)]).max(2) > 20
        rows, columns = np.nonzero(changed)
        inside = (
            (columns >= 160 * left - 2)
            & (columns <= 160 * right + 2)
            & (rows >= 90 * top - 2)
            & (rows <= 90 * bottom + 2)
        )
        assert inside.mean() > 0.4, "the shadow is outside"


@pytest.mark.parametrize("size", ["90x160", "160x64"])
def test_pictures_of_any_shape(size: str) -> None:
    width, height = map(int, size.split("x"))
    for number in range(5):
        here = scene(number, 46)
        camera = here.camera((width, height))
        random = np.random.default_rng(46)
        actors = draw_actors(here, "test", 0, 3, camera, random)
        frames = list(render_frames(here, backdrop(here, (width, height)), actors, 3, camera, random))
        assert [frame.shape for frame in frames] == [(height, width, 3)] * 3
        assert all(frame.std() > 10 for frame in frames)


@given(st.integers(0, 159), st.integers(0, 89), st.floats(0.5, 200))
def test_a_ray_is_what_the_camera_projects_back(column: int, row: int, depth: float) -> None:
    camera = Camera.looking((3, -8, 6), (-1, 12, 0), 55, (160, 90))
    ray = camera.rays(column, row, column + 1, row + 1)[0, 0]
    pixel, found = camera.project(camera.position + depth * ray)
    assert np.allclose(pixel, (column, row), atol=1e-6) and np.isclose(found, depth)


def test_a_worker_that_was_killed_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(tasks: object, return_when: str) -> object:
        raise BrokenProcessPool

    monkeypatch.setattr(render, "wait", killed)
    with pytest.raises(ScenewiseError, match="was killed, as the system does if memory runs out"):
        render_street(tmp_path / "street", TINY, workers=2)


def test_a_hidden_folder_in_the_street_is_left_alone(street: Path, tmp_path: Path) -> None:
    """Such as an unfinished run that somebody writes into it."""
    copy = Path(shutil.copytree(street, tmp_path / "street"))
    (copy / ".writing-run").mkdir()
    (copy / ".writing-run" / "model.safetensors").write_text("mine")
    (copy / "train" / ".writing-left").write_text("left by a kill")
    render_street(copy, TINY, workers=1)
    assert (copy / ".writing-run" / "model.safetensors").read_text() == "mine"
    assert not (copy / "train" / ".writing-left").exists()
