"""Settings and waiting, over the control plane."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Doors

ADA = "+15551230001"


@pytest.mark.parametrize(("role", "may"), [("OWNER", True), ("ADMIN", True), ("MEMBER", False)])
def test_owners_and_admins_make_keys_and_webhooks(doors: Doors, role: str, may: bool) -> None:
    """The base role has no access to either screen (vendor: /settings/api-keys, /settings/webhooks)."""
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("/api-keys", {"label": "ci", "role": role}),
        ("/webhooks", {"url": "https://example.com/h", "events": ["*"], "role": role}),
    ]
    for path, body in wanted:
        answer = doors.control("POST", path, body)
        assert (answer.status == 201) is may
        assert may or (answer.code, "OWNER or ADMIN" in answer.message) == ("FORBIDDEN", True)


@pytest.mark.parametrize(
    ("billing", "blocked"),
    [("trialing", False), ("active", False), ("past_due", True), ("canceled_in_grace", False), ("canceled", True)],
)
def test_billing_blocks_sending_and_nothing_else(doors: Doors, billing: str, blocked: bool) -> None:
    """402 on the two sends; reading, contacts and inbound go on (D18)."""
    doors.control("PATCH", "/account", {"billing": billing})

    assert doors.control("POST", "/inbound", {"from": ADA, "text": "hi"}).status == 201
    sent = doors.api("POST", "/messages", {"to": ADA, "text": "x"})
    assert sent.status == (402 if blocked else 201)
    for method, path, body in (
        ("GET", "/contacts", None),
        ("POST", "/contacts", {"phone": ADA}),
        ("GET", "/analytics", None),
        ("GET", "/templates", None),
        ("POST", "/opt-outs", {"action": "clear", "whatsappChannelId": doors.channel_id, "phone": ADA}),
    ):
        assert doors.api(method, path, body).status == 200


def test_the_rate_limit_comes_and_goes(doors: Doors) -> None:
    """429 in the envelope over the burst, fine again when time has passed, gone when it is removed (D6)."""
    doors.control("PATCH", "/account", {"rateLimit": {"perSecond": 1, "burst": 2}})
    answers = [doors.api("GET", "/ping") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].body == {"error": {"code": "RATE_LIMITED", "message": "Too many requests"}}
    doors.advance(1)
    assert [doors.api("GET", "/ping").status for _ in range(2)] == [200, 429]
    doors.control("PATCH", "/account", {"rateLimit": None})
    assert {doors.api("GET", "/ping").status for _ in range(200)} == {200}


def test_all_keys_of_an_organization_share_one_limit(doors: Doors) -> None:
    """What one key has used up is gone for the other (vendor: /api-reference/introduction)."""
    other = doors.control("POST", "/api-keys", {"label": "second"}).body["secret"]
    doors.control("PATCH", "/account", {"rateLimit": {"perSecond": 1, "burst": 2}})
    assert [doors.api("GET", "/ping").status for _ in range(2)] == [200, 200]

    headers = {"Authorization": f"Bearer {other}"}
    assert doors.client.get("/api/v1/ping", headers=headers).status_code == 429
    doors.advance(1)
    assert doors.client.get("/api/v1/ping", headers=headers).status_code == 200


def test_who_sends_when_no_channel_is_named(doors: Doors) -> None:
    """The organization's default channel of that moment."""
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    for _ in range(2):
        sent = doors.api("POST", "/messages", {"to": ADA, "text": "hello"}).body["id"]
        assert doors.control("GET", f"/messages/{sent}").body["whatsappChannelId"] == doors.channel_id
        doors.control("POST", "/channels", {"isDefault": True})


def test_disconnected_from_meta(doors: Doors) -> None:
    """403 for the organization, 403 for one channel, and only for sends."""
    doors.control("PATCH", "/account", {"metaConnected": False})
    assert doors.api("POST", "/messages", {"to": ADA, "text": "x"}).code == "META_NOT_CONNECTED"
    doors.control("PATCH", "/account", {"metaConnected": True})
    doors.control("PATCH", f"/channels/{doors.channel_id}", {"connected": False})
    assert doors.api("POST", "/messages", {"to": ADA, "text": "x"}).code == "META_NOT_CONNECTED"
    assert doors.api("GET", "/contacts").status == 200


def test_review_announces_what_changed(doors: Doors) -> None:
    """`template.status_updated` with the reason and where it came from; saying the same twice announces once."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["template.status_updated"]})
    path = f"/templates/{doors.template('winter_preview')}"
    for _ in range(2):
        answer = doors.control("PATCH", path, {"status": "REJECTED", "reason": "INVALID_FORMAT"})
        assert (answer.body["status"], answer.body["reason"]) == ("REJECTED", "INVALID_FORMAT")
    doors.advance(0)

    deliveries = doors.control("GET", "/deliveries").body["items"]
    assert [delivery["event"] for delivery in deliveries] == ["template.status_updated"]


def test_wait_answers_with_what_is_there_already(doors: Doors) -> None:
    """At once, newest first, by any filter of the kind's own list."""
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    answer = doors.control("GET", "/wait?kind=message&direction=INBOUND&timeout=0")

    assert answer.status == 200
    assert [message["text"] for message in answer.body["items"]] == ["hi"]


def test_wait_is_over_as_soon_as_it_happens(doors: Doors) -> None:
    """A thread waits for two messages and wakes with the second."""
    answers: list[Any] = []
    waiting = threading.Thread(
        target=lambda: answers.append(doors.control("GET", "/wait?kind=message&count=2&timeout=30"))
    )
    waiting.start()
    for text in ("one", "two"):
        doors.control("POST", "/inbound", {"from": ADA, "text": text})
    waiting.join(20)

    assert [message["text"] for message in answers[0].body["items"]] == ["two", "one"]


def test_wait_says_what_was_seen_instead(doors: Doors) -> None:
    """408 with the newest of the kind, when nothing came that matches."""
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    answer = doors.control("GET", "/wait?kind=message&status=READ&timeout=0.01")

    assert (answer.status, answer.code) == (408, "TIMEOUT")
    assert [message["status"] for message in answer.body["seen"]] == ["RECEIVED"]
    wrong = doors.control("GET", "/wait?kind=message&sttus=READ")
    assert "did you mean 'status'?" in wrong.message
    foreign = doors.control("GET", "/wait?kind=message&event=message.read")
    assert foreign.message.startswith("event: does not pick a message")


def test_what_happened_cannot_unhappen(doors: Doors) -> None:
    """A fresh world may be put into the past; one where something happened only forward of that (D35)."""
    assert doors.control("PUT", "/clock", {"now": "2026-01-01T00:00:00Z"}).status == 200
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    answer = doors.control("PUT", "/clock", {"now": "2025-12-31T00:00:00Z"})

    assert (answer.status, answer.message[:4]) == (400, "now:")
    assert doors.control("GET", "/clock").body["now"] == "2026-01-01T00:00:00.000Z"


def test_reset_puts_everything_back_but_the_keys(doors: Doors) -> None:
    """Contacts, settings and webhooks go, the clock starts again, and the same key still works (D36)."""
    before = [doors.control("GET", path).body for path in ("/channels", "/templates", "/clock", "/account")]
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    doors.control("PATCH", "/account", {"billing": "canceled"})
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["*"]})
    doors.advance(3600)
    assert doors.control("POST", "/reset").status == 200

    assert [doors.control("GET", path).body for path in ("/channels", "/templates", "/clock", "/account")] == before
    assert doors.control("GET", "/webhooks").body["items"] == []
    assert doors.api("GET", "/contacts").body == {"items": []}


def test_an_organization_may_start_anywhere_in_time(doors: Doors) -> None:
    """`clock` takes a word, or what setting the clock takes."""
    clock = {"mode": "manual", "now": "2026-01-01T00:00:00Z"}
    made = doors.client.post("/_mock/orgs", json={"clock": clock}).get_json()
    seen = doors.client.get(f"/_mock/orgs/{made['id']}/clock").get_json()
    assert (seen["mode"], seen["now"]) == ("manual", "2026-01-01T00:00:00.000Z")

    wrong = doors.client.post("/_mock/orgs", json={"clock": {"mode": "scaled"}}).get_json()
    assert wrong["error"]["code"] == "VALIDATION_ERROR"
