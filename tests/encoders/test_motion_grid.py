"""motion-grid on scenes that can be drawn: squares that move over a textured ground."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scenewise.encoders import motion_grid
from scenewise.encoders.encoder import Encoded
from scenewise.encoders.motion_grid import (
    APPEARANCE_FEATURES,
    APPEARANCE_GRID,
    GRID,
    MOTION_FEATURES,
    MOTION_UNITS,
    MotionGrid,
)
from scenewise.encoders.running_background import RunningBackground
from scenewise.errors import ConfigError

pytestmark = pytest.mark.slow

Frames = NDArray[np.uint8]
CHANNELS = list(MOTION_UNITS)


def ground(seed: int, height: int = 180, width: int = 320) -> NDArray[np.float32]:
    """An empty scene (H, W, 3): soft blotches of its own colours."""
    random = np.random.default_rng(seed)
    coarse, fine = (
        cv2.resize(
            random.uniform(35, 75, (*cells, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        for cells in ((3, 4), (24, 40))
    )
    return np.asarray((coarse + fine) * random.uniform(0.7, 1.2, 3), np.float32)


def film(
    scene: NDArray[np.float32],
    count: int,
    *,
    start: tuple[int, int] = (50, 70),
    step: tuple[int, int] = (0, 0),
    side: int = 0,
    appears: int = 0,
    noise: float = 1.5,
    light: float | NDArray[np.float32] = 1.0,
) -> Frames:
    """`count` frames of `scene` with sensor noise, in which a checked square of `side` pixels moves by `step` (x, y) a
    frame from `start`, once frame `appears` is reached; `light` multiplies every frame."""
    random = np.random.default_rng(0)
    checks = np.kron(np.indices((8, 8)).sum(0) % 2, np.ones((max(side // 8, 1),) * 2))[:side, :side, None] * 90 + 130
    frames = []
    for index, exposure in enumerate(np.broadcast_to(light, count)):
        picture = scene.copy()
        if side and index >= appears:
            x, y = (start[axis] + step[axis] * (index - appears) for axis in (0, 1))
            picture[y : y + side, x : x + side] = checks
        picture = picture * np.float32(exposure) + noise * random.standard_normal(picture.shape, np.float32)
        frames.append(np.clip(picture, 0, 255).astype(np.uint8))
    return np.stack(frames)


def motion(frames: Frames) -> NDArray[np.float32]:
    """(N, rows, columns, channels) of a video's motion."""
    features = MotionGrid().encode(frames).features
    return features[:, MOTION_FEATURES].reshape(len(frames), *GRID, len(CHANNELS))


def appearance(frames: Frames) -> NDArray[np.float32]:
    """The static channels (N, .) of a video."""
    return MotionGrid().encode(frames).features[:, APPEARANCE_FEATURES]


@pytest.mark.parametrize(
    ("direction", "step"), [("right", (3, 0)), ("left", (-3, 0)), ("down", (0, 3)), ("up", (0, -3))]
)
def test_a_square_moving_one_way_shows_in_that_direction_alone(direction: str, step: tuple[int, int]) -> None:
    frames = film(ground(1), 26, start=(140, 75), step=step, side=32, appears=14)
    totals = dict(zip(CHANNELS, motion(frames)[16:].sum(axis=(0, 1, 2)), strict=True))
    others = {"right", "left", "down", "up"} - {direction}
    assert totals[direction] > 4 * max(totals[name] for name in others)


def test_a_faster_square_has_more_speed_and_a_standing_one_none() -> None:
    speed = CHANNELS.index("speed")
    slow, fast, standing = (
        motion(film(ground(1), 26, step=(step, 0), side=32, appears=12))[16:, ..., speed].max(axis=(1, 2)).mean()
        for step in (2, 5, 0)
    )
    assert fast > 1.5 * slow > 3 * standing


@pytest.mark.parametrize("cell", [(0, 0), (2, 5), (5, 7), (4, 1)])
def test_foreground_is_in_the_cell_where_the_square_is(cell: tuple[int, int]) -> None:
    height, width = 180 // GRID[0], 320 // GRID[1]
    corner = (cell[1] * width + 8, cell[0] * height + 3)
    foreground = motion(film(ground(2), 20, start=corner, side=24, appears=15))[-1, ..., 0]
    assert np.unravel_index(foreground.argmax(), GRID) == cell
    foreground[cell] = 0
    assert foreground.max() < 0.05


def test_foreground_colour_is_told_against_the_background() -> None:
    frames = film(ground(3), 20, noise=0.5)
    frames[15:, 60:90, 120:160, 2] = np.minimum(frames[15:, 60:90, 120:160, 2], 100) + 80
    channels = dict(zip(CHANNELS, motion(frames)[-1, 2, 3], strict=True))
    assert channels["blue"] > 1 > 5 * max(abs(channels["red"]), abs(channels["green"]))


def test_a_first_frame_has_no_motion() -> None:
    first = motion(film(ground(1), 1, side=32))[0]
    assert not first.any()


@pytest.mark.parametrize(("side", "step"), [(32, (1, 0)), (24, (3, 1)), (56, (2, 0))])
def test_the_first_second_holds_no_more_motion_than_the_same_second_later(side: int, step: tuple[int, int]) -> None:
    scene = ground(4)
    passing = film(scene, 60, start=(20, 40), step=step, side=side)
    at_once = np.square(motion(passing)).mean(axis=(1, 2, 3))
    later = np.square(motion(np.concatenate([film(scene, 60), passing]))).mean(axis=(1, 2, 3))[60:]
    assert at_once[:25].mean() < later[:25].mean()
    assert at_once.mean() < 1.05 * later.mean()
    assert at_once.max() < 1.2 * later.max()


def test_what_stood_in_the_first_frame_is_forgotten_once_it_left() -> None:
    scene = ground(5)
    frames = np.concatenate([film(scene, 10, start=(100, 50), side=32), film(scene, 60)])
    foreground = motion(frames)[..., 0].mean(axis=(1, 2))
    assert foreground[10:20].max() > 0.02  # the ghost is seen,
    assert foreground[60:].max() < 0.001  # and goes


def test_something_left_behind_stays_foreground_for_seconds() -> None:
    foreground = motion(film(ground(2), 170, start=(120, 90), side=24, appears=100))[..., 0].max(axis=(1, 2))
    assert foreground[100:].min() > 0.5


@pytest.mark.parametrize(
    ("what", "light"),
    [
        ("noise", np.ones(45)),
        ("dusk", np.linspace(1, 0.75, 45)),
        ("exposure jumps", np.repeat([1.0, 1.2, 0.85], 15)),
    ],
)
def test_an_empty_scene_stays_empty_under(what: str, light: NDArray[np.float32]) -> None:
    foreground = motion(film(ground(6), 45, light=light, noise=3))[..., 0]
    assert foreground.mean() < 0.01


def test_slight_shake_is_learnt_as_usual() -> None:
    still = film(ground(7), 1, noise=0)[0]
    still[:, 160:] = np.minimum(still[:, 160:], 175) + 80  # an edge as hard as a house's
    random = np.random.default_rng(0)
    shaken = np.stack([np.roll(still, random.integers(-1, 2, 2), axis=(0, 1)) for _ in range(110)])
    foreground = motion(shaken)[..., 0]
    assert foreground[75:].mean() < 0.02


def test_static_appearance_tells_empty_scenes_apart_and_is_steady_in_each() -> None:
    videos = [appearance(film(ground(seed), 45, step=(3, 1), side=24)) for seed in (8, 9)]
    apart = np.linalg.norm(videos[0][-1] - videos[1][-1])
    for video in videos:
        astray = np.linalg.norm(video - video[-1], axis=1)
        assert astray.max() < apart / 3  # while the square of the first frame still counts as background,
        assert astray[30:].max() < apart / 10  # and later


def test_static_appearance_is_nearly_the_same_under_another_exposure() -> None:
    picture, overall = slice(0, -3), slice(-3, None)
    plain, dark = (appearance(film(ground(8), 2, light=light))[-1] for light in (1.0, 0.7))
    assert np.abs(plain[picture] - dark[picture]).max() < 0.1
    assert np.abs(plain[overall] - dark[overall]).min() > 0.3


SCENE = film(ground(10, 90, 160), 14, start=(10, 20), step=(3, 1), side=24)


@pytest.fixture(scope="module")
def whole() -> Encoded:
    """SCENE in one call."""
    return MotionGrid(regions=(2, 3)).encode(SCENE)


@settings(deadline=None, max_examples=6)
@given(cuts=st.sets(st.integers(1, len(SCENE) - 1)))
@example(cuts=set(range(1, len(SCENE))))  # live: one frame a call
def test_features_do_not_depend_on_how_frames_are_cut_into_calls(whole: Encoded, cuts: set[int]) -> None:
    encoder = MotionGrid(regions=(2, 3))
    parts = [encoder.encode(part) for part in np.split(SCENE, sorted(cuts))]
    assert np.array_equal(np.concatenate([part.features for part in parts]), whole.features)
    regions = [part.regions for part in parts if part.regions is not None]
    assert whole.regions is not None
    assert np.array_equal(np.concatenate(regions), whole.regions)


def test_a_frame_depends_on_none_after_it(whole: Encoded) -> None:
    assert np.array_equal(MotionGrid().encode(SCENE[:8]).features, whole.features[:8])


def test_reset_forgets_the_video_before(whole: Encoded) -> None:
    encoder = MotionGrid()
    encoder.encode(film(ground(11), 3))
    carried = encoder.encode(SCENE).features
    encoder.reset()
    assert np.array_equal(encoder.encode(SCENE).features, whole.features)
    assert not np.array_equal(carried, whole.features)


def test_features_do_not_depend_on_the_number_of_threads() -> None:
    frames = film(ground(12), 5, step=(3, 1), side=32)
    before = cv2.getNumThreads()
    try:
        results = []
        for threads in (1, 2, 5):
            cv2.setNumThreads(threads)
            results.append(MotionGrid().encode(frames).features)
    finally:
        cv2.setNumThreads(before)
    assert all(np.array_equal(result, results[0]) for result in results)


@pytest.mark.parametrize("size", [(160, 90), (270, 480), (1080, 1920), (40, 700)])
def test_any_size_gives_the_same_picture_of_the_scene(size: tuple[int, int]) -> None:
    frames = film(ground(13), 1, noise=0)
    resized = np.stack([cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA) for frame in frames])
    features = MotionGrid().encode(resized).features
    assert features.shape == (1, MotionGrid.width)
    cells = slice(APPEARANCE_FEATURES.start, APPEARANCE_FEATURES.stop - 3)
    colours = [
        row[cells].reshape(*APPEARANCE_GRID, 4)[..., :3]
        for row in (features[0], MotionGrid().encode(frames).features[0])
    ]
    assert np.abs(colours[0] - colours[1]).max() < 0.05


@settings(deadline=None, max_examples=12)
@given(height=st.integers(1, 200), width=st.integers(1, 300), level=st.integers(0, 255), seed=st.integers(0, 9))
def test_features_are_finite_and_moderate_for_any_frames(height: int, width: int, level: int, seed: int) -> None:
    flat = np.full((height, width, 3), level, np.uint8)
    wild = np.random.default_rng(seed).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    features = MotionGrid().encode(np.stack([flat, flat, *wild, flat])).features
    assert features.dtype == np.float32
    assert features.shape == (5, MotionGrid.width)
    assert np.abs(features).max() < 40  # far inside float16


def test_grey_footage_has_no_colour() -> None:
    grey = film(ground(14), 12, step=(3, 0), side=32).mean(axis=3, keepdims=True).astype(np.uint8).repeat(3, axis=3)
    channels = motion(grey)
    red, green, blue = (channels[..., CHANNELS.index(name)] for name in ("red", "green", "blue"))
    assert red.any()
    assert np.array_equal(red, green)
    assert np.array_equal(green, blue)


def test_no_frames_give_no_features() -> None:
    encoded = MotionGrid(regions=(2, 2)).encode(np.empty((0, 90, 160, 3), np.uint8))
    assert encoded.features.shape == (0, MotionGrid.width)
    assert encoded.regions is not None
    assert encoded.regions.shape == (0, 4, 18)


@pytest.mark.parametrize("frames", [np.zeros((2, 90, 160, 3)), np.zeros((2, 90, 160), np.uint8)])
def test_frames_of_another_kind_are_refused(frames: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="expected \\(N, H, W, 3\\) uint8"):
        MotionGrid().encode(frames)


def test_regions_are_the_channels_of_their_own_grid() -> None:
    encoded = MotionGrid(regions=GRID).encode(SCENE)
    assert encoded.regions is not None
    motion_part = encoded.regions[..., : len(CHANNELS)].reshape(len(SCENE), -1)
    assert np.array_equal(motion_part, encoded.features[:, MOTION_FEATURES])
    coarse = MotionGrid(regions=APPEARANCE_GRID).encode(SCENE).regions
    assert coarse is not None
    appearance_part = coarse[..., len(CHANNELS) :].reshape(len(SCENE), -1)
    assert np.array_equal(appearance_part, encoded.features[:, APPEARANCE_FEATURES][:, :-3])


@pytest.mark.parametrize("regions", [(0, 4), (4, 0), (91, 4), (4, 161)])
def test_a_grid_finer_than_the_picture_is_refused(regions: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match=f"not {regions[0]}x{regions[1]}"):
        MotionGrid(regions=regions)


def test_identity_is_plain_json_and_names_the_regions() -> None:
    plain, gridded = MotionGrid().identity, MotionGrid(regions=(7, 7)).identity
    assert json.loads(json.dumps(plain)) == plain == MotionGrid().identity
    assert gridded == plain | {"regions": [7, 7]}
    assert json.loads(json.dumps(MotionGrid().execution)) == MotionGrid().execution


@pytest.mark.parametrize("grid", [(1, 1), (6, 8), (7, 7), (11, 3)])
def test_means_of_cells_equal_the_slow_obvious_ones(grid: tuple[int, int]) -> None:
    maps = np.random.default_rng(0).normal(size=(90, 160, 3)).astype(np.float32)
    fine = maps.repeat(grid[0], axis=0).repeat(grid[1], axis=1)  # every cell is now 90 x 160 whole pixels
    slow = [
        fine[row * 90 : (row + 1) * 90, column * 160 : (column + 1) * 160].mean(axis=(0, 1), dtype=np.float64)
        for row in range(grid[0])
        for column in range(grid[1])
    ]
    np.testing.assert_allclose(motion_grid.mean_of_cells(motion_grid.planes(maps), grid), slow, atol=1e-5)


@pytest.mark.parametrize(
    ("edge", "picture"),
    [
        ("upright", lambda x, y: x > 80),
        ("flat", lambda x, y: y > 45),
        ("falling", lambda x, y: x - y > 30),
        ("rising", lambda x, y: x + y > 120),
    ],
)
@pytest.mark.parametrize("bright_side", [200, 20])
def test_gradients_tell_the_direction_of_an_edge_whichever_side_is_bright(
    edge: str, picture: object, bright_side: int
) -> None:
    assert callable(picture)
    y, x = np.indices((90, 160))
    grey = np.where(picture(x, y), bright_side, 110).astype(np.uint8)
    upright, falling = motion_grid.edge_directions(*motion_grid.gradient(grey))
    strengths = {"upright": upright, "flat": -upright, "falling": falling, "rising": -falling}
    totals = {name: np.maximum(plane, 0).sum() for name, plane in strengths.items()}
    assert max(totals, key=lambda name: totals[name]) == edge
    assert totals[edge] > 10 * sorted(totals.values())[-2]


def test_the_background_is_near_the_median_of_what_a_pixel_showed() -> None:
    random = np.random.default_rng(3)
    background = RunningBackground()
    busy = np.where(random.uniform(size=(400, 12, 16, 1)) < 0.25, 220, 100) + random.normal(0, 3, (400, 12, 16, 1))
    frames = np.repeat(busy, 3, axis=3).astype(np.float32)
    frames[:, :6] = 100  # the still half, which keeps the exposure
    for frame in frames:
        background.separate(frame)
    assert np.abs(background.level - np.median(frames, axis=0)).max() < 12


def clips(footage: Path, split: str) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """(scene, mean static channels of the first two seconds) of a few clips of each scene."""
    for scene in ("walkway", "cycleway"):
        for path in sorted((footage / "two-walkways" / split / scene).glob("*.mp4"))[: 4 if split == "train" else 2]:
            with av.open(str(path)) as container:
                decoded = (frame for _, frame in zip(range(20), container.decode(video=0), strict=False))
                frames = np.stack([frame.to_ndarray(format="rgb24") for frame in decoded])
            yield scene, appearance(frames).mean(axis=0)


@pytest.mark.slow
def test_real_scenes_are_told_apart_by_their_appearance() -> None:
    root = os.environ.get("SCENEWISE_FOOTAGE")
    if not root:
        pytest.skip("SCENEWISE_FOOTAGE is unset: no real footage here")
    known = list(clips(Path(root), "train"))
    centroids = {scene: np.mean([row for name, row in known if name == scene], axis=0) for scene, _ in known}
    for scene, row in clips(Path(root), "test"):
        distances = {name: float(np.linalg.norm(row - centroid)) for name, centroid in centroids.items()}
        assert min(distances, key=lambda name: distances[name]) == scene
        assert sorted(distances.values())[1] > 2 * sorted(distances.values())[0]
