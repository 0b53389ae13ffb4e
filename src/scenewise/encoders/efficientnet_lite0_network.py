"""EfficientNet-Lite0, a network for small machines: EfficientNet-B0 (Tan and Le, ICML 2019) without squeeze-and-excite,
with ReLU6 for swish, and with a stem and a head that do not scale (the Lite variants of Google's EfficientNet code).

    picture (3, 224, 224) ── stem ── 16 blocks ── head ── maps (1280, 7, 7) ── mean ── features (1280,)
"""

from itertools import chain, repeat
from typing import NamedTuple

from torch import Tensor, nn


class Stage(NamedTuple):
    """Blocks of one kind in a row; the first one has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
"""Table 1 of the paper."""
STEM, HEAD, CLASSES = 32, 1280, 1000
LAST_HALVING = 11
"""Number of the last block that halves rows and columns."""
LEVEL_MEAN, LEVEL_SCALE = 127.0, 128.0
"""The network takes (level - 127) / 128, in red-green-blue order."""


class EfficientNetLite0(nn.Module):
    """The names of the parts are those of the published weights."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = _convolution(3, STEM, 3, stride=2), _norm(STEM)
        kinds = list(chain.from_iterable(repeat((number, stage), stage.blocks) for number, stage in enumerate(STAGES)))
        blocks: list[Block] = []
        inputs = STEM
        for place, (number, stage) in enumerate(kinds):
            first = not place or kinds[place - 1][0] != number
            blocks.append(Block(inputs, stage, stage.stride if first else 1))
            inputs = stage.channels
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = _convolution(inputs, HEAD, 1), _norm(HEAD)
        self._fc = nn.Linear(HEAD, CLASSES)
        self._relu = nn.ReLU6()

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 3, H, W), normalised as LEVEL_MEAN says, to features (N, 1280)."""
        return self.maps(pictures).mean((2, 3))

    def maps(self, pictures: Tensor) -> Tensor:
        """The last spatial maps (N, 1280, H/32, W/32) of pictures (N, 3, H, W)."""
        values = self._relu(self._bn0(self._conv_stem(pictures)))
        for block in self._blocks:
            values = block(values)
        return self._relu(self._bn1(self._conv_head(values)))  # type: ignore[no-any-return]

    def halfway_and_last(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (N, 672, H/16, W/16), the last ones twice as fine as the last maps, which come second."""
        values = halfway = self._relu(self._bn0(self._conv_stem(pictures)))
        for number, block in enumerate(self._blocks):
            if number == LAST_HALVING:
                halfway = block.expanded(values)  # type: ignore[operator]  # a Block
            values = block(values)
        return halfway, self._relu(self._bn1(self._conv_head(values)))

    def classify(self, pictures: Tensor) -> Tensor:
        """Logits (N, 1000) of the classes of ImageNet."""
        return self._fc(self(pictures))  # type: ignore[no-any-return]


class Block(nn.Module):
    """A mobile inverted bottleneck (Sandler et al., CVPR 2018): expand, filter each channel, project."""

    def __init__(self, inputs: int, stage: Stage, stride: int) -> None:
        super().__init__()
        wide = inputs * stage.expansion
        self._expands = stage.expansion > 1
        if self._expands:
            self._expand_conv, self._bn0 = _convolution(inputs, wide, 1), _norm(wide)
        self._depthwise_conv = _convolution(wide, wide, stage.kernel, stride=stride, groups=wide)
        self._bn1 = _norm(wide)
        self._project_conv, self._bn2 = _convolution(wide, stage.channels, 1), _norm(stage.channels)
        self._relu = nn.ReLU6()
        self._adds = stride == 1 and inputs == stage.channels

    def forward(self, values: Tensor) -> Tensor:
        """Maps (N, inputs, H, W) to maps (N, channels, H / stride, W / stride)."""
        wide = self._relu(self._bn1(self._depthwise_conv(self.expanded(values))))
        result: Tensor = self._bn2(self._project_conv(wide))
        return values + result if self._adds else result

    def expanded(self, values: Tensor) -> Tensor:
        """Maps (N, inputs, H, W) to maps (N, inputs * expansion, H, W)."""
        return self._relu(self._bn0(self._expand_conv(values))) if self._expands else values


def _convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=(kernel - 1) // 2, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)
