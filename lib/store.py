"""Finished results on disk (or any fsspec address) by recipe and lab version, and the bytes they are made of.

A packed result is one npz file: its arrays, and everything else as JSON (with Python's NaN and Infinity) in the member
`json`. Nothing is pickled or compressed, but that files which ship are deflated as a whole; what is read back is
checked against the types of the result's dataclass, so a damaged or hostile file is an absent one.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import tempfile
import threading
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import fsspec
import msgspec
import numpy as np
from platformdirs import user_cache_path

from lib import settings
from lib.core import Lab, private

log = logging.getLogger("horizon.store")
T = TypeVar("T")
INFLATED = 2**24  # bytes that a deflated file may hold
ABANDONED = 3600.0  # seconds after which a draft's writer is taken to be dead
SHIPPED = Path(__file__).parent.parent / "assets" / "results"
_converting = threading.Lock()  # two threads that meet a type for the first time at once crash msgspec, and the process


def key(lab: Lab | Any) -> str:
    """A name for what this lab will compute: its class's name and a hash of its recipe and version."""
    return key_of(type(lab).name, type(lab).version, repr(lab))


def key_of(name: str, version: int, recipe: str) -> str:
    """The same from what a verdict tells of its lab."""
    return f"{name}-{hashlib.sha256(f'{version}|{recipe}'.encode()).hexdigest()[:20]}"


def pack(result: Any) -> bytes:
    """A dataclass of numbers, texts, tuples, dataclasses and arrays -> the bytes of one npz file."""
    arrays: dict[str, np.ndarray] = {}

    def lift(value: Any) -> str:
        if not isinstance(value, np.ndarray) or value.dtype.hasobject:
            raise TypeError(
                f"a result holds numbers, texts, tuples, dataclasses and arrays, got {type(value).__name__}"
            )
        name = f"a{len(arrays)}"
        arrays[name] = value
        return name

    told = json.dumps(msgspec.to_builtins(result, str_keys=True, enc_hook=lift))  # msgspec's own JSON makes null of NaN
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, json=np.frombuffer(told.encode(), np.uint8), **arrays)
    return out.getvalue()


def unpack(kind: type[T], blob: bytes) -> T:
    """The result that was packed. Raises ValueError if the bytes are not a result of that kind."""
    try:
        with np.load(io.BytesIO(inflated(blob)), allow_pickle=False) as held:
            if any(member.compress_type != zipfile.ZIP_STORED for member in held.zip.infolist()):
                raise ValueError("it is compressed, so that it may hold any number of bytes")
            told = json.loads(held["json"].tobytes())
            with _converting:
                return msgspec.convert(told, kind, str_keys=True, dec_hook=lambda _type, name: held[name])
    except Exception as fault:  # zipfile, numpy and msgspec each have their own for the same news
        raise ValueError(f"not a packed {kind.__name__}: {fault}") from fault


def inflated(blob: bytes) -> bytes:
    """A packed result, which may have been deflated. Raises zlib.error or ValueError if it is neither, or too large."""
    if blob.startswith(b"PK"):
        return blob
    told = zlib.decompressobj()
    whole = told.decompress(blob, INFLATED)
    if not told.eof:
        raise ValueError(f"it is cut short, or holds more than {INFLATED} bytes")
    return whole


@dataclass(frozen=True)
class Store:
    """The last `most` results at a folder or fsspec address; the least recently written goes first.

    deflated: files are written smaller, for those that ship; either kind is read.
    A store that cannot be written (full, read-only, gone) costs a line in the log and nothing else.
    """

    address: str
    most: int = 2000
    deflated: bool = False

    def get(self, lab: Lab | Any) -> Any | None:
        """The stored result of this recipe, or None if there is none that can be read, or may be: see `put`."""
        if private(lab):
            return None
        name = f"{key(lab)}.npz"
        try:
            fs, folder = _filesystem(self.address)
            blob = fs.cat_file(f"{folder}/{name}")
        except FileNotFoundError:
            return None
        except Exception as fault:
            log.warning("store %s: %s cannot be read: %s", self.address, name, fault)
            return None
        try:
            result = unpack(type(lab).result, blob)
            if result.verdict.recipe != repr(lab):
                raise ValueError(f"holds another recipe, {result.verdict.recipe!r}")
            return result
        except ValueError as fault:
            log.warning("store %s: %s is damaged and counts as absent: %s", self.address, name, fault)
            return None

    def put(self, lab: Lab | Any, result: Any) -> bool:
        """Write a finished result, atomically: a reader sees the whole file or none. True if it was written.

        What came of a visitor's own photo is not.
        """
        if private(lab):
            return False
        try:
            fs, folder = _filesystem(self.address)
            blob = pack(result)
            _write(fs, folder, f"{key(lab)}.npz", zlib.compress(blob, 9) if self.deflated else blob)
        except Exception as fault:
            log.warning("store %s: %s cannot be written: %s", self.address, key(lab), fault)
            return False
        try:
            self._forget(fs, folder)
        except Exception as fault:  # somebody else writes, and forgets, here at the same time
            log.debug("store %s: not tidied this time: %s", self.address, fault)
        return True

    def _forget(self, fs: Any, folder: str) -> None:
        """Remove the oldest results above `most`, and drafts that nobody finished."""
        there = sorted(fs.ls(folder, detail=True), key=_written)
        held = [one for one in there if one["name"].endswith(".npz")]
        long_ago = time.time() - ABANDONED
        drafts = [one for one in there if one["name"].endswith(".part") and 0 < _written(one) < long_ago]
        for old in held[: max(0, len(held) - self.most)] + drafts:
            _drop(fs, old["name"])


@cache
def _filesystem(address: str) -> tuple[Any, str]:
    fs, folder = fsspec.core.url_to_fs(address)
    return fs, folder.rstrip("/")


def _write(fs: Any, folder: str, name: str, blob: bytes) -> None:
    draft = f"{folder}/.{uuid.uuid4().hex}.part"
    try:
        fs.makedirs(folder, exist_ok=True)
        fs.pipe_file(draft, blob)
        fs.mv(draft, f"{folder}/{name}")
    except Exception:
        _drop(fs, draft)
        raise


def _written(entry: dict[str, Any]) -> float:
    when = entry.get("mtime") or entry.get("created") or entry.get("LastModified") or 0
    return when if isinstance(when, (int, float)) else when.timestamp()


def _drop(fs: Any, path: str) -> None:
    try:
        fs.rm_file(path)
    except Exception as fault:  # gone already, or never written
        log.debug("store: %s was not removed: %s", path, fault)


def stores() -> Iterator[Store]:
    """Where results are looked for: what visitors have run on this host, then what is shipped."""
    yield own()
    yield Store(str(SHIPPED))


def own() -> Store:
    """The store of this host: HORIZON_STORE, or a folder in the user's cache."""
    return Store(settings.value("store") or _unasked())


@cache
def _unasked() -> str:
    """A folder in the user's cache or, where that cannot be written, one that lasts until the system forgets it."""
    folder = user_cache_path("horizon") / "results"
    if folder.is_absolute() and writable(folder):  # without a home it is neither
        return str(folder)
    try:
        other = tempfile.mkdtemp(prefix="horizon-")
    except OSError:
        log.warning("%s cannot be written, nor can another; finished results are kept in memory alone", folder)
        return str(folder.absolute())
    log.warning("%s cannot be written; finished results are kept elsewhere", folder, extra={"folder": other})
    return other


def writable(folder: Path | str) -> bool:
    """True if a file can be written there; the folder is made if it is not there."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"Horizon")
            file.flush()
    except OSError:
        return False
    return True


def find(lab: Lab | Any) -> tuple[Any, bool] | None:
    """(result, shipped) of a recipe that was run before, here or by us; None if it never was."""
    for store in stores():
        result = store.get(lab)
        if result is not None:
            return result, store.address == str(SHIPPED)
    return None
