"""The HTTP server, over raw sockets on loopback: whatever a socket can send, and whatever a fault can do to one."""

import contextlib
import errno
import io
import itertools
import json
import logging
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from mock_server.server import IDLE_SECONDS, HttpServer
from mock_server.wire import ENVIRON_KEY, MAX_HEAD, Channel

PATIENCE = 10.0  # seconds until a client gives up: only a failing test waits that long


class Answer(NamedTuple):
    """One answer as it came off the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Client:
    """A raw socket that can read answers."""

    def __init__(self, server: HttpServer) -> None:
        self.socket = socket.create_connection((server.host, server.port), timeout=PATIENCE)
        self._left = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> "Client":
        self.socket.sendall(data)
        return self

    def ask(self, path: str = "/", *, headers: str = "", body: bytes = b"", method: str = "GET") -> Answer:
        return self.send(request(path, headers=headers, body=body, method=method)).answer(head_only=method == "HEAD")

    def answer(self, *, head_only: bool = False) -> Answer:
        first, *lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        assert first.startswith("HTTP/1."), first
        answer = Answer(int(first.split(" ")[1]), [_pair(line) for line in lines], b"")
        if head_only or answer.status in {100, 204, 304}:
            return answer
        return answer._replace(body=self._body(answer))

    def until(self, mark: bytes) -> bytes:
        while mark not in self._left:
            self._more()
        found = self.exactly(self._left.index(mark) + len(mark))
        return found.removesuffix(mark)

    def exactly(self, size: int) -> bytes:
        while len(self._left) < size:
            self._more()
        found = bytes(self._left[:size])
        del self._left[:size]
        return found

    def has_news(self) -> bool:
        """Whether something has arrived, be it the end of the stream."""
        return bool(self._left or select.select([self.socket], [], [], 0)[0])

    def rest(self) -> bytes:
        """All until the end of the stream."""
        with contextlib.suppress(EOFError):
            while True:
                self._more()
        return bytes(self._left)

    def _more(self) -> None:
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise EOFError(f"the stream ended after {bytes(self._left[:200])!r}")
        self._left += piece

    def _body(self, answer: Answer) -> bytes:
        if answer.get("Transfer-Encoding") == "chunked":
            return b"".join(iter(self._chunk, b""))
        length = answer.get("Content-Length")
        return self.rest() if length is None else self.exactly(int(length))

    def _chunk(self) -> bytes:
        return self.exactly(int(self.until(b"\r\n"), 16) + 2)[:-2]


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value


def request(path: str = "/", *, headers: str = "", body: bytes = b"", method: str = "GET") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: here\r\n{length}{headers}\r\n".encode() + body


def error_body(path: str, status: int, reason: str) -> tuple[str, bytes]:
    return "application/problem+json", json.dumps({"path": path, "status": status, "reason": reason}).encode()


def problem(answer: Answer) -> tuple[int, str]:
    """Status and path of an answer, which must be in the words of error_body."""
    assert answer.get("Content-Type") == "application/problem+json"
    told = json.loads(answer.body)
    assert told["status"] == answer.status
    assert told["reason"]
    return answer.status, told["path"]


def plain(body: bytes = b"hello", status: str = "200 OK", headers: Iterable[tuple[str, str]] = ()) -> WSGIApplication:
    """An app that always answers the same."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        start(status, [("Content-Length", str(len(body))), *headers])
        return [body]

    return app


def echo(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    """An app that says what it was asked."""
    body = environ["wsgi.input"].read()
    said = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {len(body)}".encode()
    start("200 OK", [("Content-Length", str(len(said)))])
    return [said]


def ordering(order: Callable[[Any], None], body: bytes = b"0123456789") -> WSGIApplication:
    """An app that orders a wire fault on /fault and answers plainly elsewhere."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/fault":
            return echo(environ, start)
        order(environ[ENVIRON_KEY])
        return plain(body)(environ, start)

    return app


@dataclass
class Gate:
    """An app that says when it has been reached, and answers when it is let go."""

    reached: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    open: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/gate":
            self.reached.release()
            assert self.open.wait(PATIENCE)
        return echo(environ, start)


class Clock:
    """Time that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> bool:
        """For waiting with settle(): not yet, but time goes on."""
        self.now += seconds
        return False


def serve(app: WSGIApplication = echo, **options: Any) -> HttpServer:
    return HttpServer(app, error_body=error_body, **options)


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with serve() as running:
        yield running


def settle(server: HttpServer, done: Callable[[], bool]) -> None:
    """Keep the server's loop turning until something is so."""
    for _ in range(5_000):
        if done():
            return
        with Client(server) as client:  # a new one each time: `done` may have moved the clock
            client.ask("/turn")
    raise AssertionError("the server never got there")


def turn(server: HttpServer) -> None:
    """Wake the loop, so that it looks at its clock."""
    turns = iter([False, False, True])
    settle(server, lambda: next(turns))


def ending(server: HttpServer) -> bool:
    """Whether a connection has begun to end."""
    return any(channel.leaving for channel in server._loop.active_channels.values())


def still_answers(server: HttpServer) -> None:
    with Client(server) as client:
        assert client.ask("/fine").body == b"GET /fine 0"


# --- Requests that never reach the app -------------------------------------------------------------------------------

HEAD = b"GET /here HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /here HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

MALFORMED = {
    "garbage": (b"\x00\x01\x02\xff\xfe", 400, ""),
    "tls": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, ""),
    "garbage-line": (b"what is this?\r\n\r\n", 400, ""),
    "http09": (b"GET /here\r\n", 400, ""),
    "lower-case-method": (b"get /here HTTP/1.1\r\n\r\n", 400, ""),
    "bare-lf": (b"GET /here HTTP/1.1\nHost: x\n\n", 400, ""),
    "bare-lf-later": (b"GET /here HTTP/1.1\r\nHost: x\n\n", 400, "/here"),
    "bare-cr": (HEAD + b"A: b\rC: d\r\n\r\n", 400, "/here"),
    "space-in-target": (b"GET /he re HTTP/1.1\r\n\r\n", 400, ""),
    "http2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, ""),
    "http3": (b"GET /here HTTP/3.0\r\n\r\n", 505, "/here"),
    "star": (b"OPTIONS * HTTP/1.1\r\n\r\n", 400, ""),
    "authority": (b"CONNECT here:443 HTTP/1.1\r\n\r\n", 400, ""),
    "other-scheme": (b"GET ftp://there/here HTTP/1.1\r\n\r\n", 400, ""),
    "bad-host": (b"GET http://[::1/here HTTP/1.1\r\n\r\n", 400, "/here"),
    "bad-escape": (b"GET /here%zz HTTP/1.1\r\n\r\n", 400, "/here%zz"),
    "nul-escape": (b"GET /here%00 HTTP/1.1\r\n\r\n", 400, "/here\x00"),
    "raw-nul": (b"GET /he\x00re HTTP/1.1\r\n\r\n", 400, ""),
    "unicode-path": (b"GET /caf%C3%A9 HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "/caf\u00e9"),
    "nul-in-header": (HEAD + b"A: b\x00c\r\n\r\n", 400, "/here"),
    "no-colon": (HEAD + b"nonsense\r\n\r\n", 400, "/here"),
    "space-before-colon": (HEAD + b"A : b\r\n\r\n", 400, "/here"),
    "folded-first": (b"GET /here HTTP/1.1\r\n folded\r\n\r\n", 400, "/here"),
    "length-word": (POST + b"Content-Length: ten\r\n\r\n", 400, "/here"),
    "length-negative": (POST + b"Content-Length: -1\r\n\r\n", 400, "/here"),
    "length-plus": (POST + b"Content-Length: +1\r\n\r\n", 400, "/here"),
    "length-digits": (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400, "/here"),
    "lengths-differ": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "/here"),
    "length-and-chunked": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "/here"),
    "coding-unknown": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "/here"),
    "coding-empty": (POST + b"Transfer-Encoding:\r\n\r\n", 400, "/here"),
    "coding-twice": (POST + b"Transfer-Encoding: chunked\r\nTRANSFER-ENCODING: chunked\r\n\r\n", 400, "/here"),
    "coding-http10": (b"POST /here HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "/here"),
    "chunk-size": (CHUNKED + b"xyz\r\n\r\n", 400, "/here"),
    "chunk-end": (CHUNKED + b"1\r\nabc\r\n", 400, "/here"),
    "chunk-extension": (CHUNKED + b'1;="\r\na\r\n', 400, "/here"),
    "chunk-size-endless": (CHUNKED + b"0" * 5000, 400, "/here"),
    "chunk-trailer-endless": (CHUNKED + b"0\r\n" + b"A: b\r\n" * (MAX_HEAD // 6 + 2), 400, "/here"),
    "line-endless": (b"GET /" + b"a" * MAX_HEAD, 414, ""),
    "headers-endless": (HEAD + b"A: b\r\n" * (MAX_HEAD // 6), 431, "/here"),
    "header-endless": (HEAD + b"A: " + b"b" * MAX_HEAD, 431, "/here"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_are_refused_in_the_words_of_error_body(server: HttpServer, name: str) -> None:
    """A request that cannot be served gets a proper answer, the connection closes, and the server goes on."""
    sent, status, path = MALFORMED[name]
    with Client(server) as client:
        answer = client.send(sent).answer()
        assert problem(answer) == (status, path)
        assert answer.get("Connection") == "close"
        assert client.rest() == b""
    still_answers(server)


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"A:" + b" " * 60_000 + b"b\r\n\r\n",
        HEAD + b"A: b" + b"\t" * 60_000,
        b"GET a://" + b"1" * 60_000 + b" HTTP/x\r\n\r\n",
    ],
    ids=["blanks", "tabs", "digits"],
)
def test_slow_patterns_do_not_stop_the_loop(server: HttpServer, sent: bytes) -> None:
    """Input on which waitress's own patterns take minutes is refused before they see it."""
    with Client(server) as client:
        assert client.send(sent).answer().status == 400


def test_a_refused_head_request_gets_no_body(server: HttpServer) -> None:
    """HEAD is HEAD, even when the request is bad."""
    with Client(server) as client:
        assert client.send(b"HEAD /here HTTP/1.1\r\nA : b\r\n\r\n").answer(head_only=True).status == 400
        assert client.rest() == b""


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://there:8080/here?a=b", "/here"),
        ("HTTP://there", "/"),
        ("http://there?a=b", "/"),
        ("/a%20b", "/a b"),
        ("/a?b=%zz", "/a"),
    ],
)
def test_unusual_but_valid_targets_reach_the_app(server: HttpServer, target: str, path: str) -> None:
    """Absolute-form targets and odd queries are HTTP and reach the app with their path."""
    with Client(server) as client:
        assert client.ask(target).body == f"GET {path} 0".encode()


def test_a_request_may_arrive_byte_by_byte_after_blank_lines(server: HttpServer) -> None:
    """No prefix of a good request is mistaken for a bad one."""
    with Client(server) as client:
        for byte in b"\r\n\r\n" + request("/slow", body=b"abc", method="POST", headers="X-Long: a b\r\n"):
            client.send(bytes([byte]))
        assert client.answer().body == b"POST /slow 3"


def test_urgent_data_does_not_keep_the_loop_awake(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An out-of-band byte is swallowed once, and the request around it served."""
    swallow, swallowed = Channel.handle_expt, []

    def counted(channel: Channel) -> None:
        swallowed.append(channel)
        swallow(channel)

    monkeypatch.setattr(Channel, "handle_expt", counted)
    with Client(server) as client:
        client.ask()
        client.socket.send(b"!", socket.MSG_OOB)
        for _ in range(10):
            turn(server)
        assert 1 <= len(swallowed) < 5
        assert client.ask("/urgent").body == b"GET /urgent 0"


# --- Bodies -----------------------------------------------------------------------------------------------------------


def test_a_body_announced_too_large_is_refused_before_it_is_sent() -> None:
    """A Content-Length over the limit is enough for a 413."""
    with serve(max_body=1000) as server, Client(server) as client:
        answer = client.send(POST + b"Content-Length: 1001\r\n\r\n").answer()
        assert problem(answer) == (413, "/here")
        assert client.rest() == b""


def test_a_chunked_body_is_refused_as_soon_as_it_passes_the_limit() -> None:
    """The end of the body is not awaited."""
    with serve(max_body=1000) as server, Client(server) as client:
        client.send(CHUNKED + b"1f4\r\n" + b"a" * 500 + b"\r\n1f5\r\n" + b"a" * 501)
        assert problem(client.answer()) == (413, "/here")
        assert client.rest() == b""


def test_a_body_of_exactly_the_limit_is_accepted() -> None:
    """The limit is on the body, whatever the framing around it costs."""
    chunks = b"".join(b"1\r\na\r\n" for _ in range(1000)) + b"0\r\n\r\n"
    with serve(max_body=1000) as server, Client(server) as client:
        assert client.ask("/whole", body=b"a" * 1000, method="POST").body == b"POST /whole 1000"
        assert client.send(CHUNKED + chunks).answer().body == b"POST /here 1000"


def test_a_client_that_sends_a_refused_body_to_its_end_still_reads_the_answer() -> None:
    """The server hears the client out, so that no reset destroys the 413 on its way."""
    size = 8_000_000
    with serve(max_body=1000) as server, Client(server) as client:
        client.send(POST + f"Content-Length: {size}\r\n\r\n".encode()).send(b"a" * size)
        assert problem(client.answer()) == (413, "/here")


def test_a_large_body_arrives_whole(server: HttpServer) -> None:
    """A body that waitress moves to a temporary file is complete, and the file is closed."""
    with Client(server) as client:
        assert client.ask("/big", body=b"a" * 3_000_000, method="POST").body == b"POST /big 3000000"


def test_expect_continue_is_answered_before_the_body(server: HttpServer) -> None:
    """A client that waits for 100 gets it, and its answer afterwards."""
    with Client(server) as client:
        client.send(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.answer().status == 100
        assert client.send(b"abc").answer().body == b"POST /here 3"
        assert client.ask("/next").body == b"GET /next 0"


def test_expect_continue_without_a_body_is_simply_answered(server: HttpServer) -> None:
    """There is nothing to continue with, so nothing is awaited."""
    with Client(server) as client:
        assert client.ask("/none", headers="Expect: 100-continue\r\n").body == b"GET /none 0"


def test_expect_continue_with_too_large_a_body_is_refused_at_once(server: HttpServer) -> None:
    """The client is not asked for a body that nobody wants."""
    with Client(server) as client:
        client.send(POST + b"Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n")
        assert client.answer().status == 413


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_headers_are_the_apps_own() -> None:
    """Names keep their case, order and repetition; nobody adds Server or Via."""
    own = [("x-b", "1"), ("X-aB-ID", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("ETag", "3")]
    with serve(plain(headers=own)) as server, Client(server) as client:
        answer = client.ask()
    assert answer.headers[1:-1] == own
    assert [name for name, _ in answer.headers if name not in dict(own)] == ["Content-Length", "Date"]


def test_the_apps_server_and_date_are_kept() -> None:
    """An app that plays another server, at another time, is not contradicted."""
    own = [("server", "flowella-edge"), ("date", "Thu, 01 Jan 1970 00:00:00 GMT")]
    with serve(plain(headers=own)) as server, Client(server) as client:
        assert client.ask().headers[1:] == own


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
)
def test_answers_that_have_no_body_have_none(method: str, status: str) -> None:
    """A body the app should not have given is dropped, and the connection stays usable."""
    with serve(plain(b"forbidden", status)) as server, Client(server) as client:
        first = client.ask(method=method)
        second = client.ask(method=method)
    assert first.status == second.status == int(status[:3])
    assert first.get("Content-Length") == ("9" if method == "HEAD" else None)
    assert first.get("Transfer-Encoding") is None


def test_a_streamed_answer_is_chunked_and_the_connection_stays() -> None:
    """Without Content-Length HTTP/1.1 gets chunks, and its connection back."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        return iter([b"one", b"", b"two"])

    with serve(app) as server, Client(server) as client:
        for _ in range(2):
            answer = client.ask()
            assert answer.get("Transfer-Encoding") == "chunked"
            assert answer.body == b"onetwo"
            assert client.ask(method="HEAD").get("Transfer-Encoding") is None
        assert client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer().body == b"onetwo"


def test_a_file_given_to_head_is_not_sent() -> None:
    """waitress's shortcut for files, which knows no HEAD, is not offered to the app."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", "4")])
        file = io.BytesIO(b"file")
        return environ["wsgi.file_wrapper"](file) if "wsgi.file_wrapper" in environ else file

    with serve(app) as server, Client(server) as client:
        assert client.ask(method="HEAD").status == 200
        assert client.ask().body == b"file"


def test_excess_over_content_length_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    """An app that writes more than it announced cannot spoil the next answer."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", "4")])
        return iter([b"abc", b"def"])

    with serve(app) as server, Client(server) as client:
        assert client.ask().body == b"abcd"
        assert client.ask().body == b"abcd"
    assert "more than its Content-Length" in caplog.text


@pytest.mark.parametrize(
    ("version", "asked", "stays"),
    [("1.1", "", True), ("1.1", "close", False), ("1.0", "", False), ("1.0", "Keep-Alive", True)],
)
def test_connections_stay_or_close_as_http_has_it(server: HttpServer, version: str, asked: str, *, stays: bool) -> None:
    """Keep-alive is the default of 1.1 and an option of 1.0."""
    sent = f"GET /here HTTP/{version}\r\nConnection: {asked}\r\n\r\n".encode()
    with Client(server) as client:
        answer = client.send(sent).answer()
        assert answer.get("Connection") == {"Keep-Alive": "keep-alive", "": None if stays else "close"}.get(
            asked, asked
        )
        if stays:
            assert client.send(sent).answer().body == b"GET /here 0"
        else:
            assert client.rest() == b""


@pytest.mark.parametrize("size", [40_960_000, 40_000_000, 1_000_000])
def test_a_large_answer_reaches_a_client_that_is_slow_to_read(size: int) -> None:
    """More than the sockets and the server's own buffer hold, so that worker and loop take turns in sending."""
    body = bytes(range(256)) * 160_000

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", str(len(body)))])
        return (body[at : at + size] for at in range(0, len(body), size))

    with serve(app, threads=2) as server, Client(server) as client, Client(server) as other:
        client.send(request(headers="Connection: close\r\n"))
        other.send(request())
        assert other.answer().body == body
        assert client.answer().body == body
        assert client.rest() == b""


# --- Apps that fail ---------------------------------------------------------------------------------------------------


def raising(error: BaseException) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        raise error

    return app


def silent(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    return []


def injecting(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("X-Name", "a\r\nX-Evil: b")])
    return []


@pytest.mark.parametrize(
    "app",
    [raising(RuntimeError("boom")), raising(FileNotFoundError("boom")), raising(SystemExit(1)), silent, injecting],
    ids=["exception", "oserror", "exit", "no-start", "header-injection"],
)
def test_an_app_that_fails_is_a_500_and_a_traceback(app: WSGIApplication, caplog: pytest.LogCaptureFixture) -> None:
    """The client learns the status and nothing else, the log has the traceback, the connection stays."""
    with serve(app, threads=1) as server, Client(server) as client:
        for path in ("/one", "/two"):
            answer = client.ask(path)
            assert problem(answer) == (500, path)
            assert b"boom" not in answer.body
        assert client.ask("/three", method="HEAD").status == 500
    failures = [record for record in caplog.records if record.name == "mock_server.server"]
    assert len(failures) == 3
    assert all(record.exc_info and record.levelno == logging.ERROR for record in failures)


def test_an_app_that_fails_half_way_leaves_a_visibly_broken_answer(caplog: pytest.LogCaptureFixture) -> None:
    """What has been sent cannot be taken back; the missing end tells the client."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        yield b"half"
        raise RuntimeError("boom")

    with serve(app) as server, Client(server) as client:
        client.send(request())
        assert client.rest().endswith(b"\r\n\r\n4\r\nhalf\r\n")
    assert "boom" in caplog.text


def test_an_error_body_that_fails_still_leaves_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    """The last resort is a status without words."""

    def broken(path: str, status: int, reason: str) -> tuple[str, bytes]:
        raise RuntimeError("no words")

    with HttpServer(echo, error_body=broken) as server, Client(server) as client:
        answer = client.send(b"nonsense\r\n").answer()
    assert (answer.status, answer.body) == (400, b"")
    assert "no words" in caplog.text


# --- Many clients, and bad ones ---------------------------------------------------------------------------------------


def test_idle_connections_do_not_starve_new_ones(server: HttpServer) -> None:
    """Three hundred connections that say nothing are no obstacle to the next."""
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(Client(server)) for _ in range(300)]
        still_answers(server)
        assert idle[0].ask("/first").status == idle[-1].ask("/last").status == 200


def test_slow_clients_do_not_occupy_workers() -> None:
    """Fifty half-sent requests leave the only worker free."""
    with serve(threads=1) as server, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(Client(server)) for _ in range(50)]
        for client in slow:
            client.send(request("/slow", body=b"abc", method="POST")[:-1])
        still_answers(server)
        assert all(client.send(b"c").answer().body == b"POST /slow 3" for client in slow)


def test_many_connections_at_once_all_get_their_own_answers(server: HttpServer) -> None:
    """64 keep-alive connections with 20 requests each, all at the same time, mix nothing up."""
    wrong: list[object] = []

    def talk(number: int) -> None:
        try:
            with Client(server) as client:
                for turn in range(20):
                    path = f"/{number}/{turn}"
                    answer = client.ask(path, body=b"a" * (turn + 1), method="POST")
                    if answer.body != f"POST {path} {turn + 1}".encode():
                        wrong.append(answer)
        except (OSError, EOFError) as error:
            wrong.append(error)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * 3)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_pipelined_requests_are_answered_in_order(server: HttpServer) -> None:
    """Requests sent without waiting come back in their order, up to the first bad one."""
    paths = [f"/{number}" for number in range(50)]
    with Client(server) as client:
        client.send(b"".join(request(path) for path in paths) + b"nonsense\r\n\r\n" + request("/never"))
        assert [client.answer().body for _ in paths] == [f"GET {path} 0".encode() for path in paths]
        assert client.answer().status == 400
        assert client.rest() == b""


def test_a_client_that_leaves_half_way_through_its_body_is_forgotten() -> None:
    """Neither a worker nor the temporary file of its body stays behind."""
    with serve(threads=1) as server:
        for _ in range(5):
            with Client(server) as client:
                client.send(POST + b"Content-Length: 5000000\r\n\r\n" + b"a" * 1_000_000)
        still_answers(server)


def test_a_client_that_leaves_before_its_answer_does_no_harm() -> None:
    """The worker finds nobody to answer and takes the next request."""
    gate = Gate()
    with serve(gate, threads=1) as server:
        with Client(server) as client:
            client.send(request("/gate"))
            assert gate.reached.acquire(timeout=PATIENCE)
        gate.open.set()
        still_answers(server)


def test_running_out_of_descriptors_is_survived(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepting pauses and goes on; the listening socket is not lost."""

    class Exhausted:
        refused, over = 0, False

        def __init__(self, listening: socket.socket) -> None:
            self.listening = listening

        def accept(self) -> tuple[socket.socket, Any]:
            if not self.over:
                self.refused += 1
                raise OSError(errno.EMFILE, "Too many open files")
            return self.listening.accept()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.listening, name)

    with Client(server) as early:
        early.ask()
        exhausted = Exhausted(server._loop.socket)
        monkeypatch.setattr(server._loop, "socket", exhausted)
        with Client(server) as late:
            late.send(request("/late"))
            for _ in range(100):
                assert early.ask("/early").status == 200
            assert 1 <= exhausted.refused < 50
            exhausted.over = True
            assert late.answer().body == b"GET /late 0"


# --- Silence ----------------------------------------------------------------------------------------------------------


def test_idle_connections_are_closed_after_a_minute() -> None:
    """Silence ends with the stream, not before the time and not long after."""
    clock = Clock()
    with serve(monotonic=clock) as server, Client(server) as mute, Client(server) as used:
        turn(server)
        clock.now += IDLE_SECONDS - 1
        turn(server)
        assert not mute.has_news()
        assert used.ask("/used").status == 200
        clock.now += 6
        turn(server)
        assert mute.rest() == b""
        assert used.ask("/used").status == 200
        settle(server, lambda: used.has_news() or clock.advance(IDLE_SECONDS))
        assert used.rest() == b""


def test_an_incomplete_request_is_refused_after_a_minute_however_busy_its_client() -> None:
    """A byte now and then does not keep a half-sent request alive."""
    clock = Clock()
    with serve(monotonic=clock) as server, Client(server) as slow, Client(server) as slower:
        slow.send(b"GET /here HTTP/1.1\r\n")
        slower.send(POST + b"Content-Length: 10\r\n\r\n")
        still_answers(server)
        for _ in range(2):
            clock.now += IDLE_SECONDS / 2 - 1
            slow.send(b"X")
            slower.send(b"X")
            turn(server)
            assert not slow.has_news()
            assert not slower.has_news()
        clock.now += 7
        turn(server)
        for client in (slow, slower):
            assert problem(client.answer()) == (408, "/here")
            assert client.rest() == b""


def test_a_request_in_the_app_is_not_silence() -> None:
    """An app may take as long as it likes, and the client must wait."""
    clock, gate = Clock(), Gate()
    with serve(gate, monotonic=clock) as server, Client(server) as client:
        client.send(request("/gate"))
        assert gate.reached.acquire(timeout=PATIENCE)
        clock.now += 10 * IDLE_SECONDS
        still_answers(server)
        gate.open.set()
        assert client.answer().body == b"GET /gate 0"


def test_a_client_that_does_not_read_is_dropped() -> None:
    """An answer nobody takes is not kept for ever, nor the worker that wants to write more of it."""
    clock, ended = Clock(), threading.Event()

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/turn":
            yield from echo(environ, start)
            return
        try:
            start("200 OK", [])
            yield from itertools.repeat(b"a" * 1_000_000, 100)
        finally:
            ended.set()

    with serve(app, monotonic=clock) as server, Client(server) as deaf:
        deaf.send(request())
        assert deaf.until(b"\r\n\r\n")
        settle(server, lambda: ended.is_set() or clock.advance(IDLE_SECONDS))
        with pytest.raises(EOFError):
            deaf.answer()


# --- Faults -----------------------------------------------------------------------------------------------------------


def test_reset_is_a_tcp_reset() -> None:
    """The client's read fails with ECONNRESET, without a byte before."""
    with serve(ordering(lambda wire: wire.reset())) as server, Client(server) as client:
        client.send(request("/fault"))
        with pytest.raises(ConnectionResetError):
            client.rest()
        with Client(server) as other:
            assert other.ask("/other").status == 200


def test_close_is_the_end_of_the_stream_without_an_answer() -> None:
    """Even with unread bytes behind the request it is no reset."""
    gate = Gate()

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ[ENVIRON_KEY].close()
        return gate(environ, start)

    with serve(app) as server, Client(server) as client:
        client.send(request("/gate"))
        assert gate.reached.acquire(timeout=PATIENCE)
        client.send(request("/more"))
        gate.open.set()
        assert client.rest() == b""


def test_answers_before_a_fault_are_delivered_whole() -> None:
    """A fault hits the request that ordered it, not those before it on the connection."""
    with serve(ordering(lambda wire: wire.close())) as server, Client(server) as client:
        client.send(request("/one") + request("/two") + request("/fault") + request("/never"))
        assert [client.answer().body for _ in range(2)] == [b"GET /one 0", b"GET /two 0"]
        assert client.rest() == b""


def test_hang_holds_the_connection_for_its_time_and_answers_nothing() -> None:
    """The end comes when the clock says so, not earlier."""
    clock = Clock()
    with serve(ordering(lambda wire: wire.hang(300)), monotonic=clock) as server, Client(server) as client:
        client.send(request("/fault"))
        settle(server, lambda: ending(server))
        turn(server)  # so the hang has begun before the clock moves
        for _ in range(4):  # far longer than the patience with idle clients
            clock.now += 70
            turn(server)
            assert not client.has_news()
        clock.now += 21
        turn(server)
        assert client.rest() == b""


def test_a_short_hang_ends_by_itself() -> None:
    """The loop's own timer closes the connection; nobody has to wake it."""
    with serve(ordering(lambda wire: wire.hang(0.05))) as server, Client(server) as client:
        begun = time.monotonic()
        assert client.send(request("/fault")).rest() == b""
        assert time.monotonic() - begun >= 0.05


def test_hanging_requests_cost_no_threads() -> None:
    """A hundred of them, on four threads, and the next request is answered."""
    with serve(ordering(lambda wire: wire.hang(3600)), threads=4) as server, contextlib.ExitStack() as stack:
        hanging = [stack.enter_context(Client(server)).send(request("/fault")) for _ in range(100)]
        with Client(server) as other:
            assert other.ask("/other").status == 200
        server.stop()
        assert [client.rest() for client in hanging] == [b""] * 100


def test_a_client_that_leaves_a_hang_is_let_go() -> None:
    """The socket does not wait for the end of the hang when nobody is left at the other end."""
    with serve(ordering(lambda wire: wire.hang(3600))) as server:
        with Client(server) as client:
            client.send(request("/fault") + b"more")
            settle(server, lambda: ending(server))
        settle(server, lambda: not ending(server))


def test_a_client_that_leaves_a_drip_is_let_go(caplog: pytest.LogCaptureFixture) -> None:
    """The pieces that were still to come are forgotten without a word."""
    clock = Clock()
    with serve(ordering(lambda wire: wire.drip(4, 30)), monotonic=clock) as server:
        with Client(server) as client:
            assert client.send(request("/fault")).until(b"\r\n\r\n0123") is not None
        settle(server, lambda: not ending(server))
        clock.now += 31
        turn(server)
    assert not caplog.records


def test_delay_sends_the_whole_answer_later() -> None:
    """Not a byte before its time; then all of it, and the end of the connection, which the head announces."""
    clock = Clock()
    with serve(ordering(lambda wire: wire.delay(300)), monotonic=clock) as server, Client(server) as client:
        client.send(request("/fault"))
        settle(server, lambda: ending(server))
        turn(server)
        clock.now += 299
        turn(server)
        assert not client.has_news()
        clock.now += 2
        turn(server)
        head, _, body = client.rest().partition(b"\r\n\r\n")
    assert b"\r\nConnection: close" in head
    assert body == b"0123456789"


def test_a_delay_goes_with_another_order() -> None:
    """Slow, and then gone: whichever is ordered first."""
    for orders in (("delay", "reset"), ("reset", "delay")):
        clock = Clock()

        def order(wire: Any, orders: tuple[str, str] = orders) -> None:
            for name in orders:
                wire.delay(300) if name == "delay" else wire.reset()

        with serve(ordering(order), monotonic=clock) as server, Client(server) as client:
            client.send(request("/fault"))
            settle(server, lambda: ending(server))
            turn(server)
            assert not client.has_news()
            clock.now += 301
            turn(server)
            with pytest.raises(ConnectionResetError):
                client.rest()


@pytest.mark.parametrize(("after", "got"), [(0, b""), (4, b"0123"), (99, b"0123456789")])
def test_truncate_sends_the_whole_head_and_part_of_the_body(after: int, got: bytes) -> None:
    """The head announces a body that does not come."""
    with serve(ordering(lambda wire: wire.truncate(after))) as server, Client(server) as client:
        head, _, body = client.send(request("/fault")).rest().partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: 10\r\n" in head
    assert b"Connection" not in head
    assert body == got


def test_truncate_of_a_streamed_answer_leaves_out_the_last_chunk() -> None:
    """A chunked body is cut in its bytes as they are on the wire."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ[ENVIRON_KEY].truncate(8)
        start("200 OK", [])
        return iter([b"one", b"two"])

    with serve(app) as server, Client(server) as client:
        assert client.send(request()).rest().partition(b"\r\n\r\n")[2] == b"3\r\none\r\n"


def test_drip_sends_the_body_piece_by_piece() -> None:
    """Each piece comes when its time has come and not before; the answer is whole and then closes, as announced."""
    clock = Clock()
    with serve(ordering(lambda wire: wire.drip(4, 30)), monotonic=clock) as server, Client(server) as client:
        head = client.send(request("/fault")).until(b"\r\n\r\n")
        assert b"\r\nConnection: close\r\n" in head
        for piece in (b"0123", b"4567", b"89"):
            assert client.exactly(len(piece)) == piece
            turn(server)  # so the pause has begun before the clock moves
            clock.now += 29
            turn(server)
            assert piece == b"89" or not client.has_news()
            clock.now += 1
            turn(server)
        assert client.rest() == b""


def test_a_quick_drip_runs_by_itself() -> None:
    """The loop's own timers send the pieces, a hundred answers at a time on one thread."""
    app = ordering(lambda wire: wire.drip(3, 0.01))
    with serve(app, threads=1) as server, contextlib.ExitStack() as stack:
        begun = time.monotonic()
        dripping = [stack.enter_context(Client(server)).send(request("/fault")) for _ in range(100)]
        assert [client.answer().body for client in dripping] == [b"0123456789"] * 100
        assert time.monotonic() - begun >= 0.03


def test_a_drip_without_pauses_does_not_keep_others_waiting() -> None:
    """Pieces due at once still go one per turn of the loop, and wait for a client that does not read."""
    body = b"a" * 40_000_000
    with serve(ordering(lambda wire: wire.drip(4_000_000, 0), body)) as server, Client(server) as client:
        client.send(request("/fault"))
        for _ in range(20):
            turn(server)
        assert client.answer().body == body


def test_a_fault_with_a_head_request_has_no_body_to_work_on() -> None:
    """The head comes, and the end."""
    with serve(ordering(lambda wire: wire.drip(1, 0))) as server, Client(server) as client:
        assert client.send(request("/fault", method="HEAD")).rest().endswith(b"\r\n\r\n")


def test_the_last_order_counts() -> None:
    """An app that changes its mind gets what it ordered last."""

    def order(wire: Any) -> None:
        wire.drip(1, 3600)
        wire.hang(3600)
        wire.truncate(2)

    with serve(ordering(order)) as server, Client(server) as client:
        assert client.send(request("/fault")).rest().endswith(b"\r\n\r\n01")


@pytest.mark.parametrize(
    "order",
    [
        lambda wire: wire.hang(-1),
        lambda wire: wire.hang(float("nan")),
        lambda wire: wire.truncate(-1),
        lambda wire: wire.drip(0, 1),
        lambda wire: wire.drip(1, float("inf")),
    ],
)
def test_orders_that_make_no_sense_are_refused(order: Callable[[Any], None], caplog: pytest.LogCaptureFixture) -> None:
    """A ValueError in the app, and so a 500, says what is wrong."""
    with serve(ordering(order)) as server, Client(server) as client:
        assert problem(client.ask("/fault")) == (500, "/fault")
    assert "ValueError" in caplog.text


def test_an_order_that_comes_too_late_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Once the head is out nothing can be kept back, and the app is told so."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        yield b"early"
        environ[ENVIRON_KEY].reset()

    with serve(app) as server, Client(server) as client:
        assert b"early" in client.send(request()).rest()
    assert "already on its way" in caplog.text


# --- Starting and stopping --------------------------------------------------------------------------------------------


def test_two_servers_in_one_process() -> None:
    """They share nothing: stopping one leaves the other."""
    with serve(plain(b"one")) as one, serve(plain(b"two")) as two, Client(two) as client:
        assert one.port != two.port
        with Client(one) as other:
            assert other.ask().body == b"one"
        one.stop()
        assert client.ask().body == b"two"


def test_clients_may_queue_before_the_start() -> None:
    """The backlog is long, and a bound server is a listening one."""
    server = serve()
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        clients = [stack.enter_context(Client(server)).send(request("/early")) for _ in range(300)]
        server.start()
        assert all(client.answer().body == b"GET /early 0" for client in clients)


def test_accepted_sockets_do_not_delay_small_packets(server: HttpServer) -> None:
    """TCP_NODELAY is on."""
    with Client(server) as client:
        client.ask()
        (channel,) = server._loop.active_channels.values()
        assert channel.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_stop_closes_everything() -> None:
    """Open connections end, and the port is free again at once."""
    server = serve()
    server.start()
    with Client(server) as idle:
        idle.ask()
        server.stop()
        assert idle.rest() == b""
        with pytest.raises(ConnectionRefusedError):
            Client(server)
    with serve(port=server.port) as again:
        still_answers(again)


def test_stop_leaves_no_threads() -> None:
    """Neither the loop nor a worker outlives the server, unless the app holds it."""
    before = set(threading.enumerate())
    with serve(threads=5) as server:
        still_answers(server)
        assert len(set(threading.enumerate()) - before) == 6
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_stop_does_not_wait_for_requests_that_hang_in_the_app() -> None:
    """It returns in its time, and what the app says later harms nobody."""
    gate = Gate()
    server = serve(gate, threads=2)
    server.start()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(server)).send(request("/gate")) for _ in range(5)]
        for _ in range(2):
            assert gate.reached.acquire(timeout=PATIENCE)
        begun = time.monotonic()
        server.stop(timeout=0.2)
        assert 0.15 < time.monotonic() - begun < 2
        for client in clients:
            with contextlib.suppress(ConnectionResetError):  # some may not have been accepted yet
                assert client.rest() == b""
    gate.open.set()
    server.stop()
    assert not server._loop.task_dispatcher.threads


def test_stop_does_not_wait_for_a_loop_that_is_stuck() -> None:
    """Nothing the server does itself can hold up its owner either."""
    free = threading.Event()
    free.set()

    def monotonic() -> float:
        free.wait(PATIENCE)
        return time.monotonic()

    with serve(monotonic=monotonic) as server:
        still_answers(server)
        free.clear()
        with Client(server):
            begun = time.monotonic()
            server.stop(timeout=0.2)
            assert time.monotonic() - begun < PATIENCE / 2
        free.set()


def test_stop_may_be_called_at_any_time_and_from_anywhere() -> None:
    """Before the start, twice, from several threads, and from the app itself."""
    serve().stop()
    stopped = threading.Event()

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        running.stop(timeout=0.1)
        stopped.set()
        return echo(environ, start)

    running = serve(app)
    running.start()
    with Client(running) as client:
        assert client.send(request()).rest() == b""
    threads = [threading.Thread(target=running.stop, args=(10 * PATIENCE,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    running.stop()
    assert stopped.wait(PATIENCE)


def test_a_server_serves_once() -> None:
    """A second start says what to do instead."""
    with serve() as server, pytest.raises(RuntimeError, match="make a new HttpServer"):
        server.start()
    with pytest.raises(RuntimeError, match="make a new HttpServer"):
        server.serve_forever()


def test_serve_forever_ends_with_stop_from_another_thread() -> None:
    """It serves in the calling thread and returns."""
    server = serve()
    caller = threading.Thread(target=server.serve_forever)
    caller.start()
    still_answers(server)
    server.stop()
    caller.join(PATIENCE)
    assert not caller.is_alive()


def test_a_signal_handler_may_stop_serve_forever() -> None:
    """The usual way to end a command: the handler runs on top of the loop that it stops."""
    program = """if True:
        import signal, time
        from mock_server.server import HttpServer
        server = HttpServer(lambda environ, start: [], error_body=lambda *_: ("text/plain", b""))
        def handle(*_):
            begun = time.monotonic()
            server.stop(timeout=10)
            print("at once" if time.monotonic() - begun < 5 else "late", flush=True)
        signal.signal(signal.SIGTERM, handle)
        print(server.url, flush=True)
        server.serve_forever()
        print("stopped", flush=True)
    """
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(b"nonsense\r\n")
            assert client.recv(12) == b"HTTP/1.1 400"  # so the loop runs, and the handler is set
            process.send_signal(signal.SIGTERM)
            assert process.stdout.read() == "at once\nstopped\n"
        assert process.wait(PATIENCE) == 0


def test_a_port_that_is_taken_is_named(server: HttpServer) -> None:
    """The error has its number and says which address, and what would work."""
    with pytest.raises(OSError, match=rf"cannot listen on {server.url}: .*--port, 0") as caught:
        serve(port=server.port)
    assert caught.value.errno == errno.EADDRINUSE
    with pytest.raises(OSError, match="from 1 to 65535"):
        serve(port=70_000)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")],
)
def test_the_url_is_one_that_clients_can_use(host: str, shown: str) -> None:
    """IPv6 stands in brackets, and a wildcard becomes the loopback."""
    if ":" in host and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with serve(host=host) as server:
        assert server.host == host
        assert server.url == f"http://{shown}:{server.port}"
        still_answers(server)
