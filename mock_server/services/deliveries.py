"""The two ends of an attempt. The POST itself happens between them, with no lock held, so a receiver may call back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.deliveries import Attempt, Delivery, DeliveryStatus, abandon, settle
from mock_server.domain.endpoints import Endpoint, after_attempt
from mock_server.domain.faults import EFFECTS, WEBHOOK, Place
from mock_server.domain.fields import fields_of
from mock_server.domain.tasks import TaskKind
from mock_server.services import detours, endpoints, faults
from mock_server.services.lookup import existing
from mock_server.services.outbox import dispatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mock_server.world import Unit, World


def due(world: World, delivery_id: str) -> tuple[Delivery, Endpoint] | None:
    """The delivery and its endpoint if an attempt is still wanted; None when it was given up meanwhile."""
    with world.unit() as unit:
        delivery = unit.store.deliveries.get(delivery_id)
        if delivery is None or delivery.status is not DeliveryStatus.PENDING:
            return None
        return delivery, endpoints.find(unit, delivery.endpoint_id)


def set_out(unit: Unit, delivery: Delivery, endpoint: Endpoint, content: Callable[[], Any]) -> Delivery | None:
    """The next attempt is about to go: the delivery with what befalls it on the way, or None when a fault keeps it here.

    `content` is the body's JSON. What befalls an attempt is drawn once; one that was put off goes when it is due again,
    and a rule that was taken back meanwhile has lost its hold on it.
    """
    if delivery.struck_now():
        free = delivery.free_of(lambda rule_id: rule_id is None or unit.store.faults.get(rule_id) is not None)
        unit.store.deliveries.put(free)
        return free
    if not unit.store.faults.count():
        return delivery
    about = {"attempt": delivery.next_number, "endpointId": endpoint.id, "url": endpoint.url}
    barred = {"reorder"} if detours.is_held_behind(unit, endpoint) else set()
    name = f"{WEBHOOK}{unit.world.event_name(endpoint, delivery.event.kind)}"
    struck = faults.strike(unit, name, fields_of(about, content()), EFFECTS.keys() - barred)
    if not struck:
        return delivery
    delivery = delivery.struck_by(struck.values())
    unit.store.deliveries.put(delivery)
    course = struck.get(Place.COURSE)
    return delivery if course is None or detours.take(unit, delivery, endpoint, course) else None


def record(world: World, delivery_id: str, url: str, attempt: Attempt) -> Endpoint | None:
    """An attempt is over: log it, count it for its endpoint, and schedule the retry if one is to come (D21, D22).

    `url` is where it went: the endpoint's, which may have changed since the event. Answers the endpoint if this attempt
    switched it off.
    """
    with world.unit() as unit:
        delivery = unit.store.deliveries.get(delivery_id)
        if delivery is None:
            return None
        endpoint = unit.store.endpoints.get(delivery.endpoint_id)
        terms = world.policy.persistence(endpoint.vendor if endpoint else "")
        delivery = delivery if delivery.url == url else replace(delivery, url=url)
        settled = settle(delivery, attempt, terms.retries)
        unit.store.deliveries.put(settled)
        detours.overtake(unit, settled)
        if settled.next_attempt_at is not None:
            unit.schedule(TaskKind.DELIVERY, settled.id, settled.next_attempt_at)
        if endpoint is not None:
            counted = after_attempt(endpoint, attempt.succeeded, terms.failures_until_inactive, unit.now)
            if counted is not endpoint:
                endpoints.put(unit, counted)
            if endpoint.active and not counted.active:
                return counted
        return None


def give_up(world: World, delivery_id: str) -> None:
    """It cannot even be put into words; that is a mistake of ours, and must not leave it pending for ever."""
    with world.unit() as unit:
        delivery = unit.store.deliveries.get(delivery_id)
        if delivery is not None:
            unit.store.deliveries.put(abandon(delivery))


def redeliver(world: World, delivery_id: str) -> Delivery:
    """Send an event again to the same endpoint: a new delivery, the same event id. Raises NotFound, Conflict."""
    with world.unit() as unit:
        delivery = existing(unit.store.deliveries, delivery_id, "delivery")
        endpoint = endpoints.find(unit, delivery.endpoint_id)
        endpoints.require_active(endpoint)
        return dispatch(unit, endpoint, delivery.event, redelivery_of=delivery.id)
