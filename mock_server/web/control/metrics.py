"""Control plane: the numbers of this server, for Prometheus. Its library is an extra, imported when somebody asks."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from flask import Response, request

from mock_server import __version__
from mock_server.clock import monotonic_now
from mock_server.domain.instant import SECOND
from mock_server.metrics import BOUNDS
from mock_server.web.refusals import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric

    from mock_server.clock import Reading
    from mock_server.domain.instant import Duration
    from mock_server.orgs import Orgs
    from mock_server.web.door import Call, Reply, View

    Timed = Iterable[tuple[tuple[str, ...], list[int], Duration]]

MISSING = "The metrics need a library that is not here; pip install 'flowella-mock[metrics]' and start again"

PREFIX = "flowella_mock_"

_EDGES = (*(str(float(bound / SECOND)) for bound in BOUNDS), "+Inf")


class Numbers:
    """A collector as Prometheus's library wants it: what it is asked for, it looks up then."""

    def __init__(self, orgs: Orgs) -> None:
        self._orgs = orgs
        self._metrics = orgs.metrics

    def collect(self) -> Iterator[Metric]:
        """Everything, family by family."""
        metrics = self._metrics
        yield _timed(
            "request_duration_seconds",
            "API calls, and what the application took for them",
            ("api", "operation", "status"),
            metrics.calls.read(),
        )
        yield _timed(
            "delivery_attempt_duration_seconds",
            "Attempts to deliver a webhook, by status class or why no answer came",
            ("outcome",),
            metrics.attempts.read(),
        )
        yield _counter(
            "messages_sent", "Outbound messages that were taken in, bulk sends' included", metrics.sent.value
        )
        yield from self._present()

    def _present(self) -> Iterator[Metric]:
        """What is so at this moment."""
        worlds = self._orgs.all()
        readings = [world.agenda.reading() for world in worlds]
        up = (monotonic_now() - self._metrics.began) / SECOND
        late = max(map(lateness, readings), default=0.0)
        yield _gauge("deliveries_on_the_wire", "Webhooks under way", self._metrics.on_the_wire.value)
        yield _gauge("agenda_tasks", "Tasks that wait", sum(reading.pending for reading in readings))
        yield _gauge("agenda_lateness_seconds", "How late the most overdue task is, in real time", late)
        yield _gauge("organizations", "Organizations", len(worlds))
        yield _gauge("event_streams", "Open event streams", sum(world.feed.listeners for world in worlds))
        yield _gauge("uptime_seconds", "Since this process began to count", up)
        yield _info("build", "What runs here", {"version": __version__})


def lateness(reading: Reading) -> float:
    """Real seconds since the first task was due; nothing is late on a clock that stands still."""
    if reading.next_due_at is None or not reading.scale:
        return 0.0
    return max(0.0, (reading.now - reading.next_due_at) / reading.scale / SECOND)


def _timed(name: str, what: str, labels: tuple[str, ...], read: Timed) -> Metric:
    from prometheus_client.metrics_core import HistogramMetricFamily

    family = HistogramMetricFamily(PREFIX + name, what, labels=labels)
    for values, counts, total in read:
        family.add_metric(values, list(zip(_EDGES, accumulate(counts), strict=True)), total / SECOND)
    return family


def _counter(name: str, what: str, value: float) -> Metric:
    from prometheus_client.metrics_core import CounterMetricFamily

    return CounterMetricFamily(PREFIX + name, what, value)


def _gauge(name: str, what: str, value: float) -> Metric:
    from prometheus_client.metrics_core import GaugeMetricFamily

    return GaugeMetricFamily(PREFIX + name, what, value)


def _info(name: str, what: str, value: dict[str, str]) -> Metric:
    from prometheus_client.metrics_core import InfoMetricFamily

    return InfoMetricFamily(PREFIX + name, what, value)


def get_metrics(call: Call) -> Reply:
    try:
        from prometheus_client import CollectorRegistry, ProcessCollector
        from prometheus_client.exposition import choose_encoder
    except ImportError:
        raise NotInstalled(MISSING) from None
    registry: Any = CollectorRegistry()  # for this one answer; the library's own would be shared by all servers
    registry.register(Numbers(call.orgs))
    ProcessCollector(registry=registry)
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    return 200, Response(encode(registry), content_type=kind, headers={"Cache-Control": "no-store"})


VIEWS: Mapping[str, View] = {"getMetrics": get_metrics}
