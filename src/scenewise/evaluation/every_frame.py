"""The objects of every frame, from those of the frames that were examined for objects."""

from typing import Any

import numpy as np

from scenewise.evaluation.object_scores import ObjectScores


def in_every_frame(objects: ObjectScores, frames: int) -> ObjectScores:
    """The objects of all of a video's `frames`, ordered by frame, from those of the examined frames.

    Between two examined frames per object's box and score are interpolated linearly. If its track has no object in the
    next examined frame, box and score stay as they are until then.
    """
    order = np.lexsort((objects.frame, objects.track))
    here = objects.select(order)
    following = np.minimum(np.arange(len(order)) + 1, max(len(order) - 1, 0))
    goes_on = (here.track[following] == here.track) & (here.frame[following] == here.frame + objects.every)
    parts = []
    for step in range(objects.every):
        share = np.where(goes_on, step / objects.every, 0).astype(np.float32)
        parts.append(
            here._replace(
                frame=here.frame + np.int32(step),
                box=here.box + share[:, None] * (here.box[following] - here.box),
                score=here.score + share * (here.score[following] - here.score),
            )
        )
    columns: dict[str, Any] = {
        name: np.concatenate([part.columns()[name] for part in parts]) for name in objects.columns()
    }
    together = objects._replace(**columns)
    rows = np.lexsort((together.track, together.frame))
    return together.select(rows[together.frame[rows] < frames])
