"""Adds an observation to the normal frames that a method compares with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scenewise.errors import DataError
from scenewise.methods.accepting import Accepted, Observation
from scenewise.methods.frames.method import ALL_SCENES, part_of
from scenewise.methods.method import RunContent
from scenewise.methods.object_memory.appearance import evenly_spread

MOST = 400
"""Frames of an observation, evenly spread, that are added at most."""


def accept_frames(run: RunContent, models: Mapping[str, Any], observed: Observation) -> Accepted:
    """The run with the observation's frames at the end of its scene's `bank`.

    A model has `bank`, `neighbours` and `as_rows`, which makes rows of the bank from features. A score looks at the k
    nearest frames, so shorter observations are repeated until they have k. Raises DataError if there is no frame.
    """
    model, part = part_of(models, observed.scene), observed.scene if observed.scene in models else ALL_SCENES
    first, last = (frame - observed.first for frame in observed.accepted)
    features = observed.features[max(first, 0) : last + 1]
    if not len(features):
        raise DataError("the stretch has no frames, so there is nothing to add")
    added = features[evenly_spread(len(features), MOST)]
    rows = np.repeat(model.as_rows(added), -(-model.neighbours.item() // len(added)), axis=0)
    tensors = {**run.tensors, f"{part}/bank": np.concatenate([model.bank, rows])}
    return Accepted(tensors, dict(run.facts), 0, len(added))
