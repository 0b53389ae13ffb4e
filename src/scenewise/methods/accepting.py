"""Taking footage into what is normal without training again: "this is fine".

A method that can do so has `accept`; the others say what to do instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from scenewise.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from scenewise.methods.method import Method, RunContent
    from scenewise.methods.scores import Chunk
    from scenewise.objects.object_table import Objects


class Observation(NamedTuple):
    """n consecutive frames of one video, as the encoder saw them. A part of them is to be normal from now on."""

    scene: str
    title: str
    """What the video is called as a normal example, such as accepted/gate/2026-11-29."""
    source: str
    """Its file or folder."""
    fps: float
    first: int
    """Number of the first frame in the video."""
    features: NDArray[np.floating]
    """(n, D)."""
    objects: Objects | None
    """The objects in these frames; None if nobody looked for objects."""
    accepted: tuple[int, int]
    """The first and the last frame that are to be normal. The others are there because objects are described by what
    comes before and after."""
    least: float = 0.0
    """Raw score, as the scorer gives it, above which an object is unusual: such objects are added, or the highest."""

    def as_chunk(self) -> Chunk:
        """As a scorer takes it: a video that begins here."""
        from dataclasses import replace

        from scenewise.methods.scores import Chunk

        objects = self.objects
        if objects is not None:
            objects = replace(objects, frame=objects.frame - objects.frame.dtype.type(self.first))
        return Chunk(self.features, objects)


class Accepted(NamedTuple):
    """What a run holds once an observation is normal."""

    tensors: Mapping[str, NDArray[Any]]
    """As in `Fitted`."""
    facts: dict[str, Any]
    """As in `Fitted`."""
    objects: int
    """How many sightings of objects were added."""
    frames: int
    """How many frames were added."""


@runtime_checkable
class AcceptingMethod(Protocol):
    """What a Method has besides if it can add an observation to what it learned."""

    def accept(self, run: RunContent, observed: Observation) -> Accepted:
        """The content of `run` with `observed` as a part of its scene's normal footage; that of the other scenes stays.

        What the run holds keeps its place: an example in row 7 of a memory is in row 7 of the new one. Raises DataError
        if the observation has nothing that can be added.
        """
        ...


def can_accept(method: Method) -> bool:
    """Whether the method can take in observations."""
    return isinstance(method, AcceptingMethod)


def require_accepting(method: Method) -> AcceptingMethod:
    """`method`, if it can take in observations. Raises ConfigError, with what to do instead, if it cannot."""
    if not isinstance(method, AcceptingMethod):
        raise ConfigError(
            f"--method {method.name} has no memory that a moment can be added to; add the footage to its scene's "
            "training videos and train again, or use --method fusion"
        )
    return method
