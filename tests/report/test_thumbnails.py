"""Pictures of chosen frames of a real video file."""

import base64
import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from scenewise.report.thumbnails import WIDTH, thumbnails


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Ten frames, 640x360, each a little brighter than the one before."""
    path = tmp_path / "grey.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(10):
            picture = np.full((360, 640, 3), 20 * number + 30, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    return path


def test_the_wanted_frames_come_small_and_whole(video: Path) -> None:
    found = thumbnails({video: [7, 2]})
    for number in (2, 7):
        one = found[video, number]
        picture = Image.open(io.BytesIO(base64.b64decode(one.uri.removeprefix("data:image/jpeg;base64,"))))
        assert picture.size == (one.width, one.height) == (WIDTH, 135)
        assert np.asarray(picture).mean() == pytest.approx(20 * number + 30, abs=6)


def test_a_video_that_is_gone_or_is_none_gives_its_reason(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a video")
    found = thumbnails({tmp_path / "gone.mp4": [0], text: [0]})
    assert found[tmp_path / "gone.mp4", 0].why_not == "gone.mp4 is no longer where it was"
    assert found[text, 0].why_not == "notes.mp4 can not be read"
