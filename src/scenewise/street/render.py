"""Render the street data set into a folder, one video a task, over the machine's processors."""

import io
import multiprocessing
import os
import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import av
import cv2
import numpy as np

from scenewise.checksums import record_checksums, require_written
from scenewise.config import StreetConfig
from scenewise.errors import ConfigError, ScenewiseError
from scenewise.files import whole_file, write_bytes, write_json
from scenewise.output_folder import OutputFolder
from scenewise.progress import progress
from scenewise.street.actors import FPS, draw_actors
from scenewise.street.backdrop import Backdrop, Picture, backdrop
from scenewise.street.events import events, frame_labels
from scenewise.street.folder import DATASET_JSON, StreetVideo, prepare, videos_of
from scenewise.street.frames import render_frames
from scenewise.street.scenes import scene

SMALLEST = (128, 72)
"""The smallest width and height in pixels: in smaller pictures people cannot be distinguished from noise."""


def render_street(folder: str | Path, config: StreetConfig, workers: int | None = None) -> list[Path]:
    """Render the data set of `config` into `folder`, and return all its videos, training videos first.

    `workers` processes share the work (default: as many as the machine has processors; 1 renders in this process). The
    files do not depend on their number. Whole videos of the same settings are kept; those of other settings are
    replaced. Raises ConfigError if the size is not valid, if `folder` holds anything that this command did not write,
    or if another command is writing there.
    """
    folder = Path(folder)
    picture_size(config)
    out = OutputFolder(folder, "a street data set")
    with out.lock():
        missing = prepare(out, config)
        if missing:
            _render(folder, config, missing, min(workers or os.cpu_count() or 1, len(missing)))
        require_written(folder, [DATASET_JSON, *(name for video in videos_of(config) for name in video.files)])
    everything = sorted(videos_of(config), key=lambda video: video.split != "train")
    return [folder / video.files[0] for video in everything]


def _render(folder: Path, config: StreetConfig, missing: list[StreetVideo], workers: int) -> None:
    with progress() as bar:
        task = bar.add_task("street", total=len(missing))
        for video in rendered(folder, config, missing, workers):
            record_checksums(folder, video.files)
            bar.advance(task)


def picture_size(config: StreetConfig) -> tuple[int, int]:
    """(width, height) in pixels. Raises ConfigError if they are not two even numbers, or too small."""
    numbers = re.fullmatch(r"(\d{1,5})x(\d{1,5})", config.size)
    width, height = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    if width % 2 or height % 2 or width < SMALLEST[0] or height < SMALLEST[1]:
        raise ConfigError(
            f"--size: expected width x height in even pixels, {SMALLEST[0]}x{SMALLEST[1]} or larger, such as 640x360, "
            f"got {config.size!r}"
        )
    return width, height


def rendered(folder: Path, config: StreetConfig, wanted: list[StreetVideo], workers: int) -> Iterator[StreetVideo]:
    """Render the videos of `wanted`, which go scene by scene; yields each as soon as its files are written."""
    scenes = groupby(wanted, key=lambda video: video.scene_number)
    if workers <= 1:
        for number, videos in scenes:
            empty = empty_scene(number, config)
            for video in videos:
                render_video(folder, config, video, empty)
                yield video
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), start_worker)
    try:
        pending: dict[Future[None], StreetVideo] = {}
        for number, videos in scenes:
            yield from finished(pending, 2 * workers)
            empty = empty_scene(number, config)  # painted once, here, while the workers still have videos to render
            pending |= {pool.submit(render_video, folder, config, video, empty): video for video in videos}
        yield from finished(pending, 0)
    except BrokenProcessPool as error:
        raise ScenewiseError(
            f"{folder}: a process that rendered was killed, as the system does if memory runs out; free some memory, "
            "and give the command again to go on"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def finished(pending: dict[Future[None], StreetVideo], most: int) -> Iterator[StreetVideo]:
    """Take rendered videos out of `pending` until it holds at most `most`; yields each."""
    while len(pending) > most:
        for task in wait(pending, return_when=FIRST_COMPLETED).done:
            task.result()
            yield pending.pop(task)


def start_worker() -> None:
    """Prepare a worker process: it draws in one thread, and it ends if its parent was killed."""
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def empty_scene(number: int, config: StreetConfig) -> Backdrop:
    """The backdrop of a scene, a few megabytes."""
    return backdrop(scene(number, config.seed), picture_size(config))


def render_video(folder: Path, config: StreetConfig, video: StreetVideo, empty: Backdrop) -> None:
    """Render one video, with `empty` behind its actors, and its labels.

    It depends on the seed, scene, split and number, and on no other video.
    """
    size = picture_size(config)
    here = scene(video.scene_number, config.seed)
    camera = here.camera(size)
    random = np.random.default_rng((config.seed, video.scene_number, 10 + (video.split == "test"), video.number))
    actors = draw_actors(here, video.split, video.number, config.frames, camera, random)
    if video.split == "test":
        listed = events(here, actors, config.frames, camera)
        file = io.BytesIO()
        np.save(file, frame_labels(listed, config.frames))
        write_bytes(folder / video.files[1], file.getvalue())
        write_json(folder / video.files[2], listed)
    write_video(folder / video.files[0], render_frames(here, empty, actors, config.frames, camera, random), size)


H264 = {"preset": "ultrafast", "crf": "26", "g": "25", "x264-params": "mbtree=0"}
"""The fastest preset, at about the quality of a real camera's stream (34 dB). x264's macroblock tree is off. With it,
even in one thread, the same pictures gave up to 8 different files in 8 runs at widths that are no multiple of 256
(PyAV 18.1)."""


def write_video(path: Path, frames: Iterable[Picture], size: tuple[int, int]) -> None:
    """Encode RGB pictures (H, W, 3) as H.264; one thread, so that the same pictures give the same file."""
    with whole_file(path) as temporary, av.open(str(temporary), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS), options=H264)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for picture in frames:
            planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())
