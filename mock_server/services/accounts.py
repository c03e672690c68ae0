"""The organization's standing, set from outside: billing, the connection to Meta, the rate limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mock_server.domain.rate_limits import admit
from mock_server.services.messages import account

if TYPE_CHECKING:
    from mock_server.domain.accounts import Account
    from mock_server.world import World


def get(world: World) -> Account:
    """The account as it stands."""
    with world.unit() as unit:
        return account(unit)


def update(world: World, changes: dict[str, Any]) -> Account:
    """`changes`: any of billing, meta_connected, and rate_limit (None removes the limit)."""
    with world.unit() as unit:
        if "rate_limit" in changes:
            world.rate_limit = changes.pop("rate_limit")
            world.rate_full_at = 0
        changed = replace(account(unit), **changes)
        unit.store.accounts.put(changed)
        return changed


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
