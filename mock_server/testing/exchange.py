"""One call of the application without a socket: a request in, and out comes what a client would see on the wire.

The application orders faults on `environ["flowella_mock.wire"]`, as it does on a real server. Here `Line` takes the orders
down, and `Answer.pieces` says what they come to: bytes, each after a pause, and then the end of the stream or a reset.
Nobody waits for a pause; the client library's door compares it with the caller's timeout.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from mock_server.clock import monotonic_now
from mock_server.domain.instant import SECOND
from mock_server.wire.endings import ENVIRON_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import WSGIApplication

    from mock_server.hanging import Hold

    Headers = list[tuple[str, str]]
    Piece = tuple[float, bytes]


class Line:
    """Takes down what the application wants done to the connection; of several endings the last one counts."""

    def __init__(self) -> None:
        self.wait = 0.0
        self.silent = False
        self.was_reset = False
        self.cut: int | None = None
        self.chunk = 0
        self.pause = 0.0
        self.announced = False
        """Does the answer say that the connection ends with it?"""

    def delay(self, seconds: float) -> None:
        """The answer comes so much later."""
        self.wait, self.announced = seconds, True

    def reset(self) -> None:
        """No answer; a connection reset."""
        self._end(silent=True, was_reset=True)

    def close(self) -> None:
        """No answer; the end of the stream."""
        self._end(silent=True)

    def hang(self, seconds: float, _: Hold | None = None) -> None:
        """No answer for so long, then the end of the stream."""
        self._end(silent=True, pause=seconds)

    def truncate(self, after_bytes: int) -> None:
        """So many bytes of the body, and the end of the stream."""
        self._end(cut=after_bytes)

    def drip(self, bytes_per_chunk: int, seconds_between: float) -> None:
        """The whole answer, a few bytes at a time."""
        self._end(chunk=bytes_per_chunk, pause=seconds_between)

    def _end(
        self,
        *,
        silent: bool = False,
        was_reset: bool = False,
        cut: int | None = None,
        chunk: int = 0,
        pause: float = 0.0,
    ) -> None:
        self.silent, self.was_reset, self.cut, self.chunk, self.pause = silent, was_reset, cut, chunk, pause
        self.announced = bool(chunk)


@dataclass(frozen=True, slots=True)
class Answer:
    """`pieces` of the body, each after a pause of so many seconds; the first comes with the head, after `wait`.

    `silent`: no answer at all after `wait`, but the end of the stream, or a reset.
    """

    status: str
    headers: Headers
    pieces: tuple[Piece, ...]
    wait: float = 0.0
    silent: bool = False
    was_reset: bool = False

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status.partition(" ")[0])

    def head(self) -> bytes:
        """Status line and headers as they go over the wire."""
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in self.headers), "\r\n"]
        return "\r\n".join(lines).encode("latin-1")


PATIENCE_KEY = "flowella_mock.patience"
"""How many seconds the caller would wait for an answer, where that is known; None is for ever."""


def call(
    app: WSGIApplication, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes, **known: Any
) -> Answer:
    """Have the application answer, and read from its orders what the client sees. `headers` as sent.

    `known` may hold the caller's `patience`.
    """
    line = Line()
    told = {PATIENCE_KEY: known["patience"]} if known else {}
    status, answered, content = run(app, {**environ(method, url, headers, body), **told, ENVIRON_KEY: line})
    bodiless = status.startswith(("1", "204", "304"))
    return Answer(
        status=status,
        headers=_as_served(answered, None if bodiless else len(content), leaves=line.announced),
        pieces=_pieces(b"" if bodiless or method == "HEAD" else content, line),
        wait=line.wait + (line.pause if line.silent else 0.0),
        silent=line.silent,
        was_reset=line.was_reset,
    )


def run(app: WSGIApplication, environment: dict[str, Any]) -> tuple[str, Headers, bytes]:
    """Status, headers and body of a WSGI application's answer. What it raises is raised."""
    head: list[tuple[str, Headers]] = []
    written = io.BytesIO()

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
        if exc_info is not None and written.tell():
            raise exc_info[1].with_traceback(exc_info[2])
        head[:] = [(status, list(headers))]
        return written.write

    body = app(environment, start_response)
    try:
        for piece in body:
            written.write(piece)
    finally:
        if hasattr(body, "close"):
            body.close()
    if not head:
        raise RuntimeError("the application answered without calling start_response")
    return *head[0], written.getvalue()


def environ(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """The WSGI environment of a request. Repeated headers are joined, as servers do."""
    parts = urlsplit(url)
    found: dict[str, Any] = {}
    for name, value in headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        found[key] = f"{found[key]}, {value}" if key in found else value
    found.pop("HTTP_TRANSFER_ENCODING", None)
    if body:
        found["CONTENT_LENGTH"] = str(len(body))
    return {
        **found,
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _as_served(headers: Headers, length: int | None, *, leaves: bool) -> Headers:
    """With what the server adds to an application's headers, in its order. `length` None is an answer without a body."""
    names = {name.lower() for name, _ in headers}
    served = [pair for pair in headers if length is not None or pair[0].lower() != "content-length"]
    if length is not None and "content-length" not in names:
        served.append(("Content-Length", str(length)))
    if leaves:
        served.append(("Connection", "close"))
    if "date" not in names:
        served.append(("Date", formatdate(monotonic_now() // SECOND, usegmt=True)))
    return served


def _pieces(body: bytes, line: Line) -> tuple[Piece, ...]:
    if line.chunk:
        starts = range(0, len(body), line.chunk)
        return tuple((line.pause if start else 0.0, body[start : start + line.chunk]) for start in starts)
    return ((0.0, body if line.cut is None else body[: line.cut]),)
