"""The settings of `scenewise split` and `scenewise try`: from recordings to a data set, and to what is worth a look."""

from dataclasses import dataclass

from scenewise.config.limits import FPS, require_between


@dataclass(frozen=True)
class SplitConfig:
    """`scenewise split`: earlier footage to learn from, later footage to score."""

    learn: float = 0.7
    """Share of each camera's footage to learn from: the first; the rest is to score."""
    fps: float | None = None
    """Frames a second of folders of pictures (else 25)."""

    def __post_init__(self) -> None:
        require_between(self, 0.05, 0.95, "learn")
        require_between(self, *FPS, "fps")


@dataclass(frozen=True)
class TryConfig(SplitConfig):
    """`scenewise try`: from a folder of recordings to the page of events."""

    encoder: str = "efficientnet-lite0"
    """Frozen encoder of the frames; the default is small, and quick on any machine."""
    encode_every: int = 1
    """Encode every n-th frame as a whole, and repeat its features for the frames up to the next one."""
    objects_every: int = 2
    """Detect objects in every n-th frame."""
    alarms_per_day: float | None = None
    """Choose each camera's threshold so that its normal footage raises about this many alarms a day."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 1000, "encode_every", "objects_every")
        require_between(self, 1e-6, 1e6, "alarms_per_day")
