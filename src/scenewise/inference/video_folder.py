"""One video's results as a folder that is whole or absent.

OUT/VIDEO/
├── scores.csv               frame, time (s), score (raw), scene, scene_score (1: 99th percentile of normal), lost
├── objects.csv              of object-memory and fusion: the objects that stand out, and the normal ones most like
├── events.json              start, end, peak and thumbnail of every event; the scene; how the threshold was chosen
├── thumbnails/000123.jpg    the events' peaks
├── curve.svg, curve.png     the scene score, with the most abnormal moments
├── annotated.mp4            with --annotate
└── SHA256SUMS
"""

import hashlib
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scenewise.config import ScoreConfig
from scenewise.encoders import Encoder
from scenewise.errors import ConfigError, IntegrityError
from scenewise.features.extract_video import Source
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.files import (
    CHECKSUMS,
    check,
    read_json,
    record_checksums,
    recorded_checksums,
    sync_folder,
    write_json,
)
from scenewise.inference.annotated_video import annotate
from scenewise.inference.annotation_panel import Panel
from scenewise.inference.curve import draw_curve
from scenewise.inference.events import FoundEvent, Watched, watch
from scenewise.inference.objects_csv import OBJECTS, recorded
from scenewise.inference.recognise import recognise
from scenewise.inference.sightings import Sighting
from scenewise.inference.stream import EncodedFrames, encode_frames, score_frames
from scenewise.inference.thresholds import Thresholds
from scenewise.methods.autoencoder.scorer import Scorer
from scenewise.objects.detector import ObjectDetector
from scenewise.scoring.calibration import SceneScale
from scenewise.scoring.scene_recognition import SceneRecogniser
from scenewise.video.probe import probe, source_signature
from scenewise.video.rate import rate_without_decoding

FORMAT = 1
EVENTS = "events.json"
ANNOTATED = "annotated.mp4"
NO_PART_OF_THE_RESULT = ("device", "encoder", "weights", "annotate")
"""Settings that leave scores as they are, or that the run's digests hold; whether it is annotated, its file shows."""
Advance = Callable[[int], None]


@dataclass(frozen=True)
class Tools:
    """A run, ready to score videos."""

    encoder: Encoder
    scorer: Scorer
    recogniser: SceneRecogniser | None
    """None where the scene is given."""
    scales: dict[str, SceneScale]
    thresholds: Thresholds
    fps: float | None
    """Frames a second of folders of frames."""
    decode_height: int
    masks: dict[str, IgnoreMask]
    """{scene: what is blanked before encoding}."""
    object_detector: Callable[[str, float], ObjectDetector] | None
    """Opens what finds the objects of a video of a scene and a rate; None for runs that ask for none."""
    objects_every: int
    """Every how many-th frame is looked at for objects."""
    run_digests: dict[str, str | None]
    """What of the run decides the results."""


def score_video(
    video: Path, folder: Path, tools: Tools, config: ScoreConfig, advance: Advance, draw: Advance | None
) -> dict[str, Any]:
    """Score `video` into `folder`, or find it scored by the same run and settings; returns what events.json says.

    `advance` is told of scored frames, `draw` of annotated ones. Raises VideoError where the video can not be read,
    DataError where it shows no scene the run knows, ConfigError where `folder` holds something else.
    """
    fps = rate_without_decoding(probe(video, tools.fps))
    settings = {name: value for name, value in asdict(config).items() if name not in NO_PART_OF_THE_RESULT}
    made_from = {"run": tools.run_digests, "source": source_signature(video), "fps": fps, "settings": settings}
    refuse_foreign(folder)
    earlier = _found(folder, made_from)
    if earlier and (draw is None or (folder / ANNOTATED).is_file()):
        advance(earlier["frames"])
        if draw:
            draw(earlier["frames"])
        return earlier
    # Of its own for each video, and never longer than a name may be, however long the video's is.
    fresh = folder.with_name(f".writing-{hashlib.sha256(folder.name.encode()).hexdigest()[:12]}")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        scene, encoded = _encoded(video, tools, config)
        pieces = _counted(encoded, advance)
        threshold = tools.thresholds.of(scene)
        scored = score_frames(pieces, tools.scorer, fps, scene)
        if tools.object_detector is not None:
            scored = recorded(scored, fresh / OBJECTS)
        gap = round(config.merge * fps)
        watched = watch(scored, fresh, scene, tools.scales[scene], threshold["value"], gap)
        draw_curve([fresh / "curve.svg", fresh / "curve.png"], watched, threshold["value"], f"{video.name}, {scene}")
        if draw:
            _annotate(video, fresh, watched, scene, threshold["value"], fps, tools.objects_every, draw)
        described = _described(video, scene, tools, fps, threshold, watched)
        write_json(fresh / EVENTS, {"format": FORMAT, **described, "made_from": made_from})
        record_checksums(fresh, [path.relative_to(fresh).as_posix() for path in fresh.rglob("*") if path.is_file()])
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return described


def refuse_foreign(folder: Path) -> None:
    """Raise ConfigError where `folder` can not be written anew: it holds what `score` did not write, or is no folder.

    What a kill left behind of files being written does not count.
    """
    wanted = "expected a new folder or an earlier result of score"
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise ConfigError(f"{folder}: {wanted}, found a file; move it away, or give another --out")
        recorded = recorded_checksums(folder).keys() | {CHECKSUMS}
    except IntegrityError:
        recorded = {CHECKSUMS}
    except OSError as error:
        raise ConfigError(f"{folder}: can not be written ({error.strerror}); give another --out or name") from error
    for path in sorted(folder.rglob("*")):
        ours = path.relative_to(folder).as_posix() in recorded or path.name.startswith(".writing-")
        if not ours and not path.is_dir():
            raise ConfigError(f"{folder}: {wanted}, found {path.name}; move it away, or give another --out")


def _found(folder: Path, made_from: dict[str, Any]) -> dict[str, Any] | None:
    """What an earlier `score` of the same video, run and settings says of it, where every byte of it is there."""
    if not folder.exists():
        return None
    try:
        described = read_json(folder / EVENTS, format_version=FORMAT)
        for name in recorded_checksums(folder):
            check(folder / name, folder)
    except IntegrityError:
        return None
    same = described.pop("made_from") == made_from
    described.pop("format")
    return described if same else None


def _counted(pieces: Iterator[EncodedFrames], advance: Advance) -> Iterator[EncodedFrames]:
    for piece in pieces:
        yield piece
        advance(len(piece.times))


def _encoded(video: Path, tools: Tools, config: ScoreConfig) -> tuple[str, Iterator[EncodedFrames]]:
    """The scene that is given or recognised by the first frames; and all frames, encoded as that scene's are.

    A scene's objects stand out from its own background, so once it is recognised the video begins anew.
    """

    def source(mask: IgnoreMask | None) -> Source:
        return Source(video, tools.fps, tools.decode_height, mask)

    def encode(mask: IgnoreMask | None) -> Generator[EncodedFrames, None, None]:
        return encode_frames(source(mask), tools.encoder)

    opening: list[EncodedFrames] = []
    if tools.recogniser is None:
        assert config.scene is not None
        scene = config.scene
    else:
        scene, opening = recognise(video, encode, tools.recogniser, tools.masks)
    whole = source(tools.masks.get(scene))
    if tools.object_detector is not None:
        whole = whole._replace(object_detector=tools.object_detector(scene, probe(video, tools.fps).fps))
    return scene, encode_frames(whole, tools.encoder, opening)


def _annotate(
    video: Path, fresh: Path, watched: Watched, scene: str, threshold: float, fps: float, every: int, draw: Advance
) -> None:
    _, low, high = watched.outline.columns().T

    def panel(size: tuple[int, int]) -> Panel:
        return Panel(size, scene, threshold, (float(low.min()), float(high.max())))

    annotate(video, fresh, fresh / ANNOTATED, panel, watched, fps, every, draw)


def _described(
    video: Path,
    scene: str,
    tools: Tools,
    fps: float,
    threshold: dict[str, Any],
    watched: Watched,
) -> dict[str, Any]:
    recogniser = tools.recogniser
    recognised = None if recogniser is None else "known" if recogniser.refuses else "nearest"
    return {
        "video": str(video),
        "scene": scene,
        "scene_given": recogniser is None,
        "scene_recognised": recognised,
        "frames": watched.frames,
        "lost_frames": watched.lost,
        "fps": fps,
        "threshold": threshold,
        "highest": watched.moments[0].score,
        "highest_time": round(watched.moments[0].time, 3),
        "events": [_event(found, tools.object_detector is not None) for found in watched.events],
    }


def _event(found: FoundEvent, looked: bool) -> dict[str, Any]:
    """Plain JSON; where it was `looked` for objects, with the most novel one, null where there was none."""
    described = {
        "start": round(found.start, 3),
        "end": round(found.end, 3),
        "first_frame": found.event.first_frame,
        "last_frame": found.event.last_frame,
        "peak_frame": found.event.peak_frame,
        "peak_time": round(found.peak_time, 3),
        "peak_score": found.event.peak_score,
        "thumbnail": found.thumbnail,
    }
    return {**described, "object": _object(found.foremost)} if looked else described


def _object(sighting: Sighting | None) -> dict[str, Any] | None:
    if sighting is None:
        return None
    normal = sighting.normal
    return {
        "frame": sighting.frame,
        "box": [round(share, 5) for share in sighting.box],
        "score": sighting.score,
        "nearest_normal": None
        if normal is None
        else {"video": normal.video, "frame": normal.frame, "box": [round(share, 5) for share in normal.box]},
    }
