"""Fails, as an import does that something is missing for."""


def dask_setup(_worker: object) -> None:
    raise ImportError("libsomething.so.1: cannot open shared object file")
