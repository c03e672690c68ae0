"""Settings > API keys. The secret is in the creation's answer and nowhere else (D5)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mock_server.domain.accounts import Role
from mock_server.domain.api_keys import ApiKey, digest, revoke, usage_is_stale
from mock_server.domain.errors import Conflict, Forbidden
from mock_server.services.lookup import existing

if TYPE_CHECKING:
    from mock_server.domain.instant import Instant
    from mock_server.store.protocol import Store
    from mock_server.world import World

MAY_MANAGE = frozenset({Role.OWNER, Role.ADMIN})


def require_manager(role: Role, what: str) -> None:
    """Raises Forbidden for a role that has no access to this screen (vendor: /settings/api-keys, /settings/webhooks)."""
    if role not in MAY_MANAGE:
        raise Forbidden(f"A {role} may not manage {what}; an OWNER or ADMIN may")


def add(world: World, label: str, secret: str) -> ApiKey:
    """Take a key in. Raises Conflict for a secret that is in use."""
    with world.unit() as unit:
        if unit.store.api_keys.one("digest", digest(secret)):
            raise Conflict("That API key exists already")
        key = ApiKey(unit.new_id(), label, secret[:8], digest(secret), unit.now)
        unit.store.api_keys.put(key)
        return key


def drop(world: World, key_id: str) -> ApiKey:
    """Revoke it: the next request with it is refused. It stays listed. Raises NotFound, Conflict."""
    with world.unit() as unit:
        key = revoke(existing(unit.store.api_keys, key_id, "API key"), unit.now)
        unit.store.api_keys.put(key)
        return key


def mark_used(world: World, key: ApiKey) -> None:
    """Move `last_used_at`, at most once a minute. Using a key is no event of the world."""
    now = world.clock.now()
    if usage_is_stale(key, now):
        world.aside(partial(_mark_used, key.id, now))


def _mark_used(key_id: str, at: Instant, store: Store) -> None:
    key = store.api_keys.get(key_id)
    if key is not None:  # as it is by now: it may have been revoked meanwhile
        store.api_keys.put(replace(key, last_used_at=at))
