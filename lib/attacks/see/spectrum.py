"""Pictures as waves: gradient ascent on the strengths of waves draws shapes, on pixels it draws speckle.

Source: A. Mordvintsev, N. Pezzotti, L. Schubert, C. Olah, Differentiable Image Parameterizations, Distill 2018, and its
code, lucid (`spatial_spectrum`, `_linear_decorrelate_color`), from which the matrix of colours is.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""How red, green and blue of ImageNet's photos vary together: a column a direction, each as long as it varies."""
KEPT = 0.3  # of each channel's mean: a picture may be lighter or redder as a whole, but only a little
BEGIN = 0.01  # spread of the coefficients before the first step


@dataclass(frozen=True)
class Spectrum:
    """Pictures of `side` by `side` pixels as Fourier coefficients, free of the size that photos give each wave.

    colours: 3, moved in directions that are independent in photos, or 1.
    decay: a wave of frequency f weighs 1/f^decay; 1 is how photos are, 0 treats all waves alike.
    cut: waves much finer than this [cycles a pixel; 0.5 is the finest] are left out; infinite: none.
    contrast: no picture's levels spread further (standard deviation; all there is reaches from 0 to 1).
    Raises ValueError for a number of colours other than 1 and 3, a side below 2, or a contrast that is not above 0.
    """

    side: int
    colours: int = 3
    decay: float = 1.0
    cut: float = float("inf")
    contrast: float = 0.35

    def __post_init__(self) -> None:
        for name, fits, need in (
            ("side", self.side >= 2, "2 or more pixels"),
            ("colours", self.colours in (1, 3), "1 or 3"),
            ("contrast", self.contrast > 0, "a spread above 0"),
        ):
            if not fits:
                raise ValueError(f"{name}: got {getattr(self, name)}, choose {need}")

    def begin(self, n: int, rng: torch.Generator) -> Tensor:
        """(n, colours, side, side//2 + 1, 2) coefficients of nearly even grey, the same for all n."""
        one = BEGIN * torch.randn((1, self.colours, self.side, self.side // 2 + 1, 2), generator=rng)
        return one.repeat(n, 1, 1, 1, 1)

    def __call__(self, coefficients: Tensor) -> Tensor:
        """(n, colours, side, side) pictures in (0, 1)."""
        waves = torch.view_as_complex(coefficients) * self.weights()
        levels = torch.fft.irfft2(waves, s=(self.side, self.side))
        if self.colours == 3:
            mixed = torch.tensor(COLOURS)
            levels = torch.einsum("dc,nchw->ndhw", mixed / mixed.norm(dim=0).max(), levels)
        return held(levels, self.contrast)

    def weights(self) -> Tensor:
        """(side, side//2 + 1) how much each wave counts."""
        down, right = torch.fft.fftfreq(self.side), torch.fft.rfftfreq(self.side)
        frequency = (down[:, None] ** 2 + right**2).sqrt().clamp(min=1 / self.side)
        return self.side * frequency**-self.decay * torch.exp(-((frequency / self.cut) ** 4))


def held(levels: Tensor, contrast: float) -> Tensor:
    """Any levels (n, colours, h, w) as pictures in (0, 1) about a middle grey, which spread by `contrast` at most.

    All of a picture that spreads further is divided alike: the ascent cannot win by glaring, which is what fills the
    flat ends of a sigmoid, where no gradient is left.
    """
    levels = levels - (1 - KEPT) * levels.mean((2, 3), keepdim=True)
    spread = levels.std((1, 2, 3), keepdim=True, correction=0)
    return torch.sigmoid(
        4 * levels * (contrast / spread.clamp(min=contrast))
    )  # a slope of 1 at the middle, less beyond
