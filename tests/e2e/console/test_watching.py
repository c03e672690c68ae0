"""The console's views of what happens, used as a person would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from e2e.conftest import ADA

from .conftest import base, needed

expect = needed("playwright.sync_api", "pip install playwright").expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from e2e.conftest import Catcher, Org


def test_a_conversation_is_led_from_both_ends(look: Callable[[str], Page], org: Org) -> None:
    """A contact is started and writes; the app answers, and the ticks move as time does; every way to write back works."""
    page = look("conversations")
    page.get_by_role("button", name="New contact").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone number").fill(ADA)
    dialog.get_by_label("Name on WhatsApp").fill("Ada Lovelace")
    dialog.get_by_role("button", name="Write").click()
    expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    expect(page.get_by_text("Window open, ")).to_be_visible()

    org.ok("POST", "/messages", {"to": ADA, "text": "Hello Ada, from the app"})
    sent = page.locator(".message", has_text="from the app")
    expect(sent.get_by_role("img", name="accepted, waiting")).to_be_visible()
    org.advance(30)
    expect(sent.get_by_role("img", name="read")).to_be_visible()

    page.get_by_label("Write as Ada Lovelace").fill("From my phone")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message.theirs", has_text="From my phone")).to_be_visible()
    page.get_by_role("button", name="Share a location").click()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator(".placeholder.location", has_text="Pier 4")).to_be_visible()
    page.get_by_role("button", name="Send a picture").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.locator(".placeholder.image")).to_be_visible()
    page.get_by_role("button", name="Say STOP").click()
    expect(page.locator(".who").get_by_text("opted out")).to_be_visible()

    said = [(one["type"], one["text"]) for one in org.all("/messages?direction=INBOUND")]
    assert said == [
        ("text", "STOP"),
        ("image", None),
        ("location", None),
        ("text", "From my phone"),
        ("text", "Hello!"),
    ]
    org.advance(25 * 3600)
    expect(page.get_by_text("Window closed")).to_be_visible()


def test_a_template_is_rendered_whole_and_its_button_can_be_tapped(look: Callable[[str], Page], org: Org) -> None:
    """Header, body with its values, footer and buttons; a tap is a message that answers the template. A failure says why."""
    parts: list[dict[str, Any]] = [
        {"type": "HEADER", "format": "TEXT", "text": "On its way"},
        {"type": "BODY", "text": "Hi {{1}}!"},
        {"type": "FOOTER", "text": "The harbour shop"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Thanks"}]},
    ]
    made = org.set(
        "POST", "/templates", {"name": "way", "category": "UTILITY", "status": "APPROVED", "components": parts}
    )
    people = [{"phone": ADA, "bodyParameters": ["Ada"]}, {"phone": "+15000131026", "bodyParameters": ["Bob"]}]
    org.ok(
        "POST", "/templates/send", {"templateId": made["id"], "whatsappChannelId": org.channel(), "recipients": people}
    )
    org.advance(30)
    page = look("conversations")
    page.get_by_role("link", name=re.compile(re.escape(ADA))).click()

    bubble = page.locator(".message.ours")
    for text in ("On its way", "Hi Ada!", "The harbour shop"):
        expect(bubble.get_by_text(text)).to_be_visible()
    expect(bubble.get_by_role("list", name="Buttons of this template").get_by_text("Thanks")).to_be_visible()
    page.get_by_role("group", name="Quick replies").get_by_role("button", name="Thanks").click()
    expect(page.locator(".message.theirs", has_text="Thanks").locator(".quote")).to_have_text("Hi Ada!")

    page.get_by_role("link", name=re.compile(r"15000131026")).click()
    expect(page.locator(".reason", has_text="131026")).to_be_visible()


def test_webhooks_arrive_live_and_tell_all(look: Callable[[str], Page], org: Org, catcher: Catcher) -> None:
    """An endpoint is added, its deliveries appear, the signature is checked with its secret, and one is sent again."""
    page = look("webhooks/endpoints")
    page.get_by_role("button", name="Add endpoint").click()
    page.get_by_role("dialog").get_by_label("Address").fill(catcher.url)
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    secret = page.get_by_role("textbox", name="Signing secret").input_value()
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("link", name="Deliveries").click()

    org.inbound(ADA, "needle in a haystack")
    row = page.get_by_role("link", name=re.compile(r"message\.received"))
    expect(row).to_contain_text("200")
    page.get_by_label("Search deliveries").fill("needle")
    expect(page.locator(".rows li")).to_have_count(1)
    row.click()
    expect(page.locator(".signature")).to_contain_text("the signature holds")
    expect(page.locator(".signature")).to_contain_text(f"whsec_…{secret[-4:]}")
    expect(page.get_by_role("region", name="Body of the request")).to_contain_text("needle in a haystack")
    page.get_by_label("Signing secret").fill("whsec_another")
    expect(page.locator(".signature")).to_contain_text("They differ")
    page.get_by_role("button", name="Redeliver").click()
    expect(page.get_by_text("Again from")).to_be_visible()
    assert [post.json["event"] for post in catcher.take(3)].count("message.received") == 2


def test_an_endpoint_is_switched_off_by_failures_and_on_by_a_person(
    look: Callable[[str], Page], org: Org, catcher: Catcher
) -> None:
    """Failures in a row are counted before one's eyes; re-enable, rotate and test do what they say."""
    catcher.status = 500
    org.subscribe(catcher.url)
    page = look("webhooks/endpoints")
    for number in range(4):
        org.inbound(ADA, f"{number}")
    org.advance(3600)
    expect(page.get_by_text("switched off")).to_be_visible()
    page.get_by_role("button", name="Re-enable").click()
    expect(page.get_by_text("no failures in a row")).to_be_visible()
    page.get_by_role("button", name="Rotate secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    assert page.get_by_role("textbox", name="New signing secret").input_value().startswith("whsec_")
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_role("heading", name="webhook.test")).to_be_visible()
    page.get_by_role("button", name=re.compile("500")).first.click()
    expect(page.get_by_text(re.compile("Next attempt in"))).to_be_visible()


def test_the_journal_shows_calls_and_copies_them(look: Callable[[str], Page], org: Org) -> None:
    """A call appears when it is answered, says which fault struck, and can be copied as a line that a shell takes."""
    page = look("api")
    org.set("POST", "/faults", {"on": "sendMessage", "effect": {"type": "status", "status": 503}, "label": "Outage"})
    org.api("POST", "/messages", {"to": ADA, "text": "it's me"})
    page.get_by_role("list", name="Calls, newest first").get_by_role("link").filter(has_text="503").click()

    expect(page.locator(".struck")).to_contain_text("Outage")
    expect(page.get_by_role("region", name="Body of the answer")).to_contain_text('"error"')
    page.get_by_role("button", name="Copy as curl").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"-X POST '{base(org.server)}/api/v1/messages'" in copied
    assert "it'\\''s me" in copied
    assert '"Authorization: Bearer $FLOWELLA_API_KEY"' in copied
    assert org.api_key not in page.content()


def test_time_is_moved_by_hand(look: Callable[[str], Page], org: Org) -> None:
    """What waits is counted; to the next event, a day, until idle; faster and frozen."""
    page = look("time")
    org.inbound(ADA)
    org.ok("POST", "/messages", {"to": ADA, "text": "hello"})
    expect(page.get_by_text(re.compile("thing.? waiting; the next is due in"))).to_be_visible()
    waits = page.get_by_role("list", name="What waits, the next first")
    expect(waits.get_by_role("button", name=f"Message to {ADA}: sent")).to_contain_text(re.compile(r"in (299|300) ms"))
    before = org.set("GET", "/clock")
    page.get_by_role("button", name="To the next event").click()
    expect(page.get_by_label("What the advances did").locator("li")).to_have_count(1)
    assert org.set("GET", "/clock")["now"] == before["nextDueAt"]
    waits.get_by_role("button", name=f"Message to {ADA}: delivered").click()
    expect(page.get_by_role("heading", name=ADA)).to_be_visible()
    page.get_by_role("link", name="Time", exact=True).click()

    page.get_by_role("button", name="1 day").click()
    expect(page.locator(".story li").first).to_contain_text("+1 d")
    page.get_by_role("button", name="Until nothing waits").is_disabled()
    page.get_by_role("button", name="Faster").click()
    page.get_by_label("Times as fast").first.fill("100")
    page.get_by_label("Times as fast").first.press("Tab")
    expect(page.locator(".mood")).to_contain_text("100× as fast")
    page.get_by_role("button", name="Frozen").click()
    expect(page.locator(".mood")).to_contain_text("standing still")
    assert org.set("GET", "/clock")["mode"] == "manual"


def test_the_web_chat_is_led_from_both_ends(look: Callable[[str], Page], org: Org) -> None:
    """A visitor's conversation is a tab away once there is one; visitor, agent and AI may write."""
    page = look("conversations")
    expect(page.get_by_role("link", name="Web chat")).to_be_hidden()
    org.set("POST", "/inbound", {"platform": "web", "visitorId": "visitor-7", "text": "Is anybody there?"})
    page.get_by_role("link", name="Web chat").click()
    page.get_by_role("link", name="visitor-7").click()
    expect(page.locator(".message.theirs")).to_contain_text("Is anybody there?")
    for speaker, text in (("Agent", "I am."), ("Visitor", "Good.")):
        page.get_by_label("Write as").select_option(speaker)
        page.get_by_label("Write in the chat window").fill(text)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator(".message", has_text=text)).to_be_visible()
    expect(page.locator(".message.ours .tag")).to_have_text("Agent")
    assert [(one["speaker"], one["text"]) for one in org.all("/web-messages")][:2] == [
        ("user", "Good."),
        ("human", "I am."),
    ]
