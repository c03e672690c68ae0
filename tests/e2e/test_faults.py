"""Each effect on a call, as it is on the wire: raw bytes of a raw socket, from `serve` and a rule."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mock_server.domain.faults import effects_for

from .conftest import ADA, PATIENCE, Org

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Catcher, Server


class Seen(NamedTuple):
    """What came off the socket until it ended. `reset` when it ended with a TCP RST."""

    head: bytes
    body: bytes
    reset: bool

    @property
    def status(self) -> int:
        return int(self.head.split(b" ")[1])

    @property
    def announced(self) -> int:
        """The body's length according to the head."""
        line = next(line for line in self.head.split(b"\r\n") if line.startswith(b"Content-Length:"))
        return int(line.split(b":")[1])


def _send(org: Org, *, fault: dict[str, Any] | None = None, seconds: float = PATIENCE) -> Seen:
    """One sendMessage on a socket of its own, which is read to its end. Raises TimeoutError if that does not come."""
    body = json.dumps({"to": ADA, "text": "hi"}).encode()
    asked = f"X-Mock-Fault: {json.dumps(fault)}\r\n" if fault else ""
    head = (
        f"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {org.api_key}\r\n{asked}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    got, reset = b"", False
    with socket.create_connection(org.server.address, timeout=seconds) as connection:
        connection.sendall(head.encode() + body)
        try:
            while piece := connection.recv(65_536):
                got += piece
        except ConnectionResetError:
            reset = True
    head_seen, _, body_seen = got.partition(b"\r\n\r\n")
    return Seen(head_seen, body_seen, reset)


def _plain(seen: Seen) -> bool:
    return not seen.reset and len(seen.body) == seen.announced


WHOLE = {"id", "conversationId", "contactId", "metaMessageId"}

ON_THE_WIRE: dict[str, tuple[dict[str, Any], Callable[[Seen], bool], bool]] = {
    # effect: its settings, what is on the wire, is the call carried out
    "latency": (
        {"seconds": 0.05},
        lambda s: _plain(s) and s.status == 201 and json.loads(s.body).keys() == WHOLE,
        True,
    ),
    "status": ({"status": 503}, lambda s: _plain(s) and s.status == 503 and b'"SERVICE_UNAVAILABLE"' in s.body, False),
    "rateLimit": ({}, lambda s: _plain(s) and s.status == 429 and b'"RATE_LIMITED"' in s.body, False),
    "hang": ({"seconds": 0.05}, lambda s: s == (b"", b"", False), False),
    "reset": ({}, lambda s: s == (b"", b"", True), False),
    "close": ({}, lambda s: s == (b"", b"", False), False),
    "truncate": ({}, lambda s: s.status == 201 and len(s.body) == s.announced // 2 and not s.reset, True),
    "malformed": (
        {},
        lambda s: _plain(s) and s.status == 200 and s.body.startswith(b'{"id"') and s.body[-1:] != b"}",
        True,
    ),
    "html": (
        {},
        lambda s: _plain(s) and s.status == 502 and b"text/html" in s.head and s.body.startswith(b"<html>"),
        False,
    ),
    "drip": ({"bytes": 50, "seconds": 0.01}, lambda s: _plain(s) and json.loads(s.body).keys() == WHOLE, True),
    "lostResponse": ({}, lambda s: s == (b"", b"", False), True),
    "metaError": ({"code": 131056}, lambda s: _plain(s) and s.status == 400 and b"(#131056) " in s.body, False),
}


def test_every_effect_is_here() -> None:
    """No effect goes without a look at its bytes."""
    assert set(ON_THE_WIRE) == set(effects_for("*"))


@pytest.mark.parametrize("effect", ON_THE_WIRE)
def test_on_the_wire(org: Org, effect: str) -> None:
    """The struck call shows the real thing; what was carried out exists; the next call is sound."""
    settings, looks_right, carried_out = ON_THE_WIRE[effect]
    org.set("POST", "/faults", {"on": "sendMessage", "effect": {"type": effect, **settings}, "times": 1})
    seen = _send(org)

    assert looks_right(seen), seen
    assert org.counts()["messages"] == carried_out
    assert _send(org).status == 201


def test_hang_holds_the_connection(org: Org) -> None:
    """Nothing comes for as long as a client is likely to wait, and other calls go on meanwhile."""
    org.set("POST", "/faults", {"on": "sendMessage", "effect": {"type": "hang"}, "times": 1})
    with pytest.raises(TimeoutError):
        _send(org, seconds=0.3)
    assert _send(org).status == 201


def test_many_hanging_and_slow_calls_leave_the_control_plane_alone(org: Org) -> None:
    """More of them than the server has threads."""
    for effect in ({"type": "hang"}, {"type": "latency", "seconds": 60}):
        org.set("POST", "/faults", {"on": "ping", "effect": effect, "times": 40})
    request = f"GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {org.api_key}\r\n\r\n".encode()
    sockets = [socket.create_connection(org.server.address, timeout=PATIENCE) for _ in range(80)]
    try:
        for one in sockets:
            one.sendall(request)
        assert org.control("GET", "/faults").status == 200
        assert _send(org).status == 201
    finally:
        for one in sockets:
            one.close()


def test_a_lost_response_leaves_one_message_and_its_webhooks(org: Org, catcher: Catcher) -> None:
    """The client sees a dropped connection; the message was sent all the same, once, and its events arrive."""
    org.subscribe(catcher.url, "message.sent", "message.delivered", "message.read")
    org.inbound(ADA)
    org.set("POST", "/faults", {"on": "sendMessage", "effect": {"type": "lostResponse"}})

    assert _send(org) == (b"", b"", False)
    org.advance(10)
    (message,) = org.set("GET", "/messages?direction=OUTBOUND")["items"]
    assert [post.json["event"] for post in catcher.arrived] == ["message.sent", "message.delivered", "message.read"]
    assert {post.json["data"]["messageId"] for post in catcher.arrived} == {message["id"]}


def test_fault_header(start: Callable[..., Server]) -> None:
    """With --fault-header a call brings its own fault."""
    org = start("--fault-header", "--rate-limit", "off").default

    assert _send(org, fault={"type": "reset"}) == (b"", b"", True)
    assert _send(org, fault={"type": "status", "status": 418}).status == 418
    assert b"did you mean 'reset'" in _send(org, fault={"type": "rest"}).body
    assert _send(org).status == 201


def test_fault_header_is_off_by_default(org: Org) -> None:
    """The real service knows no such header."""
    assert _send(org, fault={"type": "reset"}).status == 201
