"""A stream on a connection: fed by the loop, ended by either side, no thread held."""

from __future__ import annotations

import queue
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.server import HttpServer
from mock_server.wire import ENVIRON_KEY, streaming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PATIENCE = 30.0


class News:
    """A feed of this test's making."""

    beat = b"~"

    def __init__(self) -> None:
        self.pieces: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.wake: Callable[[], None] = lambda: None
        self.joined, self.left = threading.Event(), threading.Event()

    def join(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.joined.set()

    def leave(self) -> None:
        self.left.set()

    def take(self) -> bytes | None:
        try:
            piece = self.pieces.get_nowait()
        except queue.Empty:
            return b""
        if piece == b"fail":
            raise ZeroDivisionError
        return piece

    def add(self, piece: bytes | None) -> None:
        """Something is new."""
        self.pieces.put(piece)
        self.wake()


@contextmanager
def open_stream(news: News) -> Iterator[tuple[HttpServer, Any]]:
    """A server with one thread whose app streams `news`, and a client that has read the head."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        if environ["PATH_INFO"] == "/plain":
            return [b"plain"]
        environ[ENVIRON_KEY].stream(news)
        return iter(())

    server = HttpServer(app, threads=1, error_body=lambda *_: ("text/plain", b""))
    with server, socket.create_connection((server.host, server.port), timeout=PATIENCE) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with client.makefile("rb") as file:
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"
            while file.readline() != b"\r\n":
                pass
            assert news.joined.wait(PATIENCE)
            yield server, file


def test_news_goes_out_and_the_thread_is_free() -> None:
    """Each piece as it comes; the only worker answers others meanwhile."""
    news = News()
    with open_stream(news) as (server, file):
        for piece in (b"one", b"two!"):
            news.add(piece)
            assert file.read(len(piece)) == piece
        with socket.create_connection((server.host, server.port), timeout=PATIENCE) as other:
            other.sendall(b"GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert other.makefile("rb").read().endswith(b"plain")
        news.add(b"three")
        assert file.read(5) == b"three"


def test_many_pieces_at_once() -> None:
    """Nothing is lost or turned round between threads that add and the loop that sends."""
    news = News()
    with open_stream(news) as (_, file):
        for number in range(200):
            news.add(b"%06d" % number)
        assert file.read(1_200) == b"".join(b"%06d" % number for number in range(200))


def test_a_piece_larger_than_the_socket_takes() -> None:
    """It waits for the client, and what comes next waits for it."""
    news = News()
    with open_stream(news) as (_, file):
        news.add(b"x" * 5_000_000)
        news.add(b"end")
        assert file.read(5_000_003) == b"x" * 5_000_000 + b"end"


def test_the_client_goes() -> None:
    """The feed is told without any news having to come."""
    news = News()
    with open_stream(news):
        assert not news.left.is_set()
    assert news.left.wait(PATIENCE)


def test_a_client_that_goes_is_noticed_while_the_server_runs() -> None:
    """Not only when it stops."""
    news = News()
    with open_stream(news) as (_, file):
        file.raw._sock.shutdown(socket.SHUT_RDWR)
        assert news.left.wait(PATIENCE)


@pytest.mark.parametrize("last", [None, b"fail"])
def test_the_feed_ends(last: bytes | None) -> None:
    """No more news, or a feed that breaks: what was sent arrives, then the end."""
    news = News()
    with open_stream(news) as (_, file):
        news.add(b"one")
        news.add(last)
        assert file.read() == b"one"
        assert news.left.wait(PATIENCE)


def test_the_server_stops() -> None:
    """Open streams do not hold it up; the client sees the end."""
    news = News()
    with open_stream(news) as (server, file):
        server.stop()
        assert file.read() == b""
    assert news.left.is_set()


def test_silence_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while without news a sign of life is sent."""
    monkeypatch.setattr(streaming, "BEAT_SECONDS", 0.01)
    with open_stream(News()) as (_, file):
        assert file.read(1) == b"~"
