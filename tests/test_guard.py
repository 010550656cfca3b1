"""The guard bites: whoever asks another machine is refused and told of, and the run fails."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.guard import LISTENER
from tests.guard.sitecustomize import elsewhere

ROOT = Path(__file__).parents[1]
AFAR = "192.0.2.1"  # nobody's, RFC 5737


def test_a_fetch_is_refused_and_told_of() -> None:
    with pytest.raises(HTTPError, match="403"):
        urlopen("http://checkip.example/", timeout=10)
    assert [told.split()[:2] for told in LISTENER.taken()] == [["GET", "http://checkip.example/"]]


def test_a_connection_is_refused_and_told_of() -> None:
    for host in (AFAR, "checkip.example"):
        with pytest.raises(PermissionError, match=host):
            socket.create_connection((host, 443), 1)
    assert [AFAR in told or "checkip.example" in told for told in LISTENER.taken()] == [True, True]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import requests; requests.get('https://checkip.example', timeout=10)", "CONNECT checkip.example:443"),
        ("import socket; socket.create_connection(('192.0.2.1', 443), 1)", "connect 192.0.2.1"),
        ("import socket; socket.gethostbyname('checkip.example')", "gethostbyname checkip.example"),
    ],
)
def test_so_is_what_a_process_of_a_tests_asks(code: str, told: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert [one.startswith(told) for one in LISTENER.taken()] == [True]


def test_a_test_that_asks_fails_even_if_nobody_minds(tmp_path: Path) -> None:
    quiet = "try: urlopen('http://checkip.example')\n    except OSError: pass"
    (tmp_path / "test_quiet.py").write_text(f"from urllib.request import urlopen\ndef test_it():\n    {quiet}\n")
    words = [sys.executable, "-m", "pytest", "-p", "tests.guard", "-p", "no:cacheprovider", "--rootdir", tmp_path]
    done = subprocess.run([*words, "-c", "/dev/null", tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert "asked of another machine: GET http://checkip.example" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("host", [None, "", "localhost", "127.0.0.1", "127.9.9.9", "::1", "::1%lo", b"localhost"])
def test_this_machine_may_be_asked(host: object) -> None:
    assert not elsewhere(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:db8::1", "example.com", b"example.com", "10.0.0.1", "127.0.0.1.x"])
def test_no_other_may(host: object) -> None:
    assert elsewhere(host)
