"""axe-core looks at every view, as it is empty and as it is full, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from e2e.conftest import ADA

from .conftest import VIEWS, needed

expect = needed("playwright.sync_api", "pip install playwright").expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from e2e.conftest import Catcher, Org

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: tuple[tuple[Literal["light", "dark"], dict[str, Any]], ...] = (
    ("light", {"type": "tag", "values": RULES}),
    ("dark", {"type": "rule", "values": ["color-contrast"]}),
)
LOOK = """async (only) => {
  const found = await axe.run(document, { runOnly: only, resultTypes: ["violations"], preload: false });
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id} (${one.impact}): ${one.nodes[0].html.slice(0, 200)}`);
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script, from the package that carries it."""
    package = needed("axe_playwright_python", "pip install axe-playwright-python")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page, axe: str, only: dict[str, Any]) -> list[str]:
    """What is grave about the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    return list(page.evaluate(LOOK, only))


def fill(org: Org, url: str) -> list[str]:
    """Something in each view; where the single things are."""
    org.subscribe(url)
    org.set("POST", "/inbound", {"from": ADA, "text": "Hello", "profileName": "Ada Lovelace"})
    org.set("POST", "/inbound", {"platform": "web", "visitorId": "visitor-1", "text": "Is anybody there?"})
    org.set("POST", "/faults", {"on": "sendMessage", "effect": {"type": "status", "status": 503}, "times": 1})
    org.api("POST", "/messages", {"to": ADA, "text": "struck"})
    org.ok("POST", "/messages", {"to": ADA, "text": "sent"})
    org.api("POST", "/messages", {"to": "+15000131026", "text": "refused"})
    org.advance(2)
    contact = next(one["id"] for one in org.all("/contacts") if one["phone"] == ADA)
    delivery, call = org.all("/deliveries")[0]["id"], org.all("/requests")[-1]["id"]
    return [f"conversations/{contact}", "conversations/web/visitor-1", f"webhooks/{delivery}", f"api/{call}"]


def test_nothing_serious_stands_in_anybodys_way(
    look: Callable[[str], Page], org: Org, catcher: Catcher, axe: str
) -> None:
    """All rules in the light; in the dark only colours differ."""
    found = {}
    for view in (*VIEWS, *fill(org, catcher.url)):
        page = look(view)
        expect(page.locator("main")).to_contain_text(re.compile(r"\w{3}"))
        for scheme, only in LOOKS:
            page.emulate_media(color_scheme=scheme)
            if grave := findings(page, axe, only):
                found[f"{view}, {scheme}"] = grave
    assert found == {}


def test_an_empty_console_is_no_worse(look: Callable[[str], Page], axe: str) -> None:
    """Before anything has happened, each view says what will be there."""
    found = {}
    for view in ("conversations", "webhooks", "api", "time", "faults", "campaigns"):
        page = look(view)
        expect(page.locator("main")).to_contain_text(re.compile(r"\w{3}"))
        if grave := findings(page, axe, {"type": "tag", "values": RULES}):
            found[view] = grave
    assert found == {}
