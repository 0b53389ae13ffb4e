"""One video through the encoder into its folder of the store; a stopped extraction goes on inside the video."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from scenewise.checksums import read_json, record_checksums
from scenewise.encoders import VideoEncoder
from scenewise.errors import IntegrityError
from scenewise.features.blocks import FORMAT, Block, block_name, read_block, write_block
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.features.manifest_form import Frames, Rate, Width
from scenewise.features.output_checks import written_files
from scenewise.features.store import VIDEO_JSON
from scenewise.files import write_json
from scenewise.formats.json_text import Form
from scenewise.objects.detector import ObjectDetector
from scenewise.objects.object_table import Objects, joined
from scenewise.progress import note
from scenewise.video.read_ahead import read_ahead
from scenewise.video.source import FrameSource


class EncoderInput(NamedTuple):
    """A video, and what happens to its frames before they are encoded."""

    source: FrameSource
    decode_height: int
    mask: IgnoreMask | None = None
    """What to blank."""
    object_detector: ObjectDetector | None = None
    """Finds the objects in them, if they are wanted."""


class _VideoJson(Form):
    frames: Frames
    lost: int
    fps: Rate
    width: Width
    regions: Annotated[list[Width], Field(min_length=2, max_length=2)] | None
    objects: Width | None = None
    block: int
    made_from: dict[str, Any]


def read_whole(folder: Path, made_from: dict[str, Any], block: int) -> dict[str, Any] | None:
    """The video.json of a folder that is whole, verified to the last byte and made from the same; else None."""
    try:
        described = read_json(folder / VIDEO_JSON, _VideoJson, format_version=FORMAT)
        if described["made_from"] != made_from or described["block"] != block:
            return None
        for first in range(0, described["frames"], block):
            lengths = {"frames": min(block, described["frames"] - first), "width": described["width"]}
            read_block(folder / block_name(first), lengths)
    except IntegrityError as error:
        if (folder / VIDEO_JSON).exists():
            note(f"the features in {folder} are made anew, because they were changed: {error}")
        return None
    return described


def encode_video(
    given: EncoderInput,
    folder: Path,
    encoder: VideoEncoder,
    made_from: dict[str, Any],
    block: int,
    advance: Callable[[int, tuple[int, int] | None], None],
) -> tuple[dict[str, Any], int]:
    """Encode a video into `folder`, from where an earlier extraction of the same kind stopped.

    `made_from` (encoder's digest, source's signature and rate) goes into every block; `advance` is called with numbers
    of frames as they are done, and the size (height, width) of those that are encoded now. Returns what video.json
    says, and how many frames were encoded now. Raises VideoError, and EncoderError as `VideoEncoder.encode` does.
    """
    tally = _resume(folder, made_from, block)
    begin = tally.frames
    advance(begin, None)
    blocks = _BlockWriter(folder, block, tally, made_from)
    encoder.reset()
    needed = encoder.needed_from(begin)
    source = given.source
    with read_ahead(source.blocks(encoder.frames_a_block(source.size), given.decode_height)) as ahead:
        for batch in ahead:
            # Frames before `begin` are stored. Those from `needed` on are encoded once more, for what follows them.
            known, unneeded = (min(max(frame - batch.first, 0), len(batch.frames)) for frame in (begin, needed))
            frames = batch.frames if given.mask is None else given.mask.blank(batch.frames)
            objects = _detected(given.object_detector, frames, known)
            if unneeded == len(frames):
                continue
            encoded = encoder.encode(frames[unneeded:], source.where, batch.first + unneeded)
            features = encoded.features[known - unneeded :]
            columns: list[NDArray[Any]] = [features, batch.timestamps[known:], batch.lost[known:].astype(np.uint8)]
            if encoded.regions is not None:
                columns.append(encoded.regions[known - unneeded :])
            blocks.add(columns, objects)
            advance(len(features), (frames.shape[1], frames.shape[2]))
    blocks.finish()
    return _write_video_json(folder, tally, source.fps, made_from, block), tally.frames - begin


def _detected(object_detector: ObjectDetector | None, frames: NDArray[np.uint8], known: int) -> Objects | None:
    """The objects of `frames` (n, H, W, 3); those of the first `known` are only tracked. None without a detector."""
    if object_detector is None:
        return None
    if known:
        object_detector.detect(frames[:known], encode=False)
    return object_detector.detect(frames[known:])


@dataclass
class _Tally:
    """What video.json will say, counted as blocks are written or found."""

    frames: int = 0
    lost: int = 0
    width: int = 0
    regions: list[int] | None = None
    objects: int | None = None

    def add(self, block: Block) -> None:
        """Count the next block."""
        self.frames += len(block.features)
        self.lost += int(block.lost.sum())
        self.width = block.features.shape[1]
        self.regions = None if block.regions is None else list(block.regions.shape[1:])
        self.objects = None if block.objects is None else block.objects.features.shape[1]


def _resume(folder: Path, made_from: dict[str, Any], block: int) -> _Tally:
    """What an earlier extraction of the same kind left; what comes after it, or was made otherwise, is removed."""
    (folder / VIDEO_JSON).unlink(missing_ok=True)
    tally = _Tally()
    while True:
        try:
            found, found_from = read_block(folder / block_name(tally.frames))
        except IntegrityError:
            break
        if found_from != made_from or len(found.features) != block:
            break
        tally.add(found)
    for path in written_files(folder):
        is_block = path.stem.isdigit()
        if not tally.frames or path.name.startswith(".") or (is_block and int(path.stem) >= tally.frames):
            path.unlink()
    return tally


class _BlockWriter:
    """Cuts the encoded frames into blocks of `size` frames and writes each when it is full."""

    def __init__(self, folder: Path, size: int, tally: _Tally, made_from: dict[str, Any]) -> None:
        self.folder, self.size, self.tally, self.made_from = folder, size, tally, made_from
        self.waiting: list[list[NDArray[Any]]] = []
        self.objects: list[Objects] = []
        self.count = 0

    def add(self, columns: list[NDArray[Any]], objects: Objects | None) -> None:
        """Take the next frames: features, timestamps, lost marks and regions, if there are any; and their objects."""
        self.waiting.append(columns)
        if objects is not None:
            self.objects.append(objects)
        self.count += len(columns[0])
        while self.count >= self.size:
            self._write(self.size)

    def finish(self) -> None:
        """Write what is left."""
        if self.count:
            self._write(self.count)

    def _write(self, count: int) -> None:
        columns = [np.concatenate(column) for column in zip(*self.waiting, strict=True)]
        features, timestamps, lost, *regions = (column[:count] for column in columns)
        first, objects = self.tally.frames, self._objects_before(self.tally.frames + count)
        block = Block(first, features, timestamps, lost, regions[0] if regions else None, objects)
        write_block(self.folder, block, self.made_from)
        self.tally.add(block)
        self.waiting = [[column[count:] for column in columns]]
        self.count -= count

    def _objects_before(self, frame: int) -> Objects | None:
        """The waiting objects of the frames before `frame`; the others go on waiting."""
        if not self.objects:
            return None
        waiting = joined(self.objects)
        stop = int(np.searchsorted(waiting.frame, frame))
        self.objects = [waiting.select(slice(stop, None))]
        return waiting.select(slice(stop))


def _write_video_json(folder: Path, tally: _Tally, fps: float, made_from: dict[str, Any], block: int) -> dict[str, Any]:
    described = {
        "format": FORMAT,
        "frames": tally.frames,
        "lost": tally.lost,
        "fps": fps,
        "width": tally.width,
        "regions": tally.regions,
        "objects": tally.objects,
        "block": block,
        "made_from": made_from,
    }
    write_json(folder / VIDEO_JSON, described)
    record_checksums(folder, [VIDEO_JSON])
    return described
