"""`extract --precision int8`: the footage that a vision tower is calibrated on, and where the tower is kept.

It is calibrated once. A store that is completed goes on with its own tower: one calibrated on more videos would be
another encoder, and every video would have to be extracted again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from scenewise.config import ExtractConfig
from scenewise.datasets import Video
from scenewise.encoders.calibrate_tower import cached_int8_tower, calibrate, is_int8_tower, open_float_tower
from scenewise.encoders.open_encoder import encoder_class, require_used
from scenewise.encoders.vision_tower import VisionTower
from scenewise.errors import ConfigError, IntegrityError, VideoError
from scenewise.features.ignore_mask import IgnoreMask, masks_of_scenes
from scenewise.features.store import MANIFEST, open_store
from scenewise.video.decode import Frame
from scenewise.video.frame_folder import evenly
from scenewise.video.sample import sample_frames

FRAMES = 72
"""Of all scenes together: two thirds to calibrate on, one third to check on."""
SCENES, LEAST = 8, 9
"""At most so many scenes, and at least so many frames of each: of three held-out ones, a mean can be removed."""


def with_int8_tower(config: ExtractConfig, out: Path, videos: Sequence[Video]) -> ExtractConfig:
    """`config` with the folder of its int8 tower, which is calibrated on training `videos` if there is none yet.

    Raises ConfigError if there is nothing to calibrate on or NNCF is not installed; EncoderError if features change too
    much in int8, or as `open_encoder` does.
    """
    if config.precision != "int8" or encoder_class(config.encoder) is not VisionTower:
        return config
    require_used(config)
    tower = open_float_tower(config)
    given = None if config.int8_tower is None else Path(config.int8_tower).absolute()
    folder = given or _tower_of_store(out, tower)
    if folder is None or not folder.exists():
        scenes = _normal_pictures(videos, tower, config)
        folder = folder or cached_int8_tower(tower, scenes)
        calibrate(tower, scenes, folder)
    return replace(config, int8_tower=str(folder))


def _tower_of_store(out: Path, tower: VisionTower) -> Path | None:
    """Where the int8 tower lies that made the features in `out`, if it is one of `tower`'s."""
    if not (out / MANIFEST).is_file():
        return None
    try:
        recorded = open_store(out).extract_config
    except IntegrityError:  # which the command itself reports, or writes anew
        return None
    folder = recorded.int8_tower if recorded else None
    return Path(folder) if folder and is_int8_tower(Path(folder), tower) else None


def _normal_pictures(videos: Sequence[Video], tower: VisionTower, config: ExtractConfig) -> Mapping[str, Tensor]:
    """{scene: pictures (N, 3, H, W) uint8 RGB, as `tower` gets them} of training videos, in the order of time."""
    training = [video for video in videos if video.split == "train"]
    names = sorted({video.scene for video in training})
    chosen = [names[place] for place in evenly(len(names), SCENES)]
    masks = masks_of_scenes([Path(path) for path in config.ignore_mask], {video.scene for video in videos})
    count = max(LEAST, FRAMES // max(len(chosen), 1))
    found = {}
    for scene in chosen:
        of_scene = [video for video in training if video.scene == scene]
        pictures = _pictures(of_scene, count, tower, masks.get(scene), config)
        if len(pictures) >= LEAST:
            found[scene] = torch.from_numpy(np.stack(pictures))
    if not found:
        raise ConfigError(
            f"--precision int8 is calibrated on the training videos, and none has {LEAST} frames; give the folder of a "
            "tower that is calibrated by --int8-tower, or --precision float32"
        )
    return found


def _pictures(
    videos: Sequence[Video], count: int, tower: VisionTower, mask: IgnoreMask | None, config: ExtractConfig
) -> list[Frame]:
    """`count` pictures or a few more, spread over `videos`; those that cannot be read are passed over."""

    def prepared(frame: Frame) -> Frame:
        blanked = frame[None] if mask is None else mask.blank(frame[None])
        return tower.fitted(blanked)[0].numpy()

    chosen = [videos[place] for place in evenly(len(videos), count)]
    pictures: list[Frame] = []
    for video in chosen:
        try:
            pictures += sample_frames(
                video.path,
                math.ceil(count / len(chosen)),
                prepared=prepared,
                decode_height=config.decode_height,
                max_pixels=config.max_pixels,
            )
        except VideoError:
            continue
    return pictures
