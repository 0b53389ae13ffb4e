"""The results of one video as a folder that is whole or absent.

OUT/VIDEO/
├── scores.csv               frame, time (s), score (raw), scene, scene_score (1: 99th percentile of normal), lost
├── objects.csv              if the method scores objects: objects above 0.5, with their nearest normal examples
├── maps.csv                if the method scores places: scores of the cells of a grid over every frame
├── events.json              start, end, peak and thumbnail of every event; the scene, the latency, the threshold
├── thumbnails/000123.jpg    the events' peaks; 000123-normal.jpg, the nearest normal example of what raised one
├── pictures/000123.jpg      events and highest moments at full size, beside the object and its nearest normal example
├── curve.svg, curve.png     the scene score, with the most abnormal moments
├── observed.safetensors     what `accept` takes in; see observations.py
├── clips/000123.mp4         with --clips: seconds around events and highest moments
├── annotated.mp4            with --annotate
└── SHA256SUMS
"""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from scenewise.checksums import CHECKSUMS, check, read_json, recorded_checksums, require_written
from scenewise.config import ScoreConfig
from scenewise.errors import ConfigError, IntegrityError
from scenewise.features.manifest_form import Frames
from scenewise.formats.json_text import Form
from scenewise.inference.annotated_video import ANNOTATED, AnnotatedVideo
from scenewise.inference.boxes import Marks
from scenewise.inference.clips import CLIPS, Clips
from scenewise.inference.curve import Curve
from scenewise.inference.event_file import EVENTS, FORMAT, About, EventFile, HighlightForm
from scenewise.inference.events import EventList
from scenewise.inference.highlights import Highlights
from scenewise.inference.observations import ObservationFile
from scenewise.inference.score_source import Advance, Sink, score_source
from scenewise.inference.scored_frames import Sighting
from scenewise.inference.scoring_setup import ScoringSetup
from scenewise.inference.tables import MapTable, ObjectTable, ScoreTable
from scenewise.inference.thresholds import levels_of
from scenewise.methods.scores import NormalExample
from scenewise.names import as_text
from scenewise.output_folder import OutputFolder
from scenewise.progress import note
from scenewise.runs.explanation import Elsewhere, normal_elsewhere
from scenewise.runs.score_stream import delay_of
from scenewise.runs.thumbnails import KeptPicture
from scenewise.video.source import FrameSource

NO_PART_OF_THE_RESULT = ("device", "encoder", "weights", "annotate", "clips", "max_pixels", "mask")
"""Settings that are not compared with those of earlier results: they do not change scores, or digests cover them."""


class _Moment(Form):
    start: float
    end: float
    peak_time: float
    peak_score: float
    thumbnail: str


class _Events(Form):
    scene: str
    frames: Frames
    lost_frames: int
    highest: float
    highest_time: float
    run: str
    events: list[_Moment]
    highlights: list[HighlightForm]
    made_from: dict[str, Any]


def results_folder(path: Path) -> OutputFolder:
    """The folder of one video's results."""
    return OutputFolder(path, "a scored video")


def refuse_earlier_stream(source: FrameSource, folder: Path) -> None:
    """Raise ConfigError if `folder` holds results that the stream `source` would replace: they cannot be made again."""
    if not source.can_be_read_again and (folder / EVENTS).exists():
        raise ConfigError(f"{folder}: holds the results of an earlier stream; move it away, or give another --out")


def score_video(
    source: FrameSource,
    folder: Path,
    setup: ScoringSetup,
    config: ScoreConfig,
    advance: Advance,
    draw: Advance | None,
    stop: Event | None = None,
) -> dict[str, Any]:
    """Score `source` into `folder`, unless the same run and settings did so before; returns the content of events.json.

    `advance` is called with numbers of scored frames; `draw`, given with --annotate, with numbers of annotated frames.
    `stop` ends a stream; its results so far are kept. The caller holds the lock of `folder`.

    Raises VideoError if the video cannot be read, DataError if it shows no scene that the run knows, ConfigError if
    `folder` holds something else.
    """
    if draw and not source.can_be_read_again:
        raise ConfigError(
            f"--annotate reads a video per second time, which {source.where} does not allow; score it without "
            "--annotate, or record the stream and score the recording"
        )
    target = results_folder(folder)
    settings = {name: value for name, value in asdict(config).items() if name not in NO_PART_OF_THE_RESULT}
    masks = {scene: mask.digest for scene, mask in setup.object_masks.items()}
    made_from = {
        "run": setup.run_digests, "source": source.signature, "fps": source.fps, "settings": settings,
        "object_masks": masks,
    }  # fmt: skip
    target.recover()
    target.refuse_foreign()
    refuse_earlier_stream(source, folder)
    earlier = None if source.signature is None else _earlier(folder, made_from)
    cuts = config.clips and source.can_be_read_again
    has_all = (draw is None or (folder / ANNOTATED).is_file()) and (not cuts or (folder / CLIPS).is_dir())
    if earlier and has_all:
        advance(earlier["frames"])
        if draw:
            draw(earlier["frames"])
        return earlier
    with target.replace() as fresh:
        make_sinks = partial(_sinks, source, fresh, setup, config, made_from, draw)
        score_source(source, setup, make_sinks, advance, stop)
    require_written(folder, [EVENTS])
    return _described_in(folder)[0]


def _sinks(
    source: FrameSource,
    folder: Path,
    setup: ScoringSetup,
    config: ScoreConfig,
    made_from: dict[str, Any],
    draw: Advance | None,
    scene: str,
) -> list[Sink]:
    """The sinks for a video of `scene`; each reads only what those before it wrote."""
    threshold = setup.thresholds.of(scene)
    about = About(_about(source, scene, setup), threshold, made_from)
    kept = partial(_kept, setup, scene)
    gap, elsewhere = round(config.merge * source.fps), partial(_normal_elsewhere, setup, scene)
    marks = Marks(levels_of(threshold), config.all_boxes)
    events = EventList(folder, marks, gap, elsewhere, kept)
    highlights = Highlights(source, folder, events, elsewhere, kept)
    pictures = [folder / "curve.svg", folder / "curve.png"]
    title = f"{as_text(Path(source.where).name) if source.can_be_read_again else source.where}, {scene}"
    objects = ObjectTable(folder, setup.open_detector is not None, all_boxes=config.all_boxes)
    sinks: list[Sink] = [ScoreTable(folder, scene), objects, MapTable(folder), events, highlights]
    if config.clips and source.can_be_read_again:
        sinks.append(Clips(source, folder, highlights))
    if setup.encoder_digest is not None:
        sinks.append(ObservationFile(folder, highlights, setup.objects_every, setup.encoder_digest))
    sinks.append(EventFile(folder, about, objects, events, highlights))
    sinks.append(Curve(pictures, events, highlights, title))
    if draw:
        sinks.append(AnnotatedVideo(source, folder, title, events, setup.objects_every, draw, kept))
    return sinks


def _kept(setup: ScoringSetup, scene: str, example: NormalExample) -> KeptPicture | None:
    """The run's own picture of a normal example of `scene`; None if it keeps none."""
    return None if setup.thumbnails is None else setup.thumbnails.of(scene, example)


def _normal_elsewhere(setup: ScoringSetup, scene: str, sighting: Sighting) -> Elsewhere | None:
    """The other scene of the run in which what was seen in `scene` would be normal; None if there is none."""
    described = None if sighting.described is None else sighting.described[None]
    box = np.array([sighting.box], np.float32)
    return normal_elsewhere(setup.scorer, described, box, scene, setup.scales)[0]


def _about(source: FrameSource, scene: str, setup: ScoringSetup) -> dict[str, Any]:
    recogniser = setup.recogniser
    return {
        "video": source.where,
        "run": setup.run,
        "scene": scene,
        "scene_given": recogniser is None,
        "scene_recognised": None if recogniser is None else "known" if recogniser.refuses else "nearest",
        "fps": source.fps,
        "latency": round(delay_of(setup.scorer, source.fps, setup.smoothing, setup.latency).latency, 3),
    }


def _earlier(folder: Path, made_from: dict[str, Any]) -> dict[str, Any] | None:
    """The content of events.json if `folder` holds undamaged results of the same video, run and settings."""
    if not (folder / CHECKSUMS).exists():
        return None
    try:
        described, made_from_before = _described_in(folder)
        for name in recorded_checksums(folder):
            check(folder / name, folder)
    except IntegrityError as error:
        note(f"the results in {folder} are made anew, because they were changed: {error}")
        return None
    return described if made_from_before == made_from else None


def _described_in(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The content of events.json in `folder`, and what it was made from. Raises IntegrityError."""
    described = read_json(folder / EVENTS, _Events, format_version=FORMAT)
    del described["format"]
    return described, described.pop("made_from")
