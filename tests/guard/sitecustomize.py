"""No test asks anything of another machine: what is tried is refused, and told to the process that runs the tests.

Python imports this file at its start where its folder is in PYTHONPATH, so apps and workers that a test starts have it
as well. Programs that are not Python's, and libraries that open connections by themselves, are sent to a proxy that
refuses by the variables that all of them read; it is the listener of `tests.guard`, which hears of both.
"""

from __future__ import annotations

import ipaddress
import os
import platform
import sys
from contextlib import suppress
from typing import Any

HERE = ("", "localhost", "ip6-localhost", "testserver")
DATAGRAMS = 2  # socket.SOCK_DGRAM, without importing socket at the start of every process


def elsewhere(host: object) -> bool:
    """Whether a name or an address is another machine's."""
    name = host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else host
    if not isinstance(name, str) or name in HERE or name == platform.node():
        return False  # None asks for this machine
    address = parsed(name)
    return address is None or not (address.is_loopback or address.is_unspecified)


def parsed(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a name is, None if it is the name of a machine."""
    with suppress(ValueError):
        return ipaddress.ip_address(name.partition("%")[0])
    return None


def asks(event: str, args: tuple[Any, ...]) -> object:
    """The host elsewhere that something audited by Python would ask, None if it asks none."""
    host: object = None
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        one, address = args
        quiet = event == "socket.connect" and one.type == DATAGRAMS  # it asks the kernel for a way, and sends nothing
        host = address[0] if isinstance(address, tuple) and not quiet else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0] if parsed(str(args[0])) is None else None  # an address is read without asking anybody
    return host if elsewhere(host) else None


def refuse(event: str, args: tuple[Any, ...]) -> None:
    host = asks(event, args) if event.startswith("socket.") else None
    if host is not None:
        _tell(f"{event.removeprefix('socket.')} {host}")
        raise PermissionError(f"a test asks {host!r}: tests ask no other machine; use 127.0.0.1")


def _tell(what: str) -> None:
    """The listener has heard of it when this returns."""
    import socket

    host, port = os.environ["HORIZON_TEST_GUARD"].split(":")
    with socket.create_connection((host, int(port)), 10) as line:
        line.sendall(f"{what} from {sys.argv[:3]}\r\n\r\n".encode())
        line.recv(1)


if "HORIZON_TEST_GUARD" in os.environ:
    sys.addaudithook(refuse)
