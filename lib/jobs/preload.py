"""What a fresh worker does before it takes its first job: the imports and first steps that would delay that job."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any


def dask_setup(worker: Any) -> None:  # noqa: ARG001
    """Look at the first result of every lab. Dask calls this, by this name, before the worker joins."""
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # as if there were none: scikit-learn takes 90 MB of it
    import torch

    from lib.core import NotInstalledError
    from lib.kept import trim
    from lib.labs import LABS

    torch.set_num_threads(1)
    for lab in LABS.values():
        with suppress(NotInstalledError):  # its own page says so; the others run
            next(lab().run())
    trim()
