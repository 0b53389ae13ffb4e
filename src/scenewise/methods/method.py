"""What a method is to the rest of the program. Nothing outside this folder asks which method it is.

    store of features ── fit ── Fitted: tensors, normal scores ── a run ── open ── Scorer ── stream: scores, objects

A method of your own: a class derived from Method in a file of yours, given as `--method package.module:Class`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from scenewise.errors import ConfigError, DataError

if TYPE_CHECKING:  # the command line asks for settings and help alone, and those need no numpy
    import numpy as np
    from numpy.typing import NDArray

    from scenewise.features.store import FeatureStore
    from scenewise.methods.scores import NormalScores, Scorer


@dataclass(frozen=True)
class Settings:
    """Settings that every method has; each method adds its own, one sentence a field."""

    smoothing: float = 0.4
    """Standard deviation in seconds of the Gaussian that smooths scores inside each video; 0 leaves them raw."""


@dataclass(frozen=True)
class Fitted:
    """What a method learned from normal footage."""

    tensors: Mapping[str, NDArray[Any]]
    """All that scoring needs, as the run's model.safetensors holds it."""
    normal_scores: Mapping[str, Sequence[NormalScores]]
    """{scene: raw scores of normal footage that was held out, or that was scored by the rest of the footage}."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Plain JSON: what scoring needs beside the tensors. `seconds` of fitting and `parameters`, which tables show, are
    counted by `train` unless they are here."""
    summary: Mapping[str, str] = field(default_factory=dict)
    """{what: value} for people, such as {"best step": "1,200 of 5,000"}: printed by `train`, shown by the report."""
    least_spread: float = 0.0
    """The least distance between median and 99th percentile of normal scores that the scene scale may have."""


class RunContent(NamedTuple):
    """What a method finds in a run that it is asked to open."""

    folder: Path
    settings: Any
    """The method's own Settings."""
    tensors: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any]
    scenes: tuple[str, ...]
    width: int
    """D, the feature width."""
    objects_every: int
    """Every how many-th frame has objects."""
    flow_width: int = 0
    """How many of them, the last ones, are optical flow (`extract --flow`)."""


class SegmentScores(NamedTuple):
    """Weights of one training step, as published code scores with them."""

    name: str
    """The file of the weights, relative to the run."""
    segment_errors: Callable[[NDArray[Any], str], NDArray[np.float32]]
    """Segments (B, T, D) of a scene, and its name, to the error of each of their frames, (B, T)."""
    length: int
    """T."""
    picked_frames: Callable[[int, float], NDArray[np.int64]]
    """Number of frames and rate of a video to the frames that its segments are made of."""


class Embedded(NamedTuple):
    """B segments of normal footage in the latent space."""

    embeddings: NDArray[np.float32]
    """(B, Z), not normalised."""
    scenes: NDArray[np.str_]
    """(B,): whose footage each segment is, in the order of the run's scenes."""


class Method(ABC):
    """One way to learn what is normal. The class holds no state: all of it is in the settings and in `Fitted`."""

    name: ClassVar[str]
    """As `--method` names it."""
    summary: ClassVar[str]
    """One sentence for `--help` and the tables: what it learns."""
    Settings: ClassVar[type[Settings]] = Settings
    deterministic: ClassVar[bool] = False
    """Whether fitting draws nothing at random, so that one run is all there is."""
    needs_objects: ClassVar[bool] = False
    """Whether it scores objects, so that features without objects do not suffice."""
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """{name: settings} of the forms that `benchmark` compares; none means the default form alone, under `name`."""
    free_settings: ClassVar[frozenset[str]] = frozenset()
    """Settings that leave the result as it is, such as the device: `--resume` may change them."""
    adding_settings: ClassVar[frozenset[str]] = frozenset()
    """Settings that add files to the run and leave its scores as they are."""

    @abstractmethod
    def fit(self, store: FeatureStore, settings: Any, work: Path, *, resume: bool = False) -> Fitted:
        """Learn from the training videos of `store`.

        `work` is the run's folder while it is made: checkpoints and logs go there, and with `resume` fitting goes on
        from those it finds. Raises ConfigError if settings do not fit the footage, DataError if there is too little.
        """

    @abstractmethod
    def open(self, run: RunContent, device: str) -> Scorer:
        """The scorer of a fitted run; `device` as `--device` names it. Raises IntegrityError if tensors are missing."""

    def title(self, settings: Any) -> str:
        """What a run with these settings is called in tables."""
        return self.name

    def scene_aware(self, settings: Any) -> bool:
        """Whether it tells the scenes apart: a model for each, or a loss that does."""
        return False

    def require_scenes(self, settings: Any, scenes: Sequence[str]) -> None:
        """Raise ConfigError if the settings cannot learn from these scenes; any will do unless a method says so."""
        return

    def with_checkpoints(self, settings: Any) -> Any | None:
        """These settings, changed so that a run keeps the checkpoints that `--protocol published` chooses among.

        None if the method has no checkpoints to choose among.
        """
        return None

    def embed(self, run: RunContent, store: FeatureStore, per_scene: int) -> Embedded:
        """At most `per_scene` segments of each scene's normal footage in a latent space that the scenes share.

        Raises DataError if the method has no such space.
        """
        raise DataError(f"--method {self.name} has no latent space that its scenes share")

    def checkpoints(self, run: RunContent, device: str) -> Sequence[SegmentScores]:
        """The weights that `--protocol published` chooses among.

        Raises ConfigError if the method is not trained in steps, or has several models.
        """
        raise ConfigError(
            f"--protocol published chooses among checkpoints, and --method {self.name} has none; use --protocol strict"
        )
