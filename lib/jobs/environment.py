"""The environment in which Dask runs, in the app and in the processes of a cluster; set before Dask is imported."""

from __future__ import annotations

import os

JOINED = "horizon-joined"  # the topic on which a worker tells that it is there
ONE_THREAD: dict[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "lib.logs.Lines"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "loggers": {
        "distributed": {"level": "ERROR", "handlers": ["lines"], "propagate": False},
        "distributed.nanny": {"level": "CRITICAL"},  # why a worker does not come up is told by us, once
        "tornado": {"level": "CRITICAL", "handlers": ["lines"], "propagate": False},
        "asyncio": {"level": "ERROR", "handlers": ["lines"], "propagate": False},
    },
}
"""What Dask has to say, as lines of our log."""
DASK = {
    "MALLOC_ARENA_MAX": "1",  # glibc's heap for each thread: what one has freed, a job in another could not use
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "128",  # its 1,024 kernels, one a shape, would be 40 MB that no trim gives back
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__GIL__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "20",  # the scheduler keeps so many frames, not a thousand
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",  # a job that kills two workers is not given a third
    # Near its limit a worker would spill what it does not have, then take no more jobs; a nanny ends it at 95 %.
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    "DASK_DISTRIBUTED__LOGGING": repr(LOGGING),
    "PYTHONWARNINGS": "ignore",  # a library's for its developers, and of what the sudden end of a child leaves behind
}


def set_defaults(*environments: dict[str, str]) -> None:
    """This process has these variables, but for those that somebody has set already."""
    for name, word in {name: word for one in environments for name, word in one.items()}.items():
        os.environ.setdefault(name, word)
