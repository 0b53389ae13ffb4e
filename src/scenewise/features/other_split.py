"""`extract --split`: one split is extracted anew, and what the store holds of the other one stays."""

import reprlib
from dataclasses import replace
from pathlib import Path

from scenewise.config import ExtractConfig
from scenewise.encoders import Fingerprint
from scenewise.errors import FingerprintError, IntegrityError
from scenewise.features.store import MANIFEST, FeatureStore, open_store


def other_split(out: Path, fingerprint: Fingerprint, config: ExtractConfig) -> FeatureStore | None:
    """With --split, the store that holds the other split's videos.

    Raises FingerprintError if they were made otherwise, IntegrityError if the store's manifest is damaged.
    """
    if config.split == "all" or not (out / MANIFEST).is_file():
        return None
    try:
        earlier = open_store(out)
    except IntegrityError as error:
        raise IntegrityError(f"{error}; here that means: extract without --split, or to another --out") from error
    others = {video.split for video in earlier.videos} - {config.split}
    if others and earlier.fingerprint.digest != fingerprint.digest:
        there, here = earlier.fingerprint.identity, fingerprint.identity
        differences = [
            f"{key} is {reprlib.repr(there.get(key))} there and {reprlib.repr(here.get(key))} here"
            for key in sorted(there.keys() | here.keys())
            if there.get(key) != here.get(key)
        ]
        raise FingerprintError(
            f"--split {config.split}: the {others.pop()} features in {out} were made otherwise: "
            f"{'; '.join(differences)}; extract with the same settings, without --split, or to another --out"
        )
    return earlier


def joined(earlier: FeatureStore | None, new: FeatureStore) -> FeatureStore:
    """The new store, with what `earlier` knows of the other split."""
    if earlier is None or new.extract_config is None:
        return new
    split = new.extract_config.split
    order = {"train": 0, "test": 1}
    others = [video for video in earlier.videos if video.split != split]
    videos = sorted([*others, *new.videos], key=lambda video: (order[video.split], video.scene, video.name))
    other_failed = [failed for failed in earlier.failed if not failed["video"].startswith(f"{split}/")]
    failed = sorted([*other_failed, *new.failed], key=lambda failed: order[failed["video"].split("/")[0]])
    return replace(new, videos=tuple(videos), failed=tuple(failed))
