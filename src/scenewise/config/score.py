"""The settings of `scenewise score`: any new video, without labels."""

from dataclasses import dataclass

from scenewise.config.limits import FPS, MOST, require_between
from scenewise.errors import ConfigError


@dataclass(frozen=True)
class ScoreConfig:
    """`scenewise score`: any new video, without labels."""

    scene: str | None = None
    """The scene that the videos show; by default it is recognised from the first frames of each."""
    threshold: float | None = None
    """Scene score above which frames belong to an event; by default 1, the 99th percentile of normal scores."""
    alarms_per_day: float | None = None
    """Choose the threshold so that normal footage is expected to raise this many alarms per day and camera."""
    merge: float = 1.0
    """Seconds that a score may fall below the threshold without ending the event."""
    latency: float | None = None
    """Greatest delay of a score, in seconds after its frame; shorter ones give less smooth, less exact scores."""
    annotate: bool = False
    """Also write annotated.mp4: the video with its score, its curve and boxes drawn in."""
    clips: bool = False
    """Also write clips/: the seconds around each event and each highest moment, to which the page leads; not of
    streams."""
    all_boxes: bool = False
    """Also list and draw ordinary objects; by default, those that are unusual or an alarm are drawn."""
    mask: tuple[str, ...] = ()
    """Hide objects in a part of a scene's picture: SCENE=PICTURE with bright pixels where they do not count, or SCENE=
    and the corners of a polygon, such as "gate=0,0.7 1,0.7 1,1 0,1"; several of one scene add up."""
    encoder: str | None = None
    """The run's encoder, if it is in another place than when the features were extracted."""
    weights: str | None = None
    """Folder with the weights of clip-vit-l-14, if it is in another place than when the features were extracted."""
    int8_tower: str | None = None
    """Folder of the run's int8 tower, if it is in another place than when the features were extracted."""
    fps: float | None = None
    """Frames a second of folders of pictures and of streams; by default as in `extract` (else 25, or as claimed)."""
    max_pixels: int | None = None
    """Refuse videos whose pictures have more pixels than this; by default as in `extract`."""
    device: str = "auto"
    """Where the encoder and the model run: auto, cpu, cuda, cuda:N or mps."""

    def __post_init__(self) -> None:
        require_between(self, 0, 86_400, "merge")
        require_between(self, 0.2, 60, "latency")
        require_between(self, -1e9, 1e9, "threshold")
        require_between(self, 1e-6, 1e6, "alarms_per_day")
        require_between(self, 1, MOST, "max_pixels")
        require_between(self, *FPS, "fps")
        if self.threshold is not None and self.alarms_per_day is not None:
            raise ConfigError("--threshold and --alarms-per-day both say where alarms begin; give one of them")
