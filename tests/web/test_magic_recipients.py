"""Magic recipients over the doors: every code and every named behaviour, as the platform would play it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.domain import magic
from mock_server.domain.meta_errors import LATER, TITLES

if TYPE_CHECKING:
    from conftest import FakeTransport

    from .conftest import Doors

CODES = sorted(code for code in TITLES if code < 1_000_000)
USUAL = ["message.sent", "message.delivered", "message.read"]


def _play(doors: Doors, transport: FakeTransport, phone: str) -> list[dict[str, Any]]:
    """Send one text, let a day pass, and give back what the webhooks said of messages, in order."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["*"]})
    assert doors.api("POST", "/messages", {"to": phone, "text": "hi"}).status == 201
    doors.advance(86_400)
    events = [json.loads(post.body) for post in transport.posts]
    return [event for event in events if event["event"].startswith(("message.", "optout."))]


def _kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


@pytest.mark.parametrize("code", [code for code in CODES if code not in LATER])
def test_codes_that_are_the_answer_to_the_call(doors: Doors, code: int) -> None:
    """400 META_REJECTED with the code, its title and details; nothing is stored."""
    title, details = TITLES[code]
    answer = doors.api("POST", "/messages", {"to": f"+15000{code:06d}", "text": "hi"})

    assert (answer.status, answer.code) == (400, "META_REJECTED")
    assert answer.message == f"(#{code}) {title}: {details}"
    assert doors.world.store.messages.count() == doors.world.store.contacts.count() == 0


@pytest.mark.parametrize("code", sorted(LATER))
def test_codes_that_come_later(doors: Doors, transport: FakeTransport, code: int) -> None:
    """Accepted, then exactly one `message.failed` that carries the code, its title and details."""
    title, details = TITLES[code]
    events = _play(doors, transport, f"+15000{code:06d}")

    assert _kinds(events) == ["message.failed"]
    assert events[0]["data"]["error"] == {"code": code, "title": title, "details": details}


def test_a_code_nobody_knows_fails_later(doors: Doors, transport: FakeTransport) -> None:
    """The number says it fails; what with is up to whoever chose it."""
    events = _play(doors, transport, "+15000999999")

    assert [event["data"]["error"]["code"] for event in events] == [999_999]


@pytest.mark.parametrize(
    ("name", "announced", "ends"),
    [
        ("neverDelivered", USUAL[:1], "SENT"),
        ("neverRead", USUAL[:2], "DELIVERED"),
        ("readWithoutDelivered", ["message.sent", "message.read"], "READ"),
        ("outOfOrder", ["message.delivered", "message.sent", "message.read"], "READ"),
        ("duplicateStatuses", [kind for kind in USUAL for _ in range(2)], "READ"),
        ("failedAfterSent", ["message.sent", "message.failed"], "FAILED"),
        ("deliveredAfterFailed", ["message.failed", "message.delivered"], "FAILED"),
        ("expiredSilently", USUAL[:1], "SENT"),
        ("repliesStop", [*USUAL[:2], "message.received", "optout.created"], "DELIVERED"),
        ("repliesText", [*USUAL, "message.received"], "READ"),
        ("opensNoWindow", ["message.failed"], "FAILED"),
        ("phoneOff", USUAL, "READ"),
    ],
)
def test_named_behaviours(doors: Doors, transport: FakeTransport, name: str, announced: list[str], ends: str) -> None:
    """What is announced, in which order, and where the message ends: the table of statuses is never broken."""
    phone = next(phone for phone, outcome in magic.NAMED.items() if outcome.name == name)
    events = _play(doors, transport, phone)

    assert _kinds(events) == announced
    assert len({event["data"]["id"] for event in events}) == len(events)
    message = doors.control("GET", "/messages?direction=OUTBOUND").body["items"][0]
    assert message["status"] == ends


def test_whoever_opens_no_window_never_does(doors: Doors) -> None:
    """They wrote a second ago, and free-form text to them fails all the same."""
    doors.control("POST", "/inbound", {"from": "+15005550011", "text": "hello?"})
    doors.api("POST", "/messages", {"to": "+15005550011", "text": "hi"})
    doors.advance(10)

    assert doors.control("GET", "/messages?direction=OUTBOUND").body["items"][0]["error"]["code"] == 131047


def test_in_a_job_a_refusal_rejects_its_recipient(doors: Doors) -> None:
    """The other recipients go out, nothing is left behind for the refused one, and the books say why."""
    values = {"bodyParameters": ["a", "b", "c"]}
    people = [{"phone": phone, **values} for phone in ("+15000132012", "+15551230001", "+15000131026")]
    body = {"templateId": doors.template("order_update"), "whatsappChannelId": doors.channel_id, "recipients": people}
    job_id = doors.api("POST", "/templates/send", body).body["id"]
    doors.advance(60)

    job = doors.control("GET", f"/jobs/{job_id}").body
    assert (job["accepted"], job["rejected"], job["status"]) == (2, 1, "COMPLETED")
    assert next(iter(job["reasons"])).startswith("(#132012)")
    assert doors.world.store.conversations.count() == 2


def test_every_magic_number_is_listed_and_documented(doors: Doors) -> None:
    """The control plane's list, the page of the documentation and the code agree."""
    response = doors.client.get("/_mock/magic-recipients").get_json()
    page = (Path(__file__).parents[2] / "docs" / "magic-recipients.md").read_text(encoding="utf-8")

    assert [item["phone"] for item in response["items"]] == [phone for phone, _ in magic.all_recipients()]
    for phone, outcome in magic.all_recipients():
        error = outcome.refusal or (outcome.journey[0].error if phone not in magic.NAMED else None)
        row = (
            f"| `{phone}` | {outcome.name} | {outcome.description} |"
            if error is None or phone in magic.NAMED
            else f"| `{phone}` | {'at once' if outcome.refusal else 'later'} | {error.title} | {error.details} |"
        )
        assert row in page
