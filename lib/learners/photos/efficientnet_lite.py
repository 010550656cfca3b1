"""EfficientNet-Lite: a network for photographs that is small enough for one thread of a processor.

Pictures go in as they are kept, (n, 3, height, width) in [0, 1] in red, green, blue; logits (n, 1000) come out, in the
order of ImageNet's classes. It is fully convolutional: pictures of any size are read, best those of the side that it
was trained with.
Sources: M. Tan, Q. Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (2019), table 1; the
Lite variants (2020) leave out squeeze-and-excitation, have ReLU6 for swish, and keep the sizes of stem and head.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

Name = Literal["lite0", "lite1"]
CLASSES = 1000
STEM, HEAD = 32, 1280  # channels
STAGES = (  # blocks, kernel, stride of the first, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class Scale:
    """How much deeper than Lite0 a variant is, and the side of the pictures it was trained with [px]."""

    depth: float
    side: int


SCALES: dict[Name, Scale] = {"lite0": Scale(1.0, 224), "lite1": Scale(1.1, 240)}


class ConvNorm(nn.Module):
    """A convolution as TensorFlow pads it ("SAME"), a batch norm and, but for `linear` ones, ReLU6."""

    def __init__(self, into: int, out: int, kernel: int, stride: int = 1, *, groups: int = 1, linear: bool = False):
        super().__init__()
        self.conv = nn.Conv2d(into, out, kernel, stride, groups=groups, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(out, eps=1e-3)
        self.kernel, self.stride, self.linear = kernel, stride, linear

    def forward(self, x: Tensor) -> Tensor:
        return Lean.apply(x, self) if self.lean(x) else self.answered(x)

    def lean(self, x: Tensor) -> bool:
        """True where a gradient is asked for by the picture alone."""
        return x.requires_grad and torch.is_grad_enabled() and not self.conv.weight.requires_grad

    def answered(self, x: Tensor) -> Tensor:
        x = self.norm(self.convolved(x))
        if self.linear:
            return x
        return F.relu6(x) if x.requires_grad else x.clamp_(0, 6)  # the same, in less time

    def convolved(self, x: Tensor) -> Tensor:
        edges = self.odd(x.shape)
        x = F.pad(x, edges) if any(edges) else x
        return F.conv2d(x, self.kernels, self.conv.bias, self.stride, self.kernel // 2, groups=self.conv.groups)

    @property
    def kernels(self) -> Tensor:
        """With a row and a column of nothing before them at stride 2: so all sides of a picture are padded alike.

        The convolution then does that itself, and nothing is copied.
        """
        return F.pad(self.conv.weight, (1, 0, 1, 0)) if self.stride == 2 else self.conv.weight

    def odd(self, shape: Sequence[int]) -> tuple[int, int, int, int]:
        """What is padded before that: a side that stride 2 does not divide, by one at its beginning."""
        high, wide = (side % self.stride for side in shape[-2:])
        return wide, 0, high, 0

    def back(self, slope: Tensor, shape: Sequence[int]) -> Tensor:
        """How an answer of `convolved` changes with its input, which is of this shape, times its slope."""
        if self.kernel == 1:
            n, _, high, wide = slope.shape
            rows = slope.permute(0, 2, 3, 1).flatten(0, 2) @ self.conv.weight.flatten(1)
            return rows.view(n, high, wide, -1).permute(0, 3, 1, 2)
        _, _, high, wide = shape
        whole = F.conv_transpose2d(slope, self.kernels, None, self.stride, self.kernel // 2, groups=self.conv.groups)
        return whole[..., -high:, -wide:]

    def fold(self) -> None:
        """The batch norm becomes a part of the convolution, which answers the same but for rounding."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = nn.utils.fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class Block(nn.Module):
    """An inverted bottleneck: widen, look around in each channel apart, narrow; plus what came in, where that fits."""

    def __init__(self, into: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = into * expansion
        self.expand = ConvNorm(into, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, kernel, stride, groups=wide)
        self.project = ConvNorm(wide, out, 1, linear=True)
        self.skips = stride == 1 and into == out

    def forward(self, x: Tensor) -> Tensor:
        if self.depthwise.lean(x):
            y = Lean.apply(x, *(part for part in self.children() if isinstance(part, ConvNorm)))
        else:
            y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.skips else y


class Lean(torch.autograd.Function):
    """Folded parts one after the other, whose own weights nobody wants the gradient of.

    What ReLU6 has left is all that the way back needs: half of what torch keeps otherwise, and it takes less time.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, *parts: ConvNorm) -> Tensor:
        kept, ctx.parts, ctx.shapes = [], parts, []
        for part in parts:
            ctx.shapes.append(x.shape)
            x = part.convolved(x)
            if not part.linear:
                kept.append(x.clamp_(0, 6))
        ctx.save_for_backward(*kept)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        kept, given = [*ctx.saved_tensors], slope
        for part, shape in zip(reversed(ctx.parts), reversed(ctx.shapes), strict=True):
            if not part.linear:
                within = torch.empty_like(slope) if slope is given else slope  # what was given is not ours to change
                slope = torch.ops.aten.hardtanh_backward.grad_input(slope, kept.pop(), 0, 6, grad_input=within)
            slope = part.back(slope, shape)
        return slope, *(None for _ in ctx.parts)


class EfficientNetLite(nn.Module):
    """The network of one variant, with weights of chance; lib.learners.photos.weights has the trained ones."""

    def __init__(self, name: Name = "lite0") -> None:
        super().__init__()
        self.side = SCALES[name].side
        self.stem = ConvNorm(3, STEM, 3, 2)
        blocks, into = [], STEM
        for place, (count, kernel, stride, expansion, out) in enumerate(STAGES):
            fixed = place in (0, len(STAGES) - 1)
            for nth in range(count if fixed else math.ceil(count * SCALES[name].depth)):
                blocks.append(Block(into, out, kernel, stride if nth == 0 else 1, expansion))
                into = out
        self.blocks = nn.ModuleList(blocks)
        self.head = ConvNorm(into, HEAD, 1)
        self.classify = nn.Linear(HEAD, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem((x * 255 - 127) / 128)
        for block in self.blocks:
            x = block(x)
        return self.classify(self.head(x).mean((2, 3)))

    @torch.no_grad()
    def folded(self) -> EfficientNetLite:
        """This network, changed: for answers and gradients alone, in half the time."""
        self.eval().requires_grad_(False)
        for part in self.modules():
            if isinstance(part, ConvNorm):
                part.fold()
        return self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
