"""The settings of `scenewise benchmark`: several methods and seeds on the same features."""

from dataclasses import dataclass

from scenewise.config.evaluate import Protocol
from scenewise.config.extract import ExtractConfig, Preprocess
from scenewise.config.limits import require_between
from scenewise.errors import ConfigError

EXTRACTION = ("encoder", "weights", "preprocess", "fps", "device")
"""Settings that go to `extract`."""


@dataclass(frozen=True)
class BenchmarkConfig:
    """`scenewise benchmark`: several methods and seeds on the same features."""

    methods: tuple[str, ...] | None = None
    """Methods to compare: fusion, object-memory, each also as NAME/pooled (one memory bank for all scenes),
    reconstruction, reconstruction/scene, contrastive, contrastive+classification (forms of the autoencoder),
    variational, and classes of your own as package.module:Class; all: every form of every method that the features
    allow; by default fusion, reconstruction, contrastive and contrastive+classification, or those of them that the data
    allows."""
    seeds: int = 3
    """Runs of each method, with seeds 0, 1, ...; a deterministic method runs once."""
    set: tuple[str, ...] = ()
    """Settings of the methods as NAME=VALUE, such as steps=300 width=128: each applies to all methods that have it."""
    metric: tuple[str, ...] = ()
    """Figures of your own, each package.module:NAME of a Metric."""
    columns: tuple[str, ...] = ()
    """Figures in table.md, table.tex and table.html, named as in table.json, such as scene_auc_mean event_auc/car; all:
    every figure; by default four in table.md and table.tex, and all in table.html."""
    protocol: Protocol = "strict"
    """published also evaluates as published code does, and writes a second table that is marked so; methods without
    checkpoints are in the strict table alone."""
    encoder: str = ExtractConfig.encoder
    """Frozen encoder of the frames, as in extract; unused if DATA holds features."""
    weights: str | None = None
    """Folder with the weights of clip-vit-l-14, for machines without a network."""
    preprocess: Preprocess = "encoder"
    """encoder: as the encoder was trained; published: as published code of the field feeds it."""
    fps: float | None = None
    """Frames a second of folders of pictures, if neither the layout nor dataset.json says it (else 25)."""
    jobs: int | None = None
    """Runs at a time, each in a process of its own with one thread; by default one a core, or one in all on a GPU.
    Results do not depend on it."""
    device: str = "auto"
    """Where the encoder and the models run: auto, cpu, cuda, cuda:N or mps."""

    def __post_init__(self) -> None:
        require_between(self, 1, 1000, "seeds")
        require_between(self, 1, 1024, "jobs")
        if self.methods is not None and not self.methods:
            raise ConfigError("--methods: expected at least one method")
        if self.methods is not None and len({*self.methods}) < len(self.methods):
            raise ConfigError(f"--methods: {' '.join(self.methods)} names one twice")
        for given in self.set:
            if not all(given.partition("=")):
                raise ConfigError(f"--set {given}: expected NAME=VALUE, such as steps=300")
        _ = self.extraction

    @property
    def extraction(self) -> ExtractConfig:
        """The settings of the features."""
        return ExtractConfig(**{name: getattr(self, name) for name in EXTRACTION})
