"""Everything that scoring new videos with a run needs: its encoder, its scorer, and the data of its scenes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from scenewise.checksums import recorded_checksums
from scenewise.config import ExtractConfig, ScoreConfig
from scenewise.did_you_mean import did_you_mean
from scenewise.encoders import ObjectEncoder, VideoEncoder, open_encoder, open_object_encoder
from scenewise.errors import ConfigError, FingerprintError
from scenewise.features.backgrounds import read_backgrounds
from scenewise.features.extraction_fingerprint import fingerprint_of
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.features.import_features import IMPORTED
from scenewise.features.object_mask import ObjectMask
from scenewise.folders import real
from scenewise.inference.recognise import masks_of
from scenewise.inference.thresholds import Thresholds
from scenewise.methods.scores import Scorer, can_accept
from scenewise.objects.detector import ObjectDetector
from scenewise.progress import note
from scenewise.runs.object_masks import object_masks_of
from scenewise.runs.run import BACKGROUNDS, MODEL, Run
from scenewise.runs.thumbnails import THUMBNAILS, Thumbnails, read_thumbnails
from scenewise.scoring.calibration import CALIBRATION, SceneScale, read_calibration
from scenewise.scoring.scene_recognition import SCENES, SceneRecogniser, read_recogniser


@dataclass(frozen=True)
class ScoringSetup:
    """All that scoring a video needs, except the video."""

    encoder: VideoEncoder
    scorer: Scorer
    scene: str | None
    """The scene that all videos show; None if each is recognised."""
    recogniser: SceneRecogniser | None
    """None if the scene is given."""
    scales: dict[str, SceneScale]
    thresholds: Thresholds
    smoothing: float
    """Standard deviation in seconds, as in the run."""
    latency: float | None
    """Seconds after a frame at which its score has to be known; None for as many as method and smoothing need."""
    fps: float | None
    """Frames a second of folders of pictures."""
    decode_height: int
    max_pixels: int
    masks: dict[str, IgnoreMask]
    """{scene: the mask whose pixels are blanked before encoding}."""
    open_detector: Callable[[str, float], ObjectDetector] | None
    """(scene, frames per second) to the object detector for a video; None if the method scores frames alone."""
    objects_every: int
    """Every how many-th frame is examined for objects."""
    run_digests: dict[str, str | None]
    """{file of the run that decides the results: its SHA-256}."""
    object_masks: Mapping[str, ObjectMask] = field(default_factory=dict)
    """{scene: the mask in which objects do not count}."""
    run: str = ""
    """Folder of the run."""
    thumbnails: Thumbnails | None = None
    """The run's pictures of normal examples; None if it keeps none."""
    encoder_digest: str | None = None
    """Of the run's encoder, for what `accept` takes in; None if the method cannot accept."""


def open_setup(run: Run, config: ScoreConfig) -> ScoringSetup:
    """Open what scoring with `run` needs.

    Raises ConfigError if settings do not fit the run or an ignore mask is missing; FingerprintError if the run was
    trained with another encoder or ignore mask; EncoderError if the encoder cannot be opened; IntegrityError if a file
    of the run was changed.
    """
    if config.scene is not None and config.scene not in run.scenes:
        meant = did_you_mean(config.scene, run.scenes) or "; give one of them"
        raise ConfigError(f"--scene {config.scene}: the run knows {', '.join(run.scenes)}{meant}")
    calibration = read_calibration(run.folder, run.scenes)
    extraction = _extraction(run, config)
    masks = masks_of(run, extraction.ignore_mask)
    encoder, object_encoder = _open_encoder(run, extraction)
    recorded = recorded_checksums(run.folder)
    return ScoringSetup(
        encoder=encoder,
        scorer=run.open_scorer(config.device),
        scene=config.scene,
        recogniser=None if config.scene else read_recogniser(run.folder, run.scenes, run.feature_width),
        scales=calibration.scales,
        thresholds=Thresholds(calibration, config),
        smoothing=run.settings.smoothing,
        latency=config.latency,
        fps=extraction.fps,
        decode_height=extraction.decode_height,
        max_pixels=extraction.max_pixels,
        masks=masks,
        open_detector=_detectors(run, object_encoder, extraction.objects_every),
        objects_every=extraction.objects_every,
        object_masks=object_masks_of(run, config.mask),
        run=str(real(run.folder)),
        thumbnails=read_thumbnails(run.folder),
        encoder_digest=run.fingerprint.digest if can_accept(run.method) else None,
        run_digests={name: recorded.get(name) for name in (MODEL, CALIBRATION, SCENES, BACKGROUNDS, THUMBNAILS)},
    )


_GIVEN = ("encoder", "weights", "int8_tower", "fps", "max_pixels")
"""Settings of `extract` that `score` may be given too."""


def _extraction(run: Run, config: ScoreConfig) -> ExtractConfig:
    """How features of new videos are made: as the run's features, except for what `config` gives."""
    if run.fingerprint.identity.get("kind") == IMPORTED:
        raise ConfigError(
            f"{run.folder}: was trained on imported features, and of their encoder only the name "
            f"{run.fingerprint.identity['name']!r} is known; to score new videos, train on features that scenewise "
            "extract made"
        )
    recorded = run.extract_config
    if recorded is None and config.encoder is None:
        raise ConfigError(f"{run.folder}: does not say which encoder its features came from; give it by --encoder")
    extraction = recorded or ExtractConfig()
    given = {name: value for name in _GIVEN if (value := getattr(config, name)) is not None}
    return replace(extraction, device=config.device, **given)


def _detectors(
    run: Run, object_encoder: ObjectEncoder | None, every: int
) -> Callable[[str, float], ObjectDetector] | None:
    if not run.method.needs_objects or object_encoder is None:
        return None
    backgrounds = read_backgrounds(run.folder / BACKGROUNDS, run.scenes)
    return lambda scene, fps: ObjectDetector(backgrounds[scene], object_encoder, every, fps)


def _open_encoder(run: Run, extraction: ExtractConfig) -> tuple[VideoEncoder, ObjectEncoder | None]:
    """The run's encoder, and the object encoder if its features hold objects."""
    encoder = open_encoder(extraction)
    object_encoder = open_object_encoder(encoder) if "objects" in run.fingerprint.identity else None
    opened = fingerprint_of(encoder, extraction, object_encoder)
    if opened.digest != run.fingerprint.digest:
        keys = sorted(run.fingerprint.identity.keys() | opened.identity.keys())
        differing = [key for key in keys if run.fingerprint.identity.get(key) != opened.identity.get(key)]
        raise FingerprintError(
            f"--encoder {extraction.encoder} is not the encoder that the run was trained with: they differ in "
            f"{', '.join(differing)}; give the run's encoder by --encoder or --weights"
        )
    for difference in run.fingerprint.require(opened, "features of new videos"):
        note(f"features are made under other conditions than those of the run: {difference}")
    return VideoEncoder(encoder, extraction.encode_every), object_encoder
