"""Which scene a new video shows, where what is blanked before encoding depends on the scene itself."""

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import numpy as np

from scenewise.errors import ConfigError, DataError, FingerprintError, VideoError
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.inference.stream import EncodedFrames, take_first
from scenewise.runs.run import Run
from scenewise.scoring.scene_recognition import LOOK, Recognised, SceneRecogniser, distances

Encode = Callable[[IgnoreMask | None], Generator[EncodedFrames, None, None]]
"""The video from its first frame on, encoded with what a mask ignores blanked."""


def masks_of(run: Run, paths: tuple[str, ...]) -> dict[str, IgnoreMask]:
    """{scene: mask} of the pictures that the run's features were extracted with.

    Raises ConfigError where one is not there any more, FingerprintError where it was changed.
    """
    made_with = run.fingerprint.identity.get("ignore_masks", {})
    masks = {}
    for path in map(Path, paths):
        lead = f"{run.folder}: its features were extracted with --ignore-mask {path}"
        if not path.is_file():
            raise ConfigError(f"{lead}, and there is no such file; put it back there")
        masks[path.stem] = IgnoreMask(path)
        if masks[path.stem].digest != made_with.get(path.stem):
            raise FingerprintError(f"{lead}, and that file was changed; put the old one back, or train anew")
    return masks


def recognise(
    video: Path, encode: Encode, recogniser: SceneRecogniser, masks: dict[str, IgnoreMask]
) -> tuple[str, list[EncodedFrames]]:
    """The scene that the first frames of `video` show; and these, where they were encoded as that scene's are.

    A scene's features are known with its own mask only, so the first frames are encoded once with each mask, and each
    scene judges those with its own. Raises VideoError where the video can not be read, DataError where it shows none
    of the scenes that the run knows.
    """
    own = [masks.get(scene) for scene in recogniser.scenes]
    if not any(own):
        with closing(encode(None)) as pieces:
            opening = take_first(pieces, LOOK)
        found = recogniser.recognise(np.concatenate([piece.features for piece in opening])[:LOOK])
        return _known(video, found, recogniser), opening
    found = _nearest(encode, recogniser, own)
    return _known(video, found, recogniser), []


def _nearest(encode: Encode, recogniser: SceneRecogniser, own: list[IgnoreMask | None]) -> Recognised:
    apart = np.full(len(own), np.inf)
    refused: DataError | None = None
    for mask in dict.fromkeys(own):
        try:
            with closing(encode(mask)) as pieces:
                opening = take_first(pieces, LOOK)
        except VideoError:
            raise
        except DataError as error:  # a mask of another aspect: the video does not show its scene
            refused = error
            continue
        median = np.median(np.concatenate([piece.features for piece in opening])[:LOOK].astype(np.float64), axis=0)
        each = distances(median, recogniser.centres, recogniser.deviation, recogniser.weights)
        apart = np.where([one is mask for one in own], each, apart)
    if refused and not np.isfinite(apart).any():
        raise refused
    nearest = int(apart.argmin())
    name = recogniser.scenes[nearest]
    near = apart[nearest] <= recogniser.limit
    return Recognised(name if near else None, name, float(apart[nearest]), recogniser.limit)


def _known(video: Path, found: Recognised, recogniser: SceneRecogniser) -> str:
    if found.scene is None:
        raise DataError(
            f"{video}: shows none of the scenes that the run knows ({', '.join(recogniser.scenes)}); the nearest "
            f"is {found.nearest}, at {found.distance / found.limit:.2g} times the distance that counts as known; "
            f"force it by --scene {found.nearest}"
        )
    return found.scene
