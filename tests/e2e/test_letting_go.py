"""Connections that a fault hangs are let go of with its rule, and a real server comes out of anything as it went in."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import PATIENCE, Org, Server

if TYPE_CHECKING:
    from collections.abc import Callable

RULE = {"on": "ping", "effect": {"type": "hang"}}


def _hanging(org: Org) -> socket.socket:
    line = socket.create_connection(org.server.address, timeout=PATIENCE)
    line.sendall(f"GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {org.api_key}\r\n\r\n".encode())
    return line


def _struck(org: Org, times: int) -> None:
    """Wait until so many calls are in the journal: by then they hang."""
    assert org.control("GET", f"/wait?kind=request&operationId=ping&count={times}").status == 200


LETTING_GO: dict[str, Callable[[Org, str], None]] = {
    "delete": lambda org, rule: org.set("DELETE", f"/faults/{rule}"),
    "clear": lambda org, _: org.set("DELETE", "/faults"),
    "switch-off": lambda org, rule: org.set("PATCH", f"/faults/{rule}", {"active": False}),
    "reset": lambda org, _: org.set("POST", "/reset"),
    "restore": lambda org, _: org.set("PUT", "/snapshot", org.set("GET", "/snapshot")),
    "drop": lambda org, _: org.set("DELETE", ""),
}


@pytest.mark.parametrize("how", LETTING_GO)
def test_who_takes_the_rule_back_lets_go(org: Org, how: str) -> None:
    """The stream ends without a byte; what another rule hangs, hangs on."""
    other = org.server.org(clock="manual")
    rules = [one.set("POST", "/faults", RULE)["id"] for one in (org, other)]
    with _hanging(org) as line, _hanging(org) as another, _hanging(other) as elsewhere:
        _struck(org, 2)
        _struck(other, 1)
        LETTING_GO[how](org, rules[0])
        assert line.recv(1) == b""
        assert another.recv(1) == b""
        elsewhere.settimeout(0.05)
        with pytest.raises(TimeoutError):
            elsewhere.recv(1)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors where Linux shows them")
def test_a_server_comes_out_as_it_went_in(start: Callable[..., Server]) -> None:
    """Garbage, half requests, silence, faults, streams and vanished clients: no descriptor, thread or traceback stays."""
    server = start("--log-level", "error")
    org = server.org(clock="manual")
    org.set("POST", "/faults", RULE)
    org.ok("GET", "/contacts")
    folder = Path(f"/proc/{server.process.pid}")
    before = [len(list((folder / name).iterdir())) for name in ("fd", "task")]
    hello = b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03"
    events = f"GET /_mock/orgs/{org.id}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as stack:
        for sent in (hello, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HT", b"", b"\r\n" * 900, b"\0" * 900, events):
            for _ in range(20):
                line = stack.enter_context(socket.create_connection(server.address, timeout=PATIENCE))
                line.sendall(sent)
        for _ in range(20):
            stack.enter_context(_hanging(org))
        _struck(org, 20)
        assert org.ok("GET", "/contacts")["items"] == []
    for _ in range(500):
        now = [len(list((folder / name).iterdir())) for name in ("fd", "task")]
        if now[0] <= before[0] + 1:
            break
        with suppress(OSError):
            org.ok("GET", "/contacts")  # a turn of the loop
    assert now[0] <= before[0] + 1
    assert now[1] <= before[1]
    assert server.log.read_text() == ""
