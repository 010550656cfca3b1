"""The filters of EfficientNet-Lite: what a block finds in every place of a picture, before ReLU6 cuts it off."""

from __future__ import annotations

from torch import Tensor

from lib.learners.photos.efficientnet_lite import STAGES, EfficientNetLite


def filters(network: EfficientNetLite, block: int, pictures: Tensor) -> Tensor:
    """What the filters that widen a block answer, (n, channels, h, w), to pictures (n, 3, height, width) in [0, 1].

    block: from 1 (block 0 widens nothing). Below 0 and above 6 ReLU6 is flat: no gradient comes from behind it.
    """
    x = network.stem((pictures * 255 - 127) / 128)
    for one in network.blocks[:block]:
        x = one(x)
    return network.blocks[block].expand.convolved(x)  # type: ignore[union-attr,operator]


def field(block: int) -> tuple[int, int]:
    """Of a block's filters in Lite0: the side of what one answer looks at, and between two neighbours' places [pixels].

    Answer i, from 0, has pixel (i + 1) times the second, minus 1, in its middle: TensorFlow pads more at the
    end. Whatever lies beyond the picture counts as a middle grey.
    """
    side, apart = 3, 2  # the stem's
    kernels = [(kernel, stride if nth == 0 else 1) for count, kernel, stride, *_ in STAGES for nth in range(count)]
    for kernel, stride in kernels[:block]:
        side += (kernel - 1) * apart
        apart *= stride
    return side, apart
