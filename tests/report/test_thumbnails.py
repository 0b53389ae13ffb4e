"""Pictures of chosen frames of a real video file."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from scenewise.formats.pictures import jpeg_of
from scenewise.report.thumbnails import CROP, FULL, WIDTH, Shot, thumbnails
from scenewise.runs.thumbnails import KeptPicture
from scenewise.video.decode import FrameBlock, decode


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
    found = thumbnails([Shot(video, number) for number in (7, 2, 7)])
    assert set(found) == {Shot(video, 7), Shot(video, 2)}
    for number in (2, 7):
        one = found[Shot(video, number)]
        picture = Image.open(io.BytesIO(base64.b64decode(one.uri.removeprefix("data:image/jpeg;base64,"))))
        assert picture.size == (one.width, one.height) == (WIDTH, 270)
        assert np.asarray(picture).mean() == pytest.approx(20 * number + 30, abs=6)


def test_every_source_is_decoded_once_for_all_its_shots(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def counted(path: Path, batch: int) -> Iterator[FrameBlock]:
        opened.append(path)
        return decode(path, batch=batch)

    monkeypatch.setattr("scenewise.report.thumbnails.decode", counted)
    whole, crop, beyond = Shot(video, 3), Shot(video, 9, CROP, (0.2, 0.2, 0.5, 0.8)), Shot(video, 99)
    found = thumbnails([whole, crop, beyond])
    assert opened == [video]
    assert (found[whole].width, found[crop].width, found[crop].height) == (WIDTH, CROP, CROP)
    (full,) = thumbnails([Shot(video, 3, FULL)]).values()
    assert found[whole].note == "480 of 640 pixels wide" and (full.width, full.note) == (640, "")
    assert "99" in found[beyond].why_not and not found[beyond].uri


def test_a_video_that_is_gone_or_is_none_gives_its_reason(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a video")
    found = thumbnails([Shot(tmp_path / "gone.mp4", 0), Shot(text, 0)])
    assert "gone.mp4" in found[Shot(tmp_path / "gone.mp4", 0)].why_not
    assert "notes.mp4" in found[Shot(text, 0)].why_not


def test_what_the_run_keeps_stands_in_for_a_video_that_is_gone(video: Path, tmp_path: Path) -> None:
    kept = KeptPicture(jpeg_of(Image.new("RGB", (40, 40), (200, 30, 30)), 80), similar=True)
    gone, there = Shot(tmp_path / "gone.mp4", 3, CROP, kept=kept), Shot(video, 3, CROP, kept=kept)
    beyond = Shot(video, 99, CROP, kept=kept._replace(similar=False))
    found = thumbnails([gone, there, beyond])
    for shot, similar in ((gone, True), (beyond, False)):
        picture = Image.open(io.BytesIO(found[shot].content))
        assert picture.size == (found[shot].width, found[shot].height) == (40, 40)
        assert np.asarray(picture).mean(axis=(0, 1)) == pytest.approx([200, 30, 30], abs=6)
        assert found[shot].similar == similar and found[shot].note == "as the run keeps it" and not found[shot].why_not
    assert found[there].width == CROP and not found[there].similar, "a video that can be read comes first"
