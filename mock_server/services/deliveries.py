"""The two ends of an attempt. The POST itself happens between them, with no lock held, so a receiver may call back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.deliveries import Attempt, Delivery, DeliveryStatus, abandon, settle
from mock_server.domain.endpoints import Endpoint, after_attempt
from mock_server.domain.tasks import TaskKind
from mock_server.services import endpoints
from mock_server.services.lookup import existing
from mock_server.services.outbox import dispatch

if TYPE_CHECKING:
    from mock_server.world import World


def due(world: World, delivery_id: str) -> tuple[Delivery, Endpoint] | None:
    """The delivery and its endpoint if an attempt is still wanted; None when it was given up meanwhile."""
    with world.unit() as unit:
        delivery = unit.store.deliveries.get(delivery_id)
        if delivery is None or delivery.status is not DeliveryStatus.PENDING:
            return None
        return delivery, endpoints.find(unit, delivery.endpoint_id)


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
        settled = settle(replace(delivery, url=url), attempt, terms.retries)
        unit.store.deliveries.put(settled)
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
