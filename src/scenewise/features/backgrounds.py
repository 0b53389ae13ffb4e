"""The empty scene of every camera, in the store: learned once from training footage, used for every video of it.

FEATURES/backgrounds/SCENE.safetensors      picture (h, w, 3) uint8, noise (h, w) float32
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenewise.datasets import Video
from scenewise.errors import DataError, IntegrityError, VideoError
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.files import check, record_checksums, write_bytes
from scenewise.objects.background import SAMPLES, Background, learn_background, shrunk, working_size
from scenewise.video.probe import source_signature
from scenewise.video.sample import sample_frames

FOLDER = "backgrounds"


def scene_background(out: Path, scene: str, videos: Sequence[Video], mask: IgnoreMask | None) -> Background:
    """The background of `scene`, from the store `out`, or learned from its `videos` and written there.

    Training videos alone teach it, unless there are none. Raises DataError where none of them can be read.
    """
    own = [video for video in videos if video.scene == scene]
    teachers = [video for video in own if video.split == "train"] or own
    origin = _origin(teachers, mask)
    path = out / FOLDER / f"{scene}.safetensors"
    try:
        content = check(path).read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        if header["__metadata__"]["scenewise"] == origin:
            return Background(**load_tensors(content))
    except (IntegrityError, ValueError, KeyError):
        pass  # not there, or damaged: it is learned again
    background = _learn(teachers, mask)
    write_bytes(path, save_tensors(background._asdict(), {"scenewise": origin}))
    record_checksums(path.parent, [path.name])
    return background


def read_background(folder: Path, scene: str) -> Background:
    """The background of `scene` in the store `folder`. Raises IntegrityError where it is missing or changed."""
    return Background(**load_tensors(check(folder / FOLDER / f"{scene}.safetensors").read_bytes()))


def background_digest(background: Background) -> str:
    """SHA-256 of what a background holds, in hex."""
    return hashlib.sha256(background.picture.tobytes() + background.noise.tobytes()).hexdigest()


def _learn(teachers: Sequence[Video], mask: IgnoreMask | None) -> Background:
    # A hundred videos give a frame each; of more than that, some evenly chosen ones.
    chosen = teachers[:: max(1, len(teachers) // (2 * SAMPLES))]
    pictures = []
    size: tuple[int, int] | None = None
    for video in chosen:
        try:
            frames = sample_frames(video.path, -(-SAMPLES // len(chosen)))
        except VideoError:
            continue  # told where its features are extracted
        for frame in frames:
            shown = frame if mask is None else mask.blank(frame[None])[0]
            size = size or working_size(*shown.shape[:2])
            pictures.append(shrunk(shown, size))
    if not pictures:
        raise DataError(f"{teachers[0].scene}: none of its {len(teachers)} videos can be read")
    return learn_background(pictures)


def _origin(teachers: Sequence[Video], mask: IgnoreMask | None) -> str:
    sources = sorted(source_signature(video.path) for video in teachers if video.path.exists())
    masked = "" if mask is None else mask.digest
    return hashlib.sha256("\n".join([*sources, masked]).encode()).hexdigest()
