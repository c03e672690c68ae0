"""Targets: bytes from a socket."""

from __future__ import annotations

import asyncio
import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from waitress.adjustments import Adjustments

from bench.fuzz.target import Plant, Target, expect
from mock_server.webhooks.client import Client
from mock_server.webhooks.transport import Answer, Post, PostError
from mock_server.wire.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 1_000
"""Bytes of a body."""


class Read(NamedTuple):
    """One request as it was understood; `code` of a refusal."""

    code: int | None
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@cache
def adjustments() -> Adjustments:
    """What a server of ours would have, as far as reading goes."""
    settings = Adjustments(clear_untrusted_proxy_headers=False)
    settings.max_body = lambda *_: LIMIT
    return settings


def understood(pieces: Iterable[bytes]) -> list[Read]:
    """What the server makes of one connection, piece by piece; the first refusal ends it."""
    found: list[Read] = []
    request: Any = None
    for piece in pieces:
        data = piece
        while data:
            request = request or Request(adjustments())
            taken = request.received(data)
            expect(taken > 0 or request.completed, "nothing was taken, for ever")
            data = data[taken:]
            if request.completed:
                if not request.empty:
                    found.append(_read(request))
                    if request.error:
                        return found
                request = None
    return found


def _read(request: Any) -> Read:
    if request.error:
        return Read(request.error.code, "", "", "", (), b"")
    body = request.get_body_stream().read()
    headers = tuple(sorted(request.headers.items()))
    return Read(None, request.command, request.path, request.query, headers, body)


def requests(data: bytes) -> None:
    """`wire.requests`: the same requests, however the bytes are cut into pieces."""
    whole = understood([data])
    bytewise = understood(data[place : place + 1] for place in range(len(data)))
    halves = understood([data[: len(data) // 2], data[len(data) // 2 :]])
    for read in whole:
        expect(read.code is None or 400 <= read.code <= 505, f"status {read.code}")
        expect("\0" not in read.path, "a NUL in the path")
        expect(read.code is not None or read.path.startswith("/"), f"the path is {read.path!r}")
        expect(len(read.body) <= LIMIT, "a body over the limit")
    for cut in (bytewise, halves):
        sound = [read for read in whole if read.code is None]
        expect([read for read in cut if read.code is None] == sound, f"cut differently: {cut} and {whole}")
        expect(len(cut) == len(whole), f"refused only in pieces or only whole: {cut} and {whole}")


class Speaker:
    """A receiver that answers each post with the bytes of the moment and hangs up, and a client that posts to it."""

    def __init__(self) -> None:
        self.says = b""
        self._client = Client(asyncio.new_event_loop().time)
        self._loop = self._client._loop
        self._server = self._loop.run_until_complete(self._open())
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"

    async def _open(self) -> asyncio.Server:
        import aiohttp

        from mock_server.webhooks.connections import Connector

        self._client._session = aiohttp.ClientSession(
            connector=Connector(), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )
        return await asyncio.start_server(self._speak, "127.0.0.1", 0)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n{}")
            writer.write(self.says)
            await writer.drain()
            writer.close()

    def post(self, says: bytes) -> Answer:
        """What becomes of one post."""
        self.says = says
        return self._loop.run_until_complete(self._client.post(Post(self.url, (), b"{}", 5.0)))


@cache
def _speaker() -> Speaker:
    return Speaker()


def answers(data: bytes) -> None:
    """`webhooks.client`: whatever a receiver says becomes an answer with a status, or an error in words."""
    answer = _speaker().post(data)
    expect((answer.status is None) != (answer.error is None), f"neither status nor error, or both: {answer}")
    expect(answer.error in {None, PostError.CLOSED, PostError.MALFORMED}, f"{answer.error}: {answer.detail}")
    expect(len(answer.excerpt) <= 1_024, "a long excerpt")
    expect(answer.detail.isprintable() and len(answer.detail) <= 200, f"not a line: {answer.detail!r}")
    if answer.status is not None:
        expect(data.lstrip().startswith(b"HTTP/"), "a status of what is no answer")
        expect(b"%03d" % answer.status in data, f"a status that nobody said: {answer.status}")


_GET = b"GET /api/v1/ping?a=b HTTP/1.1\r\nHost: x\r\n\r\n"
_POST = b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
_CHUNKED = b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n"

TARGETS = (
    Target(
        "request",
        "a connection's bytes are the same requests and the same refusals, however they are cut into pieces",
        requests,
        (
            *(_GET, _POST, _CHUNKED, _GET + _POST, b"GET http://a:1/b%20c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            b"POST /a HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            b"POST /a HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/1.1\r\nA: b\r\n c\r\nA : b\r\n\r\n",
        ),
        Plant(
            "mock_server.wire.requests",
            "_BAD_ESCAPE",
            lambda _: __import__("re").compile(b"%%"),
            b"GET /%00 HTTP/1.1\r\n\r\n",
        ),
        (
            *(
                "Content-Length: ",
                "Transfer-Encoding: ",
                "chunked",
                "identity",
                "Expect: 100-continue",
                "\r\n",
                "\r\n\r\n",
            ),
            *("HTTP/1.1", "HTTP/1.0", "GET /", "POST /", "%00", "%2F", "0\r\n\r\n", "ffffffff", ";a=b", "\x00", "\n"),
        ),
        longest=1_200,
    ),
    Target(
        "answer",
        "what a receiver says becomes a status that it said, or an error in words",
        answers,
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\nRetry-After: 1\r\n\r\n2\r\nno\r\n0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 \r\n\r\n",
            b"HTTP/1.1 301 M\r\nLocation: http://127.0.0.1:1/\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            b"\x15\x03\x01\x00\x02\x02\x46",
            b"",
        ),
        Plant("mock_server.webhooks.client", "_brief", lambda _: str, b"HTTP/1.1 200 \x80\r\n\r\n"),
        (
            "HTTP/1.1 ",
            "Content-Length: ",
            "Transfer-Encoding: chunked",
            "\r\n",
            "\r\n\r\n",
            "Set-Cookie: ",
            "Location: //",
        ),
        longest=1_600,
    ),
)
