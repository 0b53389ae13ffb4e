"""Render the street data set into a folder, one video a task, over the machine's processors."""

import io
import multiprocessing
import os
import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

from scenewise.config import StreetConfig
from scenewise.errors import ConfigError
from scenewise.files import record_checksums, whole_file, write_bytes, write_json
from scenewise.progress import progress
from scenewise.street.backdrop import Backdrop, Picture, backdrop
from scenewise.street.cast import FPS, cast
from scenewise.street.film import pictures
from scenewise.street.folder import Take, prepare, takes
from scenewise.street.scenes import scene
from scenewise.street.sightings import events, frame_labels

SMALLEST = (128, 72)
"""Pixels below which people can no longer be told from noise."""


def render_street(folder: Path, config: StreetConfig, workers: int | None = None) -> list[Path]:
    """Render the data set of `config` into `folder`, and return all its videos, training videos first.

    `workers` processes share the work (default: as many as the machine has processors; 1 renders in this process);
    their number changes nothing in the files. Videos that are there, whole and of the same settings, are kept; those
    of other settings are replaced.
    Raises ConfigError where the size can not be, DataError where `folder` holds anything that is not of this command.
    """
    picture_size(config)
    open_takes = prepare(folder, config)
    workers = min(workers or os.cpu_count() or 1, len(open_takes))
    if open_takes:
        with progress() as bar:
            task = bar.add_task("street", total=len(open_takes))
            for take in rendered(folder, config, open_takes, workers):
                record_checksums(folder, take.files)
                bar.advance(task)
    everything = sorted(takes(config), key=lambda take: take.split != "train")
    return [folder / take.files[0] for take in everything]


def picture_size(config: StreetConfig) -> tuple[int, int]:
    """(width, height) in pixels. Raises ConfigError where they are not two even numbers, or too small."""
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", config.size)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if width % 2 or height % 2 or width < SMALLEST[0] or height < SMALLEST[1]:
        raise ConfigError(
            f"--size: expected width x height in even pixels, {SMALLEST[0]}x{SMALLEST[1]} or larger, such as 480x270, "
            f"got {config.size!r}"
        )
    return width, height


def rendered(folder: Path, config: StreetConfig, wanted: list[Take], workers: int) -> Iterator[Take]:
    """Render the takes, and give each as soon as its files are written."""
    if workers <= 1:
        for take in wanted:
            render_video(folder, config, take)
            yield take
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), start_worker)
    try:
        tasks = {pool.submit(render_video, folder, config, take): take for take in wanted}
        for task in as_completed(tasks):
            task.result()
            yield tasks[task]
    finally:
        pool.shutdown(cancel_futures=True)


def start_worker() -> None:
    """One thread a process; and a worker whose parent was killed ends too, instead of waiting for work for ever."""
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@lru_cache(maxsize=8)
def empty_scene(number: int, seed: int, size: tuple[int, int]) -> Backdrop:
    """The backdrop of a scene; takes come scene by scene, so that each process paints it once. A few megabytes each."""
    return backdrop(scene(number, seed), size)


def render_video(folder: Path, config: StreetConfig, take: Take) -> None:
    """Render one video with its labels. It depends on the seed, scene, split and number, and on no other video."""
    size = picture_size(config)
    here = scene(take.scene_number, config.seed)
    camera = here.camera(size)
    random = np.random.default_rng((config.seed, take.scene_number, 10 + (take.split == "test"), take.number))
    members = cast(here, take.split, take.number, config.frames, camera, random)
    if take.split == "test":
        found = events(here, members, config.frames, camera)
        file = io.BytesIO()
        np.save(file, frame_labels(found, config.frames))
        write_bytes(folder / take.files[1], file.getvalue())
        write_json(folder / take.files[2], found)
    empty = empty_scene(take.scene_number, config.seed, size)
    write_video(folder / take.files[0], pictures(here, empty, members, config.frames, camera, random), size)


H264 = {"preset": "veryfast", "crf": "22", "g": "50", "x264-params": "mbtree=0"}
"""x264's macroblock tree is off: with it, and one thread, the same pictures gave up to 8 different files in 8 runs at
widths that are no multiple of 256 (PyAV 18.1)."""


def write_video(path: Path, frames: Iterable[Picture], size: tuple[int, int]) -> None:
    """Encode RGB pictures (H, W, 3) as H.264; one thread, so that the same pictures give the same file."""
    with whole_file(path) as temporary, av.open(str(temporary), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options=H264)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for picture in frames:
            planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())
