"""The harness' own receiver: takes down every delivery, byte for byte, and answers as it is told to, path by path.

Each connection has a thread of its own. Whoever wants to know what came asks for it with `take`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from contracts.exchange import Answer, Headers

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from contracts.timing import Clock

_LARGEST = 4 * 1024 * 1024
_OK = Answer(200, (), b"", 0.0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request to us, and what it was answered."""

    method: str
    path: str
    headers: Headers
    body: bytes
    at: datetime
    answer: Answer


class Inbox:
    """Listens while it is open. Raises OSError where it cannot."""

    def __init__(self, clock: Clock, host: str = "127.0.0.1", port: int = 0) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._arrived: list[Arrival] = []
        self._answers: dict[str, Answer] = {}
        self._server = _Server((host, port), _handler(self))
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, status: int, headers: Headers = ()) -> None:
        """From now on, answer like this on that path."""
        self._answers[path] = Answer(status, headers, b"", 0.0)

    def take(self) -> list[Arrival]:
        """What came since the last time, in the order in which it came."""
        with self._lock:
            arrived, self._arrived = self._arrived, []
        return arrived

    def note(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        """One request is here: take it down, and say how to answer."""
        with self._lock:
            answer = self._answers.get(path, _OK)
            self._arrived.append(Arrival(method, path, headers, body, self._clock.now(), answer))
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up in the middle has sent nothing."""


def _handler(inbox: Inbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        close_connection = True

        def _take(self) -> None:
            body = _chunked(self.rfile) if "chunked" in self.headers.get("Transfer-Encoding", "") else self._read()
            answer = inbox.note(self.command, self.path, tuple(self.headers.items()), body)
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("Content-Length", "0"), ("Connection", "close")):
                self.send_header(name, value)
            self.end_headers()

        def _read(self) -> bytes:
            length = self.headers.get("Content-Length", "0")
            return self.rfile.read(min(int(length), _LARGEST)) if length.isascii() and length.isdigit() else b""

        def log_message(self, *_: Any) -> None:
            """Nothing; the report speaks."""

        do_POST = do_GET = do_PUT = do_HEAD = _take  # noqa: N815 - the names are http.server's

    return Handler


def _chunked(stream: Any) -> bytes:
    """A body in chunks, up to the one of length 0."""
    parts, size = list[bytes](), 0
    while size < _LARGEST and (length := int(stream.readline(64).partition(b";")[0].strip() or b"0", 16)):
        parts.append(stream.read(length))
        size += length
        stream.readline(8)
    return b"".join(parts)
