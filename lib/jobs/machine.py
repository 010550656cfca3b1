"""What this machine, or the control group that we run in, grants: processors, memory, a folder for scratch files."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lib import settings
from lib.store import writable

log = logging.getLogger("horizon.jobs")
GROUPS = Path("/sys/fs/cgroup")
OWN_GROUP = Path("/proc/self/cgroup")
SHARED_MEMORY = "/dev/shm"  # where nothing else can be written, as in a container with a read-only root
MOST_BY_DEFAULT = 8  # workers
APP = 340_000_000  # bytes that the app and the scheduler take
NANNY = 60_000_000  # bytes
LEAST, MOST = 600_000_000, 1_610_612_736  # bytes that a worker may take where nobody has said otherwise


def cores() -> int:
    """Processors that we may use: of the machine, by affinity and by control group."""
    from dask.system import cpu_count

    return cpu_count()


def memory() -> int:
    """Bytes that all processes here may take together: of the machine, by limit and by control group."""
    from distributed.system import memory_limit

    return min([memory_limit(), *_group_limits()])


def _group_limits() -> Iterator[int]:
    """Limits of our own control group (version 2) and those around it; Dask looks at the outermost alone."""
    try:
        own = next(line for line in OWN_GROUP.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return
    place = GROUPS / own.removeprefix("0::").strip("/")
    for group in (place, *place.parents):
        try:
            yield int((group / "memory.max").read_text())
        except (OSError, ValueError):  # not there, or "max"
            continue


def fit(workers: int | None, memory_each: int | None) -> tuple[int, int]:
    """How many workers, each with how many bytes: as asked for, the rest so that all fit in what is granted."""
    spare = memory() - APP
    if workers is None:
        room = int(spare // ((memory_each or LEAST) + NANNY))
        workers = max(1, min(cores(), MOST_BY_DEFAULT, room))
    return workers, memory_each or max(LEAST, min(MOST, spare // workers - NANNY))


def scratch() -> str:
    """A folder that can be written: HORIZON_SCRATCH, else the system's for such files. Raises OSError if none can."""
    asked = settings.value("scratch")
    for folder in _places(asked):
        if writable(folder):
            if asked and folder != asked:
                log.warning("HORIZON_SCRATCH: %s cannot be written; another is used", asked, extra={"folder": folder})
            return folder
    raise OSError(f"no folder can be written: {', '.join(_places(asked))}; name one that can, as HORIZON_SCRATCH")


def _places(asked: str | None) -> Iterator[str]:
    if asked:
        yield asked
    with suppress(FileNotFoundError):
        yield tempfile.gettempdir()  # by what it has tried to write
    yield SHARED_MEMORY
