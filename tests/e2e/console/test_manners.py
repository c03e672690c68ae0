"""What the console never does, and how it may be used."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from e2e.conftest import ADA

from .conftest import VIEWS, base, needed

expect = needed("playwright.sync_api", "pip install playwright").expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from e2e.conftest import Catcher, Org, Server

SMALL = """() => [...document.querySelectorAll(
  "button, select, input:not([type=checkbox]), textarea, .row-link, nav a, .switch")]
  .filter((one) => one.checkVisibility() && !one.matches(".visually-hidden"))
  .filter((one) => one.getBoundingClientRect().height < 39.5).map((one) => one.outerHTML.slice(0, 120))"""
"""What a finger would miss."""
EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\'"><b id=evil>bold</b>'


def test_no_text_becomes_markup(look: Callable[[str], Page], org: Org, catcher: Catcher, complaints: list[str]) -> None:
    """Names, texts, labels, bodies, paths, reasons: whatever a stranger may write is shown as it was written."""
    hook = org.subscribe(catcher.url)
    org.set("POST", "/inbound", {"from": ADA, "text": EVIL, "profileName": EVIL})
    org.set(
        "POST",
        "/inbound",
        {"from": ADA, "type": "location", "payload": {"latitude": 1, "longitude": 2, "name": EVIL, "address": EVIL}},
    )
    org.set(
        "POST",
        "/inbound",
        {
            "from": ADA,
            "type": "image",
            "payload": {"url": "https://x.example/a.jpg", "caption": EVIL, "filename": EVIL},
        },
    )
    org.set(
        "POST",
        "/inbound",
        {"from": ADA, "type": "contacts", "payload": {"contacts": [{"name": {"formatted_name": EVIL}}]}},
    )
    org.set("POST", "/inbound", {"from": ADA, "type": "button", "payload": {"text": EVIL, "payload": EVIL}})
    org.set(
        "POST",
        "/templates",
        {
            "name": "evil",
            "category": "UTILITY",
            "status": "REJECTED",
            "components": [{"type": "BODY", "text": EVIL}, {"type": "FOOTER", "text": "<i>x"}],
        },
    )
    org.set(
        "POST",
        "/faults",
        {"on": "sendMessage", "effect": {"type": "status", "status": 503, "message": EVIL}, "label": EVIL[:100]},
    )
    org.api("POST", "/messages", {"to": ADA, "text": EVIL})
    visitor = "<img src=x onerror=window.pwned=1>"
    file = {"url": "https://x.example/a.jpg", "filename": EVIL}
    org.set(
        "POST", "/inbound", {"platform": "web", "visitorId": visitor, "text": EVIL, "type": "image", "payload": file}
    )
    org.set("POST", "/web-messages", {"visitorId": visitor, "text": EVIL})
    people = [{"phone": f"+155512340{number:02}", "bodyParameters": [EVIL]} for number in range(3)]
    named = {
        "name": "evil_send",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [{"type": "BODY", "text": "{{1}}"}],
    }
    send = {
        "templateId": org.set("POST", "/templates", named)["id"],
        "whatsappChannelId": org.channel(),
        "recipients": people,
    }
    org.ok("POST", "/templates/send", {**send, "throttlePerHour": 1})
    org.api("GET", "/contacts?search=%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E")
    org.set("POST", "/api-keys", {"label": EVIL[:100]})
    org.set("POST", "/channels", {"name": EVIL[:100], "phone": "+15550101234"})
    org.advance(60)
    contact, delivery = org.all("/contacts")[0]["id"], org.all(f"/deliveries?webhookId={hook['id']}")[-1]["id"]
    request = next(one["id"] for one in org.all("/requests") if one["method"] == "POST")

    for view in (
        *VIEWS,
        f"conversations/{contact}",
        f"webhooks/{delivery}",
        f"api/{request}",
        "conversations/web",
        f"conversations/web/{quote(visitor)}",
    ):
        page = look(view)
        expect(page.locator("main")).to_contain_text(re.compile(r"\w{3}"))
        assert page.evaluate("window.pwned") is None, view
        assert page.locator("#evil, img[src=x], main script").count() == 0, view
    look(f"conversations/web/{quote(visitor)}")
    expect(page.locator(".message").get_by_text(EVIL)).to_have_count(3)
    look(f"conversations/{contact}")
    expect(page.get_by_text(EVIL).first).to_be_visible()
    assert complaints == []


def test_the_control_token_is_asked_for(page: Page, start: Callable[..., Server]) -> None:
    """With a token the page asks, takes nothing wrong, and keeps it in the tab alone."""
    server = start("--control-token", "sesame")
    page.goto(f"{base(server)}/_mock/")
    for token in ("wrong", "sesame"):
        page.get_by_role("textbox", name="Control token").fill(token)
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    assert "sesame" not in page.url + page.evaluate("document.cookie")


def test_it_stays_a_window_on_the_data(look: Callable[[str], Page], org: Org) -> None:
    """Thousands of messages later the page has not grown with them."""
    page = look("conversations")
    org.set("PATCH", "/account", {"rateLimit": None})
    for number in range(400):
        org.inbound(ADA, f"number {number}")
    page.get_by_role("link", name=re.compile(re.escape(ADA))).click()
    expect(page.locator(".message").get_by_text("number 399")).to_be_visible()
    assert page.locator(".message").count() <= 150
    page.get_by_role("button", name="Show older").last.click()
    expect(page.locator(".message").first).not_to_contain_text("number 350")


HEARD = """org => new Promise((heard) => {
  const stream = new EventSource(`/_mock/orgs/${org}/events`);
  stream.addEventListener("message", () => { stream.close(); frames(20, heard); });
  stream.onopen = () => { document.title = "listening"; };
  const frames = (left, done) => (left ? requestAnimationFrame(() => frames(left - 1, done)) : done());
})"""


def test_what_is_pressed_stays_under_the_finger(look: Callable[[str], Page], org: Org) -> None:
    """News that come between the button's down and its up do not swallow the click."""
    org.inbound(ADA, "before")
    page = look("conversations")
    row = page.get_by_role("link", name=re.compile(re.escape(ADA)))
    page.get_by_label("Find a contact").focus()
    row.hover()
    page.mouse.down()
    page.evaluate(f"() => {{ window.heard = ({HEARD})({json.dumps(org.id)}); }}")
    expect(page).to_have_title("listening")
    org.inbound(ADA, "meanwhile")
    page.evaluate("() => window.heard")
    expect(row).to_contain_text("before")
    page.mouse.up()
    expect(page.locator(".message").get_by_text("meanwhile")).to_be_visible()
    expect(row).to_contain_text("meanwhile")


def test_it_can_be_used_from_the_keyboard_and_on_a_phone(look: Callable[[str], Page], org: Org) -> None:
    """Digits go to views, a slash to the search; at 390 px nothing is wider than the screen, in any view."""
    org.inbound(ADA)
    page = look("conversations")
    page.keyboard.press("5")
    expect(page.get_by_role("heading", name="Faults")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Conversations")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Find a contact")).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 844})
    for view in VIEWS:
        look(view)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, view
        assert page.evaluate(SMALL) == [], view
        assert page.get_by_role("navigation", name="Console").get_by_role("link").last.is_visible()


def test_the_last_wish_counts(org: Org, look: Callable[[str], Page]) -> None:
    """Somebody who clicks on while a view is loading stays where they went last."""
    org.set("POST", "/inbound", {"platform": "web", "visitorId": "visitor-1", "text": "Hello from the page"})
    page = look("api")
    held: list[Route] = []
    page.route("**/templates?limit=100", lambda route: held.append(route))  # noqa: PLW0108 (Playwright wants a function)
    with page.expect_request("**/templates?limit=100"):
        page.evaluate(f"location.hash = '#/{org.id}/conversations/web'")
    page.evaluate(f"location.hash = '#/{org.id}/conversations/web/visitor-1'")
    page.wait_for_function(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    for route in held:
        route.continue_()
    page.locator(".people .row-link").wait_for()

    expect(page.locator(".message").get_by_text("Hello from the page")).to_be_visible()
    expect(page.get_by_text("Choose a conversation")).to_have_count(0)
