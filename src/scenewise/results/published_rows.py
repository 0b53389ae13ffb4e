"""What was published on ShanghaiTech-SD: rows to stand beside ours, marked published.

All are pooled frame AUC. Those of Cao et al. and of the methods before it are from their paper, "A New Comprehensive
Benchmark for Semi-supervised Video Anomaly Detection and Anticipation" (CVPR 2023); the two autoencoders are from the
published scene-aware code, whose checkpoints and smoothing were chosen by test AUC.
"""

from collections.abc import Iterable
from typing import NamedTuple

from scenewise.datasets.shanghaitech_sd_split import TEST


class PublishedRow(NamedTuple):
    """A method as others published it."""

    method: str
    needs_objects: bool | None
    """Whether it scores detected objects instead of whole pictures; None of what is no detector."""
    scene_aware: bool | None
    """None of what is no detector."""
    frame_auc_micro: float
    family: str = ""
    """The method, as `--method` names it, that follows the same idea: the row stands beside it."""


SHANGHAITECH_SD = (
    PublishedRow("MemAE", False, False, 0.674, "memory-autoencoder"),
    PublishedRow("MNAD", False, False, 0.682, "memory-autoencoder"),
    PublishedRow("OG-Net", False, False, 0.696, "adversarial"),
    PublishedRow("AMMC-Net", False, False, 0.649, "appearance-motion"),
    PublishedRow("HF2-VAD", True, False, 0.708, "hybrid"),
    PublishedRow("MPN", False, False, 0.769, "prediction"),
    PublishedRow("Cao et al.", True, True, 0.827, "scene-prediction"),
    PublishedRow("scene-agnostic autoencoder", False, False, 0.613, "autoencoder"),
    PublishedRow("scene-aware autoencoder", False, True, 0.790, "autoencoder"),
)
CONSTANTS = (
    PublishedRow("constant per scene: 0 for scene 01, 1 elsewhere", None, None, 0.781),
    PublishedRow("best constant per scene", None, None, 0.847),
)
"""No detectors: what the scene's name alone reaches on the official labels."""


def is_shanghaitech_sd(test_videos: Iterable[tuple[str, str]]) -> bool:
    """Whether {(scene, video)} are exactly the test videos of the split: on any others the rows compare nothing."""
    return set(test_videos) == {(scene, name) for scene, names in TEST.items() for name in names.split()}
