"""Cast shadows: where a picture shows the empty scene itself, darker by one factor in all its channels.

The factor of a shadow hardly changes from pixel to pixel, and hardly from channel to channel; that of clothes follows
their folds and colours. The test of Cucchiara et al. (PAMI 2003), with smoothness in the place of a hue that grey
grounds do not have.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.objects.background import DARK

DARKER = (0.55, 0.95)
"""Share of the light that a shadow leaves: dark clothes on a lit ground leave less."""
SAME_COLOUR = 0.06
"""Difference of the shares of two channels at most."""
SMOOTH = 0.03
"""Standard deviation of the share around a pixel at most."""
AROUND = (9, 9)
"""Pixels that are around a pixel."""
LIT = 60.0
"""Levels that the empty scene has at least: what is dark already casts no shadow that matters, and dark clothes before
it look like one."""


def shadows(level: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(h, w) where `level` (h, w, 3), of the reference's exposure, shows the `reference` (h, w, 3) in shadow."""
    left = np.asarray(cv2.divide(level + DARK, reference + DARK), np.float32)
    red, green, blue = cv2.split(left)
    apart = np.asarray(cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)))
    share = np.asarray(cv2.transform(left, np.full((1, 3), 1 / 3)), np.float32)
    usual = np.asarray(cv2.blur(share, AROUND))
    rough = np.asarray(cv2.blur(share * share, AROUND)) - usual * usual
    lit = np.asarray(cv2.transform(reference, np.full((1, 3), 1 / 3))) > LIT
    return np.asarray(
        (share > DARKER[0]) & (share < DARKER[1]) & (apart < SAME_COLOUR) & (rough < SMOOTH * SMOOTH) & lit, bool
    )
