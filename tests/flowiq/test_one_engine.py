"""One script through both vendors' doors: speech differs, what happens does not (D29)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.app import create_app
from mock_server.ids import as_uuid, start_of_uuid
from mock_server.orgs import NewOrg, Orgs
from mock_server.vendors.registry import DIALECTS

from .conftest import KEY, THANDI, FlowIq

if TYPE_CHECKING:
    from conftest import FakeTransport

FLOWELLA_KEY = "flo_" + "k" * 24
MAGIC = "+15005550009"
SCRIPT = [
    ("contact", THANDI, "Thandi"),
    ("contact", MAGIC, "Magic"),
    ("send", THANDI, "nobody has written yet"),
    ("advance", "", "60"),
    ("inbound", THANDI, "hello"),
    ("send", THANDI, "hello to you"),
    ("advance", "", "60"),
    ("send", MAGIC, "please answer"),
    ("advance", "", "60"),
    ("send", MAGIC, "opted out by now"),
    ("template", THANDI, "Thandi"),
    ("advance", "", "86401"),
    ("send", THANDI, "too late"),
    ("advance", "", "60"),
]
"""Who, and what is said: through either door."""


class Flowella:
    """The script's words at Flowella's door."""

    def __init__(self, doors: FlowIq) -> None:
        self._doors = doors

    def _post(self, path: str, body: Any) -> None:
        self._doors.call("POST", f"/api/v1{path}", body, {"Authorization": f"Bearer {FLOWELLA_KEY}"})

    def contact(self, phone: str, name: str) -> None:
        self._post("/contacts", {"phone": phone, "name": name})

    def send(self, phone: str, text: str) -> None:
        self._post("/messages", {"to": phone, "text": text})

    def template(self, phone: str, _: str) -> None:
        store = self._doors.world.store
        template = next(t for t in store.templates.newest() if t.name == "hello_world")
        channel = next(c for c in store.channels.newest() if c.is_default)
        body = {"templateId": template.id, "whatsappChannelId": channel.id, "recipients": [{"phone": phone}]}
        self._post("/templates/send", body)


class Flowiq:
    """The script's words at FlowIQ's door."""

    def __init__(self, doors: FlowIq) -> None:
        self._doors = doors

    def contact(self, phone: str, name: str) -> None:
        self._doors.api("POST", "/contact", {"phone_number": phone, "name": name})

    def send(self, phone: str, text: str) -> None:
        self._doors.api("POST", "/send-whatsapp", {"phone_number": phone, "message_type": "text", "text": text})

    def template(self, phone: str, _: str) -> None:
        self._doors.api("POST", "/send-template", {"templateName": "hello_world", "whatsappNumber": phone})


def journal(transport: FakeTransport, speaks: type[Flowella | Flowiq]) -> list[Any]:
    """What happened in a fresh world: each contact, conversation, message with its statuses, opt-out and book."""
    orgs = Orgs(transport, *DIALECTS, rng_seed="one", now=lambda: 1_800_000_000_000_000)
    world, _, _ = orgs.create(NewOrg(scale=0, rng_seed="same", rate_limit=None, api_key=FLOWELLA_KEY))
    orgs.issue_key(world, "FlowIQ", KEY)
    doors = FlowIq(create_app(orgs).test_client(), orgs, world, transport)
    voice = speaks(doors)
    for verb, phone, words in SCRIPT:
        if verb == "advance":
            doors.advance(float(words))
        elif verb == "inbound":
            doors.inbound(words, **{"from": phone})
        else:
            getattr(voice, verb)(phone, words)
    store, who = world.store, {c.id: c.phone for c in world.store.contacts.newest()}
    return [
        [replace(c, id="", written=None, source=None, opted_out_on=()) for c in store.contacts.newest()],
        [(who[c.contact_id], c.status, c.created_at, c.last_message_at) for c in store.conversations.newest()],
        [
            (m.direction, m.phone, m.type, m.text, m.history, m.error, m.job_id is not None)
            for m in store.messages.newest()
        ],
        [(who[o.contact_id], o.reason, o.source, o.created_at) for o in store.opt_outs.newest()],
        [(j.status, j.recipients, j.accepted, j.suppressed, j.rejected, j.reasons) for j in store.jobs.newest()],
    ]


def test_one_script_one_journal(transport: FakeTransport) -> None:
    """The window, STOP, journeys, magic numbers and books come out the same through either door."""
    left, right = journal(transport, Flowella), journal(transport, Flowiq)
    assert left == right
    contacts, conversations, messages, opt_outs, jobs = left
    assert list(map(len, (contacts, conversations, opt_outs, jobs))) == [2, 2, 1, 1]
    assert [m[4][-1][0] for m in messages if m[0] == "OUTBOUND"] == ["FAILED", "READ", "DELIVERED", "READ", "FAILED"]


@pytest.mark.parametrize("record_id", ["c" + "0" * 24, "c" + "z" * 24, "cmwqvv3zj00014noo3fh5pxu2"])
def test_a_uuid_leads_back_to_its_record(record_id: str) -> None:
    """It is a UUID of version 7, and begins as the record's id does."""
    uuid = as_uuid(record_id)
    assert (len(uuid), uuid[14], uuid[19] in "89ab") == (36, "7", True)
    assert record_id.startswith(start_of_uuid(uuid))
