"""Writing answers plainly, the app's and the server's own. Theory: the package's docstring."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from waitress.channel import ClientDisconnected
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import build_http_date

from mock_server.wire.endings import ENVIRON_KEY, Ending, Wire, linger

logger = logging.getLogger("mock_server.server")


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

    def _order(self, ending: Ending, *, announced: bool) -> None:
        if self.wrote_header:
            raise RuntimeError("the answer is already on its way; order a wire fault before the first byte of the body")
        self.channel.held = []
        self.channel.ending = ending
        self.close_on_finish = announced
