"""The stream of events over a real socket: live, resumed, read slowly, broken off, and ended by a signal."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from .conftest import ADA, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from .conftest import Org, Server


class Event(NamedTuple):
    """One event."""

    kind: str
    id: int
    data: Any


class Stream:
    """An open stream, read event by event."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.status = file.readline()
        self.head = [line for line in iter(file.readline, b"\r\n") if line]

    def next(self, *kinds: str) -> Event:
        """The next event, of one of these kinds if any are named."""
        while True:
            event = self._read()
            assert event is not None, "the stream has ended"
            if not kinds or event.kind in kinds:
                return event

    def rest(self) -> bytes:
        """Whatever comes until the server closes."""
        return self._file.read()

    def _read(self) -> Event | None:
        fields = {}
        for line in iter(self._file.readline, b"\n"):
            if not line:
                return None
            name, _, value = line.decode().rstrip("\n").partition(": ")
            fields[name] = value
        return Event(fields["event"], int(fields["id"]), json.loads(fields["data"]))


@contextmanager
def listening(org: Org, query: str = "", after: int | None = None, buffer: int | None = None) -> Iterator[Stream]:
    """A stream on a connection of its own."""
    with socket.socket() as connection:
        if buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(PATIENCE)
        connection.connect(org.server.address)
        seen = "" if after is None else f"Last-Event-ID: {after}\r\n"
        connection.sendall(f"GET /_mock/orgs/{org.id}/events{query} HTTP/1.1\r\nHost: x\r\n{seen}\r\n".encode())
        with connection.makefile("rb") as file:
            yield Stream(file)


def test_things_are_seen_as_they_happen(org: Org) -> None:
    """The call, what it made, what time made of it, and the clock, each the moment it is there."""
    with listening(org) as stream:
        assert stream.status == b"HTTP/1.1 200 OK\r\n"
        assert b"Content-Type: text/event-stream; charset=utf-8\r\n" in stream.head
        assert not any(line.lower().startswith((b"transfer-encoding", b"content-length")) for line in stream.head)
        hello = stream.next()
        assert (hello.kind, hello.data["org"]["id"], hello.data["clock"]["mode"]) == ("hello", org.id, "manual")
        org.inbound(ADA, "Grüße")
        assert stream.next("message").data["text"] == "Grüße"
        sent = org.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
        assert stream.next("message").data["id"] == sent["id"]
        assert stream.next("request").data["operationId"] == "sendMessage"
        org.advance(10)
        assert [stream.next("message").data["status"] for _ in range(3)] == ["SENT", "DELIVERED", "READ"]
        assert stream.next().kind == "clock"


def test_a_stream_that_broke_off_goes_on(org: Org) -> None:
    """With the id of the last event seen, nothing is missed and nothing comes twice."""
    with listening(org, "?kinds=message") as stream:
        org.inbound(ADA, "1")
        seen = stream.next("message").id
        org.inbound(ADA, "2")
    org.inbound(ADA, "3")
    with listening(org, "?kinds=message", after=seen) as stream:
        assert stream.next().kind == "hello"
        org.inbound(ADA, "4")
        assert [stream.next().data["text"] for _ in range(3)] == ["2", "3", "4"]


def test_listeners_cost_no_threads(org: Org) -> None:
    """More of them than the server has threads, and calls are answered; each hears of everything."""
    with ExitStack() as stack:
        streams = [stack.enter_context(listening(org, "?kinds=message")) for _ in range(60)]
        for stream in streams:
            assert stream.next().kind == "hello"
        org.inbound(ADA, "all of you")
        assert {stream.next().data["text"] for stream in streams} == {"all of you"}


def test_who_does_not_read_holds_nobody_up(org: Org) -> None:
    """A bulk send beyond all buffers: others hear of it, the server answers, and the slow one is told of the gap."""
    template = next(row["id"] for row in org.all("/templates?status=APPROVED") if row["name"] == "hello_world")
    people = [{"phone": f"+1555{number:07}"} for number in range(1, 4_001)]
    bulk = {"templateId": template, "whatsappChannelId": org.channel(), "recipients": people}
    with listening(org, buffer=4096) as slow, listening(org, "?kinds=clock") as other:
        assert (slow.next().kind, other.next().kind) == ("hello", "hello")
        org.ok("POST", "/templates/send", bulk)
        org.advance(3600)
        assert other.next("clock").data["pending"] == 0
        ids, gaps, event = [0], 0, slow.next()
        while event.kind != "clock":
            ids.append(event.id)
            gaps += event.kind == "gap"
            event = slow.next()
    assert gaps > 0
    assert ids == sorted(set(ids))
    assert len(ids) < 30_000


def test_a_signal_ends_all_streams(start: Callable[..., Server]) -> None:
    """The server goes as if nobody listened, and the clients see the end."""
    server = start("--clock", "manual")
    with listening(server.default) as stream, listening(server.default) as silent:
        assert (stream.next().kind, silent.next().kind) == ("hello", "hello")
        code, _ = server.stop()
        assert (code, stream.rest(), silent.rest()) == (0, b"", b"")


def test_the_token_is_asked_for(start: Callable[..., Server]) -> None:
    """A stream is a control call like any other."""
    server = start("--control-token", "secret")
    assert server.control("GET", "/orgs/default/events").status == 401
    assert server.control("GET", "/orgs/default/snapshot").status == 401
