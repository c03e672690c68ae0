"""An answer without an end: news, sent as it comes, for as long as the client stays. Costs a socket and no thread.

The loop's thread does all of it. `wake` may be called from any thread: it leaves a note for the loop (`Soon`). After each
piece sent, PAUSE_SECONDS pass before the next, so that a crowd of small news goes out together; and nothing is taken
from the feed while the client has not read what it was sent.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.wire.channel import Channel

PAUSE_SECONDS = 0.01
SLOW_SECONDS = 0.05
"""How often a client that does not read is looked at; the loop gives it up after a while as it does all such."""

BEAT_SECONDS = 15.0

logger = logging.getLogger("mock_server.server")


class Feed(Protocol):
    """Where news comes from. `beat` is what to send when there has been none for a while."""

    beat: bytes

    def join(self, wake: Callable[[], None]) -> None:
        """Call this when there is news."""

    def leave(self) -> None:
        """The client is gone."""

    def take(self) -> bytes | None:
        """The news so far, a bounded piece of it; None when there never will be any again."""


class Soon:
    """Actions for the loop's thread, left by any thread."""

    def __init__(self, wake_loop: Callable[[], None]) -> None:
        self._wake_loop = wake_loop
        self._actions: deque[Callable[[], None]] = deque()

    def do(self, action: Callable[[], None]) -> None:
        """In the next turn of the loop."""
        self._actions.append(action)
        self._wake_loop()

    def run(self) -> None:
        """What was left so far."""
        for _ in range(len(self._actions)):
            self._actions.popleft()()


def stream(channel: Channel, feed: Feed) -> None:
    """Send the head, and then news until one side has enough."""
    _Stream(channel, feed).begin()


class _Stream:
    def __init__(self, channel: Channel, feed: Feed) -> None:
        self._channel = channel
        self._server = channel.server
        self._feed = feed
        self._noted = False  # the loop has a note of ours that it has not read yet
        self._resting = False  # a timer will look for news
        self._spoke_at = self._server.monotonic()

    def begin(self) -> None:
        head, _ = self._channel.take_held()
        self._channel.write_soon(head.replace(b"Transfer-Encoding: chunked\r\n", b""))  # the close ends it
        self._channel.gone = self._feed.leave
        self._feed.join(self._wake)
        self._look()
        self._server.after(BEAT_SECONDS, self._beat)

    def _wake(self) -> None:
        if not self._noted:
            self._noted = True
            self._server.soon.do(self._woken)

    def _woken(self) -> None:
        if not self._resting:
            self._look()

    def _look(self) -> None:
        self._resting = self._noted = False  # first: what comes from now on is noted again
        if not self._channel.connected:
            return
        if self._channel.total_outbufs_len:
            self._rest(SLOW_SECONDS)
            return
        try:
            news = self._feed.take()
        except Exception:
            logger.exception("a stream of events failed")
            news = None
        if news is None:
            self._channel.finish()
        elif news:
            self._send(news)
            self._rest(PAUSE_SECONDS)

    def _rest(self, seconds: float) -> None:
        self._resting = True
        self._server.after(seconds, self._look)

    def _send(self, data: bytes) -> None:
        self._spoke_at = self._server.monotonic()
        self._channel.write_soon(data)

    def _beat(self) -> None:
        if not self._channel.connected:
            return
        silent = self._server.monotonic() - self._spoke_at
        if silent >= BEAT_SECONDS and not self._channel.total_outbufs_len:
            self._send(self._feed.beat)
            silent = 0.0
        self._server.after(max(BEAT_SECONDS - silent, 1.0), self._beat)
