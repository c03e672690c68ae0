"""The pool of connections, and how a close that crosses our request is told from one that follows it.

Keeping connections alive has one hard case. A receiver may close an idle connection (Node after 5 s, gunicorn after
2 s, a careless one right after its answer) just as we send on it. The post must not be recorded as failed for that; nor
may it be sent twice when the receiver may have read it, because a receiver that takes a request and hangs up is a
failure its owner wants to see. aiohttp never resends a POST, so this is ours to solve, in four steps:

1. A connection idle for a second is not used again: receivers wait longer before they give one up.
2. A receiver that has never yet answered twice on one connection gets a moment to close it before we try: it waits out
   its first 25 ms. That happens once per origin, and not at all if the connection was idle for so long anyway.
3. Right before a kept connection is used, its socket is asked. If there is anything to read, an end of stream or bytes
   nobody asked for, the connection is dropped before a byte is sent.
4. There remain the microseconds in which a close and our request cross on the wire. Linux counts, for each connection,
   the bytes the peer's kernel has acknowledged, and an end of stream (FIN) acknowledges all that came before it. So if
   the connection ended with a FIN and not one byte of this request was acknowledged, the receiver had closed before the
   request arrived, and it is sent again on another connection. In every other case it is not.

What is left: if the request has arrived, unread, when a receiver closes, its kernel sends a reset (RST) instead of a
FIN, as it does for a receiver that read it and reset on purpose. On the wire the two are the same, so it is recorded as
`closed`. And a receiver that shuts down only its sending side, just then, yet goes on reading may see a request twice.
Elsewhere than on Linux the fourth step is missing.
"""

from __future__ import annotations

import asyncio
import select
import socket
import struct
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer, WriteableBuffer
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_IDLE = 1.0
_MOMENT = 0.025
# Of Linux's struct tcp_info: packets in flight, bytes acknowledged, segments sent with data (this one since 4.6).
_TCP_INFO = struct.Struct("=24x I 92x Q 28x I")


class _Ledger(NamedTuple):
    """How far the bytes we sent on a connection have come."""

    in_flight: int
    acknowledged: int
    segments: int


class _Socket(socket.socket):
    """A socket that can still say, after its closing, how it ended and how far its bytes had come."""

    uses = 0
    heard = 0.0  # when bytes came last
    clock: Callable[[], float]
    ended = False  # the peer's end of stream came, and no reset before it
    _last: _Ledger | None = None

    def ledger(self) -> _Ledger | None:
        if sys.platform != "linux" or self.fileno() < 0:
            return self._last
        try:
            return _Ledger(*_TCP_INFO.unpack(self.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)))
        except (OSError, struct.error):  # an older kernel; without evidence nothing is sent again
            return None

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        data = super().recv(bufsize, flags)
        self._hear(len(data))
        return data

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        size = super().recv_into(buffer, nbytes, flags)
        self._hear(size)
        return size

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        try:
            return super().send(data, flags)
        except BrokenPipeError:  # Linux says "reset", unless the end of stream had come first
            self.ended = True
            raise

    def _hear(self, size: int) -> None:
        self.heard = self.clock()
        if not size:
            self.ended = True

    def close(self) -> None:
        self._last = self.ledger()
        super().close()


class Line:
    """The connection that one sending is on, and the evidence of whether the receiver can have heard us."""

    def __init__(self) -> None:
        self.opened = False  # a connection was opened for it, rather than found in the pool
        self._transport: asyncio.Transport | None = None
        self._socket: _Socket | None = None
        self._before: _Ledger | None = None

    def take(self, transport: asyncio.Transport, sock: _Socket) -> None:
        """Note how things stand, right before the request is sent."""
        self._transport, self._socket = transport, sock
        self._before = sock.ledger() if sock.uses else None  # a fresh connection is no reason to send again
        sock.uses += 1

    def unheard(self) -> bool:
        """Is it certain that the receiver had closed this kept connection before any byte of the request arrived?"""
        if self._socket is None or self._before is None:
            return False
        before, after = self._before, self._socket.ledger()
        if after is None or before.in_flight or not before.segments:
            return False
        nothing_sent = after.segments == before.segments
        return nothing_sent or (self._socket.ended and after.acknowledged == before.acknowledged)

    def hurry(self) -> None:
        """Acknowledge at once: receivers that write head and body apart (http.server) else make us wait for 40 ms."""
        if sys.platform == "linux" and self._socket is not None:
            with suppress(OSError):  # closed already
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def cut(self) -> None:
        """Drop the connection now. A mere close would wait until the peer has taken all we still had to send."""
        if self._transport is not None:
            self._transport.abort()


LINE: ContextVar[Line] = ContextVar("LINE")  # of the exchange that is running; the connector fills it in


class Connector(aiohttp.TCPConnector):
    """Connections without limits of number; a kept one is handed out only if it is still good."""

    def __init__(self) -> None:
        resolver = aiohttp.ThreadedResolver()
        super().__init__(limit=0, keepalive_timeout=_IDLE, resolver=resolver, socket_factory=self._open)
        self._sockets: WeakValueDictionary[int, _Socket] = WeakValueDictionary()
        self._keepers: set[ConnectionKey] = set()  # origins that have answered twice on one connection

    def _open(self, address: aiohttp.AddrInfoType) -> _Socket:
        sock = _Socket(*address[:3])
        sock.clock = self._loop.time
        self._sockets[sock.fileno()] = sock
        LINE.get().opened = True
        return sock

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """Find a good connection in the pool, or open one, and tell the exchange's line which."""
        while True:
            connection = await super().connect(req, traces, timeout)
            try:
                if await self._is_good(connection, req.connection_key):
                    return connection
            except BaseException:
                connection.close()
                raise
            connection.close()
            if LINE.get().opened:  # gone before it was used; that is the receiver's doing, not the pool's
                raise aiohttp.ServerDisconnectedError

    async def _is_good(self, connection: Connection, origin: ConnectionKey) -> bool:
        transport, protocol = connection.transport, connection.protocol
        if transport is None or protocol is None:
            return False
        sock = self._sockets.get(transport.get_extra_info("socket").fileno())
        if sock is None:
            return False
        if sock.uses > 1:
            self._keepers.add(origin)
        while sock.uses and origin not in self._keepers and self._loop.time() < sock.heard + _MOMENT:
            if not protocol.is_connected():
                return False
            await asyncio.sleep(_MOMENT / 25)
        if sock.uses and (not protocol.is_connected() or protocol.should_close or _has_input(sock)):
            return False
        LINE.get().take(transport, sock)
        return True


def _has_input(sock: socket.socket) -> bool:
    if not hasattr(select, "poll"):  # Windows, where select takes any socket
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
