"""What FlowIQ's operations do when nothing is wrong, and the examples of its spec."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from mock_server.ids import as_uuid
from mock_server.vendors.flowiq import FLOWIQ

from .conftest import DIGITS, KEY, THANDI

if TYPE_CHECKING:
    from .conftest import FlowIq

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PATHS = FLOWIQ.door.spec.document["paths"]


def examples(path: str) -> list[Any]:
    """The request examples of an operation."""
    body = PATHS[path]["post"]["requestBody"]["content"]["application/json"]
    return [pytest.param(example["value"], id=name) for name, example in body["examples"].items()]


# ------------------------------------------------------------------------------------------------------------- webhooks


def test_the_curl_of_the_create_webhook_page(flowiq: FlowIq) -> None:
    """The page's own call, with only the host changed, answers in the page's shape."""
    answer = flowiq.client.post(
        "/set-webhooks",
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        data='{"url": "https://your-server.com/webhook", "type": "message_received", "platform": "whatsapp"}',
    )
    body: Any = answer.get_json()
    hook = body.pop("webhook")
    assert answer.status_code == 200
    assert body == {"success": True, "message": "Webhook created successfully"}
    assert list(hook) == ["id", "url", "type", "platform", "created_at"]
    assert UUID.fullmatch(hook["id"])
    assert hook["created_at"] == "2026-11-21T12:00:00.000+02:00"


def test_the_same_webhook_again_is_the_one_that_is_there(flowiq: FlowIq) -> None:
    """The same URL, type and platform: one subscription (D27); anything else is another."""
    first = flowiq.subscribe()
    assert flowiq.subscribe() == first
    assert flowiq.subscribe("call")["id"] != first["id"]
    assert flowiq.subscribe("all", "web")["id"] != first["id"]
    assert flowiq.world.store.endpoints.count() == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"type": "all"}, "url is required"),
        ({"url": "https://a.example"}, "type is required"),
        ({"url": "http://a.example/hook", "type": "all"}, "plain HTTP to a host that is not this machine"),
        ({"url": "nowhere", "type": "all"}, "is not an absolute"),
        ({"url": "https://a.example", "type": "messages"}, "must be one of"),
        ({"url": "https://a.example", "type": "all", "platform": "sms"}, "must be one of"),
        ({"url": "https://a.example", "type": "call", "platform": "web"}, "call does not happen on web"),
    ],
)
def test_webhooks_that_cannot_be(flowiq: FlowIq, body: dict[str, Any], message: str) -> None:
    """400 in shape B, naming what is wrong (D27)."""
    answer = flowiq.api("POST", "/set-webhooks", body)
    assert answer.status == 400
    assert message in answer.body["message"]


# ------------------------------------------------------------------------------------------------------------- contacts


def test_creating_a_contact(flowiq: FlowIq) -> None:
    """Tags are split, the number stays as it was written, ids are UUIDs; the whole contact has the documented defaults."""
    made = flowiq.contact("+27 12 345 6789", email="t@example.com", tags="customer, premium, vip, ")
    assert list(made) == [
        "id", "full_name", "whatsapp_id", "phone_number", "email", "tags", "organization_id", "created_at",
    ]  # fmt: skip
    assert made["tags"] == ["customer", "premium", "vip"]
    assert (made["whatsapp_id"], made["phone_number"]) == (DIGITS, "+27 12 345 6789")
    assert made["created_at"] == "2026-11-21T10:00:00Z"
    assert made["organization_id"] == as_uuid(flowiq.world.org.id)
    for query in (f"phone_number={quote(THANDI)}", f"whatsapp_id={DIGITS}", f"phone_number={DIGITS}"):
        whole = flowiq.api("GET", f"/contact?{query}").body["contact"]
        assert len(whole) == 18
        assert {name: whole[name] for name in made} == made
        defaults = ("bot_status", "archived", "has_unread_messages", "allow_broadcast", "active_status", "blocked")
        assert [whole[name] for name in defaults] == ["active", False, False, True, False, False]
        assert whole["source"] == {"type": "api"}


def test_find_by_phone(flowiq: FlowIq) -> None:
    """Any spelling finds the same contact; the older name of the parameter does too."""
    made = flowiq.contact()
    for name in ("whatsappNumber", "phoneNumber"):
        answer = flowiq.api("GET", f"/conversations?action=find-by-phone&{name}={quote('+27 (12) 345-6789')}").body
        assert (answer["original_phone"], answer["normalized_phone"]) == ("+27 (12) 345-6789", DIGITS)
        assert answer["contact"]["id"] == made["id"]


def test_contacts_are_paged_and_searched(flowiq: FlowIq) -> None:
    """50 a page unless it is said otherwise; by a part of the name or the number."""
    for index in range(55):
        flowiq.contact(f"+2782000{index:04d}", name=f"Person {index}")
    first = flowiq.api("GET", "/conversations?action=contacts").body
    assert first["count"] == len(first["contacts"]) == 50
    assert first["pagination"] == {
        "currentPage": 1, "totalPages": 2, "hasNextPage": True, "hasPrevPage": False,
        "totalContacts": 55, "contactsPerPage": 50,
    }  # fmt: skip
    second = flowiq.api("GET", "/conversations?action=contacts&page=2").body
    assert len({c["id"] for c in (*first["contacts"], *second["contacts"])}) == 55
    assert (second["pagination"]["hasNextPage"], second["pagination"]["hasPrevPage"]) == (False, True)
    by_name = flowiq.api("GET", "/conversations?action=contacts&search=PERSON 54").body
    by_number = flowiq.api("GET", f"/conversations?action=contacts&search={quote('+27 82 000 0054')}").body
    assert [c["full_name"] for c in by_name["contacts"]] == ["Person 54"]
    assert by_name["contacts"] == by_number["contacts"]
    empty = flowiq.api("GET", "/conversations?action=contacts&search=nobody").body
    assert (empty["contacts"], empty["pagination"]["totalPages"]) == ([], 0)


def test_unread_and_opted_out_show_in_the_contact(flowiq: FlowIq) -> None:
    """Unread from a message of theirs until one of ours; no broadcasts after STOP."""
    flowiq.contact()

    def shown() -> tuple[bool, bool]:
        contact = flowiq.api("GET", f"/contact?whatsapp_id={DIGITS}").body["contact"]
        return contact["has_unread_messages"], contact["allow_broadcast"]

    assert shown() == (False, True)
    flowiq.inbound("hello")
    assert shown() == (True, True)
    flowiq.text()
    assert shown() == (False, True)
    flowiq.inbound("STOP")
    assert shown() == (True, False)
    assert flowiq.send(message_type="text", text="Hello?").body["error"] == "Failed to send message"


# -------------------------------------------------------------------------------------------------------- conversations


def test_a_conversation_is_paged_in_both_orders(flowiq: FlowIq) -> None:
    """Newest first or `ascending`; each message once, whichever way; by number or by the contact's id."""
    made = flowiq.contact()
    for index in range(23):
        flowiq.inbound(f"message {index}")
    base = f"/conversations?whatsappNumber={DIGITS}"
    pages = [flowiq.api("GET", f"{base}&page={page}").body for page in (1, 2, 3, 4)]
    texts = [message["message"] for page in pages for message in page["messages"]]
    assert texts == [f"message {index}" for index in reversed(range(23))]
    assert [page["count"] for page in pages] == [10, 10, 3, 0]
    assert pages[2]["pagination"] == {
        "currentPage": 3, "totalPages": 3, "hasNextPage": False, "hasPrevPage": True,
        "totalMessages": 23, "messagesPerPage": 10,
    }  # fmt: skip
    for page in (1, 2, 3):
        old = flowiq.api("GET", f"{base}&page={page}&ascending=true&limit=9").body["messages"]
        assert [m["message"] for m in old] == [f"message {i}" for i in range(9 * page - 9, min(9 * page, 23))]
    by_id = flowiq.api("GET", f"/conversations?contactId={made['id']}&limit=100").body
    assert [m["message"] for m in by_id["messages"]] == texts
    assert (by_id["searchTerms"], by_id["filtered"], by_id["stored"]) == (None, False, False)


def test_strangers_have_an_empty_conversation(flowiq: FlowIq) -> None:
    """No error: there is nothing to read."""
    for query in (f"whatsappNumber={DIGITS}", f"contactId={as_uuid('c' + '0' * 24)}"):
        answer = flowiq.api("GET", f"/conversations?{query}")
        assert (answer.status, answer.body["messages"], answer.body["count"]) == (200, [], 0)
    assert flowiq.api("GET", "/conversations").row[:2] == (400, "Missing required parameter")


def test_searching_a_conversation(flowiq: FlowIq) -> None:
    """Any of the terms, in any case; an order's id finds its number; both together."""
    flowiq.contact()
    for text in ("URGENT please", "I need help", "order #1001?", "nothing"):
        flowiq.inbound(text)

    def found(query: str) -> tuple[list[str], Any]:
        body = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}&ascending=true&{query}").body
        assert body["filtered"] is True
        assert body["pagination"]["totalMessages"] == body["count"]
        return [message["message"] for message in body["messages"]], body["searchTerms"]

    assert found("query=urgent, HELP,") == (["URGENT please", "I need help"], ["urgent", "HELP"])
    assert found("orderId=1234567890") == (["order #1001?"], ["#1001"])
    assert found("orderId=1234567890&query=help") == (["I need help", "order #1001?"], ["#1001", "help"])
    flowiq.control("POST", "/orders", {"id": "7", "number": "nothing"})
    assert found("orderId=7") == (["nothing"], ["nothing"])


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "page=0", "ascending=yes", "contactId=nobody", "page=1&page=2"]
)
def test_wrong_parameters_are_named(flowiq: FlowIq, query: str) -> None:
    """400 in shape A."""
    answer = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}&{query}")
    assert (answer.status, answer.body["success"], answer.body["error"]) == (400, False, "Invalid parameter")
    assert answer.body["message"].startswith(query.partition("=")[0])


# -------------------------------------------------------------------------------------------------------------- sending


@pytest.mark.parametrize("body", examples("/send-whatsapp"))
def test_every_type_of_message_is_sent_and_read(flowiq: FlowIq, body: dict[str, Any]) -> None:
    """The answer is the page's; the conversation shows it as a bot's, and how far it got."""
    flowiq.contact()
    flowiq.inbound("hello")
    answer = flowiq.api("POST", "/send-whatsapp", body)
    data = answer.body["data"]
    assert (answer.status, answer.body["success"], answer.body["message"]) == (200, True, "Message sent successfully")
    assert data["message_id"].startswith("wamid.")
    assert (data["recipient"], data["message_type"]) == (DIGITS, body["message_type"])
    flowiq.advance(2)
    shown = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}&limit=1").body["messages"][0]
    assert (shown["sender_type"], shown["message_status"]) == ("bot-whatsapp", "delivered")
    media = body["message_type"] if "media_url" in body or "interactive" in body else None
    assert (shown["media_type"], shown["media_url"]) == (media, body.get("media_url"))


def test_who_said_what(flowiq: FlowIq) -> None:
    """`sender_type` of the contact, of the API, and of a person on our side."""
    flowiq.contact()
    flowiq.inbound("Is it in stock?")
    flowiq.text("One moment.")
    member = "019f1c2e-7a10-7001-8001-4b8e77d02c11"
    flowiq.api("POST", "/send-template", {"templateName": "hello_world", "whatsappNumber": THANDI, "memberId": member})
    shown = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}&ascending=true").body["messages"]

    assert [message["sender_type"] for message in shown] == ["user-whatsapp", "bot-whatsapp", "human-whatsapp"]


def test_what_is_offered_is_shown_as_json(flowiq: FlowIq) -> None:
    """A message with choices is a JSON text of header, body and titles; buttons without an id got one."""
    flowiq.contact()
    offer = {"type": "button", "header": "Delivery", "body": "When?", "buttons": [{"title": "Now"}, {"title": "Later"}]}
    flowiq.send(message_type="interactive", interactive=offer)
    shown = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}").body["messages"][0]["message"]
    assert shown == '{"header": "Delivery", "body": "When?", "buttons": ["Now", "Later"]}'
    stored = next(flowiq.world.store.messages.newest()).payload
    assert stored
    assert [button["id"] for button in stored["buttons"]] == ["btn_1", "btn_2"]


def _long(offer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"message_type": "interactive", "interactive": {**offer, **changes}}


BUTTONS: dict[str, Any] = {"type": "button", "body": "b", "buttons": [{"title": "t"}]}
LIST: dict[str, Any] = {"type": "list", "body": "b", "button": "c", "sections": [{"rows": [{"id": "1", "title": "t"}]}]}
ROW = {"id": "1", "title": "t"}


@pytest.mark.parametrize(
    ("fits", "breaks", "field"),
    [
        (_long(BUTTONS, body="b" * 1024), _long(BUTTONS, body="b" * 1025), "interactive.body"),
        (_long(BUTTONS, header="h" * 60), _long(BUTTONS, header="h" * 61), "interactive.header"),
        (_long(BUTTONS, footer="f" * 60), _long(BUTTONS, footer="f" * 61), "interactive.footer"),
        (
            _long(BUTTONS, buttons=[{"title": "t"}] * 3),
            _long(BUTTONS, buttons=[{"title": "t"}] * 4),
            "interactive.buttons",
        ),
        (
            _long(BUTTONS, buttons=[{"title": "t" * 20}]),
            _long(BUTTONS, buttons=[{"title": "t" * 21}]),
            "interactive.buttons[0].title",
        ),
        (_long(LIST, button="c" * 20), _long(LIST, button="c" * 21), "interactive.button"),
        (_long(LIST, body="b" * 1024), _long(LIST, body="b" * 1025), "interactive.body"),
        (
            _long(LIST, sections=[{"rows": [ROW]}] * 10),
            _long(LIST, sections=[{"rows": [ROW]}] * 11),
            "interactive.sections",
        ),
        (
            _long(LIST, sections=[{"rows": [ROW] * 10}]),
            _long(LIST, sections=[{"rows": [ROW] * 11}]),
            "interactive.sections[0].rows",
        ),
        (
            _long(LIST, sections=[{"title": "s" * 24, "rows": [{**ROW, "title": "t" * 24, "description": "d" * 72}]}]),
            _long(LIST, sections=[{"title": "s" * 25, "rows": [ROW]}]),
            "interactive.sections[0].title",
        ),
        (
            _long(LIST),
            _long(LIST, sections=[{"rows": [{**ROW, "description": "d" * 73}]}]),
            "interactive.sections[0].rows[0].description",
        ),
    ],
)
def test_documented_limits(flowiq: FlowIq, fits: dict[str, Any], breaks: dict[str, Any], field: str) -> None:
    """What is as long as the page allows is sent; one more is refused, naming the field."""
    flowiq.contact()
    assert flowiq.send(**fits).status == 200
    refused = flowiq.send(**breaks)
    assert refused.row[:2] == (400, "Invalid request")
    assert refused.body["message"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [("image", "png", "gif"), ("video", "mp4", "mov"), ("audio", "ogg", "wav"), ("document", "pdf", "png")],
)
def test_media_that_whatsapp_takes(flowiq: FlowIq, kind: str, good: str, bad: str) -> None:
    """The extension tells; a URL without one is taken on trust. What is refused leaves nothing behind (D67)."""
    flowiq.contact()
    for name in (f"a.{good}", f"A.{good.upper()}?v=1", "download"):
        assert flowiq.send(message_type=kind, media_url=f"https://cdn.example.com/{name}").status == 200
    count = flowiq.world.store.messages.count()
    assert flowiq.send(message_type=kind, media_url=f"https://cdn.example.com/a.{bad}").status == 500
    assert flowiq.world.store.messages.count() == count


def test_reactions_show_on_the_message(flowiq: FlowIq) -> None:
    """Theirs and ours, one each; an empty one takes it away."""
    flowiq.contact()
    wamid = flowiq.inbound("hello")["metaMessageId"]

    def shown() -> Any:
        messages = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}&ascending=true").body["messages"]
        return messages[0]["reactions"]

    flowiq.send(message_type="reaction", reaction={"message_id": wamid})
    flowiq.inbound(type="reaction", payload={"messageId": wamid, "emoji": "🎉"})
    assert shown() == [{"emoji": "👍", "sender": "15550100001"}, {"emoji": "🎉", "sender": DIGITS}]
    flowiq.send(message_type="reaction", reaction={"message_id": wamid, "emoji": ""})
    assert shown() == [{"emoji": "🎉", "sender": DIGITS}]


# ------------------------------------------------------------------------------------------------------------ templates


@pytest.mark.parametrize("body", examples("/send-template"))
def test_every_example_of_a_template_send_goes_out(flowiq: FlowIq, body: dict[str, Any]) -> None:
    """One to one number, with a broadcast id; a stranger with a name becomes a contact on the way."""
    answer = flowiq.api("POST", "/send-template", body)
    assert answer.status == 200, answer
    assert answer.body["success"] is True, answer
    assert answer.body["summary"] == {"total": 1, "successful": 1, "failed": 0}
    (result,) = answer.body["results"]
    assert UUID.fullmatch(answer.body["broadcastId"])
    assert result["messageId"].startswith("wamid.")
    assert (result["contactName"], result["error"]) == (body["bodyParameters"]["name"], None)
    found = flowiq.api("GET", f"/contact?phone_number={quote(body['whatsappNumber'].replace('079', '+2779', 1))}")
    assert found.body["contact"]["source"] == {"type": "send_template_auto_create"}
    shown = flowiq.api("GET", f"/conversations?contactId={result['contactId']}").body["messages"][0]
    assert shown["sender_type"] == ("human-whatsapp" if "memberId" in body else "bot-whatsapp")
    assert shown["assignee"] == body.get("memberId")


def _template(flowiq: FlowIq, name: str, number: str = THANDI, **fields: Any) -> Any:
    return flowiq.api("POST", "/send-template", {"templateName": name, "whatsappNumber": number, **fields})


def test_placeholders_are_filled_in_from_the_contact(flowiq: FlowIq) -> None:
    """Each of the five, inside a value; what is not known is left out."""
    flowiq.contact("+27 12 345 6789", name="Thandi van Wyk")
    values = {"1": "{{first_name}}/{{full_name}}", "2": "{{phone_number}}/{{whatsapp_id}}", "3": "<{{email}}>"}
    assert _template(flowiq, "order_update", bodyParameters=values).body["success"]
    message = next(flowiq.world.store.messages.newest())
    assert message.text == (
        f"Hi Thandi/Thandi van Wyk, your order +27 12 345 6789/{DIGITS} is on its way and will arrive on <> before noon."
    )


def test_named_values_fill_a_numbered_template_as_they_come(flowiq: FlowIq) -> None:
    """Where no name fits but the number of values does (D68)."""
    flowiq.contact()
    assert _template(flowiq, "order_update", bodyParameters={"who": "Ada", "what": "#7", "when": "Friday"}).body[
        "success"
    ]
    text = next(flowiq.world.store.messages.newest()).text
    assert text == "Hi Ada, your order #7 is on its way and will arrive on Friday before noon."


@pytest.mark.parametrize("spelling", ["+27 79 497 5464", "0794975464", "27794975464"])
def test_local_numbers_are_south_african(flowiq: FlowIq, spelling: str) -> None:
    """Three spellings, one contact (D65)."""
    made = flowiq.contact("+27794975464")
    assert _template(flowiq, "hello_world", spelling).body["results"][0]["contactId"] == made["id"]


def test_strangers_without_a_name_and_templates_that_are_not_there(flowiq: FlowIq) -> None:
    """Refused, and nothing is made."""
    stranger = _template(flowiq, "hello_world")
    assert stranger.status == 400
    assert "bodyParameters.name" in stranger.body["message"]
    assert _template(flowiq, "goodbye_world").row[:2] == (404, "Template not found")
    store = flowiq.world.store
    assert (store.contacts.count(), store.messages.count(), store.jobs.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "number", "fields", "reason"),
    [
        ("order_update", THANDI, {"bodyParameters": {"1": "a", "2": "b"}}, "132000"),
        ("summer_sale", THANDI, {"bodyParameters": {"1": "a", "2": "b"}, "buttonParameters": {"0": "x"}}, "132012"),
        (
            "summer_sale",
            THANDI,
            {"bodyParameters": {"1": "a", "2": "b"}, "headerMedia": "https://e.com/a.png"},
            "buttons",
        ),
        ("winter_preview", THANDI, {"bodyParameters": {"1": "a"}}, "132001"),
        ("weekly_digest", THANDI, {"bodyParameters": {"1": "a"}}, "132015"),
        ("hello_world", "+15000131056", {}, "131056"),
    ],
)
def test_what_whatsapp_refuses_is_in_the_result(
    flowiq: FlowIq, name: str, number: str, fields: dict[str, Any], reason: str
) -> None:
    """200 with `success: false`, and the reason in the result; the books of the broadcast say the same (D68)."""
    flowiq.contact(number)
    answer = _template(flowiq, name, number, **fields)
    (result,) = answer.body["results"]
    assert (answer.status, answer.body["success"], result["success"], result["messageId"]) == (200, False, False, None)
    assert answer.body["summary"] == {"total": 1, "successful": 0, "failed": 1}
    assert reason in result["error"]
    (job,) = flowiq.control("GET", "/jobs").body["items"]
    assert (job["rejected"], job["accepted"], job["status"]) == (1, 0, "FAILED")
    assert as_uuid(job["id"]) == answer.body["broadcastId"]
