"""The door for `requests`: calls to certain hosts are answered in process, all others go their way.

`responses` does the intercepting, at `HTTPAdapter.send`, so that adapters of the caller's own stay in the game. From there
on everything is real: requests' adapter, urllib3's pool with its retries, http.client's parser. Only the socket is not. So
status lines, headers, timeouts, broken bodies and retries come out as they do in production.

A mock of the test's own (`@responses.activate`, `RequestsMock`) lies over ours and would refuse our hosts. So it is asked
first, and what it does not answer itself comes here.
"""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit

import responses
from requests.adapters import HTTPAdapter
from responses import _real_send as real_send
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from mock_server.testing.exchange import call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import WSGIApplication

    from requests import PreparedRequest, Response

    from mock_server.testing.exchange import Answer

    Ask = Callable[[bytes, float | None], Answer]

RESET = 104  # ECONNRESET, as Linux numbers it


class Interception:
    """Which origins are answered in process. Started with the first, stopped with the last."""

    def __init__(self) -> None:
        self._apps: dict[str, list[WSGIApplication]] = {}
        self._stop: list[Callable[[], object]] = []

    def add(self, origin: str, app: WSGIApplication) -> None:
        """From now on calls to this origin (`https://host`) go to this application."""
        if not self._apps:
            self._start()
        self._apps.setdefault(origin, []).append(app)

    def remove(self, origin: str) -> None:
        """Take one `add` back."""
        self._apps[origin].pop()
        if not self._apps[origin]:
            del self._apps[origin]
        if not self._apps:
            while self._stop:
                self._stop.pop()()

    def _start(self) -> None:
        previous, on_request = HTTPAdapter.send, responses.RequestsMock._on_request  # noqa: SLF001

        def send(adapter: HTTPAdapter, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
            app = self._app(request)
            if app is None:
                return previous(adapter, request, *args, **kwargs)
            return _send(app, adapter, request, *args, **kwargs)

        def within(own: responses.RequestsMock, adapter: HTTPAdapter, request: Any, **kwargs: Any) -> Response:
            app = None if own is ours or _answers(own, request) else self._app(request)
            return (
                on_request(own, adapter, request, **kwargs) if app is None else _send(app, adapter, request, **kwargs)
            )

        ours = responses.RequestsMock(assert_all_requests_are_fired=False, real_adapter_send=send)
        ours.add_passthru("")
        patch = mock.patch.object(responses.RequestsMock, "_on_request", within)
        patch.start()
        ours.start()
        self._stop = [patch.stop, partial(ours.stop, allow_assert=False)]

    def _app(self, request: PreparedRequest) -> WSGIApplication | None:
        parts = urlsplit(request.url or "")
        found = self._apps.get(f"{parts.scheme}://{parts.netloc.rpartition('@')[2].removesuffix(':443')}")
        return found[-1] if found else None


def _answers(own: responses.RequestsMock, request: PreparedRequest) -> bool:
    """Has the test's own mock something for this method and address, whatever its other conditions are?"""
    url = str(request.url)
    return any(
        mocked.method == request.method
        and (
            mocked.url.partition("?")[0] == url.partition("?")[0]
            if isinstance(mocked.url, str)
            else mocked.url.match(url)
        )
        for mocked in own.registered()
    )


def _send(app: WSGIApplication, adapter: HTTPAdapter, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
    parts = urlsplit(request.url or "")
    ask = partial(_ask, app, f"{parts.scheme}://{parts.netloc}")
    answered: Response = real_send(_Adapter(adapter, parts.hostname or "", ask), request, *args, **kwargs)
    return answered


class _Adapter(HTTPAdapter):
    """The caller's adapter, but for where its connections come from."""

    def __init__(self, original: HTTPAdapter, host: str, ask: Ask) -> None:
        self._original = original
        self.max_retries = original.max_retries
        self._pool = HTTPConnectionPool(host)
        self._pool.ConnectionCls = partial(_Connection, ask)  # type: ignore[assignment]

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self._pool

    def get_connection(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        """For requests before 2.32."""
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """There is no TLS in memory."""

    def request_url(self, request: PreparedRequest, _: Any) -> str:
        """Never through a proxy."""
        return self._original.request_url(request, {})

    def add_headers(self, request: PreparedRequest, **kwargs: Any) -> None:
        self._original.add_headers(request, **kwargs)

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        return self._original.build_response(req, resp)


class _Connection(HTTPConnection):
    """A connection that leads nowhere but to a function; one request each."""

    def __init__(self, ask: Ask, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ask = ask

    def connect(self) -> None:
        self.sock = _Socket(self._ask)

    def getresponse(self) -> Any:
        try:
            return super().getresponse()
        finally:
            self.sock = None  # the answer has what it needs; the next request connects anew


class _Socket:
    """As much of a socket as http.client and urllib3 use."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._sent = bytearray()
        self.timeout: float | None = None

    def settimeout(self, timeout: float | None) -> None:
        self.timeout = timeout

    def sendall(self, data: bytes) -> None:
        self._sent += data

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(_play(self._ask(bytes(self._sent), self.timeout), self.timeout)))

    def shutdown(self, _: int) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class _Incoming(io.RawIOBase):
    """What arrives, piece by piece."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            try:
                self._left = next(self._pieces)
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _play(answer: Answer, timeout: float | None) -> Iterator[bytes]:
    """The answer as a socket would yield it, with the pauses left out or, beyond the caller's patience, as a timeout.

    A call without a timeout that is kept waiting times out too: in production it would be stuck, and a test must not be.
    """
    _wait(answer.wait, timeout, stuck=answer.silent and answer.wait > 0)
    if answer.was_reset:
        raise ConnectionResetError(RESET, "Connection reset by peer")
    if answer.silent:
        return
    yield answer.head()
    for pause, piece in answer.pieces:
        _wait(pause, timeout)
        yield piece


def _wait(pause: float, timeout: float | None, *, stuck: bool = False) -> None:
    if stuck or (timeout is not None and pause > timeout):
        raise TimeoutError("timed out")


def _ask(app: WSGIApplication, origin: str, raw: bytes, patience: float | None) -> Answer:
    """The bytes a client wrote, as a call of the application."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = [line.partition(":") for line in lines]
    headers = [(name, value.strip()) for name, _, value in pairs]
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        body = _unchunked(body)
    return call(app, method, origin + target, headers, body, patience=patience)


def _unchunked(framed: bytes) -> bytes:
    body = b""
    while framed:
        size, _, framed = framed.partition(b"\r\n")
        length = int(size, 16)
        body, framed = body + framed[:length], framed[length + 2 :]
    return body
