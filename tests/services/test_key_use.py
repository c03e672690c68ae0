"""API keys in use: last_used_at moves, and revoking is final whatever happens beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mock_server.domain.accounts import Role
from mock_server.domain.errors import Conflict, Forbidden, NotFound
from mock_server.domain.instant import SECOND
from mock_server.services import api_keys

if TYPE_CHECKING:
    from mock_server.domain.api_keys import ApiKey
    from mock_server.orgs import Orgs
    from mock_server.world import World

SECRET = "flo_" + "z" * 24


@pytest.fixture
def key(world: World) -> ApiKey:
    """A key that nobody has used."""
    return api_keys.add(world, "CI", SECRET)


def kept(world: World, key: ApiKey) -> ApiKey:
    """The key as it stands."""
    found = world.store.api_keys.get(key.id)
    assert found is not None
    return found


def test_last_use_moves_once_a_minute(world: World, key: ApiKey) -> None:
    """At the first use, then not before a minute is over; it is no event of the world."""
    began, change = world.clock.now(), world.latest_change
    for after, expected in [(0, 0), (59, 0), (60, 60), (61, 60)]:
        world.clock.set(now=began + after * SECOND)
        api_keys.mark_used(world, kept(world, key))
        assert kept(world, key).last_used_at == began + expected * SECOND
    assert world.latest_change == change


def test_a_use_never_brings_a_revoked_key_back(world: World, key: ApiKey) -> None:
    """A call that was let in just before the key was revoked notes its use just after: the key stays revoked."""
    api_keys.drop(world, key.id)
    api_keys.mark_used(world, key)
    assert kept(world, key).revoked_at == world.clock.now()


def test_revoking_twice_is_refused(world: World, key: ApiKey) -> None:
    """The key stays listed with the first instant; an unknown one is not found."""
    revoked = api_keys.drop(world, key.id)
    world.clock.set(now=world.clock.now() + SECOND)
    with pytest.raises(Conflict):
        api_keys.drop(world, key.id)
    assert kept(world, key) == revoked
    with pytest.raises(NotFound):
        api_keys.drop(world, "nonsense")


def test_the_same_secret_twice_is_refused(world: World, key: ApiKey) -> None:
    """A secret belongs to one key, be it revoked or not."""
    for _ in range(2):
        with pytest.raises(Conflict):
            api_keys.add(world, "Again", SECRET)
        if kept(world, key).revoked_at is None:
            api_keys.drop(world, key.id)


def test_keys_are_found_by_their_secret(orgs: Orgs, world: World) -> None:
    """Whose key it is, revoked ones included; nobody's for any other text."""
    secret, _ = orgs.issue_key(world, "CI")
    found = orgs.by_key(secret)
    assert found is not None
    assert (found[0], found[1].label, found[1].prefix) == (world, "CI", secret[:8])
    api_keys.drop(world, found[1].id)
    assert orgs.by_key(secret) is not None
    assert orgs.by_key(secret + "x") is None


@pytest.mark.parametrize("role", Role)
def test_who_may_manage(role: Role) -> None:
    """Owners and admins may, members may not, and are told who may."""
    if role is Role.MEMBER:
        with pytest.raises(Forbidden, match="OWNER"):
            api_keys.require_manager(role, "API keys")
    else:
        api_keys.require_manager(role, "API keys")
