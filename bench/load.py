"""Load for a server on this machine: a process of its own that keeps so many connections busy. Raw sockets, one loop.

It reads jobs from stdin, one JSON a line, and answers each with a line: how many answers came, what their status was, and
how long each took. As little as can be is done between an answer and the next request (some 15 µs in all), so that it is
the server that is measured; `Echo` shows how far it goes itself.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
SILENCE = 10.0
"""Seconds without any answer after which a server is given up."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked, again and again, the bodies in turn (none for a GET), and for how long."""

    port: int
    method: str
    path: str
    headers: dict[str, str]
    bodies: list[str]
    connections: int = 1
    seconds: float = 1.0

    def requests(self) -> list[bytes]:
        """As they go over the wire."""
        start = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        start += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        if not self.bodies:
            return [f"{start}\r\n".encode()]
        return [f"{start}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode() for body in self.bodies]


@dataclass(slots=True)
class Outcome:
    """What came of a job. Latencies are milliseconds; `reopened` says how often the server closed a connection,
    `gone` that it took no more."""

    answers: int = 0
    seconds: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    reopened: int = 0
    gone: bool = False
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds if self.seconds else 0.0


class _Line:
    """One connection and the request under way on it."""

    __slots__ = ("asked", "got", "needs", "sock", "until_close")

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        self.needs = -1
        self.until_close = False
        self.asked = 0.0

    def ask(self, request: bytes) -> None:
        self.got, self.needs, self.until_close = b"", -1, False
        self.asked = time.perf_counter()
        self.sock.sendall(request)

    def whole(self) -> bool:
        """Is the answer complete? `needs` is its length: -1 while unknown, 0 for chunks."""
        if self.needs < 0:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return False
            length = _LENGTH.search(self.got, 0, end)
            self.needs = end + 4 + int(length[1]) if length else 0
            self.until_close = not length and not _CHUNKED.search(self.got, 0, end)
        return not self.until_close and (len(self.got) >= self.needs if self.needs else self.got[-5:] == b"0\r\n\r\n")


class Load:
    """One job being done."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._requests = job.requests()
        self._turn = count()
        self._selector = selectors.DefaultSelector()
        self._latencies: list[float] = []
        self._statuses: Counter[str] = Counter()
        self._reopened = 0

    def run(self) -> Outcome:
        """Ask until time is up; what is under way then does not count."""
        begun = time.perf_counter()
        gone = False
        try:
            self._ask_and_hear()
        except ConnectionError:
            gone = True
        seconds = time.perf_counter() - begun
        for key in list(self._selector.get_map().values()):
            key.data.sock.close()
        self._selector.close()
        return self._outcome(seconds, gone=gone)

    def _ask_and_hear(self) -> None:
        for _ in range(self._job.connections):
            self._open()
        until = time.perf_counter() + self._job.seconds
        while time.perf_counter() < until:
            for key, _ in self._selector.select(SILENCE):
                self._hear(key.data)

    def _outcome(self, seconds: float, *, gone: bool) -> Outcome:
        cuts = statistics.quantiles(self._latencies, n=100) if len(self._latencies) > 1 else [0.0] * 99
        p50, p99 = cuts[49] * 1e3, cuts[98] * 1e3
        return Outcome(len(self._latencies), seconds, p50, p99, self._reopened, gone, dict(self._statuses))

    def _open(self) -> None:
        line = _Line(self._job.port)
        self._selector.register(line.sock, selectors.EVENT_READ, line)
        self._ask(line)

    def _ask(self, line: _Line) -> None:
        line.ask(self._requests[next(self._turn) % len(self._requests)])

    def _hear(self, line: _Line) -> None:
        data = b""
        with suppress(ConnectionError):
            data = line.sock.recv(262_144)
        line.got += data
        whole = line.whole() if data else line.until_close
        if whole:
            self._latencies.append(time.perf_counter() - line.asked)
            self._statuses[line.got[9:12].decode("latin-1")] += 1
        if not data or (whole and _CLOSES.search(line.got, 0, line.got.find(b"\r\n\r\n") + 2)):
            self._selector.unregister(line.sock)
            line.sock.close()
            self._reopened += 1
            self._open()
        elif whole:
            self._ask(line)


class Generator:
    """The process, as its owner sees it. `core` is the processor it is kept on, where the system can do that."""

    def __init__(self, core: int | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load", *([] if core is None else [str(core)])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, job: Job) -> Outcome:
        """Do this job, and say what came of it."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(asdict(job)) + "\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        return Outcome(**answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def echo(port: int) -> None:
    """The least that can answer: any bytes that come in get the same answer. What the generator reaches here is its limit."""
    answer = b"HTTP/1.1 201 CREATED\r\nContent-Type: application/json\r\nContent-Length: 225\r\n\r\n" + b" " * 225
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", port), backlog=256)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                selector.register(listener.accept()[0], selectors.EVENT_READ)
                continue
            assert isinstance(key.fileobj, socket.socket)
            with suppress(ConnectionError):
                if key.fileobj.recv(65_536):
                    key.fileobj.sendall(answer)
                    continue
            selector.unregister(key.fileobj)
            key.fileobj.close()


def main(core: str | None = None) -> None:
    """Do the jobs that come in."""
    if core is not None:
        from bench.machine import keep_to

        keep_to(int(core))
    for line in sys.stdin:
        print(json.dumps(asdict(Load(Job(**json.loads(line))).run())), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["echo"]:
        echo(int(sys.argv[2]))
    else:
        main(*sys.argv[1:])
