"""Where the labelled thing of an event is in the frame that is shown, if its labels say so.

Most labels say when something happens, and not where. No track is taken for it then: of many people who are in view all
the time, the one whose track fits the event's time best is seldom the cyclist.
"""

import numpy as np

from scenewise.report.event_pairs import FoundEvent
from scenewise.video.square import Box


def labelled_box(found: FoundEvent) -> Box | None:
    """The box in the event's middle frame, interpolated and cut off at the picture's edges; None without boxes."""
    if not found.event.boxes:
        return None
    frames, *edges = np.array(found.event.boxes, float).T
    left, top, right, bottom = (float(np.clip(np.interp(found.middle, frames, edge), 0, 1)) for edge in edges)
    return left, top, right, bottom
