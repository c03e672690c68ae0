"""The door for `httpx`: a transport, synchronous and asynchronous, that asks the application in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from mock_server.testing.exchange import call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from wsgiref.types import WSGIApplication

    from mock_server.testing.exchange import Answer


class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For `httpx.Client(transport=...)` and `httpx.AsyncClient(transport=...)`."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or fail as the network would."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same; the application answers before anything else runs."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        patience = request.extensions.get("timeout", {}).get("read")
        answer = call(self._app, request.method, str(request.url), headers, body, patience=patience)
        _wait(answer.wait, patience, request, stuck=answer.silent and answer.wait > 0)
        if answer.was_reset:
            raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
        if answer.silent:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        reason = answer.status.partition(" ")[2].encode("latin-1")
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": reason}
        stream = _Body(answer, patience, request)
        return httpx.Response(answer.code, headers=raw, stream=stream, extensions=extensions, request=request)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body as it arrives, with whatever happens to it on the way."""

    def __init__(self, answer: Answer, patience: float | None, request: httpx.Request) -> None:
        self._answer = answer
        self._patience = patience
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        came = 0
        for pause, piece in self._answer.pieces:
            _wait(pause, self._patience, self._request)
            came += len(piece)
            yield piece
        promised = {name.lower(): value for name, value in self._answer.headers}.get("content-length")
        if self._request.method != "HEAD" and promised is not None and came < int(promised):
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {came} bytes, expected {promised})",
                request=self._request,
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _wait(pause: float, patience: float | None, request: httpx.Request, *, stuck: bool = False) -> None:
    """Pauses are not waited for. A call without a timeout that is kept waiting for ever times out too."""
    if stuck or (patience is not None and pause > patience):
        raise httpx.ReadTimeout("The read operation timed out", request=request)
