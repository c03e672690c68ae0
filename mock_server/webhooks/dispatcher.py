"""From "an attempt is due" to "it is settled", in three steps: prepare (lock), post (no lock), settle (lock).

Each endpoint has a lane of its own: a queue of deliveries that are due, and a bound on how many are on the wire. So a slow
endpoint delays nobody else. On a clock that stands still the bound is one: with time in somebody's hand, events arrive
one after the other, in order. On a running clock several may overtake each other, as in reality.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_server.domain.deliveries import Attempt, Delivery
from mock_server.domain.instant import iso
from mock_server.services import deliveries
from mock_server.store.protocol import Gone, Unavailable
from mock_server.webhooks.transport import Answer, Post, PostError
from mock_server.webhooks.twists import Letter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.domain.instant import Instant
    from mock_server.domain.tasks import Task
    from mock_server.webhooks.transport import Transport
    from mock_server.webhooks.twists import Compose
    from mock_server.world import World

log = logging.getLogger("flowella_mock.webhooks")


@dataclass(slots=True)
class _Lane:
    waiting: deque[str] = field(default_factory=deque)
    in_flight: int = 0
    starting: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """An attempt that is ready to go out."""

    delivery: Delivery
    number: int
    at: Instant
    post: Post

    def attempt(self, answer: Answer) -> Attempt:
        """What is written down of it."""
        return Attempt(
            number=self.number,
            at=self.at,
            status=answer.status,
            error=None if answer.error is None else f"{answer.error}: {answer.detail}",
            latency=answer.latency,
            request_headers=self.post.headers,
            request_body=self.post.body,
            response_excerpt=answer.excerpt,
        )


class Dispatcher:
    """Delivers one world's webhooks over a transport, each in the words of its endpoint's vendor."""

    def __init__(self, world: World, transport: Transport, compose: Mapping[str, Compose]) -> None:
        self._world = world
        self._transport = transport
        self._compose = compose
        self._lanes: dict[str, _Lane] = {}
        self._changed = threading.Condition()
        self._open = 0
        self.hand_over: Callable[[str, str], bool] | None = None
        """Given a delivery and its endpoint, has somebody else attempt it; inside the transaction that took the task."""
        self.settled_elsewhere: Callable[[], None] = _nothing
        """Returns when nobody else has anything on the wire."""

    def run(self, world: World, task: Task) -> None:
        """The agenda's runner: the attempt starts once the transaction that took the task is over."""
        with world.unit() as unit:
            due = deliveries.due(world, task.subject)
            if due is None:
                return
            delivery, endpoint = due
            if self.hand_over is None or not self.hand_over(delivery.id, endpoint.id):
                unit.afterwards(partial(self._offer, delivery.id, endpoint.id))

    def wait_until_idle(self) -> None:
        """Return when nothing is queued or on the wire."""
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0)
        self.settled_elsewhere()

    def _offer(self, delivery_id: str, endpoint_id: str) -> None:
        with self._changed:
            lane = self._lanes.setdefault(endpoint_id, _Lane())
            lane.waiting.append(delivery_id)
            self._open += 1
        self._work(lane)

    def _work(self, lane: _Lane) -> None:
        """Start what the lane has room for. One thread at a time does; an answer that comes at once does not recurse."""
        with self._changed:
            if lane.starting:
                return
            lane.starting = True
        while (delivery_id := self._next(lane)) is not None:
            self._start(lane, delivery_id)

    def _next(self, lane: _Lane) -> str | None:
        bound = self._world.policy.deliveries_in_flight if self._world.clock.scale else 1
        with self._changed:
            if self._world.closed:
                self._open -= len(lane.waiting)
                lane.waiting.clear()
                self._changed.notify_all()
            if lane.waiting and lane.in_flight < bound:
                lane.in_flight += 1
                return lane.waiting.popleft()
            lane.starting = False
            return None

    def _start(self, lane: _Lane, delivery_id: str) -> None:
        try:
            prepared = self.prepare(delivery_id)
        except Unavailable:
            log.exception(
                "delivery %s has to wait: the store does not work", delivery_id, extra=self._about(delivery_id)
            )
            prepared = None
        if prepared is None:
            self._leave(lane)
            return
        self.submit(prepared.post).add_done_callback(partial(self._settle, lane, prepared))

    def prepare(self, delivery_id: str) -> Prepared | None:
        """The next attempt, ready to go out; None if none is to be made now. Raises Unavailable."""
        try:
            return self._prepare(delivery_id)
        except Unavailable:
            raise
        except Exception:
            log.exception("delivery %s could not be prepared", delivery_id)
            deliveries.give_up(self._world, delivery_id)
            return None

    def submit(self, post: Post) -> Future[Answer]:
        """A transport never raises, but one of somebody's own making might: that is a failed attempt, not a lost one."""
        try:
            return self._transport.submit(post)
        except Exception as error:
            log.exception("the transport failed on %s", post.url)
            failed: Future[Answer] = Future()
            failed.set_exception(error)
            return failed

    def _prepare(self, delivery_id: str) -> Prepared | None:
        with self._world.unit() as unit:
            due = deliveries.due(self._world, delivery_id)
            if due is None:
                return None
            letter = Letter(self._compose[due[1].vendor], self._world, *due, unit.now)
            headers, body = letter.write()
            delivery = deliveries.set_out(unit, *due, partial(json.loads, body))
            if delivery is None:
                return None
            if struck := delivery.content_fault():
                headers, body = letter.write(struck)
            post = Post(due[1].url, headers, body, self._world.policy.attempt_timeout)
            return Prepared(delivery, delivery.next_number, unit.now, post)

    def _settle(self, lane: _Lane, prepared: Prepared, future: Future[Answer]) -> None:
        try:
            self.settle(prepared, future)
        except (Gone, Unavailable) as error:
            log.warning("delivery %s is not settled: %s", prepared.delivery.id, error)
        finally:
            self._leave(lane)
            self._work(lane)

    def settle(self, prepared: Prepared, future: Future[Answer]) -> None:
        """Write down what came of an attempt."""
        attempt = prepared.attempt(_answer(future))
        switched_off = deliveries.record(self._world, prepared.delivery.id, prepared.post.url, attempt)
        self._log(prepared, attempt)
        if switched_off:
            about = self._about(prepared.delivery.id, switched_off.url)
            log.warning("webhook %s is switched off: %s", switched_off.id, switched_off.disabled_reason, extra=about)

    def _log(self, prepared: Prepared, attempt: Attempt) -> None:
        if not log.isEnabledFor(logging.INFO):
            return
        event, url, said = prepared.delivery.event, prepared.post.url, attempt.error or attempt.status
        about = {"event": event.id, "attempt": attempt.number, "status": attempt.status, "error": attempt.error}
        about |= self._about(prepared.delivery.id, url)
        log.info("%s to %s: %s (attempt %d at %s)", event.kind, url, said, attempt.number, iso(attempt.at), extra=about)

    def _about(self, delivery_id: str, url: str | None = None) -> dict[str, Any]:
        """Fields of a line in the log."""
        return {"org": self._world.org.id, "delivery": delivery_id, "url": url}

    def _leave(self, lane: _Lane) -> None:
        with self._changed:
            lane.in_flight -= 1
            self._open -= 1
            if not self._open:
                self._changed.notify_all()


def _answer(future: Future[Answer]) -> Answer:
    error = future.exception()
    if error is None:
        return future.result()
    return Answer(None, PostError.UNREACHABLE, f"{type(error).__name__}: {error}", 0.0, b"", ())


def _nothing() -> None:
    """There is nobody else."""
