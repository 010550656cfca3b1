"""Ends the process, as a system does that has no memory left."""

import os


def dask_setup(_worker: object) -> None:
    os._exit(9)
