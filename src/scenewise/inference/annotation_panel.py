"""Draws an annotated frame: the boxes of objects, and below the picture the score and its curve around that time."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scenewise.clock import clock
from scenewise.inference.boxes import ALARM, CALM, GROUND, QUIET, TEXT, Colour, draw_boxes, font_of
from scenewise.inference.normal_examples import ShownExample
from scenewise.inference.scored_frames import Sighting
from scenewise.inference.tables import ScoreRow
from scenewise.video.decode import Frame
from scenewise.visible import visible

LEAST_WIDTH = 480
"""Pixels; smaller pictures are enlarged by a whole factor, so that the text below them can be read."""
SECONDS = 10.0
"""The curve shows so many seconds before and after the frame."""
SUBPIXEL = 4
"""Fractional bits of OpenCV's polygon corners: sixteenths of a pixel."""


class Panel:
    """Draws frames of one video, all of one size."""

    def __init__(
        self,
        size: tuple[int, int],
        scene: str,
        threshold: float,
        range_of_scores: tuple[float, float],
        *,
        explained: bool = False,
    ):
        """`size` is height and width of the video's frames; the curve covers `range_of_scores` and the threshold.

        With `explained` there is a line for why the score is as it is.
        """
        self.explained = explained
        height, width = size
        self.zoom = max(math.ceil(LEAST_WIDTH / width), 1)
        # H.264 stores colour for blocks of 2 x 2 pixels.
        self.width, self.picture_height = (length * self.zoom + length * self.zoom % 2 for length in (width, height))
        self.text_size = max(round(self.width / 38), 13)
        self.text_rows = 2 * self.text_size * (2 if explained else 1)
        self.curve_rows = 2 * max(self.picture_height // 10, 36)
        self.scene, self.threshold = visible(scene), threshold
        low, high = min(range_of_scores[0], 0.0), max(range_of_scores[1], 1.5 * threshold, 1.5)
        self.low, self.high = spread(np.array([low, high]))
        self.font = font_of(self.text_size)
        self.line = round(float(self._rows_of(np.array([threshold]))[0]))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture that `draw` returns, both even."""
        height = self.picture_height + self.text_rows + self.curve_rows
        return height + height % 2, self.width

    def draw(
        self,
        frame: Frame,
        now: ScoreRow,
        around: list[ScoreRow],
        in_event: bool,
        sightings: Sequence[Sighting] = (),
        example: ShownExample | None = None,
        why: str = "",
        heat: NDArray[np.floating] | None = None,
    ) -> Frame:
        """`frame` (H, W, 3) over its panel; `around` holds the rows from SECONDS before `now` to SECONDS after it.

        The boxes of `sightings` are drawn, and `example`, the nearest normal example of the highest sighting. `why`
        says what the frame's score comes from, if the panel has a line for it. `heat` as `draw_boxes`.
        """
        canvas = np.empty((*self.size, 3), np.uint8)
        canvas[:] = GROUND
        height, width = frame.shape[0] * self.zoom, frame.shape[1] * self.zoom
        picture = canvas[: self.picture_height, : self.width]
        enlarged = frame
        if self.zoom > 1:
            enlarged = np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        picture[:height, :width] = draw_boxes(enlarged, sightings, example, heat)
        if in_event:
            thick = max(self.width // 160, 2)
            cv2.rectangle(picture, (0, 0), (self.width - 1, self.picture_height - 1), ALARM, 2 * thick - 1)
        top = self.picture_height + self.text_rows
        canvas[top : top + self.curve_rows] = self._curve(now, around)
        canvas[self.picture_height : top] = self._text(now, in_event, why)
        return canvas

    def _curve(self, now: ScoreRow, around: list[ScoreRow]) -> Frame:
        calm, alarm = self._filled(now, around, CALM), self._filled(now, around, ALARM)
        calm[: self.line] = alarm[: self.line]  # the part above the threshold
        calm[self.line, ::8] = calm[self.line, 1::8] = calm[self.line, 2::8] = QUIET
        middle = self.width // 2
        calm[:, middle:] = calm[:, middle:] // 2 + np.array(GROUND, np.uint8) // 2  # the part after the frame
        calm[:, middle] = TEXT
        return calm

    def _filled(self, now: ScoreRow, around: list[ScoreRow], colour: Colour) -> Frame:
        """The curve and the area below it, in one colour."""
        canvas = np.empty((self.curve_rows, self.width, 3), np.uint8)
        canvas[:] = GROUND
        times = np.array([row.time for row in around])
        columns = (times - now.time + SECONDS) / (2 * SECONDS) * self.width
        rows = self._rows_of(np.array([row.score for row in around]))
        points = np.round(np.stack([columns, rows], axis=1) * 2**SUBPIXEL).astype(np.int32)
        bottom = (self.curve_rows + 1) << SUBPIXEL
        area = np.concatenate([points, [[points[-1, 0], bottom], [points[0, 0], bottom]]]).astype(np.int32)
        faint = tuple(int(0.3 * part + 0.7 * ground) for part, ground in zip(colour, GROUND, strict=True))
        cv2.fillPoly(canvas, [area], faint, shift=SUBPIXEL)
        cv2.polylines(canvas, [points], False, colour, 2, cv2.LINE_AA, SUBPIXEL)
        return canvas

    def _rows_of(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The height of scores in the curve, in pixels from its top."""
        shares = (self.high - spread(scores)) / (self.high - self.low)
        rows: NDArray[np.float64] = 3 + np.clip(shares, 0, 1) * (self.curve_rows - 7)
        return rows

    def _text(self, now: ScoreRow, in_event: bool, why: str) -> Frame:
        strip = Image.new("RGB", (self.width, self.text_rows), GROUND)
        draw = ImageDraw.Draw(strip)
        middle, margin = self.text_size, self.text_size // 2
        left = f"{self.scene}   {clock(now.time)}   frame {now.frame}"
        right = f"{'alarm   ' if in_event else ''}{now.score:.{2 if abs(now.score) < 100 else 0}f}"
        draw.text((margin, middle), left, QUIET, self.font, anchor="lm")
        draw.text((self.width - margin, middle), right, ALARM if in_event else TEXT, self.font, anchor="rm")
        if self.explained:
            draw.text((margin, 3 * self.text_size), visible(why), TEXT, self.font, anchor="lm")
        return np.asarray(strip)


def spread(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear up to 1 and logarithmic above: 1 + ln(x) has the value and the slope of x at 1."""
    return np.where(scores > 1, 1 + np.log(np.maximum(scores, 1)), scores)
