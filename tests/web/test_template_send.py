"""queueTemplateSend over its door: what is taken in, what is refused, and what becomes of each recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import FakeTransport

    from .conftest import Doors

ADA, GRACE, ALAN = "+15551230001", "+15551230002", "+447700900123"


def _job(doors: Doors, *people: Any, template: str = "order_update", **more: Any) -> dict[str, Any]:
    recipients = [
        {"phone": person, "bodyParameters": ["Ada", "1906", "Friday"]} if isinstance(person, str) else person
        for person in people
    ]
    return {
        "templateId": doors.template(template),
        "whatsappChannelId": doors.channel_id,
        "recipients": recipients,
        **more,
    }


def _books(doors: Doors, job_id: str) -> tuple[str, int, int, int, int]:
    job = doors.control("GET", f"/jobs/{job_id}").body
    return job["status"], job["pending"], job["accepted"], job["suppressed"], job["rejected"]


def test_a_job_is_pending_then_done(doors: Doors) -> None:
    """Queued at once, sent when due, its messages filled in with each recipient's values."""
    answer = doors.api("POST", "/templates/send", _job(doors, ADA, GRACE))

    assert answer.status == 201
    assert answer.body["status"] == "PENDING"
    assert answer.body["scheduledFor"] is None
    assert _books(doors, answer.body["id"]) == ("PENDING", 2, 0, 0, 0)
    doors.advance(60)
    assert _books(doors, answer.body["id"]) == ("COMPLETED", 0, 2, 0, 0)
    messages = doors.control("GET", f"/messages?jobId={answer.body['id']}").body["items"]
    assert {message["to"] for message in messages} == {ADA, GRACE}
    assert {message["status"] for message in messages} == {"READ"}
    assert messages[0]["text"] == "Hi Ada, your order 1906 is on its way and will arrive on Friday before noon."
    assert messages[0]["type"] == "template"


def test_a_template_may_be_sent_to_somebody_who_never_wrote(doors: Doors) -> None:
    """Outside the service window a template is what may go out (vendor: /essentials/glossary)."""
    doors.api("POST", "/templates/send", _job(doors, ADA))
    doors.advance(60)

    assert doors.control("GET", "/messages").body["items"][0]["status"] == "READ"


def test_repeats_and_the_opted_out_are_suppressed(doors: Doors) -> None:
    """Each person at most once, whichever way the number is written, and nobody who said STOP (D14)."""
    doors.control("POST", "/inbound", {"from": ALAN, "text": "stop"})
    answer = doors.api("POST", "/templates/send", _job(doors, ADA, "+1 (555) 123-0001", GRACE, ALAN))
    doors.advance(60)

    assert _books(doors, answer.body["id"]) == ("COMPLETED", 0, 2, 2, 0)
    assert doors.control("GET", f"/jobs/{answer.body['id']}").body["reasons"] == {
        "named before in this job": 1,
        "opted out": 1,
    }


def test_a_contact_id_names_a_recipient_too(doors: Doors) -> None:
    """By id or by number it is one person; an id that is nobody's refuses the job with its index."""
    contact = doors.api("POST", "/contacts", {"phone": ADA}).body
    values = {"bodyParameters": ["Ada", "1906", "Friday"]}
    answer = doors.api("POST", "/templates/send", _job(doors, {"contactId": contact["id"], **values}, ADA))
    doors.advance(60)

    assert _books(doors, answer.body["id"]) == ("COMPLETED", 0, 1, 1, 0)
    refused = doors.api("POST", "/templates/send", _job(doors, ADA, {"contactId": "nobody", **values}))
    assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert "recipients[1].contactId" in refused.message


def test_values_that_do_not_fit_reject_their_recipient_only(doors: Doors) -> None:
    """The count of body values and of button values is WhatsApp's business, recipient by recipient (D14, D39)."""
    wrong = {"phone": GRACE, "bodyParameters": ["only one"]}
    buttons = {
        "phone": ALAN,
        "bodyParameters": ["a", "b", "c"],
        "buttonParameters": [{"index": 0, "parameters": ["x"]}],
    }
    answer = doors.api("POST", "/templates/send", _job(doors, ADA, wrong, buttons))
    doors.advance(60)

    assert _books(doors, answer.body["id"]) == ("COMPLETED", 0, 1, 0, 2)
    reasons = doors.control("GET", f"/jobs/{answer.body['id']}").body["reasons"]
    assert any("(1) does not match the expected number of params (3)" in reason for reason in reasons)
    assert any("buttons" in reason for reason in reasons)


def test_a_job_that_reaches_nobody_has_failed(doors: Doors) -> None:
    """FAILED when nothing could be sent (D14)."""
    answer = doors.api("POST", "/templates/send", _job(doors, {"phone": ADA, "bodyParameters": []}))
    doors.advance(1)

    assert _books(doors, answer.body["id"]) == ("FAILED", 0, 0, 0, 1)


def test_one_bad_number_refuses_the_whole_job_by_its_index(doors: Doors) -> None:
    """Nothing is sent, nothing is stored, and the message says which of the many it was."""
    people = [f"+1555{number:07d}" for number in range(2_000_000, 2_002_000)]
    answer = doors.api("POST", "/templates/send", _job(doors, *people[:1234], {"phone": "abc"}, *people[1234:]))

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.message.startswith("recipients[1234].phone: 'abc'")
    nobody = doors.api("POST", "/templates/send", _job(doors, ADA, {"bodyParameters": []}))
    assert nobody.message == "recipients[1]: needs phone or contactId"
    doors.advance(3600)
    counts = doors.world.store
    assert (counts.jobs.count(), counts.messages.count(), counts.contacts.count()) == (0, 0, 0)


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "PAUSED", "DISABLED"])
def test_only_an_approved_template_is_sent(doors: Doors, status: str) -> None:
    """Any other status is Meta's refusal of the whole job, with Meta's code (D14)."""
    codes = {"PENDING": 132001, "REJECTED": 132001, "PAUSED": 132015, "DISABLED": 132016}
    doors.control("PATCH", f"/templates/{doors.template('order_update')}", {"status": status})
    answer = doors.api("POST", "/templates/send", _job(doors, ADA))

    assert (answer.status, answer.code) == (400, "META_REJECTED")
    assert answer.message.startswith(f"(#{codes[status]})")


def test_a_pause_in_the_middle_rejects_what_is_left(doors: Doors) -> None:
    """One review, and the rest of the job is over; the webhook says why."""
    people = [f"+1555{number:07d}" for number in range(2_000_000, 2_000_010)]
    answer = doors.api("POST", "/templates/send", _job(doors, *people, throttlePerHour=3600))
    doors.advance(3)
    doors.control(
        "PATCH", f"/templates/{doors.template('order_update')}", {"status": "PAUSED", "reason": "FIRST_PAUSE"}
    )
    doors.advance(60)

    assert _books(doors, answer.body["id"]) == ("COMPLETED", 0, 4, 0, 6)


@pytest.mark.parametrize(
    ("media", "template", "fits"),
    [
        (None, "order_update", True),
        ({"type": "image", "link": "https://example.com/a.jpg"}, "order_update", False),
        (None, "summer_sale", False),
        ({"type": "video", "link": "https://example.com/a.mp4"}, "summer_sale", False),
        ({"type": "image", "link": "https://example.com/a.jpg"}, "summer_sale", True),
        ({"type": "document", "link": "https://example.com/a.pdf", "filename": "a.pdf"}, "invoice_ready", True),
    ],
)
def test_header_media_is_what_the_template_wants(doors: Doors, media: Any, template: str, fits: bool) -> None:
    """A picture where a picture goes, and nothing where nothing goes (D39)."""
    more = {} if media is None else {"headerMedia": media}
    answer = doors.api("POST", "/templates/send", _job(doors, ADA, template=template, **more))

    assert (answer.status == 201) is fits
    assert fits or "132012" in answer.message


def test_a_job_may_start_later(doors: Doors) -> None:
    """Asked as `scheduledAt`, answered as `scheduledFor`; not a second before, and not in the past."""
    past = doors.api("POST", "/templates/send", _job(doors, ADA, scheduledAt="2026-11-21T09:59:59Z"))
    answer = doors.api("POST", "/templates/send", _job(doors, ADA, scheduledAt="2026-11-21T12:00:00+01:00"))

    assert (past.status, past.message[:12]) == (400, "scheduledAt:")
    assert answer.body["scheduledFor"] == "2026-11-21T11:00:00.000Z"
    doors.advance(3599)
    assert _books(doors, answer.body["id"])[0] == "PENDING"
    doors.advance(1)
    assert _books(doors, answer.body["id"])[0] == "COMPLETED"


def test_metas_own_template_id_needs_its_waba(doors: Doors) -> None:
    """A numeric id is Meta's, and means something only together with the account it belongs to."""
    template = doors.world.store.templates.get(doors.template("order_update"))
    assert template is not None
    by_meta = {**_job(doors, ADA), "templateId": template.meta_template_id}

    assert doors.api("POST", "/templates/send", by_meta).message == "templateWabaId: is required"
    assert doors.api("POST", "/templates/send", {**by_meta, "templateWabaId": "1"}).code == "TEMPLATE_NOT_FOUND"
    answer = doors.api("POST", "/templates/send", {**by_meta, "templateWabaId": template.waba_id})
    assert (answer.status, answer.body["templateId"]) == (201, template.meta_template_id)


def test_a_template_of_another_account_is_none_of_this_channels(doors: Doors) -> None:
    """A template belongs to one WhatsApp business account; a channel of another one cannot send it (D39)."""
    foreign = doors.control("POST", "/channels", {"name": "Berlin shop", "wabaId": "987654321098765"}).body["id"]
    answer = doors.api("POST", "/templates/send", {**_job(doors, ADA), "whatsappChannelId": foreign})

    assert (answer.status, answer.code, answer.message[:9]) == (400, "META_REJECTED", "(#132001)")
    assert doors.api("POST", "/templates/send", _job(doors, ADA)).status == 201


def test_checks_come_in_their_order(doors: Doors) -> None:
    """Billing before the connection, the connection before what is named, what is named before Meta's rules (D4)."""
    job = {**_job(doors, ADA, template="weekly_digest"), "whatsappChannelId": "nowhere"}
    doors.control("PATCH", "/account", {"billing": "past_due", "metaConnected": False})
    seen = [doors.api("POST", "/templates/send", job).code]
    doors.control("PATCH", "/account", {"billing": "active"})
    seen.append(doors.api("POST", "/templates/send", job).code)
    doors.control("PATCH", "/account", {"metaConnected": True})
    seen.append(doors.api("POST", "/templates/send", job).code)
    seen.append(doors.api("POST", "/templates/send", {**job, "whatsappChannelId": doors.channel_id}).code)

    assert seen == ["PAYMENT_REQUIRED", "META_NOT_CONNECTED", "CHANNEL_NOT_FOUND", "META_REJECTED"]


def test_five_hours_at_a_thousand_an_hour(doors: Doors) -> None:
    """The k-th of 5,000 recipients goes out k·3.6 s after the start and never earlier."""
    people = [f"+1555{number:07d}" for number in range(2_000_000, 2_005_000)]
    doors.api("POST", "/templates/send", _job(doors, *people, throttlePerHour=1000))
    start = doors.world.clock.now()
    doors.advance(5 * 3600)
    times = sorted(message.created_at - start for message in doors.world.store.messages.newest())

    assert times == [k * 3_600_000 for k in range(5000)]


def test_without_a_throttle_it_is_eighty_a_second(doors: Doors) -> None:
    """Recipient k goes out k/80 s after the start (D14)."""
    job = doors.api(
        "POST", "/templates/send", _job(doors, *(f"+1555{n:07d}" for n in range(2_000_000, 2_000_200)))
    ).body

    gone = []
    for seconds in (0, 0.99, 0.01, 1):
        doors.advance(seconds)
        gone.append(_books(doors, job["id"])[2])
    assert gone == [1, 80, 81, 161]


def test_a_million_values_are_refused_before_they_cost_memory(doors: Doors) -> None:
    """Counted in the bytes, before anything is built of them."""
    many = b'{"recipients":[' + b",".join([b"{}"] * 1_000_000) + b"]}"
    answer = doors.api("POST", "/templates/send", many)

    assert (answer.status, answer.code) == (400, "INVALID_JSON")
    assert "more than 838,860 values" in answer.message


def test_a_campaign_ends_in_signed_webhooks(doors: Doors, transport: FakeTransport) -> None:
    """Every message of a job announces its statuses like any other, its template named."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/hooks", "events": ["message.read"]})
    doors.api("POST", "/templates/send", _job(doors, ADA, GRACE))
    doors.advance(60)

    assert len(transport.posts) == 2
    assert all(doors.template("order_update").encode() in post.body for post in transport.posts)
