"""Reading requests strictly: refused as soon as one cannot become a good one. Theory: the package's docstring."""

import re
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from waitress.parser import HTTPRequestParser

MAX_HEAD = 65_536  # bytes of request line and headers

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
        # Lines before a request: waitress takes each two for a request, and looks at all of the rest each time.
        blank = 0 if self.headers_finished or self.header_plus else len(data) - len(data.lstrip(b"\r\n"))
        if blank:
            return blank + (self.received(data[blank:]) if blank < len(data) else 0)
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
        if self.content_length > self._limit():
            return self._too_large(f"{self.content_length}")
        return None

    def _body(self, data: bytes) -> int:
        consumed: int = super().received(data)
        receiver = self.body_rcv
        if self.error is not None or not self.chunked:
            return consumed
        # Counted here: waitress counts the framing of chunks too, and not what a chunk has announced.
        if len(receiver) + receiver.chunk_remainder > self._limit():
            self.error = self._too_large("more")
        elif len(receiver.control_line) > 4096 or len(receiver.trailer) > MAX_HEAD:
            self.error = Refusal(400, "a chunk's size line may take 4096 bytes, the trailer as much as the headers")
        return consumed

    def _limit(self) -> int:
        """Bytes that a body may take here."""
        limit: int = self.adj.max_body(self.command, self.path)
        return limit

    def _too_large(self, size: str) -> Refusal:
        return Refusal(413, f"the body may take {self._limit()} bytes; this one takes {size}")


def _target_objection(target: bytes) -> Refusal | None:
    found = _TARGET.match(target)
    if found is None:
        return Refusal(400, "the request target must be a /path or an absolute http:// address")
    if target.startswith(b"//"):  # werkzeug would take it for a path with one slash
        return Refusal(404, "there is nothing below an empty path segment")
    if b"%" in found[1] and _BAD_ESCAPE.search(found[1]):
        return Refusal(400, "the path has a percent sign that does not start an escape like %20, or it hides a NUL")
    return None


def _layout_objection(head: bytes, end: int) -> Refusal | None:
    if end < 0 and _BARE_LF.search(head):
        return Refusal(400, "header lines must end in CR LF; this one ends in a bare LF")
    if len(head) > 2048 and _LONG_BLANK.search(head, 0, len(head) if end < 0 else end):
        return Refusal(400, "a header holds hundreds of blanks in a row")
    return None
