"""The organization's standing, set from outside: billing, the connection to Meta, the rate limit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_server.domain.accounts import NEW
from mock_server.domain.rate_limits import admit

if TYPE_CHECKING:
    from mock_server.domain.accounts import Account
    from mock_server.domain.rate_limits import RateLimit
    from mock_server.world import Unit, World


def standing(unit: Unit) -> Account:
    """The account, within a transaction."""
    return unit.store.accounts.get("account") or NEW


def get(world: World) -> Account:
    """The account as it stands."""
    with world.unit() as unit:
        return standing(unit)


def update(world: World, changes: dict[str, Any]) -> Account:
    """`changes`: any of billing, meta_connected, rate_limit (None removes it), and limits, a function of those there are."""
    fields = {field: value for field, value in changes.items() if field not in {"rate_limit", "limits"}}
    with world.unit() as unit:
        changed = replace(standing(unit), **fields)
        if "limits" in changes:
            changed = replace(changed, limits=changes["limits"](changed.limits))
        unit.store.accounts.put(changed)
        if "rate_limit" in changes:
            unit.afterwards(partial(_limit, world, changes["rate_limit"]))
        return changed


def _limit(world: World, limit: RateLimit | None) -> None:
    with world.lock:
        world.rate_limit = limit
        world.rate_full_at = 0


def admit_call(world: World) -> bool:
    """Count one API call against the organization's rate limit (D6). False when it is over."""
    limit = world.rate_limit
    if limit is None:
        return True
    with world.lock:
        full_at = admit(world.rate_full_at, limit, world.clock.now())
        if full_at is not None:
            world.rate_full_at = full_at
        return full_at is not None
