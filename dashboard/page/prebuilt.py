"""Pictures that ship: those of every shipped result, in every language, built by `make pictures`.

assets/pictures/<lab>.zip holds an index, by language, mark and who draws it, and what it names: specs as JSON, rows and
tables as Arrow IPC, each once however many results share it. Beside it stands what it was made of, a hash of the
sources, the texts and the results: where that is no more what is there, or the file is damaged or missing, pictures are
built as they are asked for.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from dashboard.charts.style import Picture, read, written
from lib import store

log = logging.getLogger("horizon.pictures")
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "assets" / "pictures"
INDEX = "index.json"
LARGEST = 8_000_000  # bytes of one part
NOTHING = object()  # None is a picture that a result does not have
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the time of every part: the same pictures are the same bytes

Name = tuple[str, str, str, str, str]
"""Who draws a picture, module and function; of which result; language; page."""


def find(name: Name) -> Any:
    """The picture or table of that name, None if the result has none, or NOTHING if it does not ship."""
    box = _opened(name[-1])
    if box is None:
        return NOTHING
    try:
        return box.get(_line(name))
    except Exception as fault:  # zlib, zipfile, json and pyarrow each have their own for the same news
        log.warning("a picture that ships is damaged, and is built anew", extra={"recipe": name[2], "error": fault})
        return NOTHING


@dataclass(frozen=True, eq=False)
class Box:
    """The pictures of one lab: what each consists of, and the parts."""

    parts: zipfile.ZipFile
    index: dict[str, Any]

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.parts.close()

    def get(self, line: str) -> Any:
        told = self.index.get(line, NOTHING)
        if told is None or told is NOTHING:
            return told
        if "table" in told:
            return read(self.part(told["table"]))
        covered = self.part(told["covered"]) if "covered" in told else None
        return Picture(_spec(self, told["spec"]), self.part(told["rows"]), told["alt"], covered)

    def part(self, name: str) -> bytes:
        if self.parts.getinfo(name).file_size > LARGEST:
            raise ValueError(f"{name} has more than {LARGEST} bytes; run `make pictures`")
        return self.parts.read(name)  # checks its sum


@lru_cache(256)
def _spec(box: Box, name: str) -> dict[str, Any]:
    """One for all results that share it."""
    return json.loads(box.part(name))


@cache
def _opened(lab: str) -> Box | None:
    try:
        known = (FOLDER / f"{lab}.sha256").read_text(encoding="ascii").strip()
        if known != made_of(lab):
            raise ValueError("they are of other sources, texts or results; run `make pictures`")
        return opened(FOLDER / f"{lab}.zip")
    except Exception as fault:
        log.warning("the pictures that ship are not used", extra={"recipe": lab, "error": fault})
        return None


def opened(file: Path | io.BytesIO) -> Box:
    """The pictures in a file. Raises whatever zipfile and json do if it is none."""
    parts = zipfile.ZipFile(file)
    return Box(parts, json.loads(parts.read(INDEX)))


def made_of(lab: str) -> str:
    """A hash of all that makes a lab's pictures, but the library: charts, page, sentences and results."""
    told = hashlib.sha256()
    sources = [
        *ROOT.glob("dashboard/charts/*.py"),
        *ROOT.glob(f"dashboard/pages/{lab}/**/*.py"),
        *ROOT.glob("dashboard/app/language.py"),
        *ROOT.glob("dashboard/text/*/common.toml"),
        *ROOT.glob(f"dashboard/text/*/{lab}.toml"),
    ]
    for path in sorted(sources):
        told.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        told.update(path.read_bytes().replace(b"\r\n", b"\n"))  # as git may give them out elsewhere
    for path in sorted(store.SHIPPED.glob(f"{lab}-*.npz")):
        told.update(path.name.encode() + b"\0" + path.read_bytes())
    return told.hexdigest()


def pack(pictures: Mapping[Name, Any]) -> bytes:
    """The file of a lab's pictures and tables; None for those that a result does not have."""
    index: dict[str, Any] = {}
    parts: dict[str, bytes] = {}

    def part(blob: bytes, kind: str) -> str:
        name = f"{hashlib.sha256(blob).hexdigest()[:20]}.{kind}"
        parts[name] = blob
        return name

    for name, made in pictures.items():
        if isinstance(made, Picture):
            spec = json.dumps(made.spec, ensure_ascii=False).encode()
            told = {"spec": part(spec, "json"), "rows": part(made.rows, "arrow"), "alt": made.alt}
            told |= {} if made.covered is None else {"covered": part(made.covered, "arrow")}
        else:
            told = None if made is None else {"table": part(written(made), "arrow")}
        index[_line(name)] = told
    parts[INDEX] = json.dumps(index, ensure_ascii=False, sort_keys=True).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, blob in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.create_system = 3
            file.writestr(entry, blob, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def _line(name: Name) -> str:
    module, function, mark, language, _ = name
    return f"{language} {mark} {module}.{function}"
