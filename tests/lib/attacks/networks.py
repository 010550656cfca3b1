"""Undefended networks with fixed weights, so that how strong an attack is does not hang on who trained them where.

    python -m tests.lib.attacks.networks        trains them anew and writes weights.npz (half a minute)

The figures of the tests beside belong to the file: whoever writes it again reads them again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from tests.bench.bench_attacks import initial, trained

Kind = Literal["cnn", "mlp"]
WEIGHTS = Path(__file__).with_name("weights.npz")
EPOCHS: dict[str, tuple[Kind, int]] = {"cnn": ("cnn", 8), "mlp": ("mlp", 30), "longer": ("mlp", 60)}


@cache
def fixed(name: str) -> nn.Module:
    """One of EPOCHS in eval mode. Do not change it."""
    net = initial(EPOCHS[name][0], torch.Generator())
    with np.load(WEIGHTS, allow_pickle=False) as kept:
        net.load_state_dict({at: torch.from_numpy(kept[f"{name}.{at}"]).float() for at in net.state_dict()})
    return net.eval()


def write() -> None:
    """Weights in 16 bits each: networks of their own, as good as those that they are rounded from."""
    told: dict[str, Any] = {
        f"{name}.{at}": weights.half().numpy()
        for name, how in EPOCHS.items()
        for at, weights in trained(*how).state_dict().items()
    }
    np.savez_compressed(WEIGHTS, **told)


if __name__ == "__main__":
    write()
