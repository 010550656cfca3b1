"""Altair, imported by whoever first builds a chart: half a second and 27 MB that a server saves which shows what ships.

from dashboard.charts import lazy_altair as alt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from altair import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]
else:

    def __getattr__(name: str) -> Any:
        import altair
        from altair.utils import schemapi

        schemapi.disable_debug_mode()  # a chart's parts are not validated one by one: see `style.spec`
        found = globals()[name] = getattr(altair, name)
        return found
