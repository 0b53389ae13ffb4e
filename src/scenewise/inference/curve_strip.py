"""The score curve around one moment of a video, as a strip of pixels: its alarm line, its scale and its time axis."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scenewise.clock import whole_seconds
from scenewise.inference.boxes import ALARM, CALM, GROUND, QUIET, TEXT, UNUSUAL, Colour, font_of
from scenewise.inference.tables import ScoreRow
from scenewise.scoring.level import Levels
from scenewise.video.decode import Frame

SECONDS = 10.0
"""The curve shows so many seconds before and after the frame."""
TICK = 5
"""Seconds between the labels of the time axis, at whole multiples."""
AHEAD: Colour = (40, 46, 54)
"""The ground of what comes after the frame."""
TINT, AREA = 0.12, 0.35
"""Share of its colour in the ground above the alarm line, and in the area below the curve."""
SUBPIXEL = 4
"""Fractional bits of OpenCV's polygon corners: sixteenths of a pixel."""


class CurveStrip:
    """Draws strips of one video, all of one size."""

    def __init__(self, size: tuple[int, int], text_size: int, levels: Levels, highest: float) -> None:
        """`size` is height and width; the scale goes from 0 to `highest`, and above the alarm line in any case."""
        self.rows, self.width = size
        self.text_size, self.font = text_size, font_of(text_size)
        self.axis_rows = round(1.6 * text_size)
        self.curve_rows = self.rows - self.axis_rows
        self.levels = levels
        self.top = float(spread(np.array(max(highest, 1.5 * levels.alarm, 1.5))))
        self.alarm_row, self.unusual_row = (self._row(score) for score in (levels.alarm, levels.unusual))
        self.ground = self._ground()
        self.labels, self.opacity = self._labels()

    def draw(self, now: ScoreRow, around: list[ScoreRow]) -> Frame:
        """(H, W, 3): the curve of `around`, the rows from SECONDS before `now` to SECONDS after it.

        `now` is in the middle. What lies above the alarm line is in the colour of alarms.
        """
        calm, alarm = self._filled(now, around, CALM), self._filled(now, around, ALARM)
        calm[: self.alarm_row] = alarm[: self.alarm_row]
        calm[:, self.width // 2] = TEXT
        labelled = np.round(calm + (self.labels - calm.astype(np.float32)) * self.opacity).astype(np.uint8)
        return np.concatenate([labelled, self._time_axis(now, around)])

    def _filled(self, now: ScoreRow, around: list[ScoreRow], colour: Colour) -> Frame:
        """The curve and the area below it, in one colour."""
        canvas = self.ground.copy()
        times = np.array([row.time for row in around])
        columns = (times - now.time + SECONDS) / (2 * SECONDS) * self.width
        rows = self._rows_of(np.array([row.score for row in around]))
        points = np.round(np.stack([columns, rows], axis=1) * 2**SUBPIXEL).astype(np.int32)
        bottom = (self.curve_rows + 1) << SUBPIXEL
        area = np.concatenate([points, [[points[-1, 0], bottom], [points[0, 0], bottom]]]).astype(np.int32)
        cv2.fillPoly(canvas, [area], _mixed(colour, GROUND, AREA), shift=SUBPIXEL)
        cv2.polylines(canvas, [points], False, colour, 2, cv2.LINE_AA, SUBPIXEL)
        return canvas

    def _ground(self) -> Frame:
        """What lies behind the curve: what comes after the frame is on grey, and all above the alarm line is tinted."""
        canvas = np.empty((self.curve_rows, self.width, 3), np.uint8)
        canvas[:], canvas[:, self.width // 2 :] = GROUND, AHEAD
        for half, ground in ((slice(None, self.width // 2), GROUND), (slice(self.width // 2, None), AHEAD)):
            canvas[: self.alarm_row, half] = _mixed(ALARM, ground, TINT)
        return canvas

    def _labels(self) -> tuple[Frame, NDArray[np.floating]]:
        """What lies over the curve, and its opacity: the lines with their words, and which half is which."""
        drawn, mask = (Image.new(mode, (self.width, self.curve_rows)) for mode in ("RGB", "L"))
        margin = self.text_size // 2

        def write(place: tuple[float, float], words: str, colour: Colour, anchor: str) -> None:
            rim = max(self.text_size // 8, 1)
            ImageDraw.Draw(drawn).text(place, words, colour, self.font, anchor, stroke_width=rim, stroke_fill=GROUND)
            ImageDraw.Draw(mask).text(place, words, 255, self.font, anchor, stroke_width=rim)

        def line(row: int, colour: Colour, dash: int) -> None:
            for left in range(0, self.width, 2 * dash):
                ImageDraw.Draw(drawn).line((left, row, left + dash - 1, row), colour)
                ImageDraw.Draw(mask).line((left, row, left + dash - 1, row), 255)

        line(self.alarm_row, ALARM, 6)
        write((margin, self.alarm_row - 2), f"alarm above {self.levels.alarm:.2f}", ALARM, "ls")
        if self.alarm_row + 1.5 * self.text_size < self.unusual_row < self.curve_rows:
            line(self.unusual_row, UNUSUAL, 2)
            write((margin, self.unusual_row - 2), f"unusual above {self.levels.unusual:.2f}", UNUSUAL, "ls")
        middle, low = self.width // 2, self.curve_rows - margin
        write((middle - margin, low), f"last {SECONDS:.0f} s", TEXT, "rs")
        write((middle + margin, low), f"next {SECONDS:.0f} s", TEXT, "ls")
        free = float(self.curve_rows)
        for score in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 3000, 10_000, 100_000):
            row = self._row(score)
            if self.text_size < row < free - 1.5 * self.text_size and abs(row - self.alarm_row) > self.text_size:
                free = row
                write((self.width - margin, row), f"{score:d}", QUIET, "rm")
        return np.asarray(drawn), np.asarray(mask, np.float32)[..., None] / np.float32(255)

    def _time_axis(self, now: ScoreRow, around: list[ScoreRow]) -> Frame:
        strip = Image.new("RGB", (self.width, self.axis_rows), GROUND)
        draw = ImageDraw.Draw(strip)
        for second in range(TICK * math.ceil(around[0].time / TICK), math.floor(around[-1].time) + 1, TICK):
            column = (second - now.time + SECONDS) / (2 * SECONDS) * self.width
            draw.line((column, 0, column, 3), QUIET)
            half = self.font.getlength(whole_seconds(second)) / 2
            if half <= column <= self.width - half:
                draw.text((column, 0.9 * self.axis_rows), whole_seconds(second), QUIET, self.font, anchor="ms")
        return np.asarray(strip)

    def _row(self, score: float) -> int:
        return round(float(self._rows_of(np.array([score]))[0]))

    def _rows_of(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The height of scores in the curve, in pixels from its top."""
        shares = 1 - spread(np.maximum(scores, 0.0)) / self.top
        rows: NDArray[np.float64] = 3 + np.clip(shares, 0, 1) * (self.curve_rows - 5)
        return rows


def spread(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear up to 1 and logarithmic above: 1 + ln(x) has the value and the slope of x at 1."""
    return np.where(scores > 1, 1 + np.log(np.maximum(scores, 1)), scores)


def _mixed(colour: Colour, ground: Colour, share: float) -> Colour:
    red, green, blue = (round(share * part + (1 - share) * below) for part, below in zip(colour, ground, strict=True))
    return red, green, blue
