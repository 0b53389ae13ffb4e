"""What is normal: one file a method."""

from scenewise.config import TrainConfig
from scenewise.methods.autoencoder.model import Autoencoder
from scenewise.methods.autoencoder.variational import VariationalAutoencoder


def build_model(feature_width: int, scenes: int, config: TrainConfig) -> Autoencoder:
    """The model that `config.method` names, with fresh weights, for features of `feature_width` and so many scenes.

    Raises ConfigError where the width is no number or no multiple of the heads.
    """
    methods = {"autoencoder": Autoencoder, "variational": VariationalAutoencoder}
    return methods[config.method](feature_width, scenes, config)
