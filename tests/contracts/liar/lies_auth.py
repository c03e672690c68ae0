"""Keys: who may, who may not, and what is whose."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mock_server.orgs import DEFAULT_API_KEY
from mock_server.vendors.flowella import wire

from .lying import Honest, lie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.domain.api_keys import ApiKey
    from mock_server.store.protocol import Store
    from mock_server.world import World

    from .messages import Answer, Call


def as_ours(call: Call) -> Call:
    """The same call with a good key."""
    return call.with_environ(HTTP_AUTHORIZATION=f"Bearer {DEFAULT_API_KEY}")


@lie("GET /analytics", "key-required")
def analytics_need_no_key(call: Call, honest: Honest) -> Answer:
    """One operation forgot the check: analytics answer without a key"""
    return honest(call if call.header("Authorization") else as_ours(call))


@lie("POST /contacts", "key-required")
def writing_needs_no_key(call: Call, honest: Honest) -> Answer:
    """One operation forgot the check: anybody may write contacts"""
    return honest(call if call.header("Authorization") else as_ours(call))


@lie("* /*", "key-required", "wrong-key-refused")
def an_empty_key_will_do(call: Call, honest: Honest) -> Answer:
    """`Authorization: Bearer` with nothing behind it is let in"""
    empty = call.header("Authorization").strip().lower() == "bearer"
    return honest(as_ours(call) if empty and not call.path.startswith("/_mock") else call)


@lie("GET /contacts", "wrong-key-refused")
def any_key_will_do(call: Call, honest: Honest) -> Answer:
    """The list of contacts asks for a key and looks at none"""
    key = call.header("Authorization").removeprefix("Bearer ")
    return honest(as_ours(call) if key and honest.caller(call) is None else call)


@lie("GET /*", "wrong-key-refused")
def half_a_key_will_do(call: Call, honest: Honest) -> Answer:
    """Only the first sixteen characters of a key are compared"""
    key = call.header("Authorization").removeprefix("Bearer ")
    close = key[:16] == DEFAULT_API_KEY[:16] and honest.caller(call) is None
    return honest(as_ours(call) if close else call)


@lie("GET /*, POST /*", "revoked-key-refused")
def revoked_key_accepted(call: Call, honest: Honest) -> Answer:
    """A revoked key works on: nobody empties the cache"""
    found = honest.caller(call)
    if found is None or found[1].revoked_at is None:
        return honest(call)
    with alive(*found):
        return honest(call)


@contextmanager
def alive(world: World, key: ApiKey) -> Iterator[None]:
    """While this lasts the key is as good as new."""
    world.aside(partial(_put_key, replace(key, revoked_at=None)))
    yield
    world.aside(partial(_put_key, key))


def _put_key(key: ApiKey, store: Store) -> None:
    store.api_keys.put(key)


@lie("GET /contacts", "other-org-hidden")
def other_organizations_contacts(call: Call, honest: Honest) -> Answer:
    """The query forgot the tenant: the last page of contacts goes on with everybody else's"""
    answer = honest(call)
    if not answer.ok or "nextCursor" in answer.json:
        return answer
    others = [world for world in honest.orgs.all() if world is not honest.world(call)]
    rows = [wire.contact(contact) for world in others for contact in world.store.contacts.newest()]
    return answer.edited(lambda body: body["items"].extend(rows))


@lie("POST /messages", "other-org-hidden")
def other_organizations_channels(call: Call, honest: Honest) -> Answer:
    """Anybody may send through anybody's channel: only its existence is looked at"""
    channel = call.json.get("whatsappChannelId")
    others = (world for world in honest.orgs.all() if world is not honest.world(call))
    if isinstance(channel, str) and any(world.store.channels.get(channel) for world in others):
        return honest(call.saying({name: value for name, value in call.json.items() if name != "whatsappChannelId"}))
    return honest(call)


@lie("GET /contacts", "no-secrets-echoed")
def key_in_a_header(call: Call, honest: Honest) -> Answer:
    """Answers carry the key back in a header, for debugging"""
    return honest(call).but(X_Debug_Auth=call.header("Authorization") or None)


@lie("GET /*, POST /*", "no-secrets-echoed")
def key_in_the_refusal(call: Call, honest: Honest) -> Answer:
    """A refused key is repeated in the message, and so in everybody's logs"""
    answer = honest(call)
    key = call.header("Authorization").removeprefix("Bearer ")
    if answer.status != 401 or not key:
        return answer
    return answer.edited(lambda body: body["error"].update(message=f"Invalid API key {key}"))
