"""The settings of `scenewise street`: the rendered data set."""

from dataclasses import dataclass

from scenewise.config.limits import SEED_MOST, require_between


@dataclass(frozen=True)
class StreetConfig:
    """`scenewise street`: the rendered data set."""

    scenes: int = 4
    """Scenes to render, at least 4; beyond 5, the kinds of scene repeat with other pictures."""
    videos: int = 6
    """Training videos per scene; half as many test videos, at least 2, are rendered as well."""
    frames: int = 150
    """Frames a video, at 12.5 frames per second."""
    size: str = "640x360"
    """Width x height of the picture in pixels, both even."""
    seed: int = 0
    """Seed of all that is random; the same seed gives the same decoded frames."""

    def __post_init__(self) -> None:
        require_between(self, 4, 10_000, "scenes")
        require_between(self, 1, 10_000_000, "videos", "frames")
        require_between(self, 0, SEED_MOST, "seed")
