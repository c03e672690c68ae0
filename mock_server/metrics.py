"""What one process counts: calls, attempts to deliver, messages. Plain numbers; who reads them puts them into words.

No metrics library here: a library's counter with labels costs several times as much as what is counted, and whoever
never asks should not install one. `web/control/metrics.py` says it all in Prometheus's words when it is asked.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import TYPE_CHECKING

from mock_server.clock import monotonic_now

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mock_server.domain.instant import Duration
    from mock_server.webhooks.transport import Answer, Post, Transport

BOUNDS: tuple[Duration, ...] = (
    *(500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000),
    *(1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000),
)
"""Microseconds: from a quick call to a webhook that is given up."""

CLASSES = ("unanswered", "1xx", "2xx", "3xx", "4xx", "5xx", "other")
"""By the hundreds of a status. Receivers answer with whatever they like."""


class Count:
    """A number that many threads move."""

    def __init__(self) -> None:
        self.value = 0
        self._lock = threading.Lock()

    def add(self, step: int = 1) -> None:
        """One more, or `step`."""
        with self._lock:
            self.value += step


class Histogram:
    """How often something took how long. `counts` has one place per bound, and one for what took longer."""

    __slots__ = ("_lock", "counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total: Duration = 0
        self._lock = threading.Lock()

    def note(self, took: Duration) -> None:
        """It happened, and took so long."""
        place = bisect_left(BOUNDS, took)
        with self._lock:
            self.counts[place] += 1
            self.total += took

    def read(self) -> tuple[list[int], Duration]:
        """Both at one moment."""
        with self._lock:
            return self.counts.copy(), self.total


class Timings:
    """Histograms by their labels, each made when it is first needed. Labels come from tables, never from what is sent."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Histogram] = {}

    def note(self, labels: tuple[str, ...], took: Duration) -> None:
        """One of these took so long."""
        histogram = self._known.get(labels)
        if histogram is None:
            histogram = self._known.setdefault(labels, Histogram())  # one step, so two threads get the same one
        histogram.note(took)

    def read(self) -> list[tuple[tuple[str, ...], list[int], Duration]]:
        """All of them, in the order of their labels."""
        return [(labels, *histogram.read()) for labels, histogram in sorted(self._known.items())]


class Metrics:
    """The numbers of one server. `calls` by API, operation and status class, `attempts` by outcome."""

    def __init__(self) -> None:
        self.began = monotonic_now()
        self.calls = Timings()
        self.attempts = Timings()
        self.on_the_wire = Count()
        self.sent = Count()

    def note_call(self, api: str, operation: str, status: int | None, began: int) -> None:
        """A call that began then has its answer now, or None: a fault kept that back."""
        self.calls.note((api, operation, status_class(status)), monotonic_now() - began)


class Metered:
    """A transport whose attempts are counted."""

    def __init__(self, transport: Transport, metrics: Metrics) -> None:
        self._transport = transport
        self._metrics = metrics

    def submit(self, post: Post) -> Future[Answer]:
        """As the transport does."""
        future = self._transport.submit(post)
        self._metrics.on_the_wire.add()
        future.add_done_callback(self._note)
        return future

    def close(self) -> None:
        """As the transport does."""
        self._transport.close()

    def _note(self, future: Future[Answer]) -> None:
        answer = None if future.cancelled() or future.exception() else future.result()
        outcome = "unreachable" if answer is None else answer.error or status_class(answer.status)
        self._metrics.on_the_wire.add(-1)
        self._metrics.attempts.note((str(outcome),), round(answer.latency * 1_000_000) if answer else 0)


def status_class(status: int | None) -> str:
    """`2xx` and so on; None is a call whose answer was kept back."""
    return CLASSES[min((status or 0) // 100, len(CLASSES) - 1)]
