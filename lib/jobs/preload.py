"""What a fresh worker does before it takes its first job: the imports and first steps that would delay that job."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any


class NoPandas:
    """An entry of sys.meta_path: finds no pandas, as if it were not installed, and leaves everything else to others."""

    @staticmethod
    def find_spec(name: str, *_: Any) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def dask_setup(worker: Any) -> None:  # noqa: ARG001
    """Look at the first result of every lab. Dask calls this, by this name, before the worker joins."""
    sys.meta_path.insert(0, NoPandas)  # type: ignore[arg-type]  # scikit-learn imports it where it can: 90 MB for nothing
    import torch

    from lib.core import NotInstalledError
    from lib.kept import trim
    from lib.labs import LABS

    torch.set_num_threads(1)
    for lab in LABS.values():
        with suppress(NotInstalledError):  # its own page says so; the others run
            next(lab().run())
    trim()
