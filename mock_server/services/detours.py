"""Deliveries that a fault sends another way: lost, late, twice, or behind the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.deliveries import abandon
from mock_server.domain.instant import seconds
from mock_server.domain.tasks import TaskKind
from mock_server.services.outbox import dispatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.domain.deliveries import Delivery
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.faults import Struck
    from mock_server.world import Unit

DELAY = 60.0
"""Seconds that `delay` and `reorder` hold a delivery back, unless they say otherwise."""


def take(unit: Unit, delivery: Delivery, endpoint: Endpoint, struck: Struck) -> bool:
    """Send this attempt the way the fault says. Does it go out now?"""
    return _DETOURS[struck.effect.type](unit, delivery, endpoint, struck)


def is_held_behind(unit: Unit, endpoint: Endpoint) -> bool:
    """Does a delivery wait at this endpoint for the next one to overtake it?"""
    return next(unit.store.deliveries.newest(index="overtaken", value=endpoint.id), None) is not None


def overtake(unit: Unit, overtaker: Delivery) -> None:
    """An attempt went out: what waited to be overtaken at this endpoint follows."""
    for held in list(unit.store.deliveries.newest(index="overtaken", value=overtaker.endpoint_id)):
        if held.id != overtaker.id:
            _release(unit, held)


def release_all(unit: Unit, rule_id: str) -> None:
    """Whatever this rule holds back goes out now."""
    for held in list(unit.store.deliveries.newest(index="held", value=rule_id)):
        _release(unit, held)


def _drop(unit: Unit, delivery: Delivery, _: Endpoint, __: Struck) -> bool:
    """It is lost: nobody is told, and nobody tries again."""
    unit.store.deliveries.put(abandon(delivery))
    return False


def _delay(unit: Unit, delivery: Delivery, _: Endpoint, struck: Struck) -> bool:
    """It goes out later."""
    return _hold(unit, delivery, struck)


def _duplicate(unit: Unit, delivery: Delivery, endpoint: Endpoint, struck: Struck) -> bool:
    """It goes out, and so do copies: deliveries of their own with the same event id, `seconds` apart."""
    settings = struck.effect.settings
    apart = seconds(settings.get("seconds", 0))
    for turn in range(1, settings.get("count", 1) + 1):
        copy = dispatch(unit, endpoint, delivery.event, redelivery_of=delivery.id, lag=turn * apart)
        unit.store.deliveries.put(replace(copy.struck_by((struck,)), held_by=struck.rule_id))
    return True


def _reorder(unit: Unit, delivery: Delivery, _: Endpoint, struck: Struck) -> bool:
    """The next one to this endpoint overtakes it; if none comes, it goes out when it has waited long enough."""
    return _hold(unit, delivery, struck, overtaken=True)


def _hold(unit: Unit, delivery: Delivery, struck: Struck, *, overtaken: bool = False) -> bool:
    until = unit.now + seconds(struck.effect.settings.get("seconds", DELAY))
    held = replace(delivery, held_by=struck.rule_id, overtaken=overtaken, next_attempt_at=until)
    unit.store.deliveries.put(held)
    unit.schedule(TaskKind.DELIVERY, held.id, until)
    return False


def _release(unit: Unit, held: Delivery) -> None:
    unit.store.deliveries.put(replace(held, held_by=None, overtaken=False, next_attempt_at=unit.now))
    unit.schedule(TaskKind.DELIVERY, held.id, unit.now)


_DETOURS: Mapping[str, Callable[[Unit, Delivery, Endpoint, Struck], bool]] = {
    "drop": _drop,
    "delay": _delay,
    "duplicate": _duplicate,
    "reorder": _reorder,
}
