"""A memory that fails: writes that are lost, contacts that are two, opt-outs that are not kept."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mock_server.domain.errors import Invalid
from mock_server.domain.phones import parse
from mock_server.services import contacts, optouts

from .lying import Honest, lie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.domain.contacts import Contact
    from mock_server.store.protocol import Store
    from mock_server.world import World

    from .messages import Answer, Call


MILLISECOND = 1000


def known(world: World, call: Call) -> Contact | None:
    """Whom an upsert is about, if there is such a contact yet."""
    try:
        number = parse(str(call.json.get("phone", "")))
    except Invalid:
        return None
    with world.unit() as unit:
        return contacts.find(unit, number)


def keep(world: World, contact: Contact) -> None:
    """Put a contact in the place of what stands there."""
    world.aside(partial(_put, contact))


def _put(contact: Contact, store: Store) -> None:
    store.contacts.put(contact)


@lie("POST /contacts", "read-your-writes")
def update_is_lost(call: Call, honest: Honest) -> Answer:
    """A contact's update is answered and not kept"""
    world = honest.world(call)
    before = known(world, call)
    answer = honest(call)
    if before is not None:
        keep(world, before)
    return answer


@lie("POST /contacts", "read-your-writes")
def email_is_not_kept(call: Call, honest: Honest) -> Answer:
    """One field of an update is answered and not kept: `email`"""
    world = honest.world(call)
    before = known(world, call)
    answer = honest(call)
    after = known(world, call)
    if answer.ok and before is not None and after is not None:
        keep(world, replace(after, email=before.email))
    return answer


@lie("POST /contacts", "read-your-writes")
def long_names_are_cut(call: Call, honest: Honest) -> Answer:
    """A name is kept as its first 20 characters, as long as the column is"""
    world = honest.world(call)
    answer = honest(call)
    after = known(world, call)
    if answer.ok and after is not None and after.name is not None:
        keep(world, replace(after, name=after.name[:20]))
    return answer


@lie("POST /contacts, GET /contacts", "read-your-writes")
def the_list_lags(call: Call, honest: Honest) -> Answer:
    """The list comes from a replica: what was changed last is shown as it was before, once"""
    if call.method == "GET":
        answer = honest(call)
        old = dict(honest.memory)
        honest.memory.clear()
        return (
            answer.edited(lambda body: {**body, "items": [old.get(row["id"], row) for row in body["items"]]})
            if (answer.ok)
            else answer
        )
    before = known(honest.world(call), call)
    answer = honest(call)
    if answer.ok and before is not None:
        honest.memory[before.id] = {**answer.json, "name": before.name, "email": before.email}
    return answer


@lie("POST /contacts", "upsert-idempotent")
def upsert_makes_another(call: Call, honest: Honest) -> Answer:
    """The same upsert again makes a second contact"""
    world = honest.world(call)
    before = known(world, call)
    if before is None:
        return honest(call)
    keep(world, replace(before, key=f"{before.key}/{before.id}"))
    answer = honest(call)
    if not answer.ok:
        keep(world, before)
    return answer


@lie("POST /contacts", "upsert-idempotent")
def touched_without_change(call: Call, honest: Honest) -> Answer:
    """`updatedAt` moves though nothing changed"""
    world = honest.world(call)
    before = known(world, call)
    answer = honest(call)
    after = known(world, call)
    if not answer.ok or before is None or after is None or after.updated_at != before.updated_at:
        return answer
    keep(world, replace(after, updated_at=max(world.clock.now(), after.updated_at + MILLISECOND)))
    return honest(call)


@lie("POST /contacts", "upsert-partial")
def upsert_wipes(call: Call, honest: Honest) -> Answer:
    """What an upsert leaves out is emptied"""
    return honest(call.saying({"name": None, "email": None, **call.json}) if "phone" in call.json else call)


@lie("POST /contacts", "upsert-partial")
def null_keeps(call: Call, honest: Honest) -> Answer:
    """`null` does not clear a field: it is taken for left out"""
    given = {name: value for name, value in call.json.items() if value is not None or name == "phone"}
    return honest(call.saying(given) if call.json else call)


@lie("POST /contacts", "one-contact-per-number")
def another_spelling_is_another(call: Call, honest: Honest) -> Answer:
    """Numbers are compared as they are written: `+1 555 …` and `+1555…` are two contacts"""
    spelling = call.json.get("phone")
    if not isinstance(spelling, str) or spelling[1:].isdigit():
        return honest(call)
    with only(spelling, honest.world(call), call):
        return honest(call)


@contextmanager
def only(spelling: str, world: World, call: Call) -> Iterator[None]:
    """While this lasts, the number belongs to whoever was made with this spelling, if anybody."""
    plain = known(world, call)
    with world.unit() as unit:
        spelled = unit.store.contacts.one("key", f"spelled {spelling}")
    if plain is not None:
        keep(world, replace(plain, key=f"hidden {plain.id}"))
    if spelled is not None:
        keep(world, replace(spelled, key=spelled.wa_id or ""))
    yield
    made = known(world, call)
    if made is not None:
        keep(world, replace(made, key=f"spelled {spelling}"))
    if plain is not None:
        keep(world, plain)


@lie("POST /messages", "opt-out-blocks")
def opt_out_is_ignored(call: Call, honest: Honest) -> Answer:
    """Who opted out is written to all the same"""
    answer = honest(call)
    if answer.status != 403 or answer.json["error"]["code"] != "CONTACT_OPTED_OUT":
        return answer
    world, phone, channel = honest.world(call), call.json["to"], chosen_channel(honest.world(call), call)
    optouts.clear_by_api(world, phone=phone, channel_id=channel)
    answer = honest(call)
    optouts.set_by_api(world, phone=phone, channel_id=channel, reason=None)
    return answer


def chosen_channel(world: World, call: Call) -> str:
    default = next(channel.id for channel in world.store.channels.newest() if channel.is_default)
    return str(call.json.get("whatsappChannelId") or default)


@lie("GET /contacts, POST /contacts", "opt-out-blocks")
def opt_out_is_not_shown(call: Call, honest: Honest) -> Answer:
    """`isOptedOut` is always false: nobody keeps that column up to date"""
    answer = honest(call)
    return answer.saying(answer.body.replace(b'"isOptedOut":true', b'"isOptedOut":false'))


@lie("POST /opt-outs", "opt-out-one-channel")
def opt_out_of_every_channel(call: Call, honest: Honest) -> Answer:
    """An opt-out from one channel blocks all of them"""
    answer = honest(call)
    if answer.ok:
        for channel in list(honest.world(call).store.channels.newest()):
            honest(call.saying({**call.json, "whatsappChannelId": channel.id}))
    return answer


@lie("POST /opt-outs", "opt-out-clear")
def clear_is_ignored(call: Call, honest: Honest) -> Answer:
    """`clear` is answered and not done"""
    answer = honest(call)
    if answer.ok and call.json.get("action") == "clear" and answer.json["optOutId"]:
        honest(call.saying({**call.json, "action": "set"}))
    return answer


@lie("POST /opt-outs", "opt-out-clear")
def clear_says_active(call: Call, honest: Honest) -> Answer:
    """`clear` is done, and answered with what stood there before: `active` is true"""
    answer = honest(call)
    if answer.ok and call.json.get("action") == "clear" and answer.json["optOutId"]:
        return answer.edited(lambda body: body.update(active=True, revokedAt=None))
    return answer


@lie("POST /contacts", "model")
def fifth_update_is_lost(call: Call, honest: Honest) -> Answer:
    """Every fifth update of one contact is answered and not kept"""
    world = honest.world(call)
    before = known(world, call)
    answer = honest(call)
    if answer.ok and before is not None:
        updates = honest.memory[before.id] = honest.memory.get(before.id, 0) + 1
        if updates % 5 == 0:
            keep(world, before)
    return answer


@lie("POST /contacts", "model")
def renaming_opts_in(call: Call, honest: Honest) -> Answer:
    """An update of a contact forgets its opt-outs"""
    world = honest.world(call)
    answer = honest(call)
    if answer.ok and answer.json["isOptedOut"]:
        for channel in list(world.store.channels.newest()):
            optouts.clear_by_api(world, phone=answer.json["phone"], channel_id=channel.id)
    return answer
