"""Control plane: the server itself, its organizations and their clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain import magic
from mock_server.domain.instant import iso, seconds
from mock_server.orgs import NewOrg, scale_of, settings_are_no_story
from mock_server.services import pages
from mock_server.services.clocks import require_within_reach
from mock_server.services.clocks import set_clock as set_time
from mock_server.web.control import wire
from mock_server.web.dates import read_instant
from mock_server.web.paging import answer, window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.domain.instant import Instant
    from mock_server.web.door import Call, Reply, View


def list_magic_recipients(_: Call) -> Reply:
    return 200, {"items": [_magic_recipient(phone, outcome) for phone, outcome in magic.all_recipients()]}


def _magic_recipient(phone: str, outcome: magic.Outcome) -> wire.Json:
    """A number with one outcome: `at once` is the answer to the call, `later` comes by webhook."""
    failure = outcome.refusal or next((step.error for step in outcome.journey if step.error), None)
    return {
        "phone": phone,
        "name": outcome.name,
        "description": outcome.description,
        "when": "at once" if outcome.refusal else "later",
        "code": failure and failure.code,
    }


def list_orgs(call: Call) -> Reply:
    worlds = call.orgs.all()
    return answer(pages.cut(worlds, key=lambda world: world.org.id, **window(call)), wire.org)


def create_org(call: Call) -> Reply:
    body, clock = call.body, call.body.get("clock", "real")
    rng_seed = body.get("rngSeed")
    wanted = NewOrg(
        name=body.get("name"),
        seed=body.get("seed", "default"),
        scale=scale_of(clock) if isinstance(clock, str) else _scale(clock) or 0.0,
        rng_seed=None if rng_seed is None else str(rng_seed),
        rate_limit=call.orgs.rate_limit,
    )
    world, api_key, webhook_secret = call.orgs.create(wanted)
    with settings_are_no_story(world):
        keys = {f"{name}ApiKey": call.orgs.issue_key(world, "First key", vendor=name)[0] for name in _others(call)}
    if not isinstance(clock, str) and "now" in clock:
        set_time(world, scale=None, now=read_instant("clock.now", clock["now"]))
    return 201, {**wire.org(world), "apiKey": api_key, **keys, "webhookSecret": webhook_secret}


def _others(call: Call) -> list[str]:
    """All vendors but the first, whose keys are named after them."""
    return list(call.orgs.dialects)[1:]


def get_org(call: Call) -> Reply:
    return 200, wire.org(call.world)


def delete_org(call: Call) -> Reply:
    call.orgs.drop(call.world.org.id)
    return 204, None


def reset_org(call: Call) -> Reply:
    return 200, wire.org(call.orgs.reset(call.world.org.id))


def get_clock(call: Call) -> Reply:
    return 200, wire.clock(call.world.agenda.reading())


def set_clock(call: Call) -> Reply:
    world, body = call.world, call.body
    set_time(world, scale=_scale(body), now=read_instant("now", body["now"]) if "now" in body else None)
    return 200, wire.clock(world.agenda.reading())


def advance_clock(call: Call) -> Reply:
    world, body = call.world, call.body
    to: Instant | None = None
    if "seconds" in body:
        to = world.clock.now() + seconds(body["seconds"])
    elif "to" in body:
        to = read_instant("to", body["to"])
    if to is not None:
        require_within_reach("to" if "to" in body else "seconds", to)
    ran = world.agenda.advance(to)
    return 200, {"now": iso(world.clock.now()), "ran": dict(ran)}


def _scale(fields: dict[str, Any]) -> float | None:
    """The clock's scale by mode, or by a scale alone; None leaves it as it is."""
    scales = {"real": 1.0, "manual": 0.0, "scaled": fields.get("scale")}
    return scales[fields["mode"]] if "mode" in fields else fields.get("scale")


VIEWS: Mapping[str, View] = {
    "listMagicRecipients": list_magic_recipients,
    "listOrgs": list_orgs,
    "createOrg": create_org,
    "getOrg": get_org,
    "deleteOrg": delete_org,
    "resetOrg": reset_org,
    "getClock": get_clock,
    "setClock": set_clock,
    "advanceClock": advance_clock,
}
