"""`scenewise extract`: every video through the frozen encoder into the store.

What is whole is kept, what is missing or was made otherwise is made again, and a long video goes on inside: its
blocks are whole or absent, so a kill costs at most one block of encoding.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenewise.checksums import require_written
from scenewise.config import ExtractConfig
from scenewise.datasets import LabelSource, Video, load_dataset
from scenewise.datasets.unchanged import refuse_changed
from scenewise.encoders import (
    Encoder,
    Fingerprint,
    VideoEncoder,
    name_of_encoder,
    open_encoder,
    open_object_encoder,
    require_used,
)
from scenewise.errors import DataError, VideoError
from scenewise.features.backgrounds import FOLDER as BACKGROUNDS
from scenewise.features.extract_video import EncoderInput, encode_video, read_whole
from scenewise.features.extraction_fingerprint import fingerprint_of, without_masks
from scenewise.features.forecast import Forecast, device_in_words
from scenewise.features.frames_bar import FramesBar
from scenewise.features.ignore_mask import IgnoreMask, masks_of_scenes
from scenewise.features.int8_calibration import with_int8_tower
from scenewise.features.object_detectors import ObjectDetectors
from scenewise.features.other_split import joined, other_split
from scenewise.features.output_checks import refuse_footage, refuse_foreign_files, target_of
from scenewise.features.store import MANIFEST, FeatureStore, StoredVideo, write_store
from scenewise.features.summary import ExtractSummary
from scenewise.folders import real
from scenewise.output_folder import OutputFolder
from scenewise.progress import progress
from scenewise.video.source import FrameSource, open_source


def extract(
    data: str | Path, out: str | Path, config: ExtractConfig | None = None, encoder: Encoder | None = None
) -> ExtractSummary:
    """Encode the data set in `data` into the feature store `out`, by the encoder that `config` names.

    `encoder`, an instance of your own class, is used instead if given, and recorded as package.module:Class, so that
    `score` can open it again.

    Raises DataError if `data` is no data set or no video of it can be read; ConfigError if `out` lies among the
    footage, holds other files in the place of features, or is being written by another extract; with `config.split`
    FingerprintError if the other split in `out` was made otherwise; EncoderError and ConfigError as `open_encoder` and
    `name_of_encoder` do; with `config.strict` the first VideoError.
    """
    data, out = Path(data), Path(out)
    began = time.perf_counter()
    config = config or ExtractConfig()
    if encoder is not None:
        config = replace(config, encoder=name_of_encoder(encoder))
        require_used(config)
    # As `score` will need them, from wherever it is called.
    config = replace(config, ignore_mask=tuple(str(Path(path).absolute()) for path in config.ignore_mask))
    dataset = load_dataset(data)
    videos = [video for video in dataset.videos if config.split in ("all", video.split)]
    if not videos:
        raise DataError(f"{data}: no {config.split} videos; it has {len(dataset.videos)} of the other split")
    refuse_footage(out, data, dataset.videos)
    summary = ExtractSummary(
        out,
        ignored=[*map(str, dataset.ignored)],
        nested=[*map(str, dataset.nested)],
        passed_over=[{"path": str(path), "reason": reason} for path, reason in dataset.passed_over],
    )
    folder = OutputFolder(out, "features")
    with folder.lock():
        folder.refuse_link(out / BACKGROUNDS)
        for video in videos:
            refuse_foreign_files(out, video)
        if encoder is None:
            config = with_int8_tower(config, out, dataset.videos)
            encoder = open_encoder(config)
        object_encoder = open_object_encoder(encoder) if config.objects else None
        fingerprint = fingerprint_of(encoder, config, object_encoder)
        masks = masks_of_scenes([Path(path) for path in config.ignore_mask], {video.scene for video in dataset.videos})
        earlier = other_split(out, fingerprint, config)
        object_detectors = None
        if object_encoder is not None:
            object_detectors = ObjectDetectors(object_encoder, out, dataset.videos, masks, config)
        stored = _extract_videos(videos, out, encoder, config, masks, summary, object_detectors)
        if not stored:
            first = summary.failed[0]["reason"]
            raise DataError(f"{data}: none of its {len(videos)} videos can be read; the first: {first}")
        summary.failed_scenes = _failed_scenes(videos, stored, summary.failed)
        store = joined(
            earlier,
            FeatureStore(out, fingerprint, tuple(stored), dataset.normal_classes, tuple(summary.failed), config),
        )
        write_store(store)
        require_written(out, [MANIFEST])
        for written in stored:
            require_written(written.folder, written.file_names)
    summary.lost = sum(video.lost for video in store.videos)
    summary.seconds = time.perf_counter() - began
    return summary


def _extract_videos(
    videos: Sequence[Video],
    out: Path,
    encoder: Encoder,
    config: ExtractConfig,
    masks: dict[str, IgnoreMask],
    summary: ExtractSummary,
    object_detectors: ObjectDetectors | None,
) -> list[StoredVideo]:
    """All that can be read; the others are listed in `summary`."""
    stored: list[StoredVideo] = []
    with progress() as bar:
        sources = [_opened(video, config) for video in videos]
        frames = FramesBar(bar, [0 if isinstance(one, VideoError) else one.frames_claimed or 0 for one in sources])
        device = device_in_words(encoder.execution.get("device", "cpu"))
        forecast = Forecast(config.encoder, device, frames.left, config.encode_every)
        for video, source in zip(videos, sources, strict=True):
            frames.next_video(video.title)
            try:
                if isinstance(source, VideoError):
                    raise source
                mask = masks.get(video.scene)
                stored.append(
                    _extract_video(
                        video, source, out, encoder, config, mask, summary, object_detectors, frames.advance, forecast
                    )
                )
            except VideoError as error:
                if config.strict:
                    raise
                summary.failed.append({"video": video.title, "path": str(video.path), "reason": str(error)})
        frames.finish()
    return stored


def _failed_scenes(
    videos: Sequence[Video], stored: Sequence[StoredVideo], failed: Sequence[dict[str, str]]
) -> list[dict[str, str]]:
    """{scene, reason} of the scenes of which no training video could be read: a run cannot learn them."""
    learnt = {video.scene for video in stored if video.split == "train"}
    reasons = {one["video"]: one["reason"] for one in failed}
    training: dict[str, list[Video]] = {}
    for video in videos:
        if video.split == "train" and video.scene not in learnt:
            training.setdefault(video.scene, []).append(video)
    return [
        {
            "scene": scene,
            "reason": f"of its {len(of_scene)} training videos none can be read; {reasons[of_scene[0].title]}",
        }
        for scene, of_scene in training.items()
    ]


def _opened(video: Video, config: ExtractConfig) -> FrameSource | VideoError:
    """The video; or why it cannot be read, which is reported when its turn comes."""
    try:
        return open_source(video.path, video.fps or config.fps, config.max_pixels)
    except VideoError as error:
        return error
    except OSError as error:  # in a folder that may be listed but not entered
        return VideoError(f"{video.path}: cannot be read ({error.strerror or error})")


def _extract_video(
    video: Video,
    source: FrameSource,
    out: Path,
    encoder: Encoder,
    config: ExtractConfig,
    mask: IgnoreMask | None,
    summary: ExtractSummary,
    object_detectors: ObjectDetectors | None,
    advance: Callable[[int], None],
    forecast: Forecast,
) -> StoredVideo:
    """Encode one video, or find it whole; returns its entry in the manifest."""
    folder = target_of(out, video)
    # The rate is part of what was read: the timestamps of a folder of pictures follow from it. The claimed one is known
    # at once; the pace of a file may cost a reading.
    identity = Fingerprint(without_masks(encoder, config), {}).digest
    made_from: dict[str, Any] = {"identity": identity, "source": source.signature, "fps": source.fps_claimed}
    if mask is not None:
        made_from["ignore_mask"] = mask.digest
    if object_detectors is not None:
        made_from["objects"] = object_detectors.made_from(video)
    described = read_whole(folder, made_from, config.block)
    if described is None:
        _refuse_changed(video)
        detector = None if object_detectors is None else object_detectors.open(video, source.fps)
        given = EncoderInput(source, config.decode_height, mask, detector)
        video_encoder = VideoEncoder(encoder, config.encode_every)
        described, encoded = encode_video(given, folder, video_encoder, made_from, config.block, advance, forecast)
        summary.extracted.append(video.title)
        summary.frames += encoded
        faults = source.faults if detector is None else (*source.faults, *detector.faults)
        summary.faults += [f"{video.title}: {fault}" for fault in faults]
    else:
        advance(described["frames"])
        summary.kept.append(video.title)
    return StoredVideo(
        scene=video.scene,
        name=video.name,
        split=video.split,
        fps=described["fps"],
        frames=described["frames"],
        lost=described["lost"],
        width=described["width"],
        regions=None if described["regions"] is None else (described["regions"][0], described["regions"][1]),
        block=described["block"],
        folder=folder,
        source=str(real(video.path)),
        labels=_resolved(video.labels),
        events=None if video.events is None else str(real(video.events)),
        masks=_resolved(video.masks),
        labels_sought=tuple(str(real(path)) for path in video.labels_sought),
        objects=described.get("objects"),
    )


def _refuse_changed(video: Video) -> None:
    try:
        refuse_changed(video.path)
    except DataError as error:
        raise VideoError(str(error)) from error


def _resolved(source: LabelSource | None) -> LabelSource | None:
    return None if source is None else replace(source, path=real(source.path))
