"""Posting a webhook: one HTTP request out, one `Answer` back, whatever the network does.

`submit` may be called from any thread and costs microseconds: it queues the post and wakes the transport's own daemon
thread, where `client.py` does the talking on an event loop of its own. Thousands of slow endpoints are thousands of
idle sockets there, not threads. Importing this module is cheap: asyncio and aiohttp are imported by that thread, when
the first post is submitted.

A future's callbacks run in the transport's thread, between two turns of its loop. Keep them short: while one runs, no
other post moves on. They may call `submit`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.webhooks.client import Client

# What close() gives the thread to wind up before it completes the futures itself; its promise is half a second.
_GRACE = 0.3


class PostError(StrEnum):
    """Why no answer came."""

    REFUSED = "refused"  # nothing listens there
    UNRESOLVED = "unresolved"  # the host name has no address
    UNREACHABLE = "unreachable"  # no way there, or not a request that can be made at all
    TLS = "tls"  # the handshake failed, or the certificate is not trusted
    TIMEOUT = "timeout"  # no complete answer head in time
    CLOSED = "closed"  # closed or reset before a complete answer head
    MALFORMED = "malformed"  # what came back is not HTTP
    CANCELLED = "cancelled"  # the transport was closed first


@dataclass(frozen=True, slots=True)
class Post:
    """One HTTP POST, exactly as it is to go out.

    Header names go out in this case and order, between Host and Content-Length, which the client adds; nothing else is
    added. `timeout` is for the whole exchange, in seconds, from connecting to the last byte we want.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    timeout: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a post: a `status` or an `error`, never both, never neither.

    The status decides. Once a complete answer head has come in time, it counts, even when the body is cut short, is
    endless, or still drips at the deadline. `excerpt` is the beginning of the body as sent (a chunked one without its
    framing, a compressed one still compressed). `headers` are Latin-1, so that no byte is lost.
    """

    status: int | None
    error: PostError | None
    detail: str
    latency: float
    excerpt: bytes
    headers: tuple[tuple[str, str], ...]


CANCELLED = Answer(None, PostError.CANCELLED, "The transport was closed before an answer came.", 0.0, b"", ())


class Transport(Protocol):
    """Something that carries posts; tests and in-process receivers bring their own."""

    def submit(self, post: Post) -> Future[Answer]:
        """Start one post. Never raises for network trouble; the future always completes with an `Answer`."""

    def close(self) -> None:
        """Give up every outstanding post: their futures complete with `cancelled`."""


class HttpTransport:
    """The real transport, in one daemon thread started by the first submit. On callbacks, see the top of the file."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()  # around starting, waking and closing; never held while a callback runs
        self._thread: threading.Thread | None = None
        self._client: Client | None = None
        self._queue: deque[tuple[Post, Future[Answer]]] = deque()
        self._outstanding: set[Future[Answer]] = set()
        self._woken = False
        self._closed = False

    def submit(self, post: Post) -> Future[Answer]:
        """Queue one post for the thread. Its future refuses to be cancelled, as an answer always comes."""
        future: Future[Answer] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                future.set_result(CANCELLED)
                return future
            self._outstanding.add(future)
            self._queue.append((post, future))
            if not self._woken:  # one wake-up serves every post queued until the loop gets there
                self._woken = True
                self._wake()
        return future

    def close(self) -> None:
        """Complete every outstanding future with `cancelled` and end the thread, within half a second."""
        with self._lock:
            self._closed = True
            thread, client = self._thread, self._client
        if client is not None:
            client.stop()
        if thread is not None and thread is not threading.current_thread():
            thread.join(_GRACE)
        self._abandon()

    def _wake(self) -> None:
        if self._client is not None:
            self._client.call(self._drain)
        elif self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webhook-transport", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            from mock_server.webhooks.client import Client

            Client(self._monotonic).run(self._ready)
        finally:
            self.close()  # also when something broke: nobody shall wait for a thread that is gone

    def _ready(self, client: Client) -> None:
        with self._lock:
            self._client = client
            if self._closed:
                client.stop()
        self._drain()

    def _drain(self) -> None:
        self._woken = False  # before emptying the queue: whoever appends from now on wakes us again
        while self._queue and self._client is not None:
            post, future = self._queue.popleft()
            self._client.start(post, partial(self._settle, future))

    def _settle(self, future: Future[Answer], answer: Answer) -> None:
        try:
            self._outstanding.remove(future)  # this is the claim: when close() gives up on the thread, one of them wins
        except KeyError:
            return
        future.set_result(answer)

    def _abandon(self) -> None:
        for future in tuple(self._outstanding):
            self._settle(future, CANCELLED)
