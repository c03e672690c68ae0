"""What a scrape says, read by the library's own parsers, and what the probes say."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from mock_server import __version__
from mock_server.agenda import Pump
from mock_server.app import create_app
from mock_server.clock import Reading
from mock_server.domain.instant import SECOND
from mock_server.domain.messages import Direction
from mock_server.metrics import BOUNDS, Histogram, status_class
from mock_server.orgs import NewOrg, Orgs
from mock_server.services import endpoints
from mock_server.vendors.registry import DIALECTS
from mock_server.web.control.metrics import lateness
from mock_server.webhooks.transport import Answer, PostError
from mock_server.wire.endings import ENVIRON_KEY

from .conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeTransport
    from flask.testing import FlaskClient

    from mock_server.world import World

    from .conftest import Doors

Scrape = dict[tuple[str, ...], float]


def scrape(client: FlaskClient) -> Scrape:
    """Every sample by its name and its labels' values, in the order of the labels' names."""
    answer = client.get("/_mock/metrics")
    assert answer.status_code == 200, answer.text
    families = parse_text(answer.text)
    return {
        (s.name.removeprefix("flowella_mock_"), *(s.labels[label] for label in sorted(s.labels))): s.value
        for f in families
        for s in f.samples
    }


def test_calls_are_counted_by_operation_and_status_class(doors: Doors) -> None:
    """Each call once, in the place of what it took; a stray one is nobody's; the scrape itself is in the next."""
    doors.api("POST", "/messages", {"to": "nobody", "text": "Hello"})
    doors.api("GET", "/ping")
    doors.api("GET", "/ping")
    doors.api("GET", "/nowhere/+15551234567")
    scrape(doors.client)
    found = scrape(doors.client)

    assert found["request_duration_seconds_count", "flowella", "ping", "2xx"] == 2
    assert found["request_duration_seconds_count", "flowella", "sendMessage", "4xx"] == 1
    assert found["request_duration_seconds_count", "none", "none", "4xx"] == 1
    assert found["request_duration_seconds_count", "control", "getMetrics", "2xx"] == 1
    assert found["request_duration_seconds_bucket", "flowella", "+Inf", "ping", "2xx"] == 2
    assert 0 < found["request_duration_seconds_sum", "flowella", "ping", "2xx"] < 60


def test_a_call_that_gets_no_answer_is_counted_as_that(doors: Doors) -> None:
    """A fault that closes the connection."""
    doors.control("POST", "/faults", {"on": "ping", "effect": {"type": "reset"}})
    wire = SimpleNamespace(reset=lambda: None)
    doors.client.get("/api/v1/ping", headers={"Authorization": f"Bearer {KEY}"}, environ_overrides={ENVIRON_KEY: wire})

    assert scrape(doors.client)["request_duration_seconds_count", "flowella", "ping", "unanswered"] == 1


def test_attempts_are_counted_by_outcome(doors: Doors, transport: FakeTransport) -> None:
    """A status class, or why no answer came, with the time it took; those without an answer yet are on the wire."""
    endpoints.add(doors.world, "http://127.0.0.1:9/a", (), "")
    answers: list[int | None] = [200, 500, 999, None]
    transport.answer = lambda _: answers.pop(0)
    for _ in range(3):
        doors.control("POST", "/inbound", {"from": "+15551234567", "text": "Hello"})
        doors.world.agenda.run_due()
    doors.control("POST", "/inbound", {"from": "+15551234567", "text": "Hello"})
    doors.world.agenda.run_due()
    before = scrape(doors.client)
    hanging, transport.hanging = transport.hanging, []
    hanging[0][1].set_result(Answer(None, PostError.TIMEOUT, "Too late.", 30.5, b"", ()))
    after = scrape(doors.client)

    def count(found: Scrape, outcome: str) -> float:
        return found.get(("delivery_attempt_duration_seconds_count", outcome), 0)

    assert [count(before, outcome) for outcome in ("2xx", "5xx", "other", "timeout")] == [1, 1, 1, 0]
    assert before["deliveries_on_the_wire",] == 1
    assert (count(after, "timeout"), after["deliveries_on_the_wire",]) == (1, 0)
    assert after["delivery_attempt_duration_seconds_sum", "timeout"] == 30.5
    assert after["delivery_attempt_duration_seconds_bucket", "30.0", "timeout"] == 0


def test_messages_are_counted_once_they_are_taken_in(doors: Doors) -> None:
    """In and out are two things, a refused one is none, and each person of a bulk send is one."""
    doors.api("POST", "/messages", {"to": "nobody", "text": "Hello"})
    doors.control("POST", "/inbound", {"from": "+15551234567", "text": "Hello"})
    doors.api("POST", "/messages", {"to": "+15551234567", "text": "Hello"})
    people = [{"phone": "+15551234567"}, {"phone": "+15551234568"}]
    bulk = {"templateId": doors.template("hello_world"), "whatsappChannelId": doors.channel_id, "recipients": people}
    doors.api("POST", "/templates/send", bulk)
    doors.advance(60)

    assert scrape(doors.client)["messages_sent_total",] == _outbound(doors.world) == 3


def _outbound(world: World) -> int:
    return sum(message.direction is Direction.OUTBOUND for message in world.store.messages.newest())


def test_what_is_so_now_is_looked_up_now(orgs: Orgs, doors: Doors) -> None:
    """Organizations, waiting tasks, streams, the process."""
    doors.control("POST", "/inbound", {"from": "+15551234567", "text": "Hello"})
    doors.api("POST", "/messages", {"to": "+15551234567", "text": "Hello"})
    orgs.create(NewOrg(scale=0))
    doors.world.feed.join(lambda: None)
    found = scrape(doors.client)

    assert found["organizations",] == 2
    assert found["agenda_tasks",] == doors.world.agenda.pending() > 0
    assert found["agenda_lateness_seconds",] == 0
    assert found["event_streams",] == 1
    assert found["uptime_seconds",] > 0
    assert found["build_info", __version__] == 1
    assert ("process_cpu_seconds_total",) in found or sys.platform != "linux"


@pytest.mark.parametrize(
    ("scale", "late", "expected"), [(1.0, 5, 5.0), (60.0, 120, 2.0), (0.0, 5, 0.0), (1.0, -5, 0.0), (1.0, None, 0.0)]
)
def test_lateness_is_in_real_seconds(scale: float, late: int | None, expected: float) -> None:
    """Two minutes on a clock sixty times as fast are two seconds; nothing is late where time stands."""
    due = None if late is None else 1_000 * SECOND - late * SECOND
    assert lateness(Reading("scaled", 1_000 * SECOND, scale, 1, due)) == expected


def test_openmetrics_for_whoever_accepts_it(doors: Doors) -> None:
    """As the library itself negotiates."""
    answer = doors.client.get("/_mock/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert answer.mimetype == "application/openmetrics-text"
    assert "flowella_mock_messages_sent" in {family.name for family in parse_openmetrics(answer.text)}  # type: ignore[no-untyped-call]
    assert doors.client.get("/_mock/metrics").mimetype == "text/plain"


def test_labels_come_from_tables(doors: Doors) -> None:
    """Nothing that a client sends makes a new series."""
    for index in range(5):
        doors.api("GET", f"/made-up-{index}")
        doors.client.open(f"/elsewhere/{index}", method="BREW")
    one = set(scrape(doors.client))
    for index in range(5, 10):
        doors.api("GET", f"/made-up-{index}")
        doors.client.open(f"/elsewhere/{index}", method="BREW")

    assert {key for key in set(scrape(doors.client)) - one if "getMetrics" not in key} == set()


def test_servers_do_not_share_numbers(doors: Doors, transport: FakeTransport) -> None:
    """There are no globals."""
    doors.api("GET", "/ping")
    other = Orgs(transport, *DIALECTS)
    other.create(NewOrg(scale=0))

    assert ("request_duration_seconds_count", "flowella", "ping", "2xx") not in scrape(create_app(other).test_client())


def test_without_the_extra_the_answer_says_what_to_install(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """501 in the control plane's envelope; everything else works."""
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = doors.client.get("/_mock/metrics")

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (501, "NOT_INSTALLED")
    assert "pip install 'flowella-mock[metrics]'" in answer.get_json()["error"]["message"]


def test_metrics_want_the_control_token(orgs: Orgs) -> None:
    """They are part of the control plane; the probes have none to bring."""
    orgs.create(NewOrg(scale=0))
    client = create_app(orgs, "sesame").test_client()
    bearer = {"Authorization": "Bearer sesame"}

    assert client.get("/_mock/metrics").status_code == 401
    assert client.get("/_mock/metrics", headers=bearer).status_code == 200
    assert [client.get(f"/_mock/{path}").status_code for path in ("health", "ready")] == [200, 200]


def test_every_bound_is_an_upper_one() -> None:
    """What took exactly as long as a bound is counted below it."""
    histogram = Histogram()
    for took in (0, BOUNDS[0], BOUNDS[0] + 1, BOUNDS[-1] + 1):
        histogram.note(took)
    counts, total = histogram.read()

    assert (counts[0], counts[1], counts[-1]) == (2, 1, 1)
    assert total == 2 * BOUNDS[0] + 1 + BOUNDS[-1] + 1


def test_every_status_has_a_class() -> None:
    """Even those that nobody has heard of."""
    assert [status_class(status) for status in (None, 100, 204, 302, 404, 599, 600, 999)] == [
        "unanswered", "1xx", "2xx", "3xx", "4xx", "5xx", "other", "other",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ probes


def ready(client: FlaskClient) -> tuple[int, Any]:
    """What an orchestrator hears."""
    answer = client.get("/_mock/ready")
    body = answer.get_json()
    return answer.status_code, body if answer.status_code == 200 else body["error"]["message"]


def test_alive_before_anything_else(transport: FakeTransport) -> None:
    """Without a single organization: alive, and not ready."""
    orgs = Orgs(transport, *DIALECTS)
    client = create_app(orgs, "sesame").test_client()

    assert client.get("/_mock/health").get_json() == {"ok": True, "version": __version__}
    assert ready(client) == (503, "the default organization is not there yet")
    orgs.create(NewOrg(scale=0))
    assert ready(client) == (200, {"ready": True})


def _fails() -> str:
    raise OSError("postgresql://ada:secret@db is down")


@pytest.mark.parametrize(
    ("check", "said"), [(lambda: "the store is being migrated", "the store is being migrated"), (_fails, "OSError")]
)
def test_a_check_that_is_not_well_takes_the_server_out(orgs: Orgs, check: Callable[[], str | None], said: str) -> None:
    """Its reason is told; of one that raises only the kind, for the rest may name who and where."""
    orgs.create(NewOrg(scale=0))
    orgs.checks["store"] = check
    status, message = ready(create_app(orgs).test_client())

    assert (status, said in message, "ada" in message) == (503, True, False)


def test_a_pump_that_does_not_run_is_told() -> None:
    """Before it starts, and after its end."""
    pump = Pump()
    before = pump.trouble()
    pump.start()
    running = pump.trouble()
    pump.stop()

    assert (running, before, pump.trouble()) == (None, before, before)
    assert before is not None


@pytest.mark.parametrize("path", ["health", "ready"])
def test_probes_answer_like_everything_else(doors: Doors, path: str) -> None:
    """HEAD as GET, other methods 405."""
    assert doors.client.head(f"/_mock/{path}").status_code == 200
    answer = doors.client.post(f"/_mock/{path}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
