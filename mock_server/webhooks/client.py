"""The event loop in `transport.py`'s thread, and one HTTP exchange on it. Imports aiohttp: import it on first use."""

from __future__ import annotations

import asyncio
import errno
import io
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from mock_server.webhooks.connections import LINE, Connector, Line
from mock_server.webhooks.transport import CANCELLED, Answer, Post, PostError

if TYPE_CHECKING:
    from collections.abc import Callable

_EXCERPT = 1_024
_ENOUGH = 65_536  # of a body; then we hang up
_DETAIL = 200  # characters of a sentence about it
_GRACE = 0.1  # for each of the two steps of winding up
_RESOLVERS = 32  # threads for getaddrinfo: a few dead name servers must not hold up everybody
_LARGE = 1 << 20  # aiohttp warns of larger bodies given as bytes
_UNASKED = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")  # what aiohttp would add by itself


class Client:
    """An aiohttp session set up for webhooks: between exchanges it keeps connections, and nothing else."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        # This kind of loop, whatever policy the host program has set: connections.py counts on its plain sockets.
        self._loop = asyncio.SelectorEventLoop()
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, ready: Callable[[Client], None]) -> None:
        """Run the loop in this thread until `stop` is called; `ready` is called on it once posts can start."""
        try:
            self._loop.run_until_complete(self._serve(ready))
        finally:
            self._loop.close()

    def call(self, function: Callable[[], None]) -> None:
        """Have a function called on the loop; from any thread, and in vain once the loop is closed."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function)

    def stop(self) -> None:
        """Cancel everything and end `run`; from any thread, any number of times."""
        self.call(self._stopping.set)

    def start(self, post: Post, settle: Callable[[Answer], None]) -> None:
        """Start an exchange; only on the loop. `settle` gets its answer, unless `stop` comes before it began."""
        task = self._loop.create_task(self._carry(post, settle))
        self._tasks.add(task)  # the loop itself keeps only weak references
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, ready: Callable[[Client], None]) -> None:
        self._loop.set_default_executor(ThreadPoolExecutor(_RESOLVERS, "webhook-resolver"))
        self._session = aiohttp.ClientSession(
            connector=Connector(),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_UNASKED,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(),  # none: the one deadline is in post()
        )
        ready(self)
        await self._stopping.wait()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._session.close(), _GRACE)

    async def _carry(self, post: Post, settle: Callable[[Answer], None]) -> None:
        settle(await self.post(post))

    async def post(self, post: Post) -> Answer:
        """Do one exchange. Never raises: whatever happens becomes an `Answer`."""
        began = self._monotonic()
        reply = _Reply()
        try:
            async with asyncio.timeout(post.timeout):
                await self._converse(post, reply)
        except asyncio.CancelledError:
            return CANCELLED
        except Exception as error:  # noqa: BLE001 - the future must complete, and its answer tells the reason
            if reply.status is None:
                kind, detail = _explain(error, post)
                return Answer(None, kind, _brief(detail), self._monotonic() - began, b"", ())
        return Answer(reply.status, None, reply.detail, self._monotonic() - began, bytes(reply.excerpt), reply.headers)

    async def _converse(self, post: Post, reply: _Reply) -> None:
        line, response = Line(), None
        try:
            target = _target(post.url)
            while response is None:
                LINE.set(line := Line())
                try:
                    response = await self._send(target, post)
                except aiohttp.ClientError:
                    if not line.unheard():
                        raise
            await reply.read(response, line)
        finally:
            # After a whole answer the connection is back in the pool, maybe in other hands: leave it alone.
            if response is None:
                line.cut()
            elif response.connection is not None:
                response.close()
                line.cut()

    async def _send(self, target: URL, post: Post) -> aiohttp.ClientResponse:
        return await self._session.post(
            target,
            headers=post.headers,
            data=post.body if len(post.body) <= _LARGE else io.BytesIO(post.body),
            allow_redirects=False,
        )


class _Reply:
    """What has come of the answer so far; it survives a deadline that falls into the body."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.detail = ""
        self.headers: tuple[tuple[str, str], ...] = ()
        self.excerpt = bytearray()

    async def read(self, response: aiohttp.ClientResponse, line: Line) -> None:
        self.status = response.status
        self.detail = _brief(f"{response.status} {response.reason or ''}")
        self.headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers)
        taken, content = 0, response.content
        while taken < _ENOUGH and not content.at_eof():
            if not content.is_eof():
                line.hurry()
            chunk = await content.readany()
            taken += len(chunk)
            self.excerpt += chunk[: _EXCERPT - len(self.excerpt)]


@lru_cache(maxsize=256)
def _target(url: str) -> URL:
    """Give the URL to post to, with its path and query untouched where they can go out as they are."""
    target = URL(url, encoded=url.isascii() and url.isprintable() and " " not in url)
    if target.scheme not in {"http", "https"} or not target.host:
        raise ValueError("not an absolute http or https URL")
    return target


def _explain(error: Exception, post: Post) -> tuple[PostError, str]:
    """Say in a sentence what went wrong, without the URL: its query may hold a secret."""
    match error:
        case aiohttp.ClientConnectorError():
            return _unconnected(error)
        case TimeoutError():
            return PostError.TIMEOUT, f"No complete answer head came within {post.timeout:g} s."
        case aiohttp.ClientResponseError():
            return PostError.MALFORMED, f"What came back is not HTTP: {error.message}"
        case aiohttp.ClientConnectionError():
            return PostError.CLOSED, "The connection was closed before a complete answer head came."
    return PostError.UNREACHABLE, f"The request cannot be made, probably for its URL ({type(error).__name__})."


def _unconnected(error: aiohttp.ClientConnectorError) -> tuple[PostError, str]:
    where, cause = f"{error.host}:{error.port}", error.__cause__  # always an OSError
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return PostError.UNRESOLVED, f"The host name {error.host} could not be resolved: {_said(cause)}."
    if isinstance(cause, ssl.SSLError):
        reason = getattr(cause, "verify_message", "") or cause.reason or "no reason given"
        return PostError.TLS, f"The TLS handshake with {where} failed: {reason}."
    # Of several addresses that failed in different ways, asyncio gives only the texts.
    if f"[Errno {errno.ECONNREFUSED}]" in str(cause):
        return PostError.REFUSED, f"Nothing listens at {where}: the connection was refused."
    if isinstance(cause, TimeoutError):
        return PostError.TIMEOUT, f"Nobody answered at {where}."
    if isinstance(cause, ConnectionError):
        return PostError.CLOSED, f"{where} closed the connection before the TLS handshake was over."
    return PostError.UNREACHABLE, f"{where} cannot be reached: {_said(cause)}."


def _said(cause: BaseException | None) -> str:
    return getattr(cause, "strerror", None) or str(cause)


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in line[:_DETAIL])
