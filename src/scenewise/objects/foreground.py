"""The foreground: connected areas of a picture that differ from the empty scene."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.objects.background import Background, apart, evened, softened
from scenewise.objects.registration import Placement, as_shown, in_view, undone
from scenewise.objects.shadows import shadows

LEAST_DIFFERENCE = 14.0
"""Levels by which a pixel has to differ at least, whatever its noise."""
NOISE_FACTOR = 5.0
"""A pixel has to differ by so many times its usual noise, plus `NOISE_OFFSET`: some three standard deviations of a
normal distribution, since the noise is its median deviation (0.67 standard deviations)."""
NOISE_OFFSET = 4.0
"""Levels."""
MOST_DIFFERENCE = 50.0
"""Levels by which no pixel has to differ more: where people stood in half of the training footage, or the light changed
from day to day, the noise says little about a passer-by."""
SURE = 1.6
"""A difference of so many times the threshold is certain."""
SURE_SHARE = 0.15
"""Share of an area's pixels whose difference has to be certain."""
SAME_TEXTURE = 0.85
"""Correlation with the empty scene from which the area's box shows the scene itself, in another light or shaken."""
BLACK, WHITE = ((0.0,) * 3, (2.0,) * 3), ((253.0,) * 3, (255.0,) * 3)
"""Levels between which a pixel is black or blown out, and does not follow the exposure."""
SETTLE = 30.0
"""Seconds in which the reference follows slow changes of the empty scene."""
ABSORB = 600.0
"""Seconds in which an object that stands still becomes part of the reference."""
ROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))


class Foreground:
    """Finds what does not belong to the empty scene, picture by picture, in order.

    The reference starts as the scene's background. Each picture's exposure is matched to it at once; the reference
    follows slow light within seconds, and objects left behind within minutes: a running average with two rates
    (Wren et al., Pfinder, PAMI 1997, section III).
    """

    def __init__(self, background: Background) -> None:
        self.reference = background.picture.astype(np.float32)
        noise = NOISE_FACTOR * background.noise + NOISE_OFFSET
        self.threshold = np.clip(noise, LEAST_DIFFERENCE, MOST_DIFFERENCE).astype(np.float32)

    def areas(
        self, picture: NDArray[np.uint8], seconds: float, placement: Placement | None = None
    ) -> tuple[NDArray[np.int32], list[int]]:
        """Labels (h, w) of the connected areas that differ, 0 elsewhere, and the labels of those that are foreground.

        `picture` (h, w, 3) uint8 RGB in the background's size; `seconds` have passed since the picture before;
        `placement` says where the picture shows the scene, None if where it was learned. The labels lie where the
        picture shows what they mark.
        """
        shown = softened(picture)
        soft = shown if placement is None else undone(shown, placement)
        level = evened(soft, self.reference)
        difference = self._difference(soft, level)
        seen: NDArray[np.bool_] | None = None
        if placement is not None:
            # Captions, and what is blanked, do not move with the camera.
            difference = np.minimum(difference, apart(evened(shown, self.reference), self.reference))
            seen = in_view(self.threshold.shape, placement)
            difference[~seen] = 0
        different = cv2.morphologyEx(self._different(difference), cv2.MORPH_CLOSE, ROUND)
        count, labels, sizes, _ = cv2.connectedComponentsWithStats(different, connectivity=8)
        sure = np.bincount(labels[difference > SURE * self.threshold], minlength=count)
        certain = [area for area in range(1, count) if sure[area] >= SURE_SHARE * sizes[area, cv2.CC_STAT_AREA]]
        grey, empty = (np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.float32) for one in (level, self.reference))
        foreground = []
        for area in certain:
            left, top, width, height = sizes[area, : cv2.CC_STAT_AREA]
            place = slice(top, top + height), slice(left, left + width)
            if correlation(grey[place], empty[place]) < SAME_TEXTURE:
                foreground.append(area)
        self._follow(level, np.isin(np.arange(count), foreground)[labels], seen, seconds)
        found = np.asarray(labels, np.int32)
        return found if placement is None else as_shown(found, placement), foreground

    def _different(self, difference: NDArray[np.float32]) -> NDArray[np.uint8]:
        """(h, w) 1 where the difference is large, in at least 2 x 2 pixels."""
        large = (difference > self.threshold).astype(np.uint8)
        return np.asarray(cv2.morphologyEx(large, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)

    def _difference(self, soft: NDArray[np.float32], level: NDArray[np.float32]) -> NDArray[np.float32]:
        """(h, w) levels between the reference and `level`, which is `soft` with the reference's exposure; shadows 0."""
        difference = apart(level, self.reference)
        if not self._different(difference).any():  # what follows only makes it smaller
            return difference
        # Blown-out sky and blanked pixels do not follow the exposure.
        clipped = np.asarray(cv2.bitwise_or(cv2.inRange(soft, *BLACK), cv2.inRange(soft, *WHITE))) > 0
        unevened = apart(soft, self.reference)[clipped]
        difference[clipped] = np.minimum(difference[clipped], unevened)
        difference[shadows(level, self.reference)] = 0
        return difference

    def _follow(
        self, level: NDArray[np.float32], covered: NDArray[np.bool_], seen: NDArray[np.bool_] | None, seconds: float
    ) -> None:
        absorb, settle = (np.float32(1 - np.exp(-seconds / slow)) for slow in (ABSORB, SETTLE))
        rate = np.where(covered, absorb, settle)
        if seen is not None:
            rate[~seen] = 0
        step = level - self.reference
        step *= cv2.merge([rate] * 3)  # numpy is slow where the last axis has three numbers
        self.reference += step


def correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Normalised cross-correlation, -1 to 1, of two patches of one shape; 0 if one is flat."""
    first, second = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / norm if norm > one.size else 0.0
