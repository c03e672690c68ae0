"""Settings > Webhooks: endpoints, their secrets, and the Send test button (D22-D25)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.deliveries import Delivery, DeliveryStatus, abandon
from mock_server.domain.endpoints import DisabledReason, Endpoint, disable, enable
from mock_server.domain.errors import Conflict, Invalid
from mock_server.domain.events import Event, EventKind, Platform
from mock_server.domain.tasks import Task, TaskKind
from mock_server.services.lookup import existing
from mock_server.services.outbox import dispatch

if TYPE_CHECKING:
    from mock_server.world import Unit, World


def find(unit: Unit, endpoint_id: str) -> Endpoint:
    """The endpoint with this id. Raises NotFound."""
    return existing(unit.store.endpoints, endpoint_id, "webhook")


def add(
    world: World,
    url: str,
    events: tuple[EventKind, ...],
    secret: str | None,
    *,
    vendor: str = "flowella",
    platform: Platform = Platform.WHATSAPP,
) -> Endpoint:
    """Subscribe a URL; no events means all of them. A secret is made when none is given; an empty one signs nothing.

    Raises Invalid for an event that the vendor does not tell of.
    """
    for kind in events:
        _require_told(world, vendor, kind)
    with world.unit() as unit:
        secret = world.dice.signing_secret() if secret is None else secret
        endpoint = Endpoint(unit.new_id(), url, events, secret, unit.now, vendor=vendor, platform=platform)
        unit.store.endpoints.put(endpoint)
        return endpoint


def find_same(unit: Unit, url: str, events: tuple[EventKind, ...], vendor: str, platform: Platform) -> Endpoint | None:
    """The endpoint that this vendor has for the same URL, events and platform already."""
    wanted = (url, events, vendor, platform)
    return next((e for e in unit.store.endpoints.newest() if (e.url, e.events, e.vendor, e.platform) == wanted), None)


def _require_told(world: World, vendor: str, kind: EventKind) -> None:
    if kind not in world.told[vendor]:
        told = ", ".join(k for k in EventKind if k in world.told[vendor])
        raise Invalid("events", f"{kind} is nothing that webhooks of {vendor} tell of; they tell of {told}")


def update(
    world: World, endpoint_id: str, *, url: str | None, events: tuple[EventKind, ...] | None, active: bool | None
) -> Endpoint:
    """Change where and what, switch off, or switch on again with a clean count. Raises NotFound."""
    with world.unit() as unit:
        endpoint = find(unit, endpoint_id)
        for kind in events or ():
            _require_told(world, endpoint.vendor, kind)
        changed = replace(
            endpoint,
            url=endpoint.url if url is None else url,
            events=endpoint.events if events is None else events,
        )
        if active is True and not changed.active:
            changed = enable(changed)
        elif active is False:
            changed = disable(changed, DisabledReason.SETTINGS, unit.now)
        put(unit, changed)
        return changed


def put(unit: Unit, endpoint: Endpoint) -> None:
    """Store it; an endpoint that is not active has nothing waiting (D22)."""
    unit.store.endpoints.put(endpoint)
    if not endpoint.active:
        abandon_waiting(unit, endpoint.id)


def remove(world: World, endpoint_id: str) -> None:
    """Delete it; what waited for it is abandoned. Raises NotFound."""
    with world.unit() as unit:
        find(unit, endpoint_id)
        abandon_waiting(unit, endpoint_id)
        unit.store.endpoints.delete(endpoint_id)


def rotate_secret(world: World, endpoint_id: str) -> Endpoint:
    """A new secret; from now on only that one signs, retries included (D24). Raises NotFound."""
    with world.unit() as unit:
        endpoint = find(unit, endpoint_id)
        if not endpoint.secret:
            raise Conflict(f"Webhook {endpoint.id} has no secret: nothing is signed there")
        endpoint = replace(endpoint, secret=world.dice.signing_secret())
        unit.store.endpoints.put(endpoint)
        return endpoint


def send_test(world: World, endpoint_id: str) -> Delivery:
    """The Send test button: `webhook.test` to this endpoint only, at once (D25). Raises NotFound, Conflict."""
    with world.unit() as unit:
        endpoint = find(unit, endpoint_id)
        require_active(endpoint)
        if EventKind.WEBHOOK_TEST not in world.told[endpoint.vendor]:
            raise Conflict(f"Webhook {endpoint.id} is one of {endpoint.vendor}, which has no test event")
        return dispatch(unit, endpoint, Event(unit.new_id(), EventKind.WEBHOOK_TEST, unit.now, None))


def require_active(endpoint: Endpoint) -> None:
    """Raises Conflict: nothing is delivered to an inactive endpoint."""
    if not endpoint.active:
        raise Conflict(
            f"Webhook {endpoint.id} is inactive ({endpoint.disabled_reason}); switch it on first: PATCH it with "
            f'{{"active": true}}'
        )


def abandon_waiting(unit: Unit, endpoint_id: str) -> None:
    """Give up every delivery that waits for this endpoint."""
    for delivery in list(unit.store.deliveries.newest(index="waiting", value=endpoint_id)):
        if delivery.status is DeliveryStatus.PENDING:
            unit.store.deliveries.put(abandon(delivery))
            unit.store.tasks.delete(Task(0, TaskKind.DELIVERY, delivery.id).id)
