"""The worker pool: a Dask client to our own cluster or to a shared one, and which workers are there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from lib.jobs.cluster import Cluster
from lib.jobs.environment import DASK, set_defaults
from lib.jobs.job import NoWorkersError
from lib.jobs.worker import VersionMismatchError, report_version, version

log = logging.getLogger("horizon.jobs")
LIMIT = 120.0  # seconds without any worker after which nobody waits for one any longer
AGAIN = 60.0  # seconds after which a cluster whose workers were all given up is tried once more
SCHEDULER = 20.0  # seconds that a scheduler has to answer

Hear = Callable[[tuple[float, Any]], None]


class WorkerPool:
    """Workers of a shared scheduler at `shared`, or of a cluster of our own. `ready` says how many are there.

    hear: what to call with each event of a topic.
    """

    def __init__(self, shared: str | None, cluster: Cluster | None, hear: Mapping[str, Hear]) -> None:
        self.shared, self.cluster = shared, cluster
        self.client: Any = None
        self.ready = 0
        self._hear = hear
        self._since = time.monotonic()  # when a worker was last there, or could first have come

    @property
    def ordered(self) -> int:
        """How many workers there should be; of a shared cluster nobody knows but by those that are there."""
        return self.cluster.ordered if self.cluster else self.ready

    def alive(self) -> bool:
        """Connected to a scheduler that runs."""
        return (
            self.client is not None
            and self.client.status == "running"
            and (self.cluster is None or self.cluster.alive())
        )

    def connect(self) -> None:
        """Connect, and start the cluster if it is our own. Raises NoWorkersError or VersionMismatchError."""
        set_defaults(DASK)
        from distributed import Client

        client = None
        try:
            address = self.shared or (self.cluster.start() if self.cluster else "")
            client = Client(address, set_as_default=False, timeout=SCHEDULER)
            if self.shared:
                _check(client)
            for topic, hear in self._hear.items():
                client.subscribe_topic(topic, hear)
        except BaseException as fault:
            if client:
                client.close(timeout=2)
            if self.cluster:
                self.cluster.stop()
            if isinstance(fault, OSError):
                raise NoWorkersError(f"no scheduler: {fault}") from fault
            raise
        self.client, self.ready, self._since = client, 0, time.monotonic()
        self.recount()

    def recount(self) -> int:
        """Ask the scheduler how many workers are there."""
        self.ready = len(self.client.scheduler_info(n_workers=-1)["workers"])
        if self.ready:
            self._since = time.monotonic()
        return self.ready

    def workers(self) -> set[str]:
        """The addresses of those that are there."""
        return set(self.client.scheduler_info(n_workers=-1)["workers"])

    def missing(self) -> str:
        """Why no worker is there or will come, empty while one is or may."""
        if self.cluster and self.cluster.fault:
            return self.cluster.fault
        waited = time.monotonic() - self._since
        return f"none has been there for {waited:.0f} s" if waited > LIMIT and not self.ready else ""

    def worth_another_try(self) -> bool:
        """All workers of our own were given up, and that is a while ago."""
        one = self.cluster
        return one is not None and bool(one.fault) and time.monotonic() - one.failed_at > AGAIN

    def close(self) -> None:
        """Let go of the scheduler; end it and its workers if they are our own."""
        client, self.client, self.ready = self.client, None, 0
        if client:
            client.close(timeout=2)
        if self.cluster:
            self.cluster.stop()


def _check(client: Any) -> None:
    """Raise VersionMismatchError if a worker that is there is not of our version; each job looks at later ones."""
    for told in client.run(report_version, on_error="return").values():
        theirs = told if isinstance(told, str) else f"an older one ({told})"
        if theirs != version():
            raise VersionMismatchError(version(), theirs)
