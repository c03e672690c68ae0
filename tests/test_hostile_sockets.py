"""The server survives anything a socket can send it: whoever is hostile keeps nothing, and nobody else waits.

`test_server.py` shows single requests and connections; here they come by the hundred, in pieces, and leave in every
possible moment. After each of it no connection, descriptor or thread is left, and nothing was logged.
"""

from __future__ import annotations

import gc
import logging
import socket
import struct
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_server import (
    CHUNKED,
    HEAD,
    MALFORMED,
    POST,
    Client,
    Clock,
    Gate,
    echo,
    ordering,
    request,
    serve,
    settle,
    turn,
)

from mock_server.hanging import Holds
from mock_server.server import IDLE_SECONDS, HttpServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

MANY = 150
FEW = 10
"""Connections of each kind where there are many kinds."""


def descriptors() -> int:
    """Open ones of this process; where nobody can tell, none."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


@contextmanager
def nothing_stays(server: HttpServer, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No connection, descriptor, thread or line in the log more than before."""
    with Client(server) as client:
        client.ask()
    settle(server, lambda: len(server._loop.active_channels) <= 1)
    before = descriptors(), threading.active_count()
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        yield
        settle(server, lambda: len(server._loop.active_channels) <= 1)  # the one that is looking
        gc.collect()
        settle(server, lambda: descriptors() <= before[0])
    assert threading.active_count() <= before[1]
    assert caplog.messages == []


def answers_others(server: HttpServer) -> None:
    """An ordinary call by somebody new."""
    with Client(server) as client:
        assert client.ask("/fine").body == b"GET /fine 0"


def statuses(client: Client) -> list[int]:
    """All answers until the end of the stream."""
    found = []
    with suppress(EOFError, ConnectionError):
        while True:
            found.append(client.answer().status)
    return found


SLOW = {
    "heads": b"GET /slow HTTP/1.1\r\nHost: here\r\nX-Long: " + b"a" * 40,
    "bodies": POST + b"Content-Length: 100\r\n\r\n" + b"a" * 60,
    "chunks": CHUNKED + b"40\r\n" + b"a" * 60,
}


@pytest.mark.parametrize("kind", SLOW)
def test_slow_loris(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Many clients that send a byte at a time cost no worker, and after a minute each is told so and gone."""
    clock = Clock()
    with serve(threads=1, monotonic=clock) as server, nothing_stays(server, caplog), ExitStack() as stack:
        slow = [stack.enter_context(Client(server)) for _ in range(MANY)]
        start, rest = SLOW[kind][:-8], SLOW[kind][-8:]
        for client in slow:
            client.send(start)
        for place in range(len(rest)):
            for client in slow:
                client.send(rest[place : place + 1])
            answers_others(server)
        settle(server, lambda: len(server._loop.active_channels) > MANY)
        clock.now += IDLE_SECONDS - 1
        turn(server)
        for client in slow:
            client.send(b"a")  # is no reason to be patient
        clock.now += 10
        turn(server)
        for client in slow:
            assert client.answer().status == 408


def test_hundreds_of_idle_connections_cost_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """Fresh ones, and kept ones after an answer; after a minute all are closed."""
    clock = Clock()
    with serve(threads=1, monotonic=clock) as server, nothing_stays(server, caplog), ExitStack() as stack:
        idle = [stack.enter_context(Client(server)) for _ in range(2 * MANY)]
        for client in idle[::2]:
            client.ask()
        answers_others(server)
        clock.now += IDLE_SECONDS + 5
        turn(server)
        for client in idle:
            assert client.rest() == b""


HALF_OPEN = {
    "after-a-request": (request("/a", body=b"abc", method="POST"), [200]),
    "after-several": (request("/a") * 3, [200, 200, 200]),
    "in-the-head": (HEAD, []),
    "in-the-body": (POST + b"Content-Length: 5\r\n\r\nab", []),
    "before-anything": (b"", []),
}


@pytest.mark.parametrize("kind", HALF_OPEN)
def test_who_stops_sending_still_hears(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Half a connection: whole requests are answered, half ones are not waited for."""
    sent, expected = HALF_OPEN[kind]
    with serve(threads=1) as server, nothing_stays(server, caplog), Client(server) as client:
        client.send(sent).socket.shutdown(socket.SHUT_WR)
        assert statuses(client) == expected


def test_a_half_open_client_waits_for_its_answer(caplog: pytest.LogCaptureFixture) -> None:
    """Even where the app takes its time."""
    gate = Gate()
    with serve(gate, threads=2) as server, nothing_stays(server, caplog), Client(server) as client:
        client.send(request("/gate")).socket.shutdown(socket.SHUT_WR)
        gate.reached.acquire()
        turn(server)
        gate.open.set()
        assert client.answer().body == b"GET /gate 0"


def _abort(client: Client) -> None:
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()


def _leave(client: Client) -> None:
    client.socket.close()


@pytest.mark.parametrize("leave", [_abort, _leave], ids=["reset", "close"])
def test_clients_may_vanish_at_any_byte(leave: Callable[[Client], None], caplog: pytest.LogCaptureFixture) -> None:
    """In the head, in the body, with answers on the way."""
    conversation = request("/a", body=b"hello", method="POST") + request("/b") + CHUNKED + b"3\r\nabc\r\n0\r\n\r\n"
    with serve(threads=1) as server, nothing_stays(server, caplog):
        for size in range(len(conversation) + 1):
            leave(Client(server).send(conversation[:size]))
        answers_others(server)


GARBAGE = {
    **{name: sent for name, (sent, _, _) in MALFORMED.items()},
    "tls-hello": bytes.fromhex("16030100f8010000f40303") + bytes(range(240)),
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000012040000000000"),
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "smtp": b"EHLO there\r\nMAIL FROM:<a@b>\r\n",
    "redis": b"*1\r\n$4\r\nPING\r\n",
    "websocket": HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n\x81\x05hello",
    "proxy": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + HEAD + b"\r\n",
    "length-huge": POST + b"Content-Length: 99999999999999999999\r\n\r\n",
    "length-blank": POST + b"Content-Length: \r\n\r\n",
    "length-hex": POST + b"Content-Length: 0x10\r\n\r\n",
    "length-under": POST + b"Content-Length: 1_0\r\n\r\n0123456789",
    "length-list": POST + b"Content-Length: 5, 5\r\n\r\nhello",
    "length-other-digits": POST + "Content-Length: ٥\r\n\r\nhello".encode(),
    "chunk-negative": CHUNKED + b"-1\r\n\r\n0\r\n\r\n",
    "chunk-prefix": CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n",
    "chunk-enormous": CHUNKED + b"f" * 40 + b"\r\n",
    "chunk-nul": CHUNKED + b"\x005\r\nhello\r\n0\r\n\r\n",
    "trailer-nul": CHUNKED + b"0\r\nA: \x00\r\n\r\n",
    "nothing-but-nul": b"\0" * 5_000,
    "nothing-but-lines": b"\r\n" * 5_000,
    "many-headers": HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(4_000)) + b"\r\n",
    "one-header-often": HEAD + b"Cookie: a\r\n" * 3_000 + b"\r\n",
}


def test_garbage_by_the_dozen(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it is: refused or answered, on many connections at once, and nothing of it stays."""
    with serve(threads=1, max_body=1000) as server, nothing_stays(server, caplog):
        for name, sent in GARBAGE.items():
            clients = [Client(server) for _ in range(FEW)]
            for client in clients:
                client.send(sent)
            answers_others(server)
            for client in clients:
                with client, suppress(ConnectionError):
                    client.socket.shutdown(socket.SHUT_WR)
                    assert all(status < 500 or status in {501, 505} for status in statuses(client)), name


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLING = {
    "length-and-chunked": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked-and-length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two-lengths": POST + b"Content-Length: 0\r\nContent-Length: 36\r\n\r\n",
    "length-folded": POST + b"Content-Length:\r\n 0\r\nContent-Length: 36\r\n\r\n",
    "length-negative": POST + b"Content-Length: -0\r\n\r\n",
    "length-plus": POST + b"Content-Length: +0\r\n\r\n",
    "length-and-comma": POST + b"Content-Length: 0, 36\r\n\r\n",
    "coding-twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "coding-list": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "coding-unknown": POST + b"Content-Length: 0\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "coding-tab": POST + b"Content-Length: 0\r\nTransfer-Encoding:\x0bchunked\r\n\r\n",
    "coding-space": POST + b"Content-Length: 0\r\nTransfer-Encoding : chunked\r\n\r\n",
    "coding-folded": POST + b"Content-Length: 0\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
    "coding-quoted": POST + b'Content-Length: 0\r\nTransfer-Encoding: "chunked"\r\n\r\n',
    "coding-http10": b"POST /here HTTP/1.0\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "underscore": POST + b"Content_Length: 0\r\nContent-Length: 5\r\nTransfer_Encoding: chunked\r\n\r\n0\r\n\r\n",
    "line-end-lf": POST + b"Content-Length: 0\nTransfer-Encoding: chunked\r\n\r\n",
    "line-end-cr": POST + b"A: b\rContent-Length: 36\r\n\r\n",
    "chunk-end-lf": CHUNKED + b"0\n\n",
    "chunk-size-space": CHUNKED + b"0 \r\n\r\n",
    "chunk-size-overflow": CHUNKED + b"10000000000000000\r\n\r\n0\r\n\r\n",
}
HARMLESS = {"length-and-comma", "underscore"}
"""Read as one sound request would be; the rest of these must be the end of the connection."""


def test_nothing_is_smuggled(caplog: pytest.LogCaptureFixture) -> None:
    """Where two servers could disagree about the end of a body, ours refuses and reads nothing behind it."""
    reached: list[str] = []

    def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        reached.append(environ["PATH_INFO"])
        return list(echo(environ, start))

    with serve(app) as server, nothing_stays(server, caplog):
        for name, sent in SMUGGLING.items():
            with Client(server) as client:
                client.send(sent + SMUGGLED).socket.shutdown(socket.SHUT_WR)
                found = statuses(client)
            assert found, name
            assert name in HARMLESS or found[-1] >= 400, name
            assert name in HARMLESS or "/smuggled" not in reached, name
            reached.clear()


TOKENS = [
    *(
        b"GET ",
        b"POST ",
        b"/a",
        b"http://b/c",
        b" HTTP/1.1",
        b" HTTP/1.0",
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b":",
        b" ",
    ),
    *(
        b"Host: x",
        b"Content-Length: 5",
        b"Content-Length: ",
        b"Transfer-Encoding: chunked",
        b"0\r\n\r\n",
        b"5\r\nhello\r\n",
    ),
    *(
        b"Expect: 100-continue",
        b"Connection: close",
        b"Connection: keep-alive",
        b"%",
        b"%00",
        b"\0",
        b"\xff",
        b"\x16\x03\x01",
    ),
    *(HEAD, POST, CHUNKED, request("/whole"), request("/body", body=b"hello", method="POST")),
]
PIECES = st.lists(st.sampled_from(TOKENS) | st.binary(max_size=30), max_size=12)
MANNERS = st.sampled_from(("waits", "half-open", "closes", "resets"))


def _crowd(examples: int, caplog: pytest.LogCaptureFixture) -> None:
    with serve(threads=2, max_body=100) as server, nothing_stays(server, caplog):

        @settings(max_examples=examples)
        @given(st.lists(st.tuples(PIECES, MANNERS), max_size=6))
        def check(crowd: list[tuple[list[bytes], str]]) -> None:
            with ExitStack() as stack:
                clients = [(stack.enter_context(Client(server)), pieces, manners) for pieces, manners in crowd]
                for turn_of in range(12):  # everybody a piece at a time
                    for client, pieces, _ in clients:
                        with suppress(ConnectionError):
                            client.send(b"".join(pieces[turn_of : turn_of + 1]))
                for client, _, manners in clients:
                    _end(client, manners)
                answers_others(server)

        check()


def _end(client: Client, manners: str) -> None:
    if manners == "resets":
        _abort(client)
    elif manners == "half-open":
        with suppress(OSError):
            client.socket.shutdown(socket.SHUT_WR)
        assert all(status < 500 or status in {501, 505} for status in statuses(client))


def test_a_crowd_that_sends_anything(caplog: pytest.LogCaptureFixture) -> None:
    """Several connections at once, piece by piece, which end in different ways; somebody else is answered meanwhile."""
    _crowd(60, caplog)


@pytest.mark.thorough
def test_a_great_crowd_that_sends_anything(caplog: pytest.LogCaptureFixture) -> None:
    """The same, for as long as it takes."""
    _crowd(3_000, caplog)


def test_whoever_is_let_go_of_hangs_no_more(caplog: pytest.LogCaptureFixture) -> None:
    """By rule, or all; one that was let go of before it hung is closed at once; none is remembered."""
    holds = Holds()
    rules = iter(("one", "one", "other", None))
    app = ordering(lambda wire: wire.hang(3600.0, holds.new(next(rules))))
    with serve(app) as server, nothing_stays(server, caplog), ExitStack() as stack:
        clients = [stack.enter_context(Client(server)) for _ in range(4)]
        for number, client in enumerate(clients):
            client.send(request("/fault"))
            settle(server, lambda number=number: _leaving(server) == number + 1)  # type: ignore[misc]
        holds.let_go("one")
        assert [client.rest() for client in clients[:2]] == [b"", b""]
        turn(server)
        assert not any(client.has_news() for client in clients[2:])
        holds.let_go()
        assert [client.rest() for client in clients[2:]] == [b"", b""]
        early = holds.new("early")
        early.let_go()
        with serve(ordering(lambda wire: wire.hang(3600.0, early))) as another, Client(another) as client:
            assert client.send(request("/fault")).rest() == b""
    gc.collect()
    assert list(holds._known) == [early]


def _leaving(server: HttpServer) -> int:
    return sum(channel.leaving for channel in server._loop.active_channels.values())


def test_a_client_that_leaves_a_hang_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Its hour goes on in a timer, which keeps nothing of it."""
    holds = Holds()

    def forgotten() -> bool:
        gc.collect()
        return not _leaving(server) and not holds._known

    with serve(ordering(lambda wire: wire.hang(3600.0, holds.new("rule")))) as server, nothing_stays(server, caplog):
        with Client(server) as client:
            client.send(request("/fault"))
            settle(server, lambda: _leaving(server) == 1)
        settle(server, forgotten)
