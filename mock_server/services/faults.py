"""Ordering failures, and asking at each call and each webhook whether one is due."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Conflict
from mock_server.domain.faults import Effect, FaultRule, Place, Struck, names_of
from mock_server.domain.instant import seconds
from mock_server.ids import chance
from mock_server.services import detours
from mock_server.services.lookup import existing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mock_server.world import Unit, World

MOST_RULES = 200
"""Rules of one organization: each call looks at all of them."""


def add(world: World, on: str, effect: Effect, changes: Mapping[str, Any]) -> FaultRule:
    """A new rule. `changes` are its other fields. Raises Conflict when there are too many."""
    with world.unit() as unit:
        rules = unit.store.faults
        if rules.count() >= MOST_RULES:
            raise Conflict(f"This organization has {MOST_RULES} fault rules already; DELETE what is no longer needed")
        last = next(rules.newest(), None)
        rule = FaultRule(world.journal_id(), last.number + 1 if last else 1, unit.now, on, effect)
        rules.put(rule := _changed(rule, changes, unit))
        return rule


def update(world: World, rule_id: str, changes: Mapping[str, Any]) -> FaultRule:
    """Change a rule and keep its counters; `for_seconds` runs from now. Raises NotFound."""
    with world.unit() as unit:
        rule = _changed(existing(unit.store.faults, rule_id, "fault"), changes, unit)
        unit.store.faults.put(rule)
        if not rule.active:
            _release(unit, rule.id)
        return rule


def remove(world: World, rule_id: str) -> None:
    """Take it back: it strikes nothing more, and what it holds back or hangs goes on now. Raises NotFound."""
    with world.unit() as unit:
        existing(unit.store.faults, rule_id, "fault")
        unit.store.faults.delete(rule_id)
        _release(unit, rule_id)


def _release(unit: Unit, rule_id: str) -> None:
    """Webhooks that it holds back go out now, connections that it hangs are let go of (D139)."""
    detours.release_all(unit, rule_id)
    unit.afterwards(partial(unit.world.hung.let_go, rule_id))


def clear(world: World) -> None:
    """Take all of them back."""
    with world.unit() as unit:
        for rule in list(unit.store.faults.newest()):
            remove(world, rule.id)


def strike(
    unit: Unit, on: str, fields: Mapping[str, tuple[str, ...]], effects: Collection[str] | None = None
) -> dict[Place, Struck]:
    """What befalls this call or webhook: at most one effect in each place, the oldest rule first.

    `fields` are what patterns are held against. Rules with an effect outside `effects` do not see it at all.
    """
    struck: dict[Place, Struck] = {}
    if not unit.store.faults.count():
        return struck
    names = names_of(on)
    for rule in reversed(list(unit.store.faults.newest())):
        if (effects is not None and rule.effect.type not in effects) or not rule.sees(names, fields, unit.now):
            continue
        looked = rule.looked(
            lambda it: chance(unit.world.org.rng_seed, it.number, it.seen), free=rule.place not in struck
        )
        unit.store.faults.put(looked)
        if looked.hits > rule.hits:
            struck[rule.place] = rule.struck()
    return struck


def _changed(rule: FaultRule, changes: Mapping[str, Any], unit: Unit) -> FaultRule:
    rule = replace(rule, **changes)
    if "for_seconds" not in changes:
        return rule
    return replace(rule, until=None if rule.for_seconds is None else unit.now + seconds(rule.for_seconds))
