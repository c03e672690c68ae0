"""The console's views of what can be arranged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from e2e.conftest import ADA

from .conftest import needed

expect = needed("playwright.sync_api", "pip install playwright").expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from e2e.conftest import Org


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
    expect(page.get_by_role("img", name="20 of 40 after 19.5 s, against a throttle of 3,600 an hour")).to_be_visible()
    org.advance(60)
    expect(page.get_by_text("100 %")).to_be_visible()
    expect(page.get_by_label("The books")).to_contain_text("40Recipients=40Accepted+0Suppressed+0Rejected+0Pending")
    expect(page.locator(".legend")).to_contain_text("40 messages")
