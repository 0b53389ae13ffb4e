import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from scenewise.config import Fit
from scenewise.encoders.preprocess import Resample, fit_frames, repeat_last

PILLOW = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
sides = st.integers(1, 90)


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Half noise, half black and white blocks: the hardest input for a filter that must not ring differently."""
    rng = np.random.default_rng(seed)
    frame = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    frame[:, : width // 2] = (frame[:, : width // 2] > 127) * np.uint8(255)
    return frame


def shown(pixels: torch.Tensor) -> NDArray[np.int64]:
    return pixels.permute(0, 2, 3, 1).numpy().astype(np.int64)


@pytest.mark.parametrize("source", [(360, 640), (240, 360), (432, 768), (1080, 1920)])
@pytest.mark.parametrize("resample", ["bilinear", "bicubic"])
def test_squash_is_within_a_level_of_pillow_for_cameras(source: tuple[int, int], resample: Resample) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (*source, 3), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(frame).resize((224, 224), PILLOW[resample]), dtype=np.int64)
    assert abs(shown(fit_frames(frame[None], (224, 224), "squash", resample=resample))[0] - expected).max() <= 1


@settings(max_examples=100, deadline=None)
@given(source=st.tuples(sides, sides), size=st.tuples(sides, sides), resample=st.sampled_from(["bilinear", "bicubic"]))
def test_squash_follows_pillow_rows_first_for_any_size(
    source: tuple[int, int], size: tuple[int, int], resample: Resample
) -> None:
    frame = picture(*source)
    rows = Image.fromarray(frame).resize((size[1], source[0]), PILLOW[resample])
    expected = np.asarray(rows.resize(size[::-1], PILLOW[resample]), dtype=np.int64)
    differences = abs(shown(fit_frames(frame[None], size, "squash", resample=resample))[0] - expected)
    assert differences.max() <= 2 and differences.mean() < 0.5


@pytest.mark.parametrize("source", [(360, 640), (240, 360), (101, 77), (64, 64), (33, 200)])
def test_crop_is_within_a_level_of_clips_own_processor(source: tuple[int, int]) -> None:
    frame = picture(*source)
    processor = transformers.CLIPImageProcessorPil(size={"shortest_edge": 64}, crop_size=64)
    expected = processor(Image.fromarray(frame), do_normalize=False, do_rescale=False)["pixel_values"][0]
    ours = fit_frames(frame[None], (64, 64), "crop")[0].numpy()
    assert abs(ours.astype(np.int64) - np.asarray(expected, dtype=np.int64)).max() <= 1


@settings(max_examples=60, deadline=None)
@given(source=st.tuples(sides, sides), size=st.tuples(sides, sides), fit=st.sampled_from(["squash", "crop", "pad"]))
def test_every_fit_gives_the_size_and_keeps_a_plain_picture_plain(
    source: tuple[int, int], size: tuple[int, int], fit: Fit
) -> None:
    frames = np.full((2, *source, 3), (200, 120, 40), np.uint8)
    fitted = fit_frames(frames, size, fit, border=(200, 120, 40))
    assert fitted.dtype == torch.uint8
    assert (shown(fitted) == np.full((2, *size, 3), (200, 120, 40))).all()


def test_pad_surrounds_the_whole_picture_with_the_border() -> None:
    frame = np.zeros((45, 80, 3), np.uint8)
    frame[:, 0], frame[:, -1] = 255, 255
    padded = shown(fit_frames(frame[None], (32, 32), "pad", border=(9, 8, 7)))[0]
    assert (padded[:7] == (9, 8, 7)).all() and (padded[25:] == (9, 8, 7)).all()
    assert (padded[7:25, 0] > 50).all() and (padded[7:25, -1] > 50).all(), "the picture's own sides are still there"


def test_squash_sees_the_sides_that_crop_cuts_off() -> None:
    frame = np.zeros((45, 80, 3), np.uint8)
    frame[:, :8] = 255
    assert shown(fit_frames(frame[None], (32, 32), "squash")).max() > 200
    assert shown(fit_frames(frame[None], (32, 32), "crop")).max() == 0


def test_read_only_and_flipped_frames_are_taken() -> None:
    frames = np.stack([picture(20, 30, seed) for seed in range(2)])
    frozen = frames.copy()
    frozen.setflags(write=False)
    expected = shown(fit_frames(frames, (8, 8), "squash"))
    assert (shown(fit_frames(frozen, (8, 8), "squash")) == expected).all()
    flipped = frames[:, :, ::-1]
    assert (shown(fit_frames(flipped, (8, 8), "squash")) == shown(fit_frames(flipped.copy(), (8, 8), "squash"))).all()


def test_repeat_last_lengthens_by_the_last_row_only() -> None:
    rows = torch.arange(6).reshape(3, 2)
    assert repeat_last(rows, 5).tolist() == [[0, 1], [2, 3], [4, 5], [4, 5], [4, 5]]
    assert repeat_last(rows, 3) is rows


def four_pixels(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float64]:
    """Bilinear between the four pixels next to where a pixel's centre falls, one output pixel at a time."""
    (height, width), (rows, columns) = frame.shape[:2], size
    small = np.empty((rows, columns, 3))
    for row, column in np.ndindex(size):
        y = min(max((row + 0.5) * height / rows - 0.5, 0), height - 1)
        x = min(max((column + 0.5) * width / columns - 0.5, 0), width - 1)
        top, left = int(y), int(x)
        down, right = min(top + 1, height - 1), min(left + 1, width - 1)
        above = frame[top, left] * (1 - (x - left)) + frame[top, right] * (x - left)
        below = frame[down, left] * (1 - (x - left)) + frame[down, right] * (x - left)
        small[row, column] = above * (1 - (y - top)) + below * (y - top)
    return small


@settings(max_examples=60, deadline=None)
@given(source=st.tuples(sides, sides), size=st.tuples(st.integers(1, 30), st.integers(1, 30)))
def test_opencvs_bilinear_looks_at_four_pixels(source: tuple[int, int], size: tuple[int, int]) -> None:
    frames = np.stack([picture(*source), picture(*source, seed=1)])[:, ::-1]  # flipped, as decoders may hand out
    frames.flags.writeable = False
    small = shown(fit_frames(frames, size, "squash", resample="opencv-bilinear"))
    assert small.shape == (2, *size, 3)
    for frame, ours in zip(frames, small, strict=True):
        assert abs(ours - four_pixels(frame, size)).max() <= 1.5  # it rounds between the axes
