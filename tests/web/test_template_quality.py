"""Templates that people dislike are paused; new ones are paced, and what is held goes out or fails."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from .test_limits import PEOPLE, bulk, failed, switch, template

if TYPE_CHECKING:
    from conftest import FakeTransport

    from .conftest import Doors

HOUR = 3600


def rate(doors: Doors, template_id: str, quality: str) -> dict[str, Any]:
    """People's feedback arrives."""
    answer = doors.control("PATCH", f"/templates/{template_id}", {"quality": quality})
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


def state(doors: Doors, template_id: str) -> tuple[str, str | None]:
    """Its status, and why."""
    items = doors.control("GET", "/templates?limit=100").body["items"]
    found = next(item for item in items if item["id"] == template_id)
    return found["status"], found["reason"]


def statuses(doors: Doors) -> Counter[str]:
    """How many messages are in which status."""
    return Counter(item["status"] for item in doors.control("GET", "/messages?limit=100").body["items"])


def announced(transport: FakeTransport) -> list[str]:
    """The statuses that templates were announced to have."""
    bodies = [json.loads(post.body) for post in transport.posts]
    return [body["data"]["status"] for body in bodies if body["event"] == "template.status_updated"]


def test_quality_is_only_noted_while_both_limits_are_off(doors: Doors, transport: FakeTransport) -> None:
    """It is shown, and nothing comes of it."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["*"]})
    news = template(doors)

    assert [rate(doors, news, quality)["quality"] for quality in ("RED", "GREEN")] == ["RED", "GREEN"]
    assert state(doors, news) == ("APPROVED", None)
    assert doors.advance(8 * HOUR) == {}
    assert transport.posts == []


def test_a_disliked_template_pauses_twice_and_is_disabled(doors: Doors, transport: FakeTransport) -> None:
    """Three hours, six hours, for good; each change is announced, and a send meanwhile is refused."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["template.status_updated"]})
    switch(doors, templatePausing=True)
    news = template(doors, "UTILITY")
    body = {"templateId": news, "whatsappChannelId": doors.channel_id, "recipients": [{"phone": PEOPLE[0]}]}
    for reason, hours in (("FIRST_PAUSE", 3), ("SECOND_PAUSE", 6)):
        rate(doors, news, "YELLOW")
        assert state(doors, news)[0] == "APPROVED"
        assert rate(doors, news, "RED")["status"] == "PAUSED"
        assert state(doors, news) == ("PAUSED", reason)
        refused = doors.api("POST", "/templates/send", body)
        assert (refused.status, refused.message[:9]) == (400, "(#132015)")
        doors.advance(hours * HOUR - 1)
        assert state(doors, news)[0] == "PAUSED"
        doors.advance(1)
        assert state(doors, news) == ("APPROVED", "UNPAUSE")
        assert doors.api("POST", "/templates/send", body).status == 201

    assert rate(doors, news, "RED")["status"] == "DISABLED"
    refused = doors.api("POST", "/templates/send", body)
    assert (refused.status, refused.message[:9]) == (400, "(#132016)")
    doors.advance(100 * HOUR)
    assert announced(transport) == ["PAUSED", "APPROVED", "PAUSED", "APPROVED", "DISABLED"]


def test_a_reviewer_has_the_last_word_on_a_pause(doors: Doors) -> None:
    """Approving ends it, pausing by hand makes it last; the end of the automatic pause changes nothing any more."""
    switch(doors, templatePausing=True)
    first, second = template(doors, "UTILITY"), template(doors)
    for news in (first, second):
        rate(doors, news, "RED")
    doors.control("PATCH", f"/templates/{first}", {"status": "APPROVED"})
    doors.control("PATCH", f"/templates/{second}", {"status": "APPROVED"})
    doors.control("PATCH", f"/templates/{second}", {"status": "PAUSED"})
    doors.advance(4 * HOUR)

    assert (state(doors, first)[0], state(doors, second)[0]) == ("APPROVED", "PAUSED")


def test_a_pause_in_the_middle_of_a_job(doors: Doors) -> None:
    """Whoever was left is rejected, and the books balance."""
    switch(doors, templatePausing=True)
    news = template(doors)
    recipients = [{"phone": person} for person in PEOPLE[:20]]
    body = {
        "templateId": news,
        "whatsappChannelId": doors.channel_id,
        "recipients": recipients,
        "throttlePerHour": 3600,
    }
    job_id = doors.api("POST", "/templates/send", body).body["id"]
    doors.advance(5)
    rate(doors, news, "RED")
    doors.advance(60)
    job = doors.control("GET", f"/jobs/{job_id}").body

    assert (job["accepted"], job["rejected"], job["status"]) == (6, 14, "COMPLETED")
    assert job["reasons"] == {"template is PAUSED": 14}


PACED = {"firstBatch": 3, "holdSeconds": 600}


def test_paced_messages_wait_and_go_out_when_the_window_ends(doors: Doors) -> None:
    """The first batch goes, the rest stays PENDING; without bad feedback it goes too, and nothing is held after that."""
    switch(doors, templatePacing=PACED)
    news = template(doors)

    assert bulk(doors, news, *PEOPLE[:10])["accepted"] == 10
    assert statuses(doors) == {"READ": 3, "PENDING": 7}
    doors.advance(500)
    assert statuses(doors)["PENDING"] == 7
    rate(doors, news, "YELLOW")
    ran = doors.advance(90.2)
    assert ran["letGo"] == 7
    assert statuses(doors) == {"READ": 3, "PENDING": 7}
    doors.advance(0.2)
    assert statuses(doors) == {"READ": 3, "SENT": 7}
    doors.advance(10)
    assert statuses(doors) == {"READ": 10}
    bulk(doors, news, *PEOPLE[10:20])
    assert statuses(doors) == {"READ": 20}
    assert doors.world.store.held.count() == 0


def test_good_feedback_releases_at_once(doors: Doors) -> None:
    """GREEN, and the held ones go, oldest first; the end of the window finds nothing to do."""
    switch(doors, templatePacing=PACED)
    news = template(doors)
    bulk(doors, news, *PEOPLE[:6])
    rate(doors, news, "GREEN")
    doors.advance(1)
    sent = {m.phone: m.history[1][1] for m in doors.world.store.messages.newest()}

    assert statuses(doors) == {"READ": 3, "SENT": 3}
    assert [sent[person] for person in PEOPLE[:6]] == sorted(sent.values())
    assert "verdict" not in doors.advance(HOUR)
    assert state(doors, news) == ("APPROVED", None)


@pytest.mark.parametrize("early", [True, False])
def test_bad_feedback_drops_what_is_held(doors: Doors, transport: FakeTransport, early: bool) -> None:
    """RED: the held ones fail with 132015, the template is paused until somebody approves it; pacing begins anew."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["template.status_updated"]})
    switch(doors, templatePacing=PACED, templatePausing=early)
    news = template(doors)
    if not early:
        rate(doors, news, "RED")
    bulk(doors, news, *PEOPLE[:10])
    if early:
        rate(doors, news, "RED")
    doors.advance(600)

    assert failed(doors) == [132015] * 7
    assert statuses(doors)["READ"] == 3
    assert state(doors, news) == ("PAUSED", "RATE_LIMITING_PAUSE")
    doors.advance(10 * HOUR)
    assert announced(transport) == ["PAUSED"]
    doors.control("PATCH", f"/templates/{news}", {"status": "APPROVED"})
    rate(doors, news, "UNKNOWN")
    bulk(doors, news, *PEOPLE[:5])
    assert statuses(doors) == {"READ": 6, "FAILED": 7, "PENDING": 2}


def test_only_unproven_marketing_is_paced(doors: Doors) -> None:
    """Utility goes, and so does marketing that is GREEN."""
    switch(doors, templatePacing={"firstBatch": 0})
    news, utility = template(doors), template(doors, "UTILITY")
    bulk(doors, utility, PEOPLE[0])
    rate(doors, news, "GREEN")
    bulk(doors, news, PEOPLE[1])
    assert statuses(doors) == {"READ": 2}
    rate(doors, news, "YELLOW")
    bulk(doors, news, PEOPLE[2])
    assert statuses(doors) == {"READ": 2, "PENDING": 1}


def test_a_template_that_is_stopped_while_messages_are_held_sends_none_of_them(doors: Doors) -> None:
    """When the window ends they fail, and the status that the reviewer gave stays."""
    switch(doors, templatePacing={"firstBatch": 0})
    news = template(doors)
    bulk(doors, news, *PEOPLE[:4])
    doors.control("PATCH", f"/templates/{news}", {"status": "DISABLED", "reason": "ABUSIVE_CONTENT"})
    doors.advance(1800)

    assert failed(doors) == [132015] * 4
    assert state(doors, news) == ("DISABLED", "ABUSIVE_CONTENT")


def test_switching_pacing_off_forgets_nobody(doors: Doors) -> None:
    """New messages go at once, held ones when their window ends."""
    switch(doors, templatePacing={"firstBatch": 0})
    news = template(doors)
    bulk(doors, news, *PEOPLE[:4])
    switch(doors, templatePacing=None)
    bulk(doors, news, *PEOPLE[4:6])
    assert statuses(doors) == {"PENDING": 4, "READ": 2}
    doors.advance(1800)
    assert statuses(doors) == {"READ": 6}


def test_a_pause_ends_the_trust_in_a_paced_template(doors: Doors) -> None:
    """Unpaused, its quality is unknown again, and a new first batch goes out."""
    switch(doors, templatePacing={"firstBatch": 1}, templatePausing=True)
    news = template(doors)
    bulk(doors, news, *PEOPLE[:3])
    rate(doors, news, "GREEN")
    doors.advance(10)
    assert rate(doors, news, "RED")["reason"] == "FIRST_PAUSE"
    doors.advance(3 * HOUR)
    bulk(doors, news, *PEOPLE[3:6])

    assert statuses(doors) == {"READ": 4, "PENDING": 2}
    doors.advance(1800)
    assert statuses(doors) == {"READ": 6}


def test_a_held_message_may_expire(doors: Doors) -> None:
    """Held longer than it lives, it is never sent, and nobody is told."""
    switch(doors, templatePacing={"firstBatch": 0, "holdSeconds": 60}, messageTtl={"marketing": 30})
    bulk(doors, template(doors), PEOPLE[0])
    doors.advance(100)

    assert statuses(doors) == {"PENDING": 1}
    assert doors.world.store.tasks.count() == 0


def test_a_wrong_word_about_a_template_is_explained(doors: Doors) -> None:
    """Quality in a call of its own, a reason only with a status."""
    news = template(doors)
    wrong: dict[str, dict[str, str]] = {
        "body: fits more than one of the allowed forms": {"status": "PAUSED", "quality": "RED"},
        'quality: must be one of "UNKNOWN", "GREEN", "YELLOW", "RED"; got "red"': {"quality": "red"},
    }
    for start, body in wrong.items():
        answer = doors.control("PATCH", f"/templates/{news}", body)
        assert (answer.status, answer.message[: len(start)]) == (400, start)
    reason = doors.control("PATCH", f"/templates/{news}", {"reason": "SCAM"})
    assert (reason.status, "status" in reason.message) == (400, True)
