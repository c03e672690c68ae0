"""Announcing what happened: the event and its deliveries are stored with the change that caused them, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.domain.deliveries import Delivery
from mock_server.domain.events import Event, EventKind, Platform
from mock_server.domain.tasks import TaskKind

if TYPE_CHECKING:
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.events import Subject
    from mock_server.world import Unit


def announce(
    unit: Unit, kind: EventKind, subject: Subject, lag: int = 0, platform: Platform = Platform.WHATSAPP
) -> None:
    """Tell every active endpoint that subscribed to this kind, `lag` microseconds from now. Unwanted events are not kept."""
    told = unit.world.told
    wanting = [e for e in unit.store.endpoints.newest() if e.wants(kind, platform) and kind in told[e.vendor]]
    if not wanting:
        return
    event = Event(unit.new_id(), kind, unit.now, subject)
    for endpoint in reversed(wanting):
        dispatch(unit, endpoint, event, lag=lag)


def dispatch(
    unit: Unit, endpoint: Endpoint, event: Event, *, redelivery_of: str | None = None, lag: int = 0
) -> Delivery:
    """One event on its way to one endpoint, its first attempt due at once, or after `lag` microseconds."""
    delivery = Delivery(
        id=unit.new_id(),
        endpoint_id=endpoint.id,
        url=endpoint.url,
        event=event,
        created_at=unit.now,
        next_attempt_at=unit.now + lag,
        redelivery_of=redelivery_of,
    )
    unit.store.deliveries.put(delivery)
    unit.schedule(TaskKind.DELIVERY, delivery.id, unit.now + lag)
    return delivery
