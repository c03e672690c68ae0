"""A real Chromium, used as a person would. Without playwright or a browser these tests are skipped, and say so; where
CONSOLE_BROWSER=required, as in .ci/run, they fail instead.
"""

from __future__ import annotations

import importlib
import os
import shutil
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from e2e.conftest import Org, Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_MS = 20_000

VIEWS = ("conversations", "webhooks", "webhooks/endpoints", "api", "time", "faults", "campaigns", "settings/keys",
         "settings/channels", "settings/templates", "settings/account", "settings/organizations")  # fmt: skip


def go_without(reason: str) -> NoReturn:
    """No browser to be had: that is a failure where one is required."""
    if os.environ.get("CONSOLE_BROWSER") == "required":
        pytest.fail(f"the console is not tested: {reason}")
    pytest.skip(f"the console is not tested: {reason}", allow_module_level=True)


def needed(module: str, remedy: str) -> Any:
    """A module that these tests cannot do without."""
    try:
        return importlib.import_module(module)
    except ImportError:
        go_without(f"no {module}; {remedy}")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for this folder."""
    playwright_ = needed("playwright.sync_api", "pip install playwright")
    if CHROMIUM is None:
        go_without("no chromium on the PATH; apt-get install chromium")
    playwright_.expect.set_options(timeout=PATIENCE_MS)
    with playwright_.sync_playwright() as playwright:
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
        page.locator(".line:not(.lost)", has_text="Live").wait_for()
        return page

    return at
