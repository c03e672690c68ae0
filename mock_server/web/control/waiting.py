"""Control plane: waiting for something to happen, instead of asking again and again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Conflict, Invalid, did_you_mean
from mock_server.web.control import logs, wire
from mock_server.web.control.filters import by_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.store.protocol import Collection
    from mock_server.web.door import Call, Reply, View
    from mock_server.world import World

DEFAULT_TIMEOUT = 10
"""Real seconds."""

LOOKED_AT = 5_000
"""The newest records of a kind; older ones are history, not news."""

_OWN = {"kind", "count", "timeout"}


@dataclass(frozen=True, slots=True)
class _Kind:
    """What can be waited for: where the records are, how they are shown, which list has them, what they are found by."""

    records: Callable[[World], Collection[Any]]
    show: Callable[[Any, World], wire.Json]
    listed_by: str
    found_by: tuple[str, ...]
    searchable: Callable[[Any], wire.Json] | None = None


_KINDS = {
    "message": _Kind(
        lambda world: world.store.messages,
        wire.message,
        "listMessages",
        ("status", "direction", "to", "from", "contactId", "conversationId", "jobId"),
    ),
    "delivery": _Kind(
        lambda world: world.store.deliveries,
        lambda record, _: logs.delivery(record),
        "listDeliveries",
        ("status", "event", "eventId", "webhookId", "messageId"),
        logs.searchable_delivery,
    ),
    "request": _Kind(
        lambda world: world.store.requests,
        lambda record, _: logs.request(record),
        "listRequests",
        ("status", "operationId", "method", "keyId"),
        logs.searchable_request,
    ),
    "job": _Kind(lambda world: world.store.jobs, lambda record, _: wire.job(record), "listJobs", ("status",)),
}


def wait_for(call: Call) -> Reply:
    kind, world = _KINDS[call.query["kind"]], call.world
    count, timeout = call.query.get("count", 1), call.query.get("timeout", DEFAULT_TIMEOUT)
    matches = by_fields(_filters(call, kind), kind.searchable or (lambda record: kind.show(record, world)))
    look = partial(_newest, world, kind, matches, count)
    if not call.orgs.waits.acquire(blocking=False):
        raise Conflict("Too many calls are waiting already; ask again when one of them is over")
    try:
        found = world.wait_for(lambda: len(look()) >= count, timeout) and look()
    finally:
        call.orgs.waits.release()
    if found:
        return 200, {"items": [kind.show(record, world) for record in found]}
    message = f"{len(look())} of {count} {call.query['kind']} records matched within {timeout} s"
    seen = [kind.show(record, world) for record in _newest(world, kind, None, 10)]
    return 408, {"error": {"code": "TIMEOUT", "message": message}, "seen": seen}


def _filters(call: Call, kind: _Kind) -> dict[str, Any]:
    wanted = {name: value for name, value in call.query.items() if name not in _OWN}
    for name in wanted.keys() - set(kind.found_by):
        hint = did_you_mean(name, kind.found_by)
        raise Invalid(name, f"does not pick a {call.query['kind']}{hint} (known: {', '.join(kind.found_by)})")
    listing = call.spec.operations[kind.listed_by]
    return call.spec.read_query(listing, {name: [value] for name, value in wanted.items()})


def _newest(world: World, kind: _Kind, matches: Callable[[Any], bool] | None, count: int) -> list[Any]:
    with world.lock:
        records = list(islice(kind.records(world).newest(), LOOKED_AT))
    return list(islice(filter(matches, records) if matches else records, count))


VIEWS: Mapping[str, View] = {"waitFor": wait_for}
