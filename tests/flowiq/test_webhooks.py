"""FlowIQ's webhooks: seven kinds on WhatsApp, two on the web, flat, unsigned, tried once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from mock_server.domain.events import EventKind
from mock_server.domain.policy import RETRY_SCHEDULES
from mock_server.ids import as_uuid
from mock_server.orgs import NewOrg
from mock_server.vendors.flowella import FLOWELLA
from mock_server.vendors.flowiq import FLOWIQ

from .conftest import DIGITS, THANDI

if TYPE_CHECKING:
    from pathlib import Path

    from mock_server.orgs import Orgs

    from .conftest import FlowIq

AT = "2026-11-21T10:00:00.000Z"
DOCUMENT = FLOWIQ.door.spec.document
RECEIVED_KEYS = [
    "event_type", "whatsapp_id", "organization_id", "timestamp", "whatsapp_message_id", "message_type", "message",
    "media_type", "media_url", "file_name", "contact_id", "reply_context_id", "location_data",
]  # fmt: skip
RECEIPT_KEYS = ["event_type", "whatsapp_id", "whatsapp_message_id", "organization_id", "status", "timestamp"]


def fits(post: dict[str, Any], platform: str = "whatsapp") -> None:
    """Is it as the spec's `webhooks:` has it, to the last key?"""
    name = post["event_type"] if platform == "whatsapp" else f"web.{post['event_type']}"
    body = DOCUMENT["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
    rooted = {**body["schema"], "components": DOCUMENT["components"]}
    assert [
        error.message for error in Draft202012Validator(rooted, format_checker=FormatChecker()).iter_errors(post)
    ] == []
    schema = DOCUMENT["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    assert set(post) == set(schema["properties"])


PAYLOADS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "image",
        {"url": "https://e.com/a.png", "caption": "Look"},
        {"message": "Look", "media_url": "https://e.com/a.png"},
    ),
    ("video", {"url": "https://e.com/a.mp4"}, {"message": "", "media_type": "video"}),
    ("audio", {"url": "https://e.com/a.ogg"}, {"message": "", "media_type": "audio"}),
    ("document", {"url": "https://e.com/a.pdf", "filename": "a.pdf"}, {"file_name": "a.pdf", "media_type": "document"}),
    ("sticker", {"url": "https://e.com/a.webp"}, {"media_type": None, "media_url": None}),
    (
        "location",
        {"latitude": 1.5, "longitude": 2, "name": "Shop"},
        {"location_data": {"latitude": 1.5, "longitude": 2, "name": "Shop", "address": None}},
    ),
    ("contacts", {"contacts": [{"name": {"formatted_name": "Ada"}}]}, {"message": ""}),
    ("button", {"text": "Confirm", "payload": "c-1"}, {"message": "Confirm"}),
    ("interactive", {"type": "list_reply", "id": "blue", "title": "Blue"}, {"message": "Blue"}),
    ("reaction", {"messageId": "wamid.x", "emoji": "👍"}, {"message": "👍"}),
]


@pytest.mark.parametrize(("kind", "payload", "shown"), PAYLOADS, ids=[row[0] for row in PAYLOADS])
def test_every_inbound_type(flowiq: FlowIq, kind: str, payload: dict[str, Any], shown: dict[str, Any]) -> None:
    """The same thirteen keys whatever came; Flowella's `message.received` carries the whole payload."""
    flowiq.subscribe("message_received")
    flowiq.control("POST", "/webhooks", {"url": "https://app.example.com/flowella", "events": ["message.received"]})
    answered = "wamid.HBgLMjcxMjM0NTY3ODkVAgARGBI4NEI1Nzg5MDlDNEE3NTkxRjIA"
    message = flowiq.inbound(type=kind, payload=payload, replyTo=answered)
    assert (message["type"], message["payload"], message["replyTo"]) == (kind, payload, answered)
    ours, theirs = sorted(flowiq.advance(), key=lambda post: "event" in post)
    assert list(ours) == RECEIVED_KEYS
    fits(ours)
    assert ours["message_type"] == kind
    assert ours["reply_context_id"] == answered
    assert {name: ours[name] for name in shown} == shown
    assert (theirs["event"], theirs["data"]["type"], theirs["data"]["payload"]) == ("message.received", kind, payload)
    assert theirs["data"]["replyTo"] == answered
    described = FLOWELLA.door.spec.document
    schema = {"$ref": "#/components/schemas/MessageReceivedEvent", "components": described["components"]}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(theirs)] == []


def test_the_story_of_a_text(flowiq: FlowIq) -> None:
    """Both `message_sent` and `sent_message` of one send, then delivered and read; every key as documented."""
    flowiq.contact()
    flowiq.subscribe()
    wamid_in = flowiq.inbound("Is it in stock?")["metaMessageId"]
    (received,) = flowiq.advance()
    wamid = flowiq.text("It is.")["data"]["message_id"]
    sent, stored, delivered, read = flowiq.advance(10)
    for post in (received, sent, stored, delivered, read):
        fits(post)
    assert (received["whatsapp_message_id"], received["message"], received["timestamp"]) == (
        wamid_in,
        "Is it in stock?",
        AT,
    )
    assert [list(post) for post in (sent, delivered, read)] == [RECEIPT_KEYS] * 3
    assert [post["status"] for post in (sent, delivered, read)] == ["sent", "delivered", "read"]
    assert [post["event_type"] for post in (sent, stored, delivered, read)] == [
        "message_sent", "sent_message", "message_delivered", "message_read",
    ]  # fmt: skip
    assert {post["whatsapp_message_id"] for post in (sent, stored, delivered, read)} == {wamid}
    assert {post["organization_id"] for post in (sent, stored)} == {as_uuid(flowiq.world.org.id)}
    assert len(stored) == 20
    assert list(stored)[:2] == ["event_type", "whatsapp_id"]
    assert (stored["message"], stored["sender_type"], stored["message_status"]) == ("It is.", "bot-whatsapp", "sent")
    assert (stored["created_at"], stored["timestamp"]) == (AT, "2026-11-21T10:00:00.300Z")
    assert (stored["sent_receipt_received"], stored["delivered_receipt_received"]) == (True, False)


def test_what_a_send_answers_is_in_the_stored_message(flowiq: FlowIq) -> None:
    """`context_message_id` of the call is `reply_context_id` of `sent_message`."""
    flowiq.contact()
    flowiq.subscribe("sent_message")
    asked = flowiq.inbound("Is it in stock?")["metaMessageId"]
    flowiq.send(message_type="text", text="It is.", context_message_id=asked)
    (stored,) = flowiq.advance(10)

    assert stored["reply_context_id"] == asked


def test_a_template_send_names_its_broadcast_and_its_sender(flowiq: FlowIq) -> None:
    """`broadcast_id` and `member_id` of `sent_message` are those of the call."""
    flowiq.contact()
    flowiq.subscribe("sent_message")
    member = "019f1c2e-7a10-7001-8001-4b8e77d02c11"
    body = {"templateName": "hello_world", "whatsappNumber": THANDI, "memberId": member}
    broadcast = flowiq.api("POST", "/send-template", body).body["broadcastId"]
    (stored,) = flowiq.advance(10)
    fits(stored)
    assert (stored["broadcast_id"], stored["member_id"]) == (broadcast, member)
    assert stored["sender_type"] == "human-whatsapp"


@pytest.mark.parametrize(
    ("number", "status"),
    [("+15000131026", "undelivered"), ("+15000131060", "warning"), ("+15000131053", "failed")],
)
def test_failures_have_three_statuses_and_no_reason(flowiq: FlowIq, number: str, status: str) -> None:
    """`message_failed` in each of them (D69)."""
    flowiq.contact(number)
    flowiq.subscribe()
    flowiq.api("POST", "/send-whatsapp", {"phone_number": number, "message_type": "text", "text": "Hello"})
    (failed,) = flowiq.advance(10)
    fits(failed)
    assert list(failed) == RECEIPT_KEYS
    assert (failed["event_type"], failed["status"]) == ("message_failed", status)


def test_a_call(flowiq: FlowIq) -> None:
    """WhatsApp's own body with FlowIQ's keys beside it; it opens the service window, and is no message."""
    flowiq.contact()
    flowiq.subscribe()
    answer = flowiq.control("POST", "/inbound", {"from": THANDI, "type": "call", "profileName": "Thandi"})
    assert (answer.status, answer.body["event"]) == (201, "connect")
    (post,) = flowiq.advance()
    fits(post)
    value = post["entry"][0]["changes"][0]["value"]
    assert value["calls"][0]["id"] == answer.body["wacid"]
    assert value["calls"][0]["from"] == value["contacts"][0]["wa_id"] == DIGITS
    assert value["metadata"]["phone_number_id"] == post["phone_number_id"]
    flowiq.text()
    assert [p["event_type"] for p in flowiq.advance(10)][-1] == "message_read"  # the window is open
    assert flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}").body["count"] == 1


def test_the_web(flowiq: FlowIq) -> None:
    """A visitor writes, the AI and an agent answer; nothing of it is told on WhatsApp, in a conversation or to Flowella."""
    flowiq.subscribe("all", "web", "https://app.example.com/web")
    flowiq.subscribe("all", "whatsapp", "https://app.example.com/whatsapp")
    flowiq.control("POST", "/webhooks", {"url": "https://app.example.com/flowella", "events": ["*"]})
    said = flowiq.control(
        "POST", "/inbound", {"platform": "web", "text": "Do you ship?", "moreData": {"page": "/"}}
    ).body
    visitor = said["visitorId"]
    file = {"type": "document", "payload": {"url": "https://e.com/a.pdf", "filename": "a.pdf"}}
    answers: list[dict[str, Any]] = [
        {"speaker": "bot", "text": "We do."},
        {"speaker": "human", "text": "See here.", "memberId": as_uuid(visitor), **file},
    ]
    for answer in answers:
        assert flowiq.control("POST", "/web-messages", {"visitorId": visitor, **answer}).status == 201
    flowiq.advance(10)
    assert {post.url for post in flowiq.transport.posts} == {"https://app.example.com/web"}
    received, bot, human = flowiq.posts()
    for post in (received, bot, human):
        fits(post, "web")
    assert [post["sender_type"] for post in (received, bot, human)] == ["user-web", "bot-web", "human-web"]
    assert (received["event_type"], received["more_data"]) == ("message_received", {"page": "/"})
    assert (bot["event_type"], human["media_type"], human["media_file_name"]) == ("sent_message", "document", "a.pdf")
    assert flowiq.control("GET", f"/web-messages?visitorId={visitor}").body["items"][0]["text"] == "See here."
    assert flowiq.control("POST", "/web-messages", {"visitorId": "nobody", "text": "Hello?"}).status == 404


def test_a_type_gets_its_events_and_all_gets_everything(flowiq: FlowIq) -> None:
    """Each of the seven types alone, beside one of all."""
    kinds = [*FLOWIQ.tells.values()]
    for kind in (*kinds, "all"):
        flowiq.subscribe(kind, url=f"https://app.example.com/{kind}")
    flowiq.inbound("hello")
    flowiq.control("POST", "/inbound", {"from": THANDI, "type": "call"})
    flowiq.text()
    flowiq.advance(10)
    flowiq.contact("+15000131026")
    flowiq.api("POST", "/send-whatsapp", {"phone_number": "+15000131026", "message_type": "text", "text": "x"})
    flowiq.advance(10)
    got: dict[str, list[str]] = {}
    for post in flowiq.transport.posts:
        got.setdefault(post.url.rpartition("/")[2], []).append(json.loads(post.body)["event_type"])
    assert {kind: set(got[kind]) for kind in kinds} == {kind: {kind} for kind in kinds}
    assert sorted(got["all"]) == sorted(kinds)


def test_headers_have_no_signature(flowiq: FlowIq) -> None:
    """JSON and a name, nothing else; the control plane shows no secret (D28)."""
    flowiq.subscribe()
    flowiq.inbound("hello")
    flowiq.advance()
    (post,) = flowiq.transport.posts
    assert post.headers == (("Content-Type", "application/json"), ("User-Agent", "FlowIQ-Webhooks/1"))
    (hook,) = flowiq.control("GET", "/webhooks").body["items"]
    assert (hook["vendor"], hook["platform"], hook["secretHint"]) == ("flowiq", "whatsapp", None)
    assert flowiq.control("POST", f"/webhooks/{hook['id']}/rotate-secret").status == 409
    assert flowiq.control("POST", f"/webhooks/{hook['id']}/test").status == 409


def test_one_attempt_and_never_switched_off(flowiq: FlowIq) -> None:
    """A failure is final, and ten of them change nothing; Flowella's endpoint beside it is retried and switched off (D28)."""
    flowiq.transport.answer = lambda _: 500
    flowiq.subscribe(url="https://app.example.com/flowiq")
    flowiq.control("POST", "/webhooks", {"url": "https://app.example.com/flowella", "events": ["message.received"]})
    for _ in range(12):
        flowiq.inbound("hello")
    flowiq.advance(3600)
    posts = [post.url.rpartition("/")[2] for post in flowiq.transport.posts]
    assert posts.count("flowiq") == 12
    shown = {hook["vendor"]: hook for hook in flowiq.control("GET", "/webhooks").body["items"]}
    assert (shown["flowiq"]["active"], shown["flowella"]["active"]) == (True, False)
    failed = [d for d in flowiq.world.store.deliveries.newest() if d.endpoint_id == shown["flowiq"]["id"]]
    assert {(len(d.attempts), d.status) for d in failed} == {(1, "failed")}


def test_policy_can_have_them_retried(orgs: Orgs, tmp_path: Path) -> None:
    """A seed's `flowiqRetries` puts Flowella's schedule on FlowIQ's webhooks, and on them only (D28)."""
    seed = tmp_path / "stubborn.yaml"
    seed.write_text('channels: [{phone: "+15550100001"}]\npolicy: {flowiqRetries: settings-page}\n')
    world, _, _ = orgs.create(NewOrg(seed=str(seed), seed_files=True, scale=0))
    assert world.policy.persistence("flowiq").retries == RETRY_SCHEDULES["settings-page"]
    assert world.policy.persistence("flowella").retries == RETRY_SCHEDULES["reference"]


def test_the_control_plane_makes_webhooks_of_flowiq(flowiq: FlowIq) -> None:
    """With `vendor`; of what FlowIQ tells of, and without a secret."""
    made = flowiq.control("POST", "/webhooks", {"url": "https://a.example/", "events": ["*"], "vendor": "flowiq"})
    assert (made.status, made.body["secret"], made.body["events"]) == (201, None, ["*"])
    for events in (["conversation.opened"], ["optout.created", "call"]):
        refused = flowiq.control(
            "POST", "/webhooks", {"url": "https://a.example/", "events": events, "vendor": "flowiq"}
        )
        assert refused.status == 400
        assert events[0] in refused.body["error"]["message"]
    secret = {"url": "https://a.example/", "events": ["*"], "vendor": "flowiq", "secret": "mine-all-mine"}
    assert flowiq.control("POST", "/webhooks", secret).status == 400
    refused = flowiq.control("POST", "/webhooks", {"url": "https://a.example/", "events": ["call"]})
    assert refused.status == 400
    flowiq.inbound("hello")
    assert [post["event_type"] for post in flowiq.advance()] == ["message_received"]


def test_every_event_has_words_in_each_vendor_that_tells_of_it() -> None:
    """What is told of is described in `webhooks:`, under the name it is told by."""
    told = {name for name in DOCUMENT["webhooks"] if not name.startswith("web.")}
    assert set(FLOWIQ.tells.values()) == told
    assert set(FLOWELLA.tells.values()) == set(FLOWELLA.door.spec.document["webhooks"])
    assert set(FLOWIQ.tells) | set(FLOWELLA.tells) == set(EventKind)


# --------------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize("effect", ["badSignature", "wrongSecret", "missingSignature", "staleTimestamp"])
def test_what_is_not_signed_cannot_be_signed_wrongly(flowiq: FlowIq, effect: str) -> None:
    """A rule that could never strike is refused; the same one is taken for the vendor that signs."""
    ordered = {"on": "webhook:message_received", "effect": {"type": effect}}
    refused = flowiq.control("POST", "/faults", ordered)

    assert refused.status == 400
    assert "webhook:message_received has no" in refused.body["error"]["message"]
    assert flowiq.control("POST", "/faults", {**ordered, "on": "webhook:message.received"}).status == 201


@pytest.mark.parametrize("on", ["webhook:message_received", "webhook:*"])
def test_faults_strike_flowiqs_webhooks_by_their_own_names(flowiq: FlowIq, on: str) -> None:
    """No code of their own: a duplicate, fields nobody knows, an event nobody knows."""
    flowiq.subscribe("message_received")
    rule = {"on": on, "effect": {"type": "extraFields"}, "times": 1, "match": {"message": "hello*"}}
    assert flowiq.control("POST", "/faults", rule).status == 201
    flowiq.inbound("hello there")
    (post,) = flowiq.advance()
    assert "apiVersion" in post
    flowiq.control("POST", "/faults", {"on": on, "effect": {"type": "unknownEvent"}, "times": 1})
    flowiq.inbound("something else")
    (post,) = flowiq.advance()
    assert post["event_type"] == "message.teleported"
    flowiq.control("POST", "/faults", {"on": on, "effect": {"type": "duplicate"}, "times": 1})
    flowiq.inbound("once more")
    assert len(flowiq.advance()) == 2


def test_faults_on_the_web_have_a_name_of_their_own(flowiq: FlowIq) -> None:
    """`web.message_received` strikes a visitor's message, not a contact's."""
    flowiq.subscribe()
    flowiq.subscribe("all", "web")
    flowiq.control("POST", "/faults", {"on": "webhook:web.message_received", "effect": {"type": "drop"}})
    flowiq.inbound("hello")
    flowiq.control("POST", "/inbound", {"platform": "web", "text": "hello"})
    assert [post["event_type"] for post in flowiq.advance()] == ["message_received"]
    assert "whatsapp_id" in flowiq.posts()[0]


def test_faults_strike_flowiqs_calls(flowiq: FlowIq) -> None:
    """A status in FlowIQ's own envelope, a rate limit, a code of WhatsApp's at once and later."""
    flowiq.contact()
    flowiq.inbound("hello")

    def order(on: str, **effect: Any) -> None:
        answer = flowiq.control("POST", "/faults", {"on": on, "effect": effect, "times": 1})
        assert answer.status == 201, answer

    order("sendWhatsAppMessage", type="status", status=503)
    assert flowiq.send(message_type="text", text="x").row[:2] == (503, "Service Unavailable")
    order(
        "sendWhatsAppMessage",
        type="status",
        status=500,
        code="Storage upload failed",
        message="Failed to upload to storage",
    )
    assert flowiq.send(message_type="text", text="x").row == (
        500,
        "Storage upload failed",
        "Failed to upload to storage",
    )
    order("getConversationMessages", type="status", status=500)
    asked = flowiq.api("GET", "/conversations?action=contacts").body
    assert asked["success"] is False
    order("createContact", type="rateLimit")
    assert flowiq.api("POST", "/contact", {"phone_number": "+27821234567", "name": "x"}).status == 429
    order("sendWhatsAppMessage", type="metaError", code=131056)
    assert "(#131056)" in flowiq.send(message_type="text", text="x").body["message"]
    order("sendTemplate", type="metaError", code=131056)
    refused = flowiq.api("POST", "/send-template", {"templateName": "hello_world", "whatsappNumber": THANDI}).body
    assert "(#131056)" in refused["results"][0]["error"]
    flowiq.subscribe("message_failed")
    order("sendWhatsAppMessage", type="metaError", code=131049)
    assert flowiq.send(message_type="text", text="x").status == 200
    assert [post["status"] for post in flowiq.advance(10)] == ["undelivered"]
