"""Does the console stay smooth? `python -m bench.console_load [--seconds 60]`

10,000 messages are stored and some 50 events a second come in, while somebody clicks from row to row. Each click is timed in
the browser, from the event's own timestamp to the first thing that runs after the next frame was painted. The events are a
campaign's, made by the server itself as its clock goes, so that little of the machine goes into making them; what the server
took of a core is printed, because browser, server and whatever else runs share the cores there are.

Memory is what is left after a forced collection, at the start and at the end of each minute.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import threading
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from bench.screenshots import SIZES, World, first, receiver
from mock_server.config import Config
from mock_server.serving import Fake

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

STORED = 10_000
EVENTS_PER_SECOND = 50
PER_RECIPIENT = 11
"""Events that one recipient of a campaign brings: a message in four states, its delivery made and done for one endpoint,
the job, the contact, the conversation."""
PAUSE_MS = 350
"""Between two clicks."""
VIEWS = {"conversations": ".people .row-link", "webhooks": ".rows .row-link", "from view to view": ".rail-link"}
"""What is clicked, and where one begins."""

WATCH = """() => {
  window.clicks = [];
  addEventListener("click", (event) => requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => window.clicks.push(performance.now() - event.timeStamp);
    after.port2.postMessage(0);
  }), true);
}"""


def main() -> None:
    """Fill, then one view after the other."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--views", default=",".join(VIEWS))
    given = options.parse_args()
    print(f"{os.cpu_count()} cores; load before: {os.getloadavg()[0]:.1f}")
    with receiver() as hook, Fake(Config(port=0, rate_limit=None)) as fake, sync_playwright() as playwright:
        world = World(fake.server.url)
        fill(world, hook)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        print("view               clicks  median     p99     max   events/s  server   heap MB     nodes")
        for view in given.views.split(","):
            page = browser.new_page(viewport=SIZES["wide"])
            measure(page, world, view, given.seconds)
            page.close()
        browser.close()


def fill(world: World, hook: str) -> None:
    """Ten thousand messages, to as many people, and an endpoint that hears of all that comes after."""
    world.control("PUT", "/clock", {"mode": "manual"})
    send(world, STORED, throttle=None, offset=0)
    world.control("POST", "/clock/advance", {"until": "idle"})
    for number in range(100):
        world.control("POST", "/inbound", {"from": f"+1555{number:07}", "text": f"Hello, {number} speaking"})
    world.control("POST", "/clock/advance", {"until": "idle"})
    stored = world.control("GET", "")["counts"]
    print(f"{stored['messages']:,} messages of {stored['contacts']:,} contacts stored")
    world.control("POST", "/webhooks", {"url": hook, "events": ["message.sent", "message.delivered"]})
    world.control("PUT", "/clock", {"mode": "real"})


def send(world: World, number: int, *, throttle: float | None, offset: int) -> None:
    """A campaign to so many people."""
    template = first(world, "/templates?status=APPROVED", lambda one: "{{" not in json.dumps(one))
    people = [{"phone": f"+1555{(offset + index) % STORED:07}"} for index in range(number)]
    body = {"templateId": template, "whatsappChannelId": world.control("GET", "/channels")["items"][-1]["id"],
            "recipients": people}  # fmt: skip
    pace = {} if throttle is None else {"throttlePerHour": throttle}
    assert world.call("POST", "/api/v1/templates/send", {**body, **pace}), "the campaign was refused"


def measure(page: Page, world: World, view: str, seconds: float) -> None:
    """One view under load; a line of the table."""
    org = world.control("GET", "")["id"]
    pace = EVENTS_PER_SECOND / PER_RECIPIENT
    send(world, round(pace * (seconds + 20)), throttle=round(pace * 3600), offset=0)
    page.goto(f"{world.base}/_mock/#/{org}/{view if view.isalpha() else 'conversations'}")
    page.wait_for_selector(VIEWS[view])
    page.evaluate(WATCH)
    inspector = page.context.new_cdp_session(page)
    page.wait_for_timeout(4000)
    before, begun, spent = standing(inspector), time.monotonic(), cpu()
    with Ear(f"{world.base}/_mock/orgs/default/events") as ear:
        click_about(page, VIEWS[view], begun + seconds)
    took, used = time.monotonic() - begun, cpu() - spent
    after = standing(inspector)
    clicks = sorted(page.evaluate("window.clicks"))
    row = f"{view:18}{len(clicks):7}{statistics.median(clicks):8.1f}{clicks[int(len(clicks) * 0.99)]:8.1f}{clicks[-1]:8.1f}"
    row += f"{ear.heard / took:11.1f}{used / took:8.0%}{before[0]:6.1f}→{after[0]:.1f}{before[1]:6}→{after[1]}"
    print(row, flush=True)
    world.control("POST", "/clock/advance", {"until": "idle"})
    world.control("PUT", "/clock", {"mode": "real"})


def click_about(page: Page, selector: str, until: float) -> None:
    """From one row to another, by the mouse, so that nothing of the test runs in the page."""
    boxes = page.evaluate(f"""[...document.querySelectorAll({json.dumps(selector)})].slice(0, 8).map((one) => {{
      const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})""")
    turn = 0
    while time.monotonic() < until:
        page.mouse.click(*boxes[turn % len(boxes)])
        page.wait_for_timeout(PAUSE_MS)
        turn += 1


def standing(inspector: CDPSession) -> tuple[float, int]:
    """Megabytes of script and nodes of the page that are really in use."""
    inspector.send("HeapProfiler.enable")
    inspector.send("HeapProfiler.collectGarbage")
    inspector.send("Performance.enable")
    found = {one["name"]: one["value"] for one in inspector.send("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"] / 1e6, int(found["Nodes"])


def cpu() -> float:
    """Seconds of a core that this process took: the server, the receiver and the mouse."""
    used: Any = resource.getrusage(resource.RUSAGE_SELF)
    return float(used.ru_utime + used.ru_stime)


class Ear:
    """Counts events, as the page gets them."""

    def __init__(self, url: str) -> None:
        self.heard = 0
        self._stream = urlopen(url)
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done = True

    _done = False

    def _listen(self) -> None:
        while not self._done:
            self.heard += self._stream.readline().startswith(b"event: ")


if __name__ == "__main__":
    main()
