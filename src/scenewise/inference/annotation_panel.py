"""Draws an annotated frame: the boxes of objects, and below the picture the score and its curve around that time."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scenewise.clock import clock
from scenewise.inference.boxes import ALARM, COLOUR_OF, GROUND, QUIET, TEXT, draw_boxes, font_of
from scenewise.inference.curve_strip import CurveStrip
from scenewise.inference.normal_examples import ShownExample
from scenewise.inference.scored_frames import Sighting
from scenewise.inference.tables import ScoreRow
from scenewise.scoring.level import Levels, shown
from scenewise.video.decode import Frame
from scenewise.visible import visible

LEAST_WIDTH = 480
"""Pixels; smaller pictures are enlarged by a whole factor, so that the text below them can be read."""


class Panel:
    """Draws frames of one video, all of one size."""

    def __init__(
        self, size: tuple[int, int], title: str, levels: Levels, highest: float, *, explained: bool = False
    ) -> None:
        """`size` is height and width of the video's frames; the curve goes from 0 to the score `highest`.

        With `explained` there is a line for why the score is as it is.
        """
        self.explained, self.levels = explained, levels
        height, width = size
        self.zoom = max(math.ceil(LEAST_WIDTH / width), 1)
        # H.264 stores colour for blocks of 2 x 2 pixels.
        self.width, self.picture_height = (length * self.zoom + length * self.zoom % 2 for length in (width, height))
        self.text_size = max(round(self.width / 38), 13)
        self.text_rows = 2 * self.text_size * (2 if explained else 1)
        small = max(round(0.75 * self.text_size), 11)
        self.curve_rows = 2 * max(self.picture_height // 8, 4 * small)
        self.title, self.font = visible(title), font_of(self.text_size)
        self.strip = CurveStrip((self.curve_rows, self.width), small, levels, highest)

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

        The boxes of `sightings` are drawn, and `example`, the nearest normal example of the highest sighting, which is
        the last. `why` says what the frame's score comes from, if the panel has a line for it. `heat` as `draw_boxes`.
        """
        canvas = np.empty((*self.size, 3), np.uint8)
        canvas[:] = GROUND
        height, width = frame.shape[0] * self.zoom, frame.shape[1] * self.zoom
        picture = canvas[: self.picture_height, : self.width]
        enlarged = frame
        if self.zoom > 1:
            enlarged = np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        picture[:height, :width] = draw_boxes(enlarged, sightings, self.levels, example, heat)
        if in_event:
            thick = max(self.width // 160, 2)
            cv2.rectangle(picture, (0, 0), (self.width - 1, self.picture_height - 1), ALARM, 2 * thick - 1)
        top = self.picture_height + self.text_rows
        canvas[top : top + self.curve_rows] = self.strip.draw(now, around)
        canvas[self.picture_height : top] = self._text(now, why)
        return canvas

    def _text(self, now: ScoreRow, why: str) -> Frame:
        strip = Image.new("RGB", (self.width, self.text_rows), GROUND)
        draw = ImageDraw.Draw(strip)
        middle, margin = self.text_size, self.text_size // 2
        level = self.levels.of(now.score)
        left = f"{clock(now.time)}   frame {now.frame}   {self.title}"
        right, colour = f"{level}  {shown(now.score)}", TEXT if level == "ordinary" else COLOUR_OF[level]
        draw.text((margin, middle), left, QUIET, self.font, anchor="lm")
        beginning = self.width - margin - round(self.font.getlength(right))
        draw.rectangle((beginning - margin, 0, self.width, 2 * middle), GROUND)  # a long title ends here
        draw.text((beginning, middle), right, colour, self.font, anchor="lm")
        if self.explained:
            draw.text((margin, 3 * self.text_size), visible(why), TEXT, self.font, anchor="lm")
        return np.asarray(strip)
