"""Tiny videos of two drawn scenes."""

from pathlib import Path

import av
import numpy as np

FRAMES = 70


def pictures(scene: int, number: int, frames: int = FRAMES, odd: bool = False) -> list[np.ndarray]:
    """A fixed textured ground for each scene, a square that wanders over it; with `odd`, a stripe that flashes."""
    ground = np.random.default_rng(scene).integers(40, 160, (6, 8, 3), np.uint8).repeat(12, 0).repeat(12, 1)
    drawn = []
    for frame in range(frames):
        picture = ground.copy()
        left, top = (frame * 2 + 11 * number) % 80, 10 + 20 * scene % 50
        picture[top : top + 8, left : left + 8] = 230
        if odd and frames // 2 <= frame < frames // 2 + 15:
            picture[50:70, ::3] = 255 * (frame % 2)
        drawn.append(picture)
    return drawn


def write_film(path: Path, drawn: list[np.ndarray]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = *drawn[0].shape[:2], "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in drawn:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


LONG = 180
"""Frames of a video with a car: more than the scorer holds at a time (`scene_recognition.SAMPLE`)."""


def with_car(scene: int) -> list[np.ndarray]:
    """A normal video through which something large and striped comes fast, once."""
    drawn = pictures(scene, 7, frames=LONG)
    for frame in range(130, 160):
        left = 3 * (frame - 130)
        drawn[frame][40:62, left : left + 30] = 20
        drawn[frame][40:62:4, left : left + 30] = 220
    return drawn


def write_data_with_car(root: Path) -> None:
    """A data set of two scenes, three normal videos and a test video with a car each."""
    for scene, name in enumerate(("road", "walkway")):
        for number in range(3):
            write_film(root / "train" / name / f"{number:02d}.mp4", pictures(scene, number, frames=90))
        write_film(root / "test" / name / f"{name}-new.mp4", with_car(scene))
