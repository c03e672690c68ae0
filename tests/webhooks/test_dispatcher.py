"""What is written down and logged of an attempt, and what is done when one cannot be made or settled."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.domain.deliveries import Attempt, Delivery, DeliveryStatus
from mock_server.domain.instant import SECOND, parse
from mock_server.services import deliveries, endpoints
from mock_server.store.protocol import Gone, Unavailable
from mock_server.webhooks.transport import Answer, PostError
from mock_server.webhooks.twists import Letter

if TYPE_CHECKING:
    from conftest import FakeTransport

    from mock_server.domain.endpoints import Endpoint
    from mock_server.webhooks.transport import Post
    from mock_server.world import World

START = parse("2026-11-21T10:00:00Z")
URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def endpoint(world: World) -> Endpoint:
    """One endpoint, for all events."""
    return endpoints.add(world, URL, (), None)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is said of webhooks, from INFO on."""
    caplog.set_level(logging.INFO, "flowella_mock.webhooks")
    return caplog


def current(world: World, delivery: Delivery) -> Delivery:
    """The delivery as it stands."""
    found = world.store.deliveries.get(delivery.id)
    assert found is not None
    return found


def said(log: pytest.LogCaptureFixture, *fields: str) -> list[tuple[Any, ...]]:
    """Level, sentence and these fields of each line."""
    return [
        (r.levelname, r.getMessage(), *(getattr(r, field) for field in fields))
        for r in log.records
        if r.name == "flowella_mock.webhooks"
    ]


def answering(transport: FakeTransport, answer: Answer | Exception) -> None:
    """Every post gets this, as soon as it is submitted."""

    def answered(post: Post) -> Future[Answer]:
        transport.posts.append(post)
        future: Future[Answer] = Future()
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future

    transport.submit = answered  # type: ignore[method-assign]


def test_all_of_an_attempt_is_written_down(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """What went out, what came back, when, and how long it took."""
    answering(transport, Answer(202, None, "", 0.25, b"thanks", ()))
    delivery = endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)
    (post,) = transport.posts

    assert current(world, delivery).attempts == (
        Attempt(1, START, 202, None, 0.25, post.headers, post.body, b"thanks"),
    )
    assert (post.url, post.timeout) == (URL, world.policy.attempt_timeout)


@pytest.mark.parametrize(
    ("answer", "error", "latency"),
    [
        (Answer(None, PostError.TIMEOUT, "nobody spoke", 9.5, b"", ()), "timeout: nobody spoke", 9.5),
        (ZeroDivisionError("by none"), "unreachable: ZeroDivisionError: by none", 0.0),
    ],
)
def test_why_no_answer_came(
    world: World,
    endpoint: Endpoint,
    transport: FakeTransport,
    answer: Answer | Exception,
    error: str,
    latency: float,
) -> None:
    """In a word and a sentence, also when the transport itself broke; the retry is on its way."""
    answering(transport, answer)
    delivery = endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)
    (attempt,) = current(world, delivery).attempts

    assert (attempt.status, attempt.error, attempt.latency, attempt.response_excerpt) == (None, error, latency, b"")
    assert current(world, delivery).next_attempt_at == START + 30 * SECOND


def test_an_attempt_is_a_line_of_the_log(
    world: World, endpoint: Endpoint, transport: FakeTransport, log: pytest.LogCaptureFixture
) -> None:
    """With everything that it is about as fields."""
    transport.answer = lambda _: 500
    delivery = endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START + 30 * SECOND)
    about = (delivery.event.id, 500, None, world.org.id, delivery.id, URL)

    assert said(log, "attempt", "event", "status", "error", "org", "delivery", "url") == [
        ("INFO", f"webhook.test to {URL}: 500 (attempt 1 at 2026-11-21T10:00:00.000Z)", 1, *about),
        ("INFO", f"webhook.test to {URL}: 500 (attempt 2 at 2026-11-21T10:00:30.000Z)", 2, *about),
    ]


def test_a_failure_is_told_by_its_reason(
    world: World,
    endpoint: Endpoint,
    transport: FakeTransport,
    log: pytest.LogCaptureFixture,
) -> None:
    """Where a status would stand."""
    answering(transport, Answer(None, PostError.REFUSED, "nobody there", 0.0, b"", ()))
    endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)

    (line,) = said(log, "status", "error")
    assert line[1].startswith(f"webhook.test to {URL}: refused: nobody there (attempt 1")
    assert line[2:] == (None, "refused: nobody there")


def test_nothing_is_put_together_that_nobody_reads(
    world: World, endpoint: Endpoint, transport: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    """Below the level that is logged."""
    caplog.set_level(logging.WARNING, "flowella_mock.webhooks")
    endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)

    assert (len(transport.posts), said(caplog)) == (1, [])


def test_an_endpoint_that_is_switched_off_is_told_of(
    world: World, endpoint: Endpoint, transport: FakeTransport, log: pytest.LogCaptureFixture
) -> None:
    """Once, with the reason."""
    transport.answer = lambda _: 500
    sent = [endpoints.send_test(world, endpoint.id) for _ in range(12)]
    world.agenda.advance(START)

    assert [line for line in said(log, "org", "delivery", "url") if line[0] == "WARNING"] == [
        (
            "WARNING",
            f"webhook {endpoint.id} is switched off: too many failed attempts in a row",
            world.org.id,
            sent[9].id,
            URL,
        )
    ]


def test_what_cannot_be_put_into_words_is_given_up(
    world: World,
    endpoint: Endpoint,
    transport: FakeTransport,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mistake of ours costs that delivery, and is told with its trace; the next one goes out."""
    broken = endpoints.send_test(world, endpoint.id)
    with monkeypatch.context() as patch:
        patch.setattr(Letter, "write", lambda *_: 1 // 0)
        world.agenda.advance(START)
    sound = endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)

    assert [current(world, d).status for d in (broken, sound)] == [DeliveryStatus.ABANDONED, DeliveryStatus.SUCCEEDED]
    assert said(log)[0] == ("ERROR", f"delivery {broken.id} could not be prepared")
    assert log.records[0].exc_info is not None
    assert len(transport.posts) == 1


def test_a_store_that_does_not_work_loses_nothing(
    world: World,
    endpoint: Endpoint,
    transport: FakeTransport,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The delivery stays as it was, the lane is free for the next, and somebody is told."""
    waiting = endpoints.send_test(world, endpoint.id)

    def down(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(Letter, "write", down)
        world.agenda.advance(START)
    endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)

    assert (current(world, waiting).status, current(world, waiting).attempts) == (DeliveryStatus.PENDING, ())
    assert said(log, "org", "delivery", "url")[0] == (
        "ERROR",
        f"delivery {waiting.id} has to wait: the store does not work",
        world.org.id,
        waiting.id,
        None,
    )
    assert len(transport.posts) == 1


@pytest.mark.parametrize("error", [Gone(), Unavailable("no disk")])
def test_what_cannot_be_settled_does_not_stop_the_lane(
    world: World,
    endpoint: Endpoint,
    transport: FakeTransport,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """The answer came and nobody could write it down: that is said, and the next one goes out."""

    def lost(*_: object) -> None:
        raise error

    unsettled = endpoints.send_test(world, endpoint.id)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "record", lost)
        world.agenda.advance(START)
    endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)

    assert said(log)[0] == ("WARNING", f"delivery {unsettled.id} is not settled: {error}")
    assert len(transport.posts) == 2


def test_a_transport_of_ones_own_may_raise(
    world: World,
    endpoint: Endpoint,
    transport: FakeTransport,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That is a failed attempt, and its trace is in the log."""

    def refuse(_: Post) -> Future[Answer]:
        raise OSError("no more sockets")

    monkeypatch.setattr(transport, "submit", refuse)
    delivery = endpoints.send_test(world, endpoint.id)
    world.agenda.advance(START)

    (attempt,) = current(world, delivery).attempts
    assert attempt.error == "unreachable: OSError: no more sockets"
    assert said(log)[0] == ("ERROR", f"the transport failed on {URL}")
    assert log.records[0].exc_info is not None


def test_somebody_else_may_attempt_it(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """Whoever is handed a delivery takes it or leaves it."""
    handed: list[tuple[str, str]] = []

    def hand_over(delivery_id: str, endpoint_id: str) -> bool:
        handed.append((delivery_id, endpoint_id))
        return len(handed) == 1

    world.dispatcher.hand_over = hand_over
    taken, left = (endpoints.send_test(world, endpoint.id) for _ in range(2))
    world.agenda.advance(START)

    assert handed == [(taken.id, endpoint.id), (left.id, endpoint.id)]
    assert [current(world, d).status for d in (taken, left)] == [DeliveryStatus.PENDING, DeliveryStatus.SUCCEEDED]
    assert len(transport.posts) == 1


def test_idle_means_everybody(world: World) -> None:
    """Here and elsewhere."""
    asked: list[int] = []
    world.dispatcher.settled_elsewhere = lambda: asked.append(1)
    world.dispatcher.wait_until_idle()

    assert asked == [1]


def test_what_is_given_up_is_not_prepared(world: World, endpoint: Endpoint) -> None:
    """Nor is what nobody knows."""
    delivery = endpoints.send_test(world, endpoint.id)
    deliveries.give_up(world, delivery.id)

    assert world.dispatcher.prepare(delivery.id) is None
    assert world.dispatcher.prepare("nothing") is None


def test_a_world_that_is_closed_posts_nothing_more(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """What waits in its lanes is dropped, and it is idle."""
    sent = [endpoints.send_test(world, endpoint.id) for _ in range(3)]

    def close(_: Post) -> int:
        world.closed = True
        return 200

    transport.answer = close
    world.agenda.advance(START)
    world.dispatcher.wait_until_idle()

    assert len(transport.posts) == 1
    assert [current(world, d).status for d in sent[1:]] == [DeliveryStatus.PENDING] * 2
