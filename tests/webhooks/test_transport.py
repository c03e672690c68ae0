"""The HTTP transport against receivers on loopback, most of them badly behaved ones written with bare sockets."""

from __future__ import annotations

import gc
import gzip
import os
import select
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path

import pytest

import mock_server
from mock_server.webhooks import connections
from mock_server.webhooks.transport import Answer, HttpTransport, Post, PostError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENCE = 10.0  # how long a test waits for what must happen; never how long it takes

# Made for this test, valid for 127.0.0.1 and localhost until 2120, and protecting nothing.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgh62BfVGyykwJClqY
XjNIa7x2HV6H0updYew5Ld32jouhRANCAATwAOHMQYLsS9ALhUHYCx+QjR3mmuKu
rRNNDaedFY2z1ndzyEvJzRpP1bI3dg4FhOTZ9/m8e5U43R3f+hApbnff
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPAA4cxBguxL0AuF
QdgLH5CNHeaa4q6tE00Np50VjbPWd3PIS8nNGk/Vsjd2DgWE5Nn3+bx7lTjdHd/6
EClud9+jXjBcMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAOBgNVHQ8BAf8E
BAMCAoQwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUTyPMk1n/JElLKk5tVhnr
QMjxWmwwCgYIKoZIzj0EAwIDSAAwRQIgTycuCWMtfMWlm0FQzMK6cPtb/5QY9Udo
zqCLXs1pMxwCIQCdlPBREEehkJcmQ/6aTmeOzrmm5usqziCgFTXi/D6AkA==
-----END CERTIFICATE-----
"""


class Receiver:
    """A listener on loopback that keeps every request it reads, byte for byte, and talks as it is told to."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.over = threading.Event()
        self._talk = talk
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/hook"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def bodies(self) -> list[bytes]:
        return [request.partition(b"\r\n\r\n")[2] for request in self.requests]

    def take(self, sock: socket.socket) -> bytes:
        """Read one whole request; nothing, if the other side has closed."""
        request = b""
        while b"\r\n\r\n" not in request or len(request) < _length(request):
            chunk = sock.recv(1 << 16)
            if not chunk:
                return b""
            request += chunk
        self.requests.append(request)
        return request

    def close(self) -> None:
        self.over.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the accept
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        with self._listener:
            while True:
                sock, _ = self._listener.accept()
                if self.over.is_set():
                    sock.close()
                    return
                self.connections += 1
                self._threads.append(threading.Thread(target=self._converse, args=(sock,)))
                self._threads[-1].start()

    def _converse(self, plain: socket.socket) -> None:
        with suppress(OSError), plain:
            plain.settimeout(PATIENCE)
            with self._tls.wrap_socket(plain, server_side=True) if self._tls else plain as sock:
                self._talk(self, sock)


Talk = Callable[[Receiver, socket.socket], None]
Receive = Callable[..., Receiver]


def _length(request: bytes) -> int:
    head = request.partition(b"\r\n\r\n")[0]
    return len(head) + 4 + int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])


def always(answer: bytes) -> Talk:
    """Give every request on a connection the same answer."""

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        while receiver.take(sock):
            sock.sendall(answer)

    return talk


def once(answer: bytes) -> Talk:
    """Answer one request and close the connection without a word about it."""

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        if receiver.take(sock):
            sock.sendall(answer)

    return talk


def drip(head: bytes, drop: bytes = b"x") -> Talk:
    """Answer with a beginning, and then a byte or so every few milliseconds for ever."""

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        receiver.take(sock)
        sock.sendall(head)
        while not receiver.over.wait(0.01):
            sock.sendall(drop)

    return talk


def reset(sock: socket.socket) -> None:
    """Close the connection with a reset instead of an end of stream."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def take_and_close(receiver: Receiver, sock: socket.socket) -> None:
    receiver.take(sock)


def take_and_reset(receiver: Receiver, sock: socket.socket) -> None:
    receiver.take(sock)
    reset(sock)


def close_at_once(_: Receiver, __: socket.socket) -> None:
    pass


def close_unread(_: Receiver, sock: socket.socket) -> None:
    sock.recv(1, socket.MSG_PEEK)


def close_partly_read(_: Receiver, sock: socket.socket) -> None:
    sock.recv(10)


def close_within_the_head(receiver: Receiver, sock: socket.socket) -> None:
    receiver.take(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")


ENDINGS = [take_and_close, take_and_reset, close_unread, close_partly_read, close_within_the_head]


@pytest.fixture
def receive() -> Iterator[Receive]:
    """Start receivers; all of them are closed at the end."""
    started: list[Receiver] = []

    def start(talk: Talk, tls: ssl.SSLContext | None = None) -> Receiver:
        started.append(Receiver(talk, tls))
        return started[-1]

    yield start
    for receiver in started:
        receiver.close()


@pytest.fixture
def transport(receive: Receive) -> Iterator[HttpTransport]:
    """A real transport, closed before the receivers; whatever it leaves open is an error of this test."""
    transport = HttpTransport()
    yield transport
    transport.close()
    gc.collect()


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of somebody who lets everybody connect and never reads or says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that no system trusts."""
    (tmp_path / "certificate.pem").write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem")
    return context


def ask(transport: HttpTransport, url: str, body: bytes = b"{}", timeout: float = PATIENCE) -> Answer:
    return transport.submit(Post(url, (), body, timeout)).result(2 * PATIENCE)


# What goes out


def test_importing_the_transport_is_cheap() -> None:
    """Neither aiohttp nor asyncio is imported before the first post."""
    code = "import sys, mock_server.webhooks.transport; print({'aiohttp', 'asyncio'} & set(sys.modules))"
    assert python("-c", code) == "set()"


def test_the_request_on_the_wire(receive: Receive, transport: HttpTransport) -> None:
    """Header names keep their case and order, and nothing is added but Host and Content-Length."""
    receiver = receive(always(OK))
    headers = (("content-type", "application/json"), ("X-Flowella-Event", "a"), ("USER-agent", "me/1"), ("X-b", "é"))
    answer = transport.submit(Post(f"{receiver.url}/a%2fb/%41?x=a+b&y=%c3", headers, b'{"a":\x00"\xff"}', PATIENCE))
    assert answer.result(PATIENCE).status == 200
    assert receiver.requests == [
        b"POST /hook/a%2fb/%41?x=a+b&y=%c3 HTTP/1.1\r\n"
        b"Host: 127.0.0.1:" + str(receiver.port).encode() + b"\r\n"
        b"content-type: application/json\r\nX-Flowella-Event: a\r\nUSER-agent: me/1\r\nX-b: \xc3\xa9\r\n"
        b'Content-Length: 10\r\n\r\n{"a":\x00"\xff"}'
    ]


@pytest.mark.parametrize("body", [b"", b"x", b"y" * 3_000_000])
def test_bodies_of_any_size(receive: Receive, transport: HttpTransport, body: bytes) -> None:
    """An empty body and one of megabytes go out whole, with a Content-Length and never chunked."""
    receiver = receive(always(OK))
    assert ask(transport, receiver.url, body).status == 200
    assert receiver.bodies == [body]
    assert b"\r\nContent-Length: %d\r\n" % len(body) in receiver.requests[0]


def test_a_url_that_cannot_go_out_as_it_is(receive: Receive, transport: HttpTransport) -> None:
    """Spaces and letters beyond ASCII are percent-encoded instead of breaking the request line."""
    receiver = receive(always(OK))
    assert ask(transport, f"{receiver.url}/ü b").status == 200
    assert receiver.requests[0].startswith(b"POST /hook/%C3%BC%20b HTTP/1.1\r\n")


def test_proxies_in_the_environment_are_ignored(
    receive: Receive, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A post goes to its receiver, whatever HTTP_PROXY says."""
    proxy, receiver = receive(always(OK)), receive(always(OK))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert ask(transport, receiver.url).status == 200
    assert (proxy.connections, receiver.connections) == (0, 1)


def test_cookies_are_not_kept(receive: Receive, transport: HttpTransport) -> None:
    """A cookie set by one answer does not come back with the next post."""
    receiver = receive(always(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n"))
    assert [ask(transport, receiver.url).status for _ in range(2)] == [200, 200]
    assert b"ookie" not in receiver.requests[1]


# What comes back


def test_an_answer(receive: Receive) -> None:
    """Status, header names in their case, the body, and the latency on the clock that was given."""
    receiver = receive(always(b"HTTP/1.1 201 Made It\r\nX-Case: Kept\r\nx-case: 2\r\nContent-Length: 3\r\n\r\nabc"))
    transport = HttpTransport(iter([10.0, 12.5]).__next__)
    answer = ask(transport, receiver.url)
    transport.close()
    headers = (("X-Case", "Kept"), ("x-case", "2"), ("Content-Length", "3"))
    assert answer == Answer(201, None, "201 Made It", 2.5, b"abc", headers)


@pytest.mark.parametrize("status", [204, 301, 302, 304, 307, 308, 400, 410, 429, 500, 503, 599])
def test_any_status_is_an_answer(receive: Receive, transport: HttpTransport, status: int) -> None:
    """Redirects are not followed, and no status is an error of the transport."""
    elsewhere = receive(always(OK))
    receiver = receive(
        always(b"HTTP/1.1 %d X\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (status, elsewhere.url.encode()))
    )
    answer = ask(transport, receiver.url)
    assert (answer.status, answer.error) == (status, None)
    assert (len(receiver.requests), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize(
    ("answer", "excerpt"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\n\r\n", b"abcde"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 21\r\n\r\n" + gzip.compress(b"a"),
            gzip.compress(b"a"),
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", b"nope"),
        (b"HTTP/1.1 200 \xff\xfe\r\nX: \xe9\xff\r\nContent-Length: 3\r\n\r\n\xff\x00\x80", b"\xff\x00\x80"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + bytes(2000), bytes(1024)),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", b"ok"),
    ],
    ids=["informational", "chunked", "gzip", "not-gzip", "not-utf-8", "long", "no-reason"],
)
def test_answers_of_many_kinds(receive: Receive, transport: HttpTransport, answer: bytes, excerpt: bytes) -> None:
    """Each is understood, its body is given as it was sent, and its connection is used again."""
    receiver = receive(always(answer))
    answers = [ask(transport, receiver.url) for _ in range(2)]
    assert [(each.status, each.error, each.excerpt) for each in answers] == [(200, None, excerpt)] * 2
    assert receiver.connections == 1
    assert answers[0].detail.isprintable()
    assert answers[0].detail.startswith("200")


def test_headers_keep_every_byte(receive: Receive, transport: HttpTransport) -> None:
    """Header bytes that are no UTF-8 can be had back through Latin-1."""
    receiver = receive(always(b"HTTP/1.1 200 OK\r\nX: \xe9\xff\r\nContent-Length: 0\r\n\r\n"))
    assert dict(ask(transport, receiver.url).headers)["X"].encode("latin-1") == b"\xe9\xff"


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", 5_000_000),
        (b"HTTP/1.1 200 OK\r\n\r\n", 1 << 40),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n", 1 << 40),
    ],
    ids=["5-MB", "until-closed", "chunked"],
)
def test_a_large_or_endless_body(receive: Receive, transport: HttpTransport, head: bytes, size: int) -> None:
    """The status counts, a bounded part is read, and then the connection is dropped, long before the deadline."""
    sent, cut_off = [0], threading.Event()

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        receiver.take(sock)
        sock.sendall(head)
        try:
            while sent[0] < size:
                sent[0] += sock.send(b"z" * 65_536)
        except OSError:
            cut_off.set()

    receiver = receive(talk)
    answer = ask(transport, receiver.url, timeout=60)
    assert (answer.status, answer.excerpt) == (200, b"z" * 1024)
    assert size < 1 << 30 or cut_off.wait(PATIENCE)
    assert answer.latency < 30
    assert sent[0] < 64_000_000  # what the kernel's buffers take


@pytest.mark.parametrize("ending", [b"", b"abc"])
def test_a_body_cut_short_leaves_the_status(receive: Receive, transport: HttpTransport, ending: bytes) -> None:
    """Once the head has come, the status decides, though the body never arrives in full."""
    receiver = receive(once(b"HTTP/1.1 503 No\r\nContent-Length: 100\r\n\r\n" + ending))
    answer = ask(transport, receiver.url)
    assert (answer.status, answer.error, answer.excerpt) == (503, None, ending)
    assert len(receiver.requests) == 1


# What goes wrong


def test_refused(transport: HttpTransport) -> None:
    """A port where nobody listens is `refused`, by address and by name."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for host in ("127.0.0.1", "localhost"):
        answer = ask(transport, f"http://{host}:{port}/")
        assert (answer.status, answer.error, answer.excerpt, answer.headers) == (None, PostError.REFUSED, b"", ())
        assert answer.detail == f"Nothing listens at {host}:{port}: the connection was refused."


def test_unresolved(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without an address is `unresolved`."""

    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    answer = ask(transport, "http://hooks.example.test/")
    assert (answer.status, answer.error) == (None, PostError.UNRESOLVED)
    assert answer.detail == "The host name hooks.example.test could not be resolved: Name or service not known."


@pytest.mark.parametrize(
    "url",
    ["http://255.255.255.255/", "http://127.0.0.1:99999/", "http://[::1", "http:///x", "ws://127.0.0.1/", "/hook", ""],
)
def test_unreachable(transport: HttpTransport, url: str) -> None:
    """No route, or no URL that can be posted to: an answer, never an exception."""
    answer = ask(transport, url)
    assert (answer.status, answer.error) == (None, PostError.UNREACHABLE)
    why = (
        "255.255.255.255:80 cannot be reached: "
        if "255" in url
        else "The request cannot be made, probably for its URL ("
    )
    assert answer.detail.startswith(why)


def test_headers_that_cannot_be_sent(receive: Receive, transport: HttpTransport) -> None:
    """A line break in a header value is never put on the wire."""
    receiver = receive(always(OK))
    answer = transport.submit(Post(receiver.url, (("X", "a\r\nY: b"),), b"", PATIENCE)).result(PATIENCE)
    assert (answer.error, receiver.requests) == (PostError.UNREACHABLE, [])


def test_tls_is_verified(receive: Receive, transport: HttpTransport, tls: ssl.SSLContext) -> None:
    """A certificate that the system does not trust is `tls`, and the receiver gets no request."""
    receiver = receive(always(OK), tls)
    answer = ask(transport, receiver.url)
    assert (answer.error, receiver.requests) == (PostError.TLS, [])
    assert answer.detail.startswith(f"The TLS handshake with 127.0.0.1:{receiver.port} failed: ")
    assert "certificate" in answer.detail or "self-signed" in answer.detail


def test_https_to_a_plain_receiver(receive: Receive, transport: HttpTransport) -> None:
    """What does not speak TLS is `tls` too."""
    receiver = receive(lambda _, sock: sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * bool(sock.recv(9999))))
    answer = ask(transport, receiver.url.replace("http:", "https:"))
    assert answer.error is PostError.TLS
    assert answer.detail.startswith(f"The TLS handshake with 127.0.0.1:{receiver.port} failed: ")


def test_closed_within_the_handshake(receive: Receive, transport: HttpTransport) -> None:
    """Whoever hangs up before TLS stands is `closed`."""
    receiver = receive(lambda _, sock: reset(sock))
    answer = ask(transport, receiver.url.replace("http:", "https:"))
    assert answer.error is PostError.CLOSED
    assert answer.detail == f"127.0.0.1:{receiver.port} closed the connection before the TLS handshake was over."


@pytest.mark.parametrize("talk", [*ENDINGS, close_at_once, lambda _, sock: reset(sock)])
def test_closed(receive: Receive, transport: HttpTransport, talk: Talk) -> None:
    """A receiver that hangs up before its answer is complete is one failed attempt: nothing is sent twice."""
    receiver = receive(talk)
    answer = ask(transport, receiver.url)
    assert (answer.status, answer.error) == (None, PostError.CLOSED)
    assert answer.detail == "The connection was closed before a complete answer head came."
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HELLO WORLD\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\xff\x00",
    ],
)
def test_malformed(receive: Receive, transport: HttpTransport, answer: bytes) -> None:
    """What is not HTTP, or more of it than anybody needs, is `malformed`."""
    receiver = receive(always(answer))
    got = ask(transport, receiver.url)
    assert (got.status, got.error, len(receiver.requests)) == (None, PostError.MALFORMED, 1)
    assert got.detail.startswith("What came back is not HTTP: ")


def test_details_are_short_and_keep_secrets(receive: Receive, transport: HttpTransport, silent: str) -> None:
    """A detail is one line of at most 200 characters, without the URL's query or password."""
    broken = receive(always(b"\x00\x1b[31m" + b"a" * 5000 + b"\r\n\r\n"))
    for url in (broken.url, silent, "http://127.0.0.1:1/", "http://255.255.255.255/", "http://[x/", "ftp://a/"):
        answer = ask(transport, url.replace("://", "://me:hunter2@") + "?token=hunter2", timeout=0.2)
        assert answer.error is not None
        assert answer.detail.isprintable()
        assert 10 < len(answer.detail) <= 200
        assert "hunter2" not in answer.detail


# Deadlines


def test_a_receiver_that_hangs(transport: HttpTransport, silent: str) -> None:
    """Silence ends with `timeout`, at the deadline."""
    answer = ask(transport, silent, timeout=0.2)
    assert (answer.status, answer.error) == (None, PostError.TIMEOUT)
    assert answer.detail == "No complete answer head came within 0.2 s."
    assert 0.2 <= answer.latency < 2


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 ", b"x"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_dripping_head_cannot_stretch_the_deadline(
    receive: Receive, transport: HttpTransport, head: bytes, drop: bytes
) -> None:
    """A byte now and then is no answer: the deadline is for the whole of it."""
    answer = ask(transport, receive(drip(head, drop)).url, timeout=0.3)
    assert (answer.status, answer.error) == (None, PostError.TIMEOUT)
    assert 0.3 <= answer.latency < 2


def test_a_dripping_body_leaves_the_status(receive: Receive, transport: HttpTransport) -> None:
    """The status came in time, so it counts; the reading stops at the deadline."""
    answer = ask(transport, receive(drip(b"HTTP/1.1 202 Accepted\r\n\r\n")).url, timeout=0.3)
    assert (answer.status, answer.error) == (202, None)
    assert set(answer.excerpt) == set(b"x")
    assert 0.3 <= answer.latency < 2


def test_a_receiver_that_never_reads_is_cut_off(transport: HttpTransport, silent: str) -> None:
    """After a timeout the connection is gone, though megabytes of the request were still to be sent."""
    assert ask(transport, silent, bytes(30_000_000), timeout=0.3).error is PostError.TIMEOUT
    ask(transport, "nowhere")  # the loop has turned since
    assert transport._client is not None
    connector = transport._client._session.connector
    assert isinstance(connector, connections.Connector)
    assert [sock for sock in connector._sockets.values() if sock.fileno() >= 0] == []


def test_slow_receivers_do_not_delay_others(receive: Receive, transport: HttpTransport, silent: str) -> None:
    """With 200 posts waiting for one endpoint, those to another go through."""
    receiver = receive(always(OK))
    waiting = [transport.submit(Post(silent, (), b"{}", 60)) for _ in range(200)]
    assert [ask(transport, receiver.url).status for _ in range(10)] == [200] * 10
    assert not any(future.done() for future in waiting)


# Connections


def test_connections_are_kept(receive: Receive, transport: HttpTransport) -> None:
    """Twenty posts, one after the other, share one connection."""
    receiver = receive(always(OK))
    answers = [ask(transport, receiver.url) for _ in range(20)]
    assert {answer.status for answer in answers} == {200}
    assert (receiver.connections, len(receiver.requests)) == (1, 20)
    assert statistics.median(answer.latency for answer in answers) < connections._MOMENT / 2  # only one waits for it


def test_looking_before_sending() -> None:
    """A kept connection is good only while there is nothing to read from it."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            assert not connections._has_input(ours)
            theirs.send(b"x")
            assert connections._has_input(ours)
            ours.recv(1)
            assert not connections._has_input(ours)
        assert connections._has_input(ours)


@pytest.mark.parametrize("in_flight", [1, 5])
def test_unannounced_closes_never_fail_a_post(
    receive: Receive, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch, in_flight: int
) -> None:
    """A receiver that silently closes after each answer gets 200 posts, each of them exactly once."""
    monkeypatch.setattr(connections, "_MOMENT", 0.5)  # so much time may pass on a busy machine before it closes
    receiver = receive(once(OK))
    answers: list[Answer] = []
    for start in range(0, 200, in_flight):
        bodies = (str(number).encode() for number in range(start, start + in_flight))
        futures = [transport.submit(Post(receiver.url, (), body, PATIENCE)) for body in bodies]
        answers += [future.result(PATIENCE) for future in futures]
    assert {(answer.status, answer.error) for answer in answers} == {(200, None)}
    assert sorted(map(int, receiver.bodies)) == list(range(200))


@pytest.mark.skipif(sys.platform != "linux", reason="the evidence is Linux's")
@pytest.mark.parametrize("size", [1, 2_000_000])
def test_a_close_that_crosses_the_request(
    receive: Receive, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """When the receiver closes in the moment between our last look and our sending, the post is sent again."""
    hang_up = threading.Event()

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        first = receiver.connections == 1
        while receiver.take(sock):
            sock.sendall(OK)
            if first:
                hang_up.wait(PATIENCE)
                return

    def look_too_early(sock: socket.socket) -> bool:
        found = look(sock)
        hang_up.set()
        select.select([sock], [], [], PATIENCE)  # the end of stream is here now
        return found

    look = connections._has_input
    monkeypatch.setattr(connections, "_has_input", look_too_early)
    receiver = receive(talk)
    answers = [ask(transport, receiver.url, body * size) for body in (b"a", b"b")]
    assert [answer.status for answer in answers] == [200, 200]
    assert hang_up.is_set()
    assert (receiver.bodies, receiver.connections) == ([b"a" * size, b"b" * size], 2)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_kept_connection_that_ends_under_a_request(receive: Receive, transport: HttpTransport, ending: Talk) -> None:
    """If the receiver may have seen the request, it is one failed attempt, and is not sent again."""

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        while receiver.take(sock):
            sock.sendall(OK)
            if receiver.connections == 1:
                ending(receiver, sock)
                return

    receiver = receive(talk)
    answers = [ask(transport, receiver.url, body) for body in (b"1", b"2", b"3")]
    assert [answer.error for answer in answers] == [None, PostError.CLOSED, None]
    assert receiver.connections == 2
    assert [body for body in receiver.bodies if body != b"2"] == [b"1", b"3"]
    assert receiver.bodies.count(b"2") <= 1


def test_idle_connections_are_given_up(
    receive: Receive, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We close a connection that has been idle for a while, before its receiver does."""
    given_up = threading.Event()

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        while receiver.take(sock):
            sock.sendall(OK)
        given_up.set()

    assert connections._IDLE < 2  # what gunicorn waits
    monkeypatch.setattr(connections, "_IDLE", 0.05)
    assert ask(transport, receive(talk).url).status == 200
    assert given_up.wait(PATIENCE)


def test_words_nobody_asked_for(receive: Receive, transport: HttpTransport) -> None:
    """A 408 sent on an idle connection is not taken for the answer to the next post."""
    idle, said = threading.Event(), threading.Event()

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        while receiver.take(sock):
            sock.sendall(OK)
            if receiver.connections == 1:
                idle.wait(PATIENCE)
                sock.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
                said.set()

    receiver = receive(talk)
    first = ask(transport, receiver.url)
    idle.set()
    assert said.wait(PATIENCE)
    assert (first.status, ask(transport, receiver.url).status) == (200, 200)
    assert len(receiver.requests) == 2


def test_head_and_body_written_apart(receive: Receive, transport: HttpTransport) -> None:
    """Receivers like Python's http.server write the answer in two pieces; how fast that goes is the benchmark's business."""

    def talk(receiver: Receiver, sock: socket.socket) -> None:
        while receiver.take(sock):
            sock.sendall(OK[:-2])
            sock.sendall(OK[-2:])

    receiver = receive(talk)
    assert {ask(transport, receiver.url).status for _ in range(21)} == {200}


def test_trusted_tls(receive: Receive, tls: ssl.SSLContext, tmp_path: Path) -> None:
    """With a trusted certificate https works, and unannounced closes do not fail a post there either."""
    keeping, closing = receive(always(OK), tls), receive(once(OK), tls)
    code = """if True:
        import sys
        from mock_server.webhooks.transport import HttpTransport, Post
        transport = HttpTransport()
        posts = [Post(url, (), b"%d" % number, 10.0) for url in sys.argv[1:] for number in range(30)]
        print(*{answer.status or answer.detail for answer in (transport.submit(post).result() for post in posts)})
        transport.close()"""
    urls = [receiver.url.replace("127.0.0.1", "localhost") for receiver in (keeping, closing)]
    assert python("-c", code, *urls, SSL_CERT_FILE=str(tmp_path / "certificate.pem")) == "200"
    assert (keeping.connections, keeping.bodies) == (1, [b"%d" % number for number in range(30)])
    assert closing.bodies == keeping.bodies


# Futures and closing


def test_submitting_from_many_threads(receive: Receive, transport: HttpTransport) -> None:
    """Eight threads at once lose nothing and repeat nothing."""
    receiver = receive(always(OK))
    futures: list[Future[Answer]] = []

    def submit(thread: int) -> None:
        bodies = [b"%d-%d" % (thread, number) for number in range(25)]
        futures.extend(transport.submit(Post(receiver.url, (), body, PATIENCE)) for body in bodies)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert {future.result(PATIENCE).status for future in futures} == {200}
    assert len(set(receiver.bodies)) == len(receiver.bodies) == 200


def test_callbacks_run_in_the_transports_thread(receive: Receive, transport: HttpTransport) -> None:
    """A callback is called there, and may submit the next post."""
    receiver, names, second = receive(always(OK)), list[str](), list[Future[Answer]]()
    called = threading.Event()

    def callback(_: Future[Answer]) -> None:
        names.append(threading.current_thread().name)
        second.append(transport.submit(Post(receiver.url, (), b"2", PATIENCE)))
        called.set()

    gate = threading.Event()
    blocked = transport.submit(Post(receiver.url, (), b"0", PATIENCE))
    blocked.add_done_callback(lambda _: gate.wait(PATIENCE))
    transport.submit(Post(receiver.url, (), b"1", PATIENCE)).add_done_callback(callback)
    gate.set()
    assert called.wait(PATIENCE)
    assert names == ["webhook-transport"]
    assert second[0].result(PATIENCE).status == 200


def test_a_future_cannot_be_cancelled(receive: Receive, transport: HttpTransport) -> None:
    """An answer always comes, so a caller's cancel is refused."""
    future = transport.submit(Post(receive(always(OK)).url, (), b"", PATIENCE))
    assert not future.cancel()
    assert future.result(PATIENCE).status == 200


def test_close_cancels_what_is_outstanding(receive: Receive, transport: HttpTransport, silent: str) -> None:
    """Hanging, dripping and still connecting posts complete with `cancelled` at once, not at their own deadlines."""
    urls = [silent, receive(drip(b"HTTP/1.1 200 OK\r\n\r\n")).url, receive(drip(b"HTTP/1.1 200 OK\r\nX: ")).url]
    futures = [transport.submit(Post(url, (), bytes(5_000_000), 60)) for url in urls * 20]
    assert ask(transport, receive(always(OK)).url).status == 200
    futures.append(transport.submit(Post(silent, (), b"", 60)))
    began = time.monotonic()
    transport.close()
    assert time.monotonic() - began < 2
    assert {future.result(0).error for future in futures} == {PostError.CANCELLED}
    assert {future.result(0).status for future in futures} == {None}


def test_close_does_not_wait_for_a_name_server(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lookup that hangs in its thread holds up neither the closing nor its future."""
    asked, answer = threading.Event(), threading.Event()

    def hang(*_: object, **__: object) -> None:
        asked.set()
        answer.wait(PATIENCE)
        raise socket.gaierror(socket.EAI_AGAIN, "Try again")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    future = transport.submit(Post("http://hooks.example.test/", (), b"", 60))
    assert asked.wait(PATIENCE)
    began = time.monotonic()
    transport.close()
    assert time.monotonic() - began < 2
    assert future.result(0).error is PostError.CANCELLED
    answer.set()


def test_close_does_not_wait_for_a_callback(
    receive: Receive, transport: HttpTransport, silent: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Even when a callback holds the thread, every other future completes in time."""
    entered, leave = threading.Event(), threading.Event()

    def stay(_: Future[Answer]) -> None:
        entered.set()
        leave.wait(PATIENCE)

    futures = [transport.submit(Post(silent, (), b"", 60)) for _ in range(5)]
    transport.submit(Post(receive(always(OK)).url, (), b"", 60)).add_done_callback(stay)
    assert entered.wait(PATIENCE)
    futures.append(transport.submit(Post(silent, (), b"", 60)))
    began = time.monotonic()
    transport.close()
    assert time.monotonic() - began < 2
    assert {future.result(0).error for future in futures} == {PostError.CANCELLED}
    leave.set()
    assert transport._thread is not None
    transport._thread.join(PATIENCE)
    assert not transport._thread.is_alive()
    gc.collect()
    assert not caplog.records  # nothing was completed twice


def test_close_from_a_callback(receive: Receive, transport: HttpTransport, silent: str) -> None:
    """A callback may close the transport it runs in."""
    closed = threading.Event()

    def close(_: Future[Answer]) -> None:
        transport.close()
        closed.set()

    hanging = transport.submit(Post(silent, (), b"", 60))
    transport.submit(Post(receive(always(OK)).url, (), b"", 60)).add_done_callback(close)
    assert closed.wait(PATIENCE)
    assert hanging.result(0).error is PostError.CANCELLED


def test_close_right_after_the_first_submit(silent: str) -> None:
    """Closing while the thread is still starting cancels what was queued, and the thread ends by itself."""
    transport = HttpTransport()
    futures = [transport.submit(Post(silent, (), b"", 60)) for _ in range(3)]
    transport.close()
    assert {future.result(0).error for future in futures} == {PostError.CANCELLED}
    assert transport._thread is not None
    transport._thread.join(PATIENCE)
    assert not transport._thread.is_alive()


def test_after_close(receive: Receive, silent: str) -> None:
    """A closed transport answers `cancelled` at once, closes twice in peace, and need never have been started."""
    receiver, transport = receive(always(OK)), HttpTransport()
    assert ask(transport, receiver.url).status == 200
    transport.close()
    transport.close()
    assert ask(transport, receiver.url).error is PostError.CANCELLED
    HttpTransport().close()
    assert len(receiver.requests) == 1


def test_submit_is_cheap(transport: HttpTransport, silent: str) -> None:
    """Submitting costs the caller microseconds, far from what an exchange costs."""
    ask(transport, silent, timeout=0.05)
    costs = []
    futures = []
    for _ in range(300):
        began = time.perf_counter()
        futures.append(transport.submit(Post("nowhere", (), b"", 1)))
        costs.append(time.perf_counter() - began)
    assert not wait(futures, PATIENCE).not_done
    assert statistics.median(costs) < 500e-6  # 5 to 25 µs on a quiet machine; bench/transport.py measures it


def python(*arguments: str, **environment: str) -> str:
    """Run Python with warnings as errors, and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=Path(mock_server.__file__).parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()
