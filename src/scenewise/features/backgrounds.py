"""The empty scene of every camera, in the store: learned once from training footage, used for every video of the scene.

FEATURES/backgrounds/SCENE.safetensors      picture (h, w, 3) uint8, noise (h, w) float32
RUN/backgrounds.safetensors                 SCENE/picture, SCENE/noise: those of all its scenes, for new videos
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from scenewise.checksums import check, reading, record_checksums
from scenewise.config.limits import MAX_PIXELS
from scenewise.datasets import Video
from scenewise.errors import IntegrityError, VideoError
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.files import write_bytes
from scenewise.formats.tensors import Tensors, metadata_of, parse_tensors, require_tensors, tensor
from scenewise.lock import lock
from scenewise.objects.background import SAMPLES, Background, learn_background, shrunk, working_size
from scenewise.objects.detector import DETECTOR
from scenewise.progress import note
from scenewise.video.probe import source_signature
from scenewise.video.sample import sample_frames

FOLDER = "backgrounds"


def scene_background(
    out: Path,
    scene: str,
    videos: Sequence[Video],
    mask: IgnoreMask | None,
    decode_height: int = 0,
    max_pixels: int = MAX_PIXELS,
) -> Background:
    """The background of `scene`, from the store `out`, or learned from its `videos` and written there.

    It is learned from training videos alone, unless there are none; `mask`, `decode_height` and `max_pixels` as in the
    extraction. Raises VideoError if none of them can be read.
    """
    of_scene = [video for video in videos if video.scene == scene]
    footage = [video for video in of_scene if video.split == "train"] or of_scene
    origin = _origin(footage, mask, decode_height)
    path = out / FOLDER / f"{scene}.safetensors"
    try:
        content = check(path).read_bytes()
        with reading(path):
            if metadata_of(content) == origin:
                return _background(parse_tensors(content))
    except IntegrityError as error:
        if path.exists():
            note(f"the background of {scene} is learned anew, because it was changed: {error}")
    background = _learn(footage, mask, decode_height, max_pixels)
    # Jobs that share a store may learn the same background at once: both write the same.
    with lock(path.parent, f"{path.parent}: another command is writing backgrounds there", wait=True):
        write_bytes(path, save_tensors(background._asdict(), {"scenewise": origin}))
        record_checksums(path.parent, [path.name])
    return background


def read_background(folder: Path, scene: str) -> Background:
    """The background of `scene` in the store `folder`. Raises IntegrityError if it is missing or changed."""
    path = folder / FOLDER / f"{scene}.safetensors"
    if not path.is_file():
        raise IntegrityError(f"{path}: the features hold objects but not the background of {scene}; extract them again")
    with reading(path, "extract again"):
        return _background(parse_tensors(check(path).read_bytes()))


def write_backgrounds(path: Path, backgrounds: Mapping[str, Background]) -> None:
    """Write {scene: background} into the one file `path` of a run, and record it."""
    tensors = {f"{scene}/{part}": value for scene, one in backgrounds.items() for part, value in one._asdict().items()}
    write_bytes(path, save_tensors(tensors))
    record_checksums(path.parent, [path.name])


def read_backgrounds(path: Path, scenes: Iterable[str]) -> dict[str, Background]:
    """{scene: background} of `scenes` in the file `path`. Raises IntegrityError if it is missing or changed."""
    if not path.is_file():
        raise IntegrityError(f"{path}: the run does not hold its scenes' backgrounds; train it again")
    with reading(path, "train again"):
        tensors = parse_tensors(check(path).read_bytes())
        return {scene: _background(tensors, f"{scene}/") for scene in scenes}


def _background(tensors: Tensors, prefix: str = "") -> Background:
    """The background in the tensors whose names begin with `prefix`. Raises ValueError."""
    picture, noise = f"{prefix}picture", f"{prefix}noise"
    size = require_tensors(
        tensors, {picture: tensor("uint8", "height", "width", 3), noise: tensor("float32", "height", "width")}
    )
    if not all(size.values()):
        raise ValueError(f"{picture}: holds no pixel")
    return Background(tensors[picture], tensors[noise])


def background_digest(background: Background) -> str:
    """SHA-256 of what a background holds, in hex."""
    return hashlib.sha256(background.picture.tobytes() + background.noise.tobytes()).hexdigest()


def _learn(footage: Sequence[Video], mask: IgnoreMask | None, decode_height: int, max_pixels: int) -> Background:
    # A hundred videos give a frame each; of more than that, some evenly chosen ones.
    chosen = footage[:: max(1, len(footage) // (2 * SAMPLES))]
    pictures: list[NDArray[np.uint8]] = []
    size: tuple[int, int] | None = None

    def prepared(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        nonlocal size
        size = size or working_size(*frame.shape[:2])
        return shrunk(frame if mask is None else mask.blank(frame[None])[0], size)

    reasons: list[VideoError | OSError] = []
    for video in chosen:
        count = -(-SAMPLES // len(chosen))
        try:
            pictures += sample_frames(
                video.path, count, prepared=prepared, decode_height=decode_height, max_pixels=max_pixels
            )
        except (VideoError, OSError) as error:  # reported when its features are extracted
            reasons.append(error)
    if not pictures:
        raise VideoError(f"{reasons[0]}; so scene {footage[0].scene} has no background, and is left out")
    return learn_background(pictures)


def _origin(footage: Sequence[Video], mask: IgnoreMask | None, decode_height: int) -> str:
    signatures = sorted(_signature(video.path) for video in footage)
    masked = "" if mask is None else mask.digest
    return hashlib.sha256("\n".join([*signatures, masked, str(decode_height), str(DETECTOR)]).encode()).hexdigest()


def _signature(path: Path) -> str:
    try:
        return source_signature(path)
    except (VideoError, OSError):
        return "unreadable"  # the background is learned from the others
