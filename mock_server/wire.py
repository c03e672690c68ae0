"""What happens on one connection: requests read strictly, answers written plainly, faults done to the socket itself.

Theory. waitress reads and writes every socket in one loop thread and runs the app in worker threads. A worker that is
done with a connection for good sets `close_when_flushed`; the loop closes the socket once all is sent. So every fault
is one more way for a connection to end: the app orders an *ending* through `environ["flowella_mock.wire"]`, the
worker keeps the answer back (`held`) and goes home, and the loop, about to close, carries out the ending instead. An
ending that takes time (hang, drip) is a timer of the loop: it costs a socket and no thread.

Requests are screened before waitress parses them, because its parser (3.0.2) lets some through that would hurt: two
of its patterns are quadratic (16 kB of digits or blanks stop the loop for seconds), some targets raise ValueError and
get no answer at all, "Expect: 100-continue" without a body waits for ever, and a request that can no longer become
valid is awaited instead of refused.

Internals of waitress leant on, beyond the constructor: `HTTPRequestParser.received` with its fields (header_plus,
headers_finished, body_rcv, content_length, chunked, completed, error, expect_continue), and of body_rcv its length,
control_line and trailer; `Task.write`, `build_response_header`, `has_body`, `service`; `HTTPChannel.received`,
`write_soon`, `handle_write`, `handle_close`, `requests`, `total_outbufs_len`, `close_when_flushed`.
"""

import logging
import math
import re
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import build_http_date

ENVIRON_KEY = "flowella_mock.wire"
MAX_HEAD = 65_536  # bytes of request line and headers
LINGER_SECONDS = 5.0  # how long a refused client may go on sending before it is cut off

logger = logging.getLogger("mock_server.server")

_METHOD = rb"[!#$%&'*+\-.^_`|~0-9A-Z]"
_REQUEST_LINE = re.compile(rb"[\r\n]*(" + _METHOD + rb"+) ([\x21-\x7e]+) HTTP/(\d\.\d)\r\n")
_START_OF_ONE = re.compile(rb"[\r\n]*" + _METHOD + rb"*(?: [\x21-\x7e]*(?: [HTP/.\d]*\r?)?)?")
_TARGET = re.compile(rb"(?:https?://[^/?#]+|(?=/))([^?#]*)", re.IGNORECASE)
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})|%00")
_LONG_BLANK = re.compile(rb"[ \t]{256}")
_BARE_LF = re.compile(rb"[^\r]\n")
_CODINGS = re.compile(rb"\r\ntransfer-encoding:([^\r\n]*)")


class Refusal(NamedTuple):
    """Why a request is answered by the server and not by the app; the same two names as waitress's own errors."""

    code: int
    body: str


class Request(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """One request, refused as soon as it cannot become a good one."""

    command = path = ""  # waitress sets these late, and needs them always
    version = "1.1"
    target = b""
    error: Any

    def received(self, data: bytes) -> int:
        consumed = self._body(data) if self.headers_finished else self._head(data)
        if self.error is not None:
            self.refuse(self.error)
            return len(data)  # what follows a refused head is no request
        if self.completed:
            self.expect_continue = False  # nothing left to wait for; waitress would wait
        return consumed

    def refuse(self, error: Any) -> None:
        """Also the last word on errors found by waitress, which would go on to ask for the body."""
        self.error, self.completed, self.expect_continue = error, True, False
        found = _TARGET.match(self.target)
        self.path = unquote_to_bytes(found[1]).decode("latin-1") if found else ""

    def _head(self, data: bytes) -> int:
        head = self.header_plus + data
        end = head.find(b"\r\n\r\n")
        fault = self._screen(head, end)
        if fault is not None:
            self.error = fault
            return len(data)
        try:
            consumed: int = super().received(data)
        except ValueError:
            self.error = Refusal(400, "the request target or its Content-Length cannot be read")
            return len(data)
        if self.headers_finished:
            self.error = self.error or self._objection(head[:end].lower())
            self.path = self.path or "/"  # http://host alone
        return consumed

    def _screen(self, head: bytes, end: int) -> Refusal | None:
        """What is wrong with the head so far; it may be incomplete (end < 0)."""
        line = _REQUEST_LINE.match(head)
        if line is not None:
            self.command, self.target = line[1].decode("ascii"), line[2]
        if (len(head) if end < 0 else end) > MAX_HEAD:
            return Refusal(431 if line else 414, f"the request line and headers may take {MAX_HEAD} bytes in all")
        if line is None:
            if b"\n" not in head.lstrip(b"\r\n") and _START_OF_ONE.fullmatch(head):
                return None
            return Refusal(400, "the request line is not of the form: METHOD /path HTTP/1.1")
        if line[3] not in {b"1.1", b"1.0"}:
            return Refusal(505, f"HTTP/{line[3].decode('ascii')} is not spoken here; use HTTP/1.1 or HTTP/1.0")
        return _target_objection(line[2]) or _layout_objection(head, end)

    def _objection(self, head: bytes) -> Refusal | None:
        """What is wrong with a complete head waitress has accepted: doubts about where the body ends, or its size."""
        codings = _CODINGS.findall(head) if b"transfer-encoding" in head else []
        if codings and ([coding.strip() for coding in codings] != [b"chunked"] or self.version == "1.0"):
            return Refusal(400, "Transfer-Encoding must be chunked, once, and needs HTTP/1.1")
        if codings and "CONTENT_LENGTH" in self.headers:
            return Refusal(400, "Content-Length and Transfer-Encoding exclude each other")
        if self.content_length > self.adj.max_body:
            return self._too_large(f"{self.content_length}")
        return None

    def _body(self, data: bytes) -> int:
        consumed: int = super().received(data)
        receiver = self.body_rcv
        if self.error is not None or not self.chunked:
            return consumed
        if len(receiver) > self.adj.max_body:  # counted here: waitress counts the framing of chunks too
            self.error = self._too_large("more")
        elif len(receiver.control_line) > 4096 or len(receiver.trailer) > MAX_HEAD:
            self.error = Refusal(400, "a chunk's size line may take 4096 bytes, the trailer as much as the headers")
        return consumed

    def _too_large(self, size: str) -> Refusal:
        return Refusal(413, f"the body may take {self.adj.max_body} bytes; this one takes {size}")


def _target_objection(target: bytes) -> Refusal | None:
    found = _TARGET.match(target)
    if found is None:
        return Refusal(400, "the request target must be a /path or an absolute http:// address")
    if b"%" in found[1] and _BAD_ESCAPE.search(found[1]):
        return Refusal(400, "the path has a percent sign that does not start an escape like %20, or it hides a NUL")
    return None


def _layout_objection(head: bytes, end: int) -> Refusal | None:
    if end < 0 and _BARE_LF.search(head):
        return Refusal(400, "header lines must end in CR LF; this one ends in a bare LF")
    if len(head) > 2048 and _LONG_BLANK.search(head, 0, len(head) if end < 0 else end):
        return Refusal(400, "a header holds hundreds of blanks in a row")
    return None


class _PlainTask:
    """How answers are written: the app's headers as they are, no Server and no Via, a body only where HTTP has one."""

    channel: Any
    request: Any
    response_headers: list[tuple[str, str]]
    version: str
    status: str
    start_time: float
    content_length: int | None
    close_on_finish: bool
    chunked_response: bool
    complete: bool
    content_bytes_written: int
    wrote_header: bool

    @property
    def _bodiless(self) -> bool:
        return self.status.startswith(("1", "204", "304"))

    @property
    def has_body(self) -> bool:
        return self.request.command != "HEAD" and not self._bodiless

    def build_response_header(self) -> bytes:
        """In place of waitress's, which renames and sorts headers and closes connections it could keep."""
        headers = self.response_headers
        if self._bodiless:
            headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        names = {name.lower() for name, _ in headers}
        headers = headers + self._framing(names) + self._persistence()
        if "date" not in names:
            headers.append(("Date", build_http_date(self.start_time)))
        lines = [f"HTTP/{self.version} {self.status}", *(f"{name}: {value}" for name, value in headers), "\r\n"]
        return "\r\n".join(lines).encode("latin-1")

    def write(self, data: bytes) -> None:
        """In place of waitress's, which sends the head by itself: a second packet, and a second wait for the GIL."""
        if not self.complete:
            raise RuntimeError("start_response was not called before the body was written")
        head = b"" if self.wrote_header else self.build_response_header()
        self.wrote_header = True
        piece = self._framed(data) if data else b""
        if head or piece:
            self.channel.write_soon(head + piece)

    def _framed(self, data: bytes) -> bytes:
        if self.chunked_response:
            return b"%X\r\n%b\r\n" % (len(data), data)
        if self.content_length is not None and self.content_bytes_written + len(data) > self.content_length:
            logger.warning("the app wrote more than its Content-Length of %d; cut off", self.content_length)
            data = data[: self.content_length - self.content_bytes_written]
        self.content_bytes_written += len(data)
        return data if self.has_body else b""

    def _framing(self, names: set[str]) -> list[tuple[str, str]]:
        if self._bodiless or "content-length" in names:
            return []
        if self.content_length is not None:
            return [("Content-Length", str(self.content_length))]
        if not self.has_body:
            return []
        if self.version == "1.1":
            self.chunked_response = True
            return [("Transfer-Encoding", "chunked")]
        self.close_on_finish = True
        return []

    def _persistence(self) -> list[tuple[str, str]]:
        asked = self.request.headers.get("CONNECTION", "").lower()
        leaves = "close" in asked if self.version == "1.1" else "keep-alive" not in asked
        self.close_on_finish = self.close_on_finish or leaves
        if self.close_on_finish:
            return [("Connection", "close")]
        return [] if self.version == "1.1" else [("Connection", "keep-alive")]

    def refuse(self, code: int, reason: str) -> None:
        """The server's own answer, in the app's words."""
        path = self.request.path.encode("latin-1").decode("utf-8", "replace")
        content_type, body = self.channel.server.error_answer(path, code, reason)
        self.complete = True
        self.status = f"{code} {HTTPStatus(code).phrase}"
        self.response_headers = [("Content-Type", content_type)]
        self.content_length = len(body)
        self.write(body)


class RefusalTask(_PlainTask, ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answers a request that never reaches the app."""

    def execute(self) -> None:
        self.close_on_finish = True
        self.channel.ending = linger
        self.refuse(self.request.error.code, self.request.error.body)


class AppTask(_PlainTask, WSGITask):  # type: ignore[misc]  # waitress has no types
    """Answers a request by asking the app, which may order an ending."""

    def service(self) -> None:
        try:
            super().service()
        except ClientDisconnected:
            raise
        except BaseException:  # even SystemExit: waitress would leave the connection without an answer for ever
            logger.exception("the app failed on %s %r", self.request.command, self.request.path)
            self._fail()
        if self.channel.held is not None:
            self.close_on_finish = True

    def _fail(self) -> None:
        if self.wrote_header:  # too late for another answer: let the client see that this one is cut short
            self.close_on_finish = True
        else:
            self.close_on_finish = False  # waitress takes an OSError of the app's for one of the socket's
            self.refuse(500, "the server failed on this request; its log has the traceback")

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[ENVIRON_KEY] = Wire(self._order)
        environ.pop("wsgi.file_wrapper", None)  # its shortcut around Task.write would send a body to HEAD
        return environ

    def _order(self, ending: "Ending", *, announced: bool) -> None:
        if self.wrote_header:
            raise RuntimeError("the answer is already on its way; order a wire fault before the first byte of the body")
        self.channel.held = []
        self.channel.ending = ending
        self.close_on_finish = announced


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection, which knows how it is to end and how long its client has kept it waiting."""

    task_class = AppTask
    error_task_class = RefusalTask
    parser_class = Request
    request: Any
    will_close: bool
    close_when_flushed: bool

    ending: "Ending | None" = None  # what to do instead of closing, once all is sent
    held: list[bytes] | None = None  # the answer, kept back for the ending
    stuck = False  # the worker could not send all: the loop must
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
            self.stuck, self.close_when_flushed = True, done or self.close_when_flushed
        elif done and self.connected:
            ending, self.ending, self.leaving = self.ending or close, None, True
            ending(self)

    def handle_close(self) -> None:
        super().handle_close()
        if self.request is not None:
            self.request.close()  # half a body may sit in a temporary file

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


Ending: TypeAlias = Callable[[Channel], None]


class Wire:
    """What the app may have done to the connection in place of a plain answer; the last order counts."""

    __slots__ = ("_order",)

    def __init__(self, order: Callable[..., None]) -> None:
        self._order = order

    def reset(self) -> None:
        """No answer; the client sees a connection reset."""
        self._order(reset, announced=False)

    def close(self) -> None:
        """No answer; the client sees the end of the stream."""
        self._order(close, announced=False)

    def hang(self, seconds: float) -> None:
        """No answer; the connection stays open for so long and is then closed."""
        self._order(partial(hang, seconds=_pause(seconds)), announced=False)

    def truncate(self, after_bytes: int) -> None:
        """The head of the answer, so many bytes of its body, and the end of the stream."""
        self._order(partial(truncate, after=_count(after_bytes, least=0)), announced=False)

    def drip(self, bytes_per_chunk: int, seconds_between: float) -> None:
        """The whole answer, its body a few bytes at a time; the connection closes afterwards and says so."""
        size = _count(bytes_per_chunk, least=1)
        self._order(partial(drip, size=size, pause=_pause(seconds_between)), announced=True)


def _pause(seconds: float) -> float:
    if not (seconds >= 0 and math.isfinite(seconds)):
        raise ValueError(f"seconds must be a finite number, 0 or more, not {seconds!r}")
    return seconds


def _count(number: int, *, least: int) -> int:
    if number < least:
        raise ValueError(f"the number of bytes must be {least} or more, not {number!r}")
    return number


# The endings. All run in the loop's thread, after everything before them on the connection has been sent.


def reset(channel: Channel) -> None:
    channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    channel.handle_close()


def close(channel: Channel) -> None:
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


def hang(channel: Channel, seconds: float) -> None:
    channel.held = None
    channel.server.after(seconds, lambda: close(channel))


def truncate(channel: Channel, after: int) -> None:
    head, body = channel.take_held()
    channel.write_soon(head + body[:after])
    channel.finish()


def drip(channel: Channel, size: int, pause: float) -> None:
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
