"""Sampled frames of a video: key frames if they suffice, upright and evenly spread in any case."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from scenewise.errors import VideoError
from scenewise.video.decode import decode
from scenewise.video.sample import sample_frames


def unchanged(frame: np.ndarray) -> np.ndarray:
    return frame


def brightening(path: Path, frames: int, every: int) -> Path:
    """Frame n is as bright as 2n; every so-many-th is a key frame."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": str(every), "sc_threshold": "0", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            picture = np.full((48, 64, 3), 2 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def levels(frames: list[np.ndarray]) -> list[int]:
    return [round(float(frame.mean()) / 2) for frame in frames]


@pytest.mark.parametrize("every", [1, 5, 120])
@pytest.mark.parametrize("count", [1, 4, 10])
def test_frames_are_spread_evenly(tmp_path: Path, every: int, count: int) -> None:
    frames = sample_frames(brightening(tmp_path / "a.mp4", 120, every), count, prepared=unchanged)
    numbers = np.array(levels(frames))
    assert len(numbers) == count
    spread = (np.arange(count) + 0.5) * 120 / count
    assert np.abs(numbers - spread).max() <= 120 / count / 2 + 12
    if every == 5:
        assert np.median(numbers % 5) == 0 or count == 1, "key frames"


def test_fewer_frames_than_asked_for(tmp_path: Path) -> None:
    assert levels(sample_frames(brightening(tmp_path / "a.mp4", 3, 100), 10, prepared=unchanged)) == [0, 1, 2]


def test_what_is_kept_is_prepared_and_no_more_than_twice_the_count_at_a_time(tmp_path: Path) -> None:
    frames = sample_frames(brightening(tmp_path / "a.mp4", 60, 1), 5, prepared=lambda frame: frame[:2, :2])
    assert [frame.shape for frame in frames] == [(2, 2, 3)] * 5
    assert all(frame.base is None for frame in frames), "no view that holds the decoder's whole picture"


@pytest.mark.parametrize("every", [1, 120])
@pytest.mark.parametrize("decode_height", [0, 24])
def test_frames_equal_those_that_extraction_decodes(tmp_path: Path, every: int, decode_height: int) -> None:
    path = brightening(tmp_path / "a.mp4", 30, every)
    seen = np.concatenate([block.frames.copy() for block in decode(path, decode_height=decode_height)])
    for frame in sample_frames(path, 6, prepared=unchanged, decode_height=decode_height):
        assert (frame == seen).all(axis=(1, 2, 3)).any()


def test_a_folder_of_frames(tmp_path: Path) -> None:
    for number in range(20):
        Image.fromarray(np.full((12, 16, 3), 2 * number, np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "12.png").write_bytes(b"damaged")
    assert levels(sample_frames(tmp_path, 5, prepared=unchanged)) == [2, 6, 10, 14, 18]
    assert levels(sample_frames(tmp_path, 20, prepared=unchanged)) == [n for n in range(20) if n != 12]
    assert sample_frames(tmp_path, 1, prepared=unchanged, decode_height=6)[0].shape == (6, 8, 3)


def test_a_video_that_cannot_be_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(VideoError):
        sample_frames(tmp_path / "a.mp4", 3, prepared=unchanged)
