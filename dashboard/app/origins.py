"""Whose pages may open a websocket here: our own, and those that a host has named.

The same origins as Streamlit's (`_is_origin_allowed`, `is_url_from_allowed_origins`), but for one: to learn the
machine's address as the internet sees it, Streamlit asks the internet, and nobody is answered meanwhile. A host whose
visitors come by an address that no `Host` header tells names it in server.corsAllowedOrigins.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import SplitResult, urlsplit

import psutil
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

HERE = {"localhost", "127.0.0.1", "0.0.0.0"}
USUAL = {"http": 80, "https": 443}


def fault(origin: str | None, host: str | None, forwarded: str = "") -> str | None:
    """Why a websocket is refused, in words that quote nothing of it; None for one that is welcome.

    origin, host: the headers of these names. forwarded: X-Forwarded-Host, where a proxy says which Host it was asked
    for. A page of another site cannot set that one, and who is no browser can forge an Origin as well.
    """
    if not is_host_allowed(host):
        return "Host is not one of server.allowedHosts"
    if origin is None or not config.get_option("server.enableCORS") or own(origin, f"{host or ''},{forwarded}"):
        return None
    if _hostname(origin) in _named() | _addresses():
        return None
    return "Origin is neither Host nor one of server.corsAllowedOrigins; a proxy has to pass Host as it was sent"


def same(origin: str, host: str | None) -> bool:
    """True if Streamlit takes an origin for its own without a further look."""
    told = _split(origin)
    return told is not None and told.netloc == host


def own(origin: str, hosts: str) -> bool:
    """True if one of the Host headers in a list with commas names the place that an origin is of."""
    place = _place(origin)
    scheme = origin.partition(":")[0]
    return place is not None and place in [_place(f"{scheme}://{host.strip()}") for host in hosts.split(",")]


def _place(url: str) -> tuple[str, int | None] | None:
    """Host and port of a URL, the scheme's usual port where none is said; None if it has no host."""
    told = _split(url)
    try:
        return (told.hostname, told.port or USUAL.get(told.scheme)) if told and told.hostname else None
    except ValueError:  # a port that is no number
        return None


def _hostname(url: str) -> str | None:
    told = _split(url if "://" in url else f"//{url}")
    return told.hostname if told else None


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # brackets without an address in them
        return None


def _named() -> set[str | None]:
    """The hosts that the settings name, and this machine by its usual names."""
    named = list(config.get_option("server.corsAllowedOrigins"))
    if config.is_manually_set("browser.serverAddress"):
        named.append(config.get_option("browser.serverAddress"))
    return HERE | {_hostname(one.strip()) for one in named} - {None}


@cache
def _addresses() -> set[str]:
    """The machine's own addresses."""
    return {one.address.partition("%")[0] for some in psutil.net_if_addrs().values() for one in some}
