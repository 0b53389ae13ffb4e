"""An object detector for every video of a data set, with the background of its scene."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scenewise.config import ExtractConfig
from scenewise.datasets import Video
from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.errors import VideoError
from scenewise.features.backgrounds import background_digest, scene_background
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.objects.background import Background
from scenewise.objects.detector import DETECTOR, ObjectDetector


class ObjectDetectors:
    """Opens object detectors; a scene's background is learned for its first video and kept in the store `out`."""

    def __init__(
        self,
        object_encoder: ObjectEncoder,
        out: Path,
        videos: Sequence[Video],
        masks: dict[str, IgnoreMask],
        config: ExtractConfig,
    ) -> None:
        self.object_encoder, self.every = object_encoder, config.objects_every
        self._out, self._videos, self._masks, self._config = out, videos, masks, config
        self._known: dict[str, Background | VideoError] = {}

    def open(self, video: Video, fps: float) -> ObjectDetector:
        """One for `video` of `fps` frames per second. Raises VideoError if no footage of its scene can be read."""
        return ObjectDetector(self._background(video.scene), self.object_encoder, self.every, fps)

    def made_from(self, video: Video) -> dict[str, Any]:
        """All that decides the objects of `video` beside its footage. Raises VideoError as `open` does."""
        background = background_digest(self._background(video.scene))
        return {
            "detector": DETECTOR,
            "object_encoder": self.object_encoder.identity,
            "every": self.every,
            "background": background,
        }

    def _background(self, scene: str) -> Background:
        """Learned once, also if it fails: reading a scene's videos in vain takes long."""
        if scene not in self._known:
            try:
                self._known[scene] = scene_background(
                    self._out,
                    scene,
                    self._videos,
                    self._masks.get(scene),
                    self._config.decode_height,
                    self._config.max_pixels,
                )
            except VideoError as error:
                self._known[scene] = error
        known = self._known[scene]
        if isinstance(known, VideoError):
            raise VideoError(str(known))
        return known
