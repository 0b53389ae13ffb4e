"""Takes the pictures of normal examples out of the training videos, for a run's thumbnails.safetensors."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.config.limits import MAX_PIXELS
from scenewise.errors import VideoError
from scenewise.features.store import FeatureStore, StoredVideo
from scenewise.formats.pictures import jpeg_of
from scenewise.methods.scores import NormalMemory, Scorer, memories_of
from scenewise.progress import note, progress
from scenewise.runs.choose_thumbnails import Choice, Footage, choose, most_alike
from scenewise.runs.thumbnails import Thumbnails, to_bytes
from scenewise.video.decode import Frame, decode
from scenewise.video.square import Box, square_around

MOST_BYTES = 5_000_000
"""The file is no larger."""
MOST_FRAMES = 10_000
"""Frames of training videos that are decoded at most. Of long videos only the beginnings are."""
SIDE = 112
"""Pixels; a picture is at most so wide. It takes 2 to 3 kB."""
QUALITY = 80
BATCH = 8
"""Frames decoded at a time."""


def make_thumbnails(scorer: Scorer, store: FeatureStore) -> Thumbnails | None:
    """Pictures of the normal examples that `scorer` compares with, out of the training videos of `store`.

    None if it has none, or if no training video can be read. Each video is decoded once, up to the last frame that is
    needed. The same footage gives the same pictures.
    """
    of_scenes = memories_of(scorer)
    memories = list({id(memory): memory for memory in of_scenes.values()}.values())
    if not memories:
        return None
    videos = store.of("train")
    there = [video for video in videos if Path(video.source).exists()]
    chosen = choose(memories, _footage(there))
    most_pixels = store.extract_config.max_pixels if store.extract_config else MAX_PIXELS
    pictures, failed = _pictures(memories, chosen, most_pixels)
    unread = len(videos) - len(there) + failed
    if unread:
        note(f"{unread} of {len(videos)} training videos cannot be read: the run keeps no thumbnails of them")
    return _fitting(of_scenes, memories, pictures)


def _footage(videos: Sequence[StoredVideo]) -> dict[str, Footage]:
    """{title: scene, and frames to read} of training videos that are there, MOST_FRAMES in all."""
    most = longest([video.frames for video in videos], MOST_FRAMES)
    return {video.title: Footage(video.scene, min(video.frames, most)) for video in videos}


def longest(lengths: Sequence[int], most: int) -> int:
    """How much of each of several `lengths` is taken so that it is at most `most` in all, the short ones whole."""
    left = most
    for done, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - done)
        if length > share:
            return share
        left -= length
    return most


def _pictures(
    memories: Sequence[NormalMemory], chosen: Sequence[Choice], most_pixels: int
) -> tuple[dict[Choice, bytes], int]:
    """{choice: JPEG} in the order of `chosen`, without those of videos that cannot be read, and how many these are."""
    wanted: dict[str, dict[int, list[tuple[Choice, Box]]]] = {}
    for choice in chosen:
        example = memories[choice.memory].examples[choice.row]
        wanted.setdefault(example.source, {}).setdefault(example.frame, []).append((choice, example.box))
    taken: dict[Choice, bytes] = {}
    failed = 0
    with progress() as bar:
        for source, frames in bar.track(wanted.items(), total=len(wanted), description="thumbnails"):
            try:
                for number, frame in _frames(Path(source), max(frames), most_pixels):
                    taken |= {choice: _picture(frame, box) for choice, box in frames.get(number, ())}
            except (VideoError, OSError):
                failed += 1
    return {choice: taken[choice] for choice in chosen if choice in taken}, failed


def _frames(source: Path, last: int, most_pixels: int) -> Iterator[tuple[int, Frame]]:
    """The frames of a video up to `last`, with their numbers."""
    for block in decode(source, batch=BATCH, max_pixels=most_pixels):
        yield from enumerate(block.frames, block.first)
        if block.first + len(block.frames) > last:
            return


def _picture(frame: Frame, box: Box) -> bytes:
    picture = Image.fromarray(square_around(frame.shape[:2], box).of(frame))
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return jpeg_of(picture, QUALITY)


def _fitting(
    of_scenes: Mapping[str, NormalMemory], memories: Sequence[NormalMemory], pictures: Mapping[Choice, bytes]
) -> Thumbnails | None:
    """As many of the first `pictures` as fit into MOST_BYTES; None if there are none."""
    choices, jpegs = list(pictures), tuple(pictures.values())

    def size(count: int) -> int:
        # How many bytes it takes does not depend on which picture is shown for which example.
        rows = np.zeros(count, np.int32)
        alike = tuple(np.zeros(len(memory.examples), np.uint16) for memory in memories)
        return len(to_bytes(Thumbnails(jpegs[:count], rows, alike, dict.fromkeys(of_scenes, 0))))

    kept = choices[: bisect_right(range(1, len(jpegs) + 1), MOST_BYTES, key=size)]
    alike: list[NDArray[np.uint16]] = []
    scenes: dict[str, int] = {}
    for number, memory in enumerate(memories):
        places = np.array([place for place, choice in enumerate(kept) if choice.memory == number], np.int64)
        if len(places):
            rows = np.array([kept[place].row for place in places], np.int64)
            scenes |= {scene: len(alike) for scene, own in of_scenes.items() if own is memory}
            alike.append(places[most_alike(memory, rows)].astype(np.uint16))
    rows_shown = np.array([choice.row for choice in kept], np.int32)
    return Thumbnails(jpegs[: len(kept)], rows_shown, tuple(alike), scenes) if alike else None
