"""One connection: when it is read, written, given up and ended. Theory: the package's docstring."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel

from mock_server.wire.answers import AppTask, RefusalTask
from mock_server.wire.endings import Ending, close
from mock_server.wire.requests import Refusal, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.hanging import Hold


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection, which knows how it is to end and how long its client has kept it waiting."""

    task_class = AppTask
    error_task_class = RefusalTask
    parser_class = Request
    request: Any
    will_close: bool
    close_when_flushed: bool

    ending: Ending | None = None  # what to do instead of closing, once all is sent
    held: list[bytes] | None = None  # the answer, kept back for the ending
    stuck = False  # the worker could not send all: the loop must
    gone: Callable[[], None] | None = None  # somebody wants to know when it is closed
    hold: Hold | None = None  # what keeps it hanging
    leaving = False  # the ending has begun: whatever the client says now is thrown away
    arriving: Request | None = None  # the request being received, and since when
    arriving_since = 0.0

    @property
    def last_activity(self) -> float:
        return self._last_activity

    @last_activity.setter
    def last_activity(self, _wall: float) -> None:
        self._last_activity: float = self.server.monotonic()  # waitress stamps wall time, which may jump

    def received(self, data: bytes) -> bool:
        if self.leaving:
            return False
        kept: bool = super().received(data)
        if self.request is not self.arriving:
            self.arriving, self.arriving_since = self.request, self.last_activity
        return kept

    def write_soon(self, data: bytes) -> int:
        if self.held is not None:
            self.held.append(data)
            return len(data)
        self.last_activity = 0.0  # now: the client has had no chance to read this yet
        written: int = super().write_soon(data)
        if self.total_outbufs_len:
            self.stuck = True
            self.server.pull_trigger()
        return written

    def writable(self) -> bool:
        """In place of waitress's, whose loop spins and starves the worker that is about to send."""
        unsent = self.total_outbufs_len and (self.stuck or not self.requests)
        return bool(unsent or self.will_close or self.close_when_flushed)

    def handle_write(self) -> None:
        """Where waitress closes a connection that is done; here the ending takes over."""
        done = self.close_when_flushed and not self.will_close
        if done:
            self.close_when_flushed = False
        super().handle_write()  # send what is left of this and earlier answers
        self.stuck = False
        if self.total_outbufs_len:
            self.stuck = True
            if done:  # and only then: a worker may be setting it at this very moment
                self.close_when_flushed = True
        elif done and self.connected:
            ending, self.ending, self.leaving = self.ending or close, None, True
            ending(self)

    def handle_close(self) -> None:
        super().handle_close()
        if self.request is not None:
            self.request.close()  # half a body may sit in a temporary file
        gone, self.gone = self.gone, None
        if gone is not None:
            gone()

    def cancel(self) -> None:
        """The server stops before a worker was free for what is queued here."""
        for request in self.requests:
            request.close()
        super().cancel()

    def handle_expt(self) -> None:
        """Swallow an urgent byte: left unread it would wake the loop for ever."""
        with suppress(OSError):
            self.socket.recv(1, socket.MSG_OOB)

    def take_held(self) -> tuple[bytes, bytes]:
        """The head and the body of the answer kept back; from now on writes go out again."""
        head, blank, body = b"".join(self.held or ()).partition(b"\r\n\r\n")
        self.held = None
        return head + blank, body

    def finish(self) -> None:
        """Close once all is sent."""
        self.close_when_flushed = True

    def check_age(self, now: float, limit: float) -> None:
        """Give up on a client that neither speaks nor reads; one with half a request is told so."""
        if self.total_outbufs_len:
            if now - self.last_activity >= limit:
                self.handle_close()  # at once: `will_close` would wait until the socket is writable
        elif self.leaving or self.requests or now - self._waiting_since() < limit:
            return
        elif self.request is None:
            self.handle_close()
        else:
            self._give_up(f"the request was not complete after {limit:g} seconds")

    def _waiting_since(self) -> float:
        return self.last_activity if self.request is None else self.arriving_since

    def _give_up(self, reason: str) -> None:
        with self.requests_lock:
            request, self.request = self.request, None
            request.refuse(Refusal(408, reason))
            self.requests.append(request)
            self.server.add_task(self)
