"""One video of a data set into the store: the task that every process, here or on another machine, does.

`process_video(task, tools) -> row` is all there is to share out. A task says which video; tools are what a process
opens once: encoder, object encoder, masks. The store is the only truth: if a video is whole there, nothing is done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from scenewise.config import ExtractConfig
from scenewise.datasets import LabelSource, Video
from scenewise.datasets.unchanged import refuse_changed
from scenewise.encoders import Encoder, Fingerprint, ObjectEncoder, VideoEncoder, open_encoder, open_object_encoder
from scenewise.errors import DataError, VideoError
from scenewise.features.backgrounds import background_digest, read_background
from scenewise.features.extract_video import EncoderInput, encode_video, read_whole
from scenewise.features.extraction_fingerprint import without_masks
from scenewise.features.ignore_mask import IgnoreMask, masks_of_scenes
from scenewise.features.output_checks import target_of
from scenewise.features.store import StoredVideo
from scenewise.folders import real
from scenewise.lock import lock
from scenewise.objects.background import Background
from scenewise.objects.detector import DETECTOR, ObjectDetector
from scenewise.video.source import FrameSource, open_source


class Progressed(NamedTuple):
    """Word of what was done of a video."""

    frames: int
    """Frames that are done."""
    size: tuple[int, int] | None
    """Height and width of frames that were encoded now; None if they were found encoded."""


@dataclass(frozen=True)
class VideoTask:
    """A video to be encoded into the store."""

    video: Video
    out: Path


@dataclass(frozen=True)
class VideoRow:
    """What came of a task."""

    video: Video
    stored: StoredVideo | None = None
    """Its entry in the manifest; None if it cannot be read."""
    reason: str = ""
    """Why it cannot be read."""
    frames: int = 0
    """Frames encoded now."""
    kept: bool = False
    """Whether it was found whole."""
    faults: tuple[str, ...] = ()
    """What is wrong with it though it was encoded, each in a few words."""


@dataclass(frozen=True)
class Tools:
    """What a process needs for every task, opened once."""

    encoder: Encoder
    object_encoder: ObjectEncoder | None
    masks: dict[str, IgnoreMask]
    config: ExtractConfig
    identity: str
    """Digest of all that decides the features of a video without a mask."""

    @classmethod
    def open(cls, config: ExtractConfig, scenes: set[str], encoder: Encoder | None = None) -> "Tools":
        """By `config`, for videos of `scenes`. Raises EncoderError and ConfigError as `open_encoder` does."""
        encoder = encoder or open_encoder(config)
        object_encoder = open_object_encoder(encoder) if config.objects else None
        masks = masks_of_scenes([Path(path) for path in config.ignore_mask], scenes)
        identity = Fingerprint(without_masks(encoder, config), {}).digest
        return cls(encoder, object_encoder, masks, config, identity)


Advance = Callable[[Progressed], None]


def open_processor(config: ExtractConfig, scenes: set[str]) -> Callable[[VideoTask, Advance], VideoRow]:
    """What a process does with its tasks, its tools opened."""
    tools = Tools.open(config, scenes)

    def process(task: VideoTask, advance: Advance) -> VideoRow:
        return process_video(task, tools, advance)

    return process


def process_video(task: VideoTask, tools: Tools, advance: Advance) -> VideoRow:
    """Encode one video, or find it whole. A video that cannot be read gives a row that says why.

    Raises ConfigError if another command is writing the same video; EncoderError if the encoder does not what it says.
    """
    video = task.video
    try:
        source = opened(video, tools.config)
        with lock(target_of(task.out, video), f"{video.title}: another command is extracting it"):
            return _process(task, source, tools, advance)
    except VideoError as error:
        return VideoRow(video, reason=str(error))


def opened(video: Video, config: ExtractConfig) -> FrameSource:
    """The source of `video`. Raises VideoError."""
    try:
        return open_source(video.path, video.fps or config.fps, config.max_pixels)
    except OSError as error:  # in a folder that may be listed but not entered
        raise VideoError(f"{video.path}: cannot be read ({error.strerror or error})") from error


def _process(task: VideoTask, source: FrameSource, tools: Tools, advance: Advance) -> VideoRow:
    video, config = task.video, tools.config
    folder = target_of(task.out, video)
    mask = tools.masks.get(video.scene)
    # The rate is part of what was read: the timestamps of a folder of pictures follow from it. The claimed one is known
    # at once; the pace of a file may cost a reading.
    made_from: dict[str, Any] = {"identity": tools.identity, "source": source.signature, "fps": source.fps_claimed}
    if mask is not None:
        made_from["ignore_mask"] = mask.digest
    background = None
    if tools.object_encoder is not None:
        background = read_background(task.out, video.scene)
        made_from["objects"] = _objects_made_from(tools.object_encoder, background, config)
    described = read_whole(folder, made_from, config.block)
    if described is not None:
        advance(Progressed(described["frames"], None))
        return VideoRow(video, _stored(video, folder, described), kept=True)
    _refuse_changed(video)
    detector = None
    if tools.object_encoder is not None and background is not None:
        detector = ObjectDetector(background, tools.object_encoder, config.objects_every, source.fps)
    given = EncoderInput(source, config.decode_height, mask, detector)
    described, encoded = encode_video(
        given, folder, VideoEncoder(tools.encoder, config.encode_every), made_from, config.block,
        lambda frames, size: advance(Progressed(frames, size)),
    )  # fmt: skip
    faults = source.faults if detector is None else (*source.faults, *detector.faults)
    return VideoRow(video, _stored(video, folder, described), frames=encoded, faults=faults)


def _objects_made_from(object_encoder: ObjectEncoder, background: Background, config: ExtractConfig) -> dict[str, Any]:
    """All that decides the objects of a video beside its footage."""
    return {
        "detector": DETECTOR,
        "object_encoder": object_encoder.identity,
        "every": config.objects_every,
        "background": background_digest(background),
    }


def _stored(video: Video, folder: Path, described: dict[str, Any]) -> StoredVideo:
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
