"""The console in a real Chromium, used as a person would.

Skipped where there is no playwright or no browser: `pip install playwright`, and a `chromium` on the PATH.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ADA

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright; pip install playwright")
expect = sync_api.expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from .conftest import Catcher, Org, Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_MS = 20_000
EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\'"><b id=evil>bold</b>'

VIEWS = ("conversations", "webhooks", "webhooks/endpoints", "api", "time", "faults", "campaigns", "settings/keys",
         "settings/channels", "settings/templates", "settings/account", "settings/organizations")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH; apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def base(server: Server) -> str:
    """Where the server is."""
    return server.api_url.removesuffix("/api/v1")


@pytest.fixture
def complaints() -> list[str]:
    """What the page's console said that it should not: errors, broken policies."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A page of its own; a script that fails, or something that the policy stops, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def look(page: Page, org: Org) -> Callable[[str], Page]:
    """Open a view of this test's organization, and wait until it is listening."""

    def at(view: str) -> Page:
        page.goto(f"{base(org.server)}/_mock/#/{org.id}/{view}")
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        return page

    return at


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
    before = org.set("GET", "/clock")
    page.get_by_role("button", name="To the next event").click()
    expect(page.get_by_label("What the advances did").locator("li")).to_have_count(1)
    assert org.set("GET", "/clock")["now"] == before["nextDueAt"]

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


def test_faults_are_ordered_and_taken_back(look: Callable[[str], Page], org: Org) -> None:
    """A preset with one click; the form offers what fits and no more; counters move; one click off."""
    page = look("faults")
    page.get_by_role("button", name=re.compile("Too many requests")).click()
    expect(page.get_by_text("0 struck of 0 seen")).to_be_visible()
    assert org.api("POST", "/messages", {"to": ADA, "text": "x"}).status == 429
    expect(page.get_by_text("1 struck of 1 seen · spent")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nothing goes wrong")).to_be_visible()

    page.get_by_label("When").select_option("webhook:message.read")
    offered = page.get_by_label("Goes wrong by").locator("option").all_inner_texts()
    assert "Duplicate" in offered
    assert "Rate limit" not in offered
    page.get_by_label("When").select_option("sendMessage")
    page.get_by_label("Goes wrong by").select_option("metaError")
    page.get_by_label("Only if").select_option("to")
    page.get_by_label("Value to match").fill(ADA)
    page.get_by_role("button", name="Order this failure").click()
    expect(page.get_by_text(f"to is {ADA}")).to_be_visible()
    (rule,) = org.all("/faults")
    assert (rule["effect"], rule["match"]) == ({"type": "metaError", "code": 131026}, {"to": ADA})


def test_settings_are_changed(look: Callable[[str], Page], org: Org) -> None:
    """A key is made and revoked, a channel cut off, a template reviewed, billing and a limit set."""
    page = look("settings/keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Label").fill("For the shop")
    page.get_by_role("button", name="Make").click()
    assert page.get_by_role("textbox", name="API key").input_value().startswith("flo_")
    page.get_by_role("button", name="I have it").click()
    card = page.locator(".card", has_text="For the shop")
    card.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(card.get_by_text("revoked")).to_be_visible()

    page.get_by_role("link", name="Channels").click()
    page.locator(".switch", has_text="Connected").first.click()
    page.get_by_role("link", name="Templates").click()
    page.get_by_role("button", name="New template").click()
    page.get_by_label("Name", exact=True).fill("brand_new")
    page.get_by_label("Text", exact=True).fill("Hi {{1}}")
    page.get_by_role("button", name="Submit for review").click()
    fresh = page.locator(".card", has_text="brand_new")
    fresh.get_by_role("button", name="Approve").click()
    expect(fresh.get_by_text("approved")).to_be_visible()
    fresh.get_by_label("Quality of brand_new").select_option("GREEN")
    page.get_by_role("link", name="Account and limits").click()
    page.get_by_label("Billing").select_option("past_due")
    page.locator(".card", has_text="Pair rate").locator(".switch").click()
    expect(page.get_by_label("Burst")).to_have_value("45")

    account, template = org.set("GET", "/account"), org.set("GET", "/templates?name=brand_new")["items"][0]
    assert (account["billing"], account["limits"]["pairRate"]["burst"]) == ("past_due", 45)
    assert (template["status"], template["quality"]) == ("APPROVED", "GREEN")
    assert False in {channel["connected"] for channel in org.all("/channels")}


def test_an_organization_is_saved_reset_and_put_back(look: Callable[[str], Page], org: Org, tmp_path: Any) -> None:
    """Down as a file, reset, and up again: the conversation is back, and the page saw it begin again."""
    org.inbound(ADA, "remember me")
    page = look("settings/organizations")
    mine = page.locator(".card", has=page.get_by_text("shown"))
    with page.expect_download() as started:
        mine.get_by_role("button", name="Snapshot", exact=True).click()
    file = tmp_path / "world.json"
    started.value.save_as(file)
    mine.get_by_role("button", name="Reset").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset").click()
    expect(page.get_by_text("Back to its seed").first).to_be_visible()
    assert org.all("/messages") == []
    mine.locator("input[type=file]").set_input_files(file)
    page.get_by_role("dialog").get_by_role("button", name="Put back").click()
    expect(page.get_by_text("Put back", exact=True).first).to_be_visible()
    assert [one["text"] for one in org.all("/messages")] == ["remember me"]


def test_a_campaign_is_watched(look: Callable[[str], Page], org: Org) -> None:
    """The bar moves while the job runs, the books balance, the pace stands beside the throttle, the chart counts."""
    template = org.set("POST", "/templates", {"name": "mass", "category": "UTILITY", "status": "APPROVED",
                       "components": [{"type": "BODY", "text": "Hi {{1}}"}]})  # fmt: skip
    people = [{"phone": f"+155512340{number:02}", "bodyParameters": ["you"]} for number in range(40)]
    send = {
        "templateId": template["id"],
        "whatsappChannelId": org.channel(),
        "throttlePerHour": 3600,
        "recipients": people,
    }
    page = look("campaigns")
    org.ok("POST", "/templates/send", send)
    bar = page.get_by_role("progressbar", name="Recipients dealt with")
    org.advance(19.5)
    expect(bar).to_have_attribute("aria-valuenow", "20")
    expect(page.locator(".job")).to_contain_text("3,600/h allowed")
    org.advance(60)
    expect(page.get_by_text("100 %")).to_be_visible()
    expect(page.get_by_label("The books")).to_contain_text("40Recipients=40Accepted+0Suppressed+0Rejected+0Pending")
    expect(page.locator(".legend")).to_contain_text("40 messages")


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
    org.api("GET", "/contacts?search=%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E")
    org.set("POST", "/api-keys", {"label": EVIL[:100]})
    org.set("POST", "/channels", {"name": EVIL[:100], "phone": "+15550101234"})
    org.advance(60)
    contact, delivery = org.all("/contacts")[0]["id"], org.all(f"/deliveries?webhookId={hook['id']}")[-1]["id"]
    request = next(one["id"] for one in org.all("/requests") if one["method"] == "POST")

    for view in (*VIEWS, f"conversations/{contact}", f"webhooks/{delivery}", f"api/{request}"):
        page = look(view)
        expect(page.locator("main")).to_contain_text(re.compile(r"\w{3}"))
        assert page.evaluate("window.pwned") is None, view
        assert page.locator("#evil, img[src=x], main script").count() == 0, view
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
    expect(page.get_by_text("number 399").last).to_be_visible()
    assert page.locator(".message").count() <= 150
    page.get_by_role("button", name="Show older").last.click()
    expect(page.locator(".message").first).not_to_contain_text("number 350")


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
        assert page.get_by_role("navigation", name="Console").get_by_role("link").last.is_visible()
