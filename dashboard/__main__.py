"""What the pages make beforehand.

python -m dashboard pictures             builds the pictures of all shipped results, which ship with them
python -m dashboard pictures throw sort  those of these labs alone
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from dashboard.app.language import LANGUAGES, Texts
from dashboard.charts.style import Motion, Picture, read
from dashboard.page import gallery, prebuilt
from dashboard.page.lab_page import LabPage
from dashboard.page.prebuilt import Name
from lib import store
from lib.core import besides, opening, shipped
from lib.labs import LABS


def pictures(name: str) -> dict[Name, Any]:
    """All that the pages show of a lab's shipped results; no films, which take longer to load than to build."""
    made = {
        gallery.name_of(draw, mark, words): draw(result, words)
        for words in (Texts(language, name) for language in LANGUAGES)
        for draw, result, mark in shown(page_of(name))
    }
    return {name: one for name, one in made.items() if not isinstance(one, Motion)}


def page_of(name: str) -> LabPage:
    return import_module(f"dashboard.pages.{name}.page").PAGE


def shown(page: LabPage) -> Iterator[tuple[gallery.Draw, Any, str]]:
    """Who draws which result under which mark: on a lab's page, on Home that with which the page opens."""
    shelf = store.Store(str(store.SHIPPED))
    make: Any = page.lab
    for settings in shipped(page.lab):
        lab = make(**settings)
        result = shelf.get(lab)
        if result is None:
            raise LookupError(f"{lab!r} is not shipped; run `make results`")
        for draw in (*page.stage, *page.data, *page.inside, *page.drawn, *[page.card] * (lab == opening(page.lab))):
            yield draw, result, gallery.mark(lab, shipped=True)
    for aside in besides(page.lab):
        for draw in page.asides.get(type(aside), ()):
            if (result := shelf.get(aside)) is None:
                raise LookupError(f"{aside!r} is not shipped; run `make results`")
            yield draw, result, gallery.mark(aside, shipped=True)
    yield from page.fixed


def ship(only: Sequence[str]) -> None:
    """Write the pictures of these labs, and what they are made of.

    Raises LookupError if a result is missing, OSError if they cannot be written.
    """
    prebuilt.FOLDER.mkdir(parents=True, exist_ok=True)
    for name in only:
        path, blob = prebuilt.FOLDER / f"{name}.zip", prebuilt.pack(pictures(name))
        same = lies_there(path, blob)
        if not same:
            path.write_bytes(blob)
        path.with_suffix(".sha256").write_text(f"{prebuilt.made_of(name)}\n", encoding="ascii")
        print(f"{name}: {'as they were' if same else f'written, {len(blob) / 1e6:.2f} MB'}", flush=True)
    for old in prebuilt.FOLDER.iterdir():
        if old.stem not in LABS:
            old.unlink()


def lies_there(path: Path, blob: bytes) -> bool:
    """True if the file says what these bytes say; one that cannot be read does not."""
    try:
        before = contents(path)
    except Exception:  # each part of reading has its own
        return False
    return alike(before, contents(io.BytesIO(blob)))


def contents(file: Path | io.BytesIO) -> dict[str, Any]:
    """All that a file of pictures says, table for table."""
    with prebuilt.opened(file) as box:
        return {line: _plain(box.get(line)) for line in box.index}


def _plain(made: Any) -> Any:
    if isinstance(made, Picture):
        return {
            "spec": made.spec,
            "alt": made.alt,
            "rows": _plain(made.table),
            "covered": made.covered and _plain(read(made.covered)),
        }
    return None if made is None else {"schema": str(made.schema), "columns": made.to_pydict()}


def alike(one: Any, other: Any) -> bool:
    """True if the same is said, but for the last bits of numbers: those depend on the processor that computed them."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (one != one and other != other)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == other


def main(words: Sequence[str]) -> int:
    if not words or words[0] != "pictures" or not {*words[1:]} <= {*LABS}:
        print(__doc__, file=sys.stderr)
        return 2
    ship(words[1:] or [*LABS])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
