"""Another order of tests and other global seeds: no test may hang on either.

    HORIZON_TEST_SEED=3 pytest -p tests.shuffled tests/lib

Files, and the tests of each, come in the order that the seed gives, so that what they share is still made once.
"""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
import torch

SEED = int(os.environ.get("HORIZON_TEST_SEED", "0"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    dice = random.Random(SEED)
    files = sorted({str(one.path) for one in items})
    place = dict(zip(files, dice.sample(range(len(files)), len(files)), strict=True))
    items.sort(key=lambda one: (place[str(one.path)], dice.random()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
