"""Deliveries per second of the HTTP transport, beside a bare http.client loop: `python bench/transport.py`.

The receiver is the least that can answer a POST, in a process of its own. All candidates run in turn, several times over,
so that a noisy machine hits them alike: trust the ratios, which are medians of the ratios within one round.
"""

from __future__ import annotations

import asyncio
import http.client
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from mock_server.webhooks.transport import HttpTransport, Post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from mock_server.webhooks.transport import Answer

ROUNDS = 9
BODY = b'{"event":"message.status","data":{"id":"wamid.%b","status":"delivered"}}' % (b"x" * 330)
HEADERS = (
    ("Content-Type", "application/json"),
    ("User-Agent", "Flowella-Webhooks/1.0"),
    ("X-Flowella-Signature", "0f" * 32),
    ("X-Flowella-Timestamp", "1790000000"),
    ("X-Flowella-Event", "message.status"),
    ("X-Flowella-Delivery", "dlv_0123456789abcdef"),
)


class Receiver(asyncio.Protocol):
    """Answers every request with an empty 200, as soon as its last byte is in."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._input = b""

    def data_received(self, data: bytes) -> None:
        self._input += data
        head, end, body = self._input.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            self._input = b""
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def receive() -> None:
    """Serve on a free port of loopback, and print it."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Stream:
    """Keeps so many posts in flight until all are answered; each answer submits the next post, as the dispatcher does."""

    def __init__(self, transport: HttpTransport, post: Post, count: int) -> None:
        self._transport, self._post, self._left, self._unanswered = transport, post, count, count
        self._over = threading.Event()
        self._failures: list[Answer] = []

    def run(self, in_flight: int) -> None:
        """Post them all."""
        self._left -= in_flight
        for _ in range(in_flight):
            self._submit()
        self._over.wait()
        if self._failures:
            raise SystemExit(f"a delivery failed: {self._failures[0]}")

    def _submit(self) -> None:
        self._transport.submit(self._post).add_done_callback(self._answered)

    def _answered(self, future: Future[Answer]) -> None:
        if future.result().status != 200:
            self._failures.append(future.result())
        self._unanswered -= 1
        if self._left:
            self._left -= 1
            self._submit()
        elif not self._unanswered:
            self._over.set()


def ours(transport: HttpTransport, post: Post, in_flight: int, count: int) -> None:
    """Our transport, with so many posts in flight."""
    Stream(transport, post, count).run(in_flight)


def bare(port: int, count: int) -> None:
    """One http.client connection, one request after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(count):
        connection.request("POST", "/hook", BODY, dict(HEADERS))
        if connection.getresponse().read() or connection.sock is None:
            raise SystemExit("the receiver did not keep the connection")
    connection.close()


def rate(candidate: Callable[[int], None], count: int) -> float:
    """Deliveries per second."""
    began = time.perf_counter()
    candidate(count)
    return count / (time.perf_counter() - began)


def submit_cost(transport: HttpTransport, post: Post, burst: int) -> float:
    """Microseconds of the caller's time for one submit, in bursts of so many."""
    costs = []
    for _ in range(200):
        began = time.perf_counter()
        futures = [transport.submit(post) for _ in range(burst)]
        costs.append((time.perf_counter() - began) / burst)
        for future in futures:
            future.result()
    return statistics.median(costs) * 1e6


def measure(port: int) -> None:
    """Run all candidates and print the table."""
    transport, post = HttpTransport(), Post(f"http://127.0.0.1:{port}/hook", HEADERS, BODY, 10.0)
    candidates: dict[str, tuple[Callable[[int], None], int]] = {
        "http.client, one connection": (partial(bare, port), 1500),
        "HttpTransport, 1 in flight": (partial(ours, transport, post, 1), 1000),
        "HttpTransport, 16 in flight": (partial(ours, transport, post, 16), 3000),
        "HttpTransport, 64 in flight": (partial(ours, transport, post, 64), 3000),
    }
    for candidate, _ in candidates.values():
        candidate(500)
    rounds = [{name: rate(*candidate) for name, candidate in candidates.items()} for _ in range(ROUNDS)]
    base = next(iter(candidates))
    print(f"{'':30} {'per second':>10} {'ratio':>6}")
    for name in candidates:
        ratio = statistics.median(each[name] / each[base] for each in rounds)
        print(f"{name:30} {statistics.median(each[name] for each in rounds):10,.0f} {ratio:6.2f}")
    print(
        f"submit: {submit_cost(transport, post, 1):.0f} µs alone, {submit_cost(transport, post, 50):.0f} µs in a burst"
    )
    transport.close()


@contextmanager
def receiver() -> Iterator[int]:
    """The receiver in a process of its own; its port."""
    with subprocess.Popen([sys.executable, __file__, "receive"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def main() -> None:
    """Start the receiver, and measure against it."""
    with receiver() as port:
        measure(port)


if __name__ == "__main__":
    asyncio.run(receive()) if sys.argv[1:] == ["receive"] else main()
