"""Seeds: what a world starts from. Named ones travel with the package, a path is one of your own.

A seed is data: channels, templates, contacts, policy, and traffic that is played through the same services as everything
else, so that a seeded world is a world like any other.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_server import data, limits, plain
from mock_server.domain.accounts import Account
from mock_server.domain.errors import Invalid, Refusal, did_you_mean
from mock_server.domain.instant import SECOND, parse
from mock_server.domain.limits import OFF, Limits
from mock_server.domain.policy import RETRY_SCHEDULES, Persistence, Policy
from mock_server.schema import Schema
from mock_server.services import channels, contacts, messages, orders, templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.domain.instant import Instant
    from mock_server.world import World

EPOCH = parse("2020-01-01")
"""When seeds are planted. Fixed, so that the ids in a seeded world are the same on every day and after every restart."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed file, read and checked."""

    name: str
    channels: list[dict[str, Any]] = field(default_factory=list)
    templates: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    traffic: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, str]] = field(default_factory=list)
    policy: Policy = Policy()
    limits: Limits = OFF


def names() -> list[str]:
    """The seeds that travel with the package."""
    return sorted(file.stem for file in data.path("fixtures/seeds").glob("*.yaml"))


def load(name: str, *, files: bool = False) -> Seed:
    """A seed by name, or, where `files` are allowed, from a `.yaml` file.

    Raises Invalid saying what is wrong with it and what would be right.
    """
    looks_like_file = files and name.endswith((".yaml", ".yml"))
    if not looks_like_file and name not in names():
        raise Invalid(
            "seed", f"there is no seed {name!r}{did_you_mean(name, names())} (there are: {', '.join(names())})"
        )
    document = _read_file(name) if looks_like_file else data.document(f"fixtures/seeds/{name}.yaml")
    return _checked(name, document or {})


def _read_file(name: str) -> Any:
    from yaml import YAMLError

    try:
        text = Path(name).read_text(encoding="utf-8")
        return plain.yaml_values(lambda: data.read_yaml(text))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("seed", f"cannot read {name}: {error}") from None
    except YAMLError as error:
        raise Invalid("seed", f"{name} is not YAML: {' '.join(str(error).split())}") from None


def plant(world: World, seed: Seed, start: Instant) -> None:
    """Fill an empty world whose clock stands at EPOCH; its traffic ends at `start`, where the clock stands then."""
    for index, channel in enumerate(seed.channels):
        with _blaming(seed, f"channels[{index}]"):
            channels.create(world, **channel)
    for index, template in enumerate(seed.templates):
        with _blaming(seed, f"templates[{index}]"):
            templates.create(world, template)
    for index, contact in enumerate(seed.contacts):
        with _blaming(seed, f"contacts[{index}]"):
            contacts.upsert(world, contact["phone"], {key: v for key, v in contact.items() if key != "phone"})
    for order in seed.orders:
        orders.put(world, order["id"], order["number"])
    for index, step in sorted(enumerate(seed.traffic), key=lambda numbered: -numbered[1]["ago"]):
        world.agenda.advance(max(start - step["ago"], world.clock.now()))
        with _blaming(seed, f"traffic[{index}]"):
            _play(world, step)
    world.agenda.advance(max(start, world.clock.now()))
    if seed.limits != OFF:  # a setting, which counts what comes from here on
        world.aside(lambda store: store.accounts.put(Account(limits=seed.limits)))


@contextmanager
def _blaming(seed: Seed, place: str) -> Iterator[None]:
    """What the world refuses is a mistake in the seed; say where."""
    try:
        yield
    except Refusal as refusal:
        raise Invalid(f"seed {seed.name}: {place}", str(refusal)) from None


def _play(world: World, step: dict[str, Any]) -> None:
    if "from" in step:
        messages.receive_text(
            world, sender=step["from"], text=step["text"], channel_id=None, profile_name=step.get("name")
        )
    else:
        messages.send_text(world, to=step["to"], text=step["text"], channel_id=None)


def _checked(name: str, document: Any) -> Seed:
    """The document against fixtures/seed.schema.json, with defaults filled in."""
    try:
        Schema(json.loads(data.path("fixtures/seed.schema.json").read_bytes())).check(document)
    except Invalid as mistake:
        hint = (
            ""
            if "got string" in mistake.problem
            else "; YAML reads unquoted numbers, times and yes as what they look like"
        )
        raise Invalid(f"seed {name}: {mistake.field}", f"{mistake.problem}{hint}") from None
    return Seed(
        name=name,
        channels=[{**_CHANNEL, **_renamed(channel)} for channel in document.get("channels", [])],
        templates=[{**_TEMPLATE, **_renamed(template)} for template in document.get("templates", [])],
        contacts=[_renamed(contact) for contact in document.get("contacts", [])],
        traffic=[{**step, "ago": _duration(step["ago"])} for step in document.get("traffic", [])],
        orders=document.get("orders", []),
        policy=_policy(document.get("policy", {})),
        limits=limits.changed(OFF, document.get("limits", {}), Policy().usual_limits),
    )


_CHANNEL = {"name": None, "phone": None, "waba_id": None, "is_default": False, "connected": True}
_TEMPLATE = {"language": "en_US", "status": "APPROVED", "waba_id": None, "reason": None}
_NAMES = {"wabaId": "waba_id", "isDefault": "is_default", "waId": "wa_id"}


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {_NAMES.get(key, key): value for key, value in fields.items()}


def _duration(text: str) -> int:
    """`HH:MM` or `HH:MM:SS` as microseconds."""
    hours, minutes, *rest = (int(part) for part in text.split(":"))
    return (hours * 3600 + minutes * 60 + sum(rest)) * SECOND


def _policy(fields: dict[str, Any]) -> Policy:
    default = Policy()
    return replace(
        default,
        closed_window=fields.get("closedWindow", default.closed_window),
        event_id=fields.get("eventId", default.event_id),
        retries=RETRY_SCHEDULES[fields.get("retries", "reference")],
        of_vendor=_stubborn(fields["flowiqRetries"]) if "flowiqRetries" in fields else default.of_vendor,
    )


def _stubborn(schedule: str) -> tuple[tuple[str, Persistence], ...]:
    """FlowIQ retries too, on one of the schedules (D28)."""
    return (("flowiq", Persistence(RETRY_SCHEDULES[schedule], None)),)
