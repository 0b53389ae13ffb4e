"""`scenewise score`: any new videos, without labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from scenewise.clock import clock
from scenewise.config import ExtractConfig, ScoreConfig
from scenewise.device import pick_device
from scenewise.encoders import Encoder, ObjectEncoder, open_encoder, open_object_encoder
from scenewise.errors import ConfigError, DataError, FingerprintError, VideoError
from scenewise.features.backgrounds import read_backgrounds
from scenewise.features.extract import fingerprint_of
from scenewise.features.import_features import IMPORTED
from scenewise.files import recorded_checksums
from scenewise.inference.recognise import masks_of
from scenewise.inference.thresholds import Thresholds, in_words
from scenewise.inference.video_folder import Tools, refuse_foreign, score_video
from scenewise.methods.autoencoder.scorer import open_scorer
from scenewise.objects.detector import ObjectDetector
from scenewise.progress import console, progress
from scenewise.runs.run import BACKGROUNDS, CALIBRATION, MODEL, Run, open_run
from scenewise.scoring.calibration import read_calibration
from scenewise.scoring.scene_recognition import SCENES, read_recogniser
from scenewise.video.probe import VIDEO_SUFFIXES, is_frame_folder, probe

RECOGNISED = {None: "", "known": " (recognised)", "nearest": " (the nearest scene, uncertain)"}


@dataclass
class ScoreSummary:
    """What one `score` did."""

    run: Path
    out: Path
    videos: list[dict[str, Any]] = field(default_factory=list)
    """Of every video what its events.json says, and its `folder`."""
    failed: list[dict[str, str]] = field(default_factory=list)
    """Videos that were not scored: {video, reason}."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"run": str(self.run), "out": str(self.out), "videos": self.videos, "failed": self.failed}


def score_videos(folder: Path, videos: Sequence[Path], out: Path, config: ScoreConfig | None = None) -> ScoreSummary:
    """Score `videos` (files, folders of frames, folders of videos) with the run in `folder`; one folder each in `out`.

    A video that can not be read, or shows no scene the run knows, is listed as failed and the others go on. Raises
    ConfigError where settings do not fit the run, an ignore mask of it is gone, two videos bear one name
    or a folder in `out` holds other things,
    FingerprintError where the encoder or an ignore mask is not the one the run was trained on, EncoderError where the
    encoder can not be opened, IntegrityError where a file of the run was changed.
    """
    config = config or ScoreConfig()
    run = open_run(folder)
    if config.scene is not None and config.scene not in run.scenes:
        raise ConfigError(f"--scene {config.scene}: the run knows {', '.join(run.scenes)}; give one of them")
    named = _named(videos)
    for name in named:
        refuse_foreign(out / name)  # all of them, before hours go into the first
    calibration = read_calibration(run)
    extraction = _extraction(run, config)
    masks = masks_of(run, extraction.ignore_mask)
    encoder, object_encoder = _open_encoder(run, extraction)
    tools = Tools(
        encoder=encoder,
        scorer=open_scorer(run, pick_device(config.device)),
        recogniser=None if config.scene else read_recogniser(run),
        scales=calibration.scales,
        thresholds=Thresholds(calibration, config),
        fps=extraction.fps,
        decode_height=extraction.decode_height,
        masks=masks,
        object_detector=_watchers(run, object_encoder, extraction.objects_every),
        objects_every=extraction.objects_every,
        run_digests={name: recorded_checksums(folder).get(name) for name in (MODEL, CALIBRATION, SCENES, BACKGROUNDS)},
    )
    if tools.recogniser and not tools.recogniser.refuses:
        console.print(
            "note: no scene of the run has a second training video, so nothing says how much a scene may change: every "
            "video is taken for the nearest scene; --scene says it",
            soft_wrap=True,
        )
    summary = ScoreSummary(folder, out)
    with progress() as bar:
        claimed = [_frames_claimed(video) for video in named.values()]
        task = bar.add_task("score", total=None if None in claimed else sum(count or 0 for count in claimed))
        if config.annotate:
            drawing = bar.add_task("annotate", total=bar.tasks[0].total)
        for name, video in named.items():
            bar.update(task, description=f"score {name}")
            draw = partial(bar.advance, drawing) if config.annotate else None
            try:
                described = score_video(video, out / name, tools, config, partial(bar.advance, task), draw)
                summary.videos.append({"folder": str(out / name), **described})
            except DataError as error:
                summary.failed.append({"video": str(video), "reason": str(error)})
    return summary


def in_lines(summary: ScoreSummary) -> list[str]:
    """What was found, a line a video, and a line a threshold that was chosen by a budget."""
    lines = [
        f"{one['video']}: {one['scene']}{RECOGNISED[one['scene_recognised']]}, {one['frames']} frames, "
        f"{len(one['events'])} events above {one['threshold']['value']:.3g}, highest {one['highest']:.3g} at "
        f"{clock(one['highest_time'])}; in {one['folder']}"
        for one in summary.videos
    ]
    chosen = {one["scene"]: in_words(one["scene"], one["threshold"]) for one in summary.videos}
    return [*lines, *(words for words in chosen.values() if words)]


def _named(videos: Sequence[Path]) -> dict[str, Path]:
    """{name of its folder in the results: video}, a video given twice once."""
    named: dict[str, Path] = {}
    for video in (one for given in videos for one in _expanded(given)):
        name = video.resolve().name if video.is_dir() else video.stem
        if name in ("", ".", ".."):
            raise ConfigError(f"{video}: expected a name to call its folder of results by, got {name!r}; rename it")
        other = named.setdefault(name, video)
        if other.resolve() != video.resolve():
            raise ConfigError(
                f"{other} and {video} would both be written to {name}; score them with another --out each"
            )
    if not named:
        raise ConfigError("score: expected at least one video, or folder of frames")
    return named


def _expanded(given: Path) -> list[Path]:
    """The videos that `given` stands for: itself, or those that lie in it."""
    if not given.is_dir() or is_frame_folder(given):
        return [given]
    found = sorted(path for path in given.iterdir() if path.suffix.lower() in VIDEO_SUFFIXES or is_frame_folder(path))
    if not found:
        raise VideoError(f"{given}: expected a video, a folder of frames or a folder of videos; it holds neither")
    return found


def _frames_claimed(video: Path) -> int | None:
    try:
        return probe(video).frames_claimed
    except VideoError:
        return 0  # told when its turn comes


def _extraction(run: Run, config: ScoreConfig) -> ExtractConfig:
    """How the features of new videos are made: as the run's were, but for what `config` overrides."""
    if run.fingerprint.identity.get("kind") == IMPORTED:
        raise ConfigError(
            f"{run.folder}: was trained on imported features, and of the encoder that made them only the name "
            f"{run.fingerprint.identity['name']!r} is known; to score new videos, train on what scenewise extract made"
        )
    known = run.extract_config
    if known is None and config.encoder is None:
        raise ConfigError(f"{run.folder}: does not say which encoder its features came from; give it by --encoder")
    extraction = known or ExtractConfig()
    given = {name: value for name in ("encoder", "weights", "fps") if (value := getattr(config, name)) is not None}
    return replace(extraction, device=config.device, **given)


def _watchers(
    run: Run, object_encoder: ObjectEncoder | None, every: int
) -> Callable[[str, float], ObjectDetector] | None:
    """What opens a object_detector for a video of a scene and a rate; None where the run's method looks at no objects."""
    if not run.config.remembers or object_encoder is None:
        return None
    backgrounds = read_backgrounds(run.folder / BACKGROUNDS, run.scenes)
    return lambda scene, fps: ObjectDetector(backgrounds[scene], object_encoder, every, fps)


def _open_encoder(run: Run, extraction: ExtractConfig) -> tuple[Encoder, ObjectEncoder | None]:
    """The run's encoder, and what describes objects where its features hold them."""
    encoder = open_encoder(extraction)
    object_encoder = open_object_encoder(encoder) if "objects" in run.fingerprint.identity else None
    found = fingerprint_of(encoder, extraction, object_encoder)
    if found.digest != run.fingerprint.digest:
        keys = sorted(run.fingerprint.identity.keys() | found.identity.keys())
        differing = [key for key in keys if run.fingerprint.identity.get(key) != found.identity.get(key)]
        raise FingerprintError(
            f"--encoder {extraction.encoder} is not the encoder that the run was trained on: they differ in "
            f"{', '.join(differing)}; give the run's by --encoder or --weights"
        )
    for difference in run.fingerprint.require(found, "features of new videos"):
        console.print(f"note: features are made under other conditions than the run's: {difference}", soft_wrap=True)
    return encoder, object_encoder
