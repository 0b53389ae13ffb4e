"""The settings of `scenewise demo`: all stages on the rendered street, with the default and two autoencoders."""

from dataclasses import dataclass

from scenewise.config.extract import ExtractConfig
from scenewise.config.limits import SEED_MOST, require_between
from scenewise.config.street import StreetConfig

AUTOENCODER_SETTINGS = ("steps", "width", "segments_per_scene", "learning_rate", "checkpoint_every")
"""Settings that go to the autoencoders."""
FULL = 3
"""Runs of each autoencoder with `--full`."""


@dataclass(frozen=True)
class DemoConfig:
    """`scenewise demo`: all stages on the rendered street, with the default method and two autoencoders."""

    scenes: int = 4
    """Scenes to render."""
    videos: int = 6
    """Training videos per scene; half as many test videos are rendered as well."""
    frames: int = 150
    """Frames a video, at 12.5 frames per second."""
    size: str = "640x360"
    """Width x height of the rendered picture in pixels."""
    street_seed: int = 0
    """Seed of the rendered footage."""
    encoder: str = "efficientnet-lite0"
    """Frozen encoder of the frames."""
    encode_every: int = 4
    """Encode every n-th frame; those between repeat its features."""
    objects_every: int = 2
    """Detect objects in every n-th frame."""
    seeds: int = 1
    """Runs of each autoencoder, with seeds 0, 1, ...; the default method is deterministic, and runs once."""
    full: bool = False
    """Run each autoencoder at least three times, for the spread over seeds; what is there already is kept."""
    steps: int = 5000
    """Optimiser steps of each autoencoder."""
    width: str = "256"
    """Width of the Transformer."""
    segments_per_scene: int = 30
    """Segments of each scene in a batch."""
    learning_rate: float = 1e-4
    """Adam's learning rate."""
    checkpoint_every: int = 250
    """Steps between checkpoints."""

    def __post_init__(self) -> None:
        require_between(self, 1, 1000, "seeds")
        require_between(self, 0, SEED_MOST, "street_seed")
        _ = self.street, self.extraction  # checks their settings before anything is rendered

    @property
    def runs_of_each(self) -> int:
        """Runs of each autoencoder."""
        return max(self.seeds, FULL) if self.full else self.seeds

    @property
    def extraction(self) -> ExtractConfig:
        """The settings of the features."""
        return ExtractConfig(encoder=self.encoder, encode_every=self.encode_every, objects_every=self.objects_every)

    @property
    def street(self) -> StreetConfig:
        """The settings of the footage."""
        return StreetConfig(self.scenes, self.videos, self.frames, self.size, self.street_seed)
