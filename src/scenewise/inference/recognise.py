"""Recognises which scene a new video shows, by its first frames."""

from pathlib import Path

import numpy as np

from scenewise.encoders import VideoEncoder
from scenewise.encoders.encode_checked import Checked
from scenewise.errors import ConfigError, DataError, FingerprintError, VideoError
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.inference.encoded_frames import encode_block
from scenewise.names import as_text
from scenewise.runs.run import Run
from scenewise.scoring.scene_recognition import SAMPLE, SceneRecogniser, distances
from scenewise.video.decode import FrameBlock


def masks_of(run: Run, paths: tuple[str, ...]) -> dict[str, IgnoreMask]:
    """{scene: mask} of the ignore masks in `paths`, with which the run's features were extracted.

    Raises ConfigError if one is missing, FingerprintError if one was changed.
    """
    digests = run.fingerprint.identity.get("ignore_masks", {})
    masks = {}
    for path in map(Path, paths):
        lead = f"{run.folder}: its features were extracted with --ignore-mask {path}"
        if not path.is_file():
            raise ConfigError(f"{lead}, and there is no such file; put it back there")
        scene = as_text(path.stem)
        masks[scene] = IgnoreMask(path)
        if masks[scene].digest != digests.get(scene):
            raise FingerprintError(f"{lead}, and that file was changed; put the old one back, or train again")
    return masks


def encode_first(
    held: list[FrameBlock], where: str, encoder: VideoEncoder, mask: IgnoreMask | None
) -> list[tuple[FrameBlock, Checked]]:
    """The first blocks of a video with their features; the encoder is then ready for the next block."""
    encoder.reset()
    return [(block, encode_block(block, where, encoder, mask)) for block in held]


def recognise(
    held: list[FrameBlock], where: str, encoder: VideoEncoder, recogniser: SceneRecogniser, masks: dict[str, IgnoreMask]
) -> tuple[str, list[tuple[FrameBlock, Checked]]]:
    """The scene that the first blocks of a video show, and these blocks encoded as blocks of that scene are.

    The run knows a scene's features only with that scene's ignore mask. So the blocks are encoded once with each mask,
    and each scene is compared with the features under its mask. Raises DataError if they show no scene of the run.
    """
    mask_of = [masks.get(scene) for scene in recogniser.scenes]
    encoded: dict[IgnoreMask | None, list[tuple[FrameBlock, Checked]]] = {}
    distance_to = np.full(len(mask_of), np.inf)
    refused: DataError | None = None
    for mask in dict.fromkeys(mask_of):
        try:
            encoded[mask] = encode_first(held, where, encoder, mask)
        except VideoError:
            raise
        except DataError as error:  # a mask of another aspect ratio: the video does not show its scene
            refused = error
            continue
        sample = np.concatenate([one.features for _, one in encoded[mask]])[:SAMPLE]
        median = np.median(sample.astype(np.float64), axis=0)
        with_mask = distances(median, recogniser.centres, recogniser.deviation, recogniser.weights)
        distance_to = np.where([of_scene is mask for of_scene in mask_of], with_mask, distance_to)
    if refused and not encoded:
        raise refused
    nearest = int(distance_to.argmin())
    scene, distance = recogniser.scenes[nearest], float(distance_to[nearest])
    if distance > recogniser.limit:
        raise DataError(
            f"{where}: shows none of the scenes that the run knows ({', '.join(recogniser.scenes)}); the nearest is "
            f"{scene}, at {distance / recogniser.limit:.2g} times the largest distance at which a scene is recognised; "
            f"to score it as that scene, give --scene {scene}"
        )
    if encoder.carries_state and mask_of[nearest] is not list(encoded)[-1]:
        encode_first(held, where, encoder, mask_of[nearest])  # so that the encoder's state is that of this scene
    return scene, encoded[mask_of[nearest]]
