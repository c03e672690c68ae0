"""How a connection may end in place of a plain answer, and how the app orders it. Theory: the package's docstring."""

from __future__ import annotations

import math
import socket
import struct
import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from mock_server.wire.streaming import stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.hanging import Hold
    from mock_server.wire.channel import Channel
    from mock_server.wire.streaming import Feed

ENVIRON_KEY = "flowella_mock.wire"
LINGER_SECONDS = 5.0  # how long a refused client may go on sending before it is cut off

Ending: TypeAlias = "Callable[[Channel], None]"
"""Runs in the loop's thread, after everything before it on the connection has been sent."""


class Wire:
    """What the app may have done to the connection in place of a plain answer; the last order counts.

    A delay goes with any of them. No order keeps a worker waiting: the loop's clock does.
    """

    __slots__ = ("_delay", "_give", "_last")

    def __init__(self, order: Callable[..., None]) -> None:
        self._give = order
        self._delay = 0.0
        self._last: tuple[Ending, bool] = (whole, True)

    def delay(self, seconds: float) -> None:
        """The whole answer, or whatever else is ordered, so much later; the connection closes afterwards and says so."""
        self._delay = _pause(seconds)
        ending, announced = self._last
        self._order(ending, announced=announced)

    def _order(self, ending: Ending, *, announced: bool) -> None:
        self._last = (ending, announced)
        self._give(partial(late, seconds=self._delay, ending=ending) if self._delay else ending, announced=announced)

    def reset(self) -> None:
        """No answer; the client sees a connection reset."""
        self._order(reset, announced=False)

    def close(self) -> None:
        """No answer; the client sees the end of the stream."""
        self._order(close, announced=False)

    def hang(self, seconds: float, hold: Hold | None = None) -> None:
        """No answer; the connection stays open for so long, or until it is let go of, and is then closed."""
        self._order(partial(hang, seconds=_pause(seconds), hold=hold), announced=False)

    def truncate(self, after_bytes: int) -> None:
        """The head of the answer, so many bytes of its body, and the end of the stream."""
        self._order(partial(truncate, after=_count(after_bytes, least=0)), announced=False)

    def drip(self, bytes_per_chunk: int, seconds_between: float) -> None:
        """The whole answer, its body a few bytes at a time; the connection closes afterwards and says so."""
        size = _count(bytes_per_chunk, least=1)
        self._order(partial(drip, size=size, pause=_pause(seconds_between)), announced=True)

    def stream(self, feed: Feed) -> None:
        """The head of the answer, and from then on what the feed has, as it comes; the connection closes afterwards."""
        self._order(partial(stream, feed=feed), announced=True)


def _pause(seconds: float) -> float:
    if not (seconds >= 0 and math.isfinite(seconds)):
        raise ValueError(f"seconds must be a finite number, 0 or more, not {seconds!r}")
    return seconds


def _count(number: int, *, least: int) -> int:
    if number < least:
        raise ValueError(f"the number of bytes must be {least} or more, not {number!r}")
    return number


def reset(channel: Channel) -> None:
    """Close with a TCP RST."""
    channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    channel.handle_close()


def close(channel: Channel) -> None:
    """Close, so that the client sees the end of the stream."""
    if not channel.connected:
        return
    with suppress(OSError):  # unread bytes would turn the close into a reset
        for _ in range(16):
            if not channel.socket.recv(65_536):
                break
    channel.handle_close()


def linger(channel: Channel) -> None:
    """Close, but hear the client out for a while: a reset in mid-sending would cost it the answer."""
    with suppress(OSError):
        channel.socket.shutdown(socket.SHUT_WR)
    channel.server.after(LINGER_SECONDS, lambda: close(channel))


def hang(channel: Channel, seconds: float, hold: Hold | None = None) -> None:
    """Say nothing for so long, then close."""
    channel.held = None
    end = _closing(channel)
    channel.server.after(seconds, end)
    if hold is not None:
        soon = channel.server.soon
        hold.whenever_over(lambda: soon.do(end))
        channel.hold = hold


def _closing(channel: Channel) -> Callable[[], None]:
    """Closes it, if it is still there: a timer of an hour shall not keep what has ended long ago."""
    known = weakref.ref(channel)

    def end() -> None:
        found = known()
        if found is not None:
            close(found)

    return end


def late(channel: Channel, seconds: float, ending: Ending) -> None:
    """End it so much later, if the client is still there."""
    channel.server.after(seconds, lambda: ending(channel) if channel.connected else None)


def whole(channel: Channel) -> None:
    """Send the answer as it is, then close."""
    head, body = channel.take_held()
    channel.write_soon(head + body)
    channel.finish()


def truncate(channel: Channel, after: int) -> None:
    """Send the head and so many bytes of the body, then close."""
    head, body = channel.take_held()
    channel.write_soon(head + body[:after])
    channel.finish()


def drip(channel: Channel, size: int, pause: float) -> None:
    """Send the body a few bytes at a time, then close."""
    head, body = channel.take_held()
    channel.write_soon(head)
    _drip_on(channel, body, size, pause)


def _drip_on(channel: Channel, body: bytes, size: int, pause: float, sent: int = 0) -> None:
    if not channel.connected:
        return
    if channel.total_outbufs_len:  # the client does not read: do not pile up
        channel.server.after(max(pause, 0.01), lambda: _drip_on(channel, body, size, pause, sent))
        return
    channel.write_soon(body[sent : sent + size])
    if sent + size < len(body):
        channel.server.after(pause, lambda: _drip_on(channel, body, size, pause, sent + size))
    else:
        channel.finish()
