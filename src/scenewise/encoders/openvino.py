"""Any image encoder that OpenVINO reads: ONNX, OpenVINO IR or TFLite, float or quantised.

    frames ── fitted ── [ levels to the input it wants ── model ] ──┬─ its output ── features (N, D)
                                                                    └─ last spatial map, pooled ── regions (N, R, D')

What stands in brackets is compiled into one.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from scenewise.config import Colour, EncoderPrecision, ExtractConfig, Fit, Preprocess
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.openvino_graph import Picture, add_regions, find_features, fix_picture
from scenewise.encoders.openvino_model import (
    ReadModel,
    Triple,
    check_normalisation,
    compile_levels,
    pick_precision,
    read_model,
)
from scenewise.encoders.openvino_object_encoder import OpenVinoObjectEncoder
from scenewise.encoders.preprocess import PUBLISHED_LEVEL, Resample, fit_frames
from scenewise.errors import ConfigError
from scenewise.progress import say

LIGHT = 100 << 20
"""Bytes of a model's files below which every core may have the model to itself."""


class OpenVinoEncoder(Encoder):
    """An image encoder from `file`, on the CPU.

    The file of a model with float input does not say how pixels are normalised: `mean` and `std`, on the scale 0 to 1
    in the model's channel order, and `colour`, that order, have to be given. (A model that takes float levels 0 to 255
    has mean 0 and std 1/255.) A model with uint8 input normalises itself, and takes RGB unless `colour` is bgr.
    Features are the model's first output with two axes, or the mean over the places of its first with four. With
    `regions`, rows and columns, the last spatial map before them is averaged over that grid. `preprocess` published
    stands for mean, std and colour: it feeds a model with float input as published code does, with `fit` squash.

    A model that OpenVINO cannot read as it lies is read by `read`, and is called `kind` in its fingerprint.

    Raises EncoderError if the file is not such a model, ConfigError if settings are missing or do not fit it.
    """

    flags = frozenset({"regions", "fit", "preprocess", "precision", "mean", "std", "colour"})
    batch = 32

    def __init__(
        self,
        file: Path,
        *,
        mean: Triple | None = None,
        std: Triple | None = None,
        colour: Colour | None = None,
        fit: Fit = "squash",
        preprocess: Preprocess = "encoder",
        regions: tuple[int, int] | None = None,
        precision: EncoderPrecision = "auto",
        kind: str = "openvino",
        read: ReadModel = read_model,
    ) -> None:
        core = ov.Core()
        model, files = read(file)
        self._picture = fix_picture(model, file)
        if self._picture.open:
            rows, columns = self._picture.size
            say(f"{file.name} leaves the size of its picture open; {rows}x{columns} is used")
        self._resample: Resample = "bicubic"
        if preprocess == "published":
            _refuse_normalisation(file, self._picture, mean, std, colour)
            self._resample, colour = "opencv-bilinear", "bgr"
            mean = std = (PUBLISHED_LEVEL, PUBLISHED_LEVEL, PUBLISHED_LEVEL)
        check_normalisation(file, self._picture, mean, std, colour)
        self._object_encoder = partial(
            OpenVinoObjectEncoder,
            file,
            mean=mean,
            std=std,
            colour=colour,
            precision=precision,
            kind=kind,
            read=read,
        )
        grey = mean or (0.5, 0.5, 0.5)
        red, green, blue = (round(255 * level) for level in (grey[::-1] if colour == "bgr" else grey))
        self._fit, self._border = fit, (red, green, blue)
        self._features = find_features(model, self._picture, file)
        self._regions = add_regions(model, self._features, regions, file) if regions else None
        computed_in = pick_precision(precision)
        compiled, shown = compile_levels(
            core, model, file, self._picture, mean=mean, std=std, colour=colour, precision=computed_in
        )
        files.require_unchanged()
        self._requests = ov.AsyncInferQueue(compiled)
        self.light = sum(path.stat().st_size for path in files.paths) < LIGHT
        self.width = len(self._features.read(shown[self._features.output]))
        self._regions_shape = self._regions.read(shown[self._regions.output]).T.shape if self._regions else (0, 0)
        self.identity: dict[str, Any] = {
            "kind": kind,
            "model": files.checksums,
            "size": list(self._picture.size),
            "mean": list(mean) if mean else None,
            "std": list(std) if std else None,
            "colour": colour or "rgb",
            "fit": fit,
            "regions": list(regions) if regions else None,
            **({"preprocess": "published", "resample": self._resample} if preprocess == "published" else {}),
        }
        self.execution: dict[str, Any] = {"device": "cpu", "precision": computed_in, "openvino": ov.__version__}

    @classmethod
    def from_config(cls, config: ExtractConfig) -> "OpenVinoEncoder":
        """The model in the file that `config.encoder` names after `openvino:`. Raises as the class does."""
        return cls(
            Path(config.encoder.removeprefix("openvino:")),
            mean=config.mean,
            std=config.std,
            colour=config.colour,
            fit=config.fit,
            preprocess=config.preprocess,
            regions=config.grid,
            precision=config.precision,
        )

    def object_encoder(self) -> OpenVinoObjectEncoder:
        """Objects are encoded by maps inside the same model, normalised alike."""
        return self._object_encoder()

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features (N, D) and, if asked for, regions (N, R, D') of frames (N, H, W, 3) uint8 RGB."""
        features = np.empty((len(frames), self.width), np.float32)
        regions = np.empty((len(frames), *self._regions_shape), np.float32)

        def keep(request: Any, number: int) -> None:
            features[number] = self._features.read(request.get_output_tensor(self._features.output).data).mean(1)
            if self._regions:
                regions[number] = self._regions.read(request.get_output_tensor(self._regions.output).data).T

        self._requests.set_callback(keep)
        for start in range(0, len(frames), self.batch):
            part = frames[start : start + self.batch]
            fitted = fit_frames(part, self._picture.size, self._fit, border=self._border, resample=self._resample)
            for number, picture in enumerate(fitted.permute(0, 2, 3, 1).contiguous().numpy(), start):
                self._requests.start_async({0: picture[None]}, number)
        self._requests.wait_all()
        return Encoded(features, regions if self._regions else None)


def _refuse_normalisation(
    file: Path, picture: Picture, mean: Triple | None, std: Triple | None, colour: Colour | None
) -> None:
    """Raise ConfigError if the model cannot be fed as published code does, or another normalisation is given too."""
    if picture.levels:
        raise ConfigError(
            f"{file}: takes uint8 levels and normalises them itself, so --preprocess published cannot be met; leave "
            "it out, or give a model with float input"
        )
    given = [f"--{name}" for name, value in (("mean", mean), ("std", std), ("colour", colour)) if value is not None]
    if given:
        raise ConfigError(f"--preprocess published sets mean, std and colour itself; leave {', '.join(given)} out")
