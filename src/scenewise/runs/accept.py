"""Takes an observation into what a run takes for normal: the next state of the run, without training again.

The scene scale and the threshold stay as they are: they say how normal footage scores, and one event that was looked at
says nothing new about that. What was accepted scores low because the memory knows it now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from scenewise.errors import ConfigError, DataError, FingerprintError
from scenewise.files import write_bytes
from scenewise.methods.method import RunContent
from scenewise.methods.scores import Accepted, Observation, memories_of, require_accepting
from scenewise.runs.history import State, lock_run, next_state, read_history, who
from scenewise.runs.run import MODEL, Run, open_run, write_run
from scenewise.runs.score_stream import score_all
from scenewise.runs.thumbnails import THUMBNAILS, read_thumbnails, to_bytes, with_example
from scenewise.scoring.calibration import SceneScale, read_calibration
from scenewise.scoring.level import UNUSUAL, shown

ACCEPTED = "accepted"
HALFWAY = 0.5
"""On the scene scale: halfway between usual objects and the scene's rarest, from where on objects are listed."""


class Acceptance(NamedTuple):
    """What accepting an observation did."""

    state: State
    """The new state of the run."""
    objects: int
    """Sightings of objects that were added to the scene's memory."""
    frames: int
    """Frames that were added."""
    before: float
    """The highest score of the accepted stretch, on the scene scale."""
    after: float
    """The same by the new state."""
    everywhere: bool
    """The run has one memory for all scenes, so it is normal in all of them."""


def accept_observation(
    run: str | Path,
    observed: Observation,
    encoder: str,
    *,
    details: dict[str, Any] | None = None,
    picture: bytes | None = None,
    by: str | None = None,
    commands: Sequence[str] = (),
) -> Acceptance:
    """Make `observed` normal in its scene, as a new state of the run in the folder `run`.

    `encoder` is the digest of the fingerprint of what encoded it. `details` go into the history: the footage with its
    hash, the event. `picture`: a JPEG of what was accepted, shown as a normal example from now on. `by` is by default
    the user of this process. An interrupted call leaves the run as it was.

    Raises ConfigError if the method cannot accept, does not know the scene, or another command is writing the run;
    FingerprintError if another encoder made the observation; DataError if it is ordinary already, or there is nothing
    to add.
    """
    run = Path(run)
    with lock_run(run):
        opened = open_run(run)
        _require_fitting(opened, observed, encoder)
        content, scale, accepting = opened.content(), _Scale.of(opened, observed), require_accepting(opened.method)
        before = scale.highest(opened, content, observed)
        if before <= scale.unusual:
            raise DataError(
                f"{observed.source}: this moment is ordinary for {opened.folder} already ({shown(before)}); there is "
                "nothing to accept"
            )
        tried: list[tuple[float, Accepted]] = []
        for level in (scale.unusual, HALFWAY):  # what has a box; if that does not suffice, what is listed too
            accepted = accepting.accept(content, observed._replace(least=scale.raw(level)))
            candidate = replace(opened, facts=accepted.facts)
            tried.append((scale.highest(candidate, candidate.content_of(accepted.tensors), observed), accepted))
            if tried[-1][0] < scale.unusual:
                break
        after, accepted = min(tried, key=lambda one: one[0])
        facts = accepted.facts | {"parameters": int(sum(tensor.size for tensor in accepted.tensors.values()))}
        changed = replace(opened, facts=facts, commands=(*opened.commands, *commands))
        found = {
            "scene": observed.scene, "video": observed.source, "objects": accepted.objects, "frames": accepted.frames,
            "before": before, "after": after,
        }  # fmt: skip
        thumbnails = _thumbnails(changed, accepted.tensors, observed.scene, picture)
        with next_state(run, ACCEPTED, found | (details or {}), who() if by is None else by) as fresh:
            tensors = {name: np.asarray(value, order="C") for name, value in accepted.tensors.items()}
            write_bytes(fresh / MODEL, save_tensors(tensors))
            write_run(replace(changed, folder=fresh))
            if thumbnails is not None:
                write_bytes(fresh / THUMBNAILS, thumbnails)
        state = read_history(run).states[-1]
    everywhere = len(opened.scenes) > 1 and not opened.method.scene_aware(opened.settings)
    return Acceptance(state, accepted.objects, accepted.frames, before, after, everywhere)


def _require_fitting(run: Run, observed: Observation, encoder: str) -> None:
    if observed.scene not in run.scenes:
        raise ConfigError(f"{run.folder}: does not know the scene {observed.scene}; it knows {', '.join(run.scenes)}")
    if encoder != run.fingerprint.digest:
        raise FingerprintError(
            f"{run.folder}: was trained with another encoder than the one that scored this; score the video again with "
            "this run"
        )


class _Scale(NamedTuple):
    """The scale of the observation's scene."""

    scale: SceneScale
    unusual: float
    """From where on its scores are more than ordinary."""

    @classmethod
    def of(cls, run: Run, observed: Observation) -> "_Scale":
        calibration = read_calibration(run.folder, run.scenes)
        normal = np.concatenate([part.scores for part in calibration.normal_scores(observed.scene)])
        return cls(calibration.scales[observed.scene], float(np.quantile(normal, UNUSUAL)))

    def raw(self, score: float) -> float:
        """A score on the scene scale as the scorer gives it."""
        return self.scale.median + score * (self.scale.q99 - self.scale.median)

    def highest(self, run: Run, content: RunContent, observed: Observation) -> float:
        """The highest score, on the scene scale, of the accepted frames by what `content` holds."""
        scorer = run.method.open(content, "cpu")
        scored = score_all(scorer, [observed.as_chunk()], observed.fps, observed.scene, run.settings.smoothing)
        first, last = (frame - observed.first for frame in observed.accepted)
        return round(float(self.scale.apply(scored.scores)[max(first, 0) : last + 1].max()), 4)


def _thumbnails(run: Run, tensors: Mapping[str, NDArray[Any]], scene: str, picture: bytes | None) -> bytes | None:
    """The pictures of normal examples with `picture` for those that are new; None if they stay as they are."""
    known = read_thumbnails(run.folder)
    memory = memories_of(run.method.open(run.content_of(tensors), "cpu")).get(scene)
    if picture is None or known is None or memory is None or scene not in known.memories:
        return None
    rows = np.arange(len(known.alike[known.memories[scene]]), len(memory.examples))
    return to_bytes(with_example(known, scene, rows, picture))
