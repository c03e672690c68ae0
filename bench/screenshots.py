"""The console's pictures: each view, light and dark, wide and narrow, from one small world in which something happens.

    python bench/screenshots.py [docs/console]

Needs `pip install playwright` and a Chromium (`chromium` on the PATH, or one of playwright's own). With `pngquant`, if it is
there, they are small.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.request import Request, urlopen

from playwright.sync_api import sync_playwright

from mock_server.config import Config
from mock_server.orgs import DEFAULT_API_KEY
from mock_server.serving import Fake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, ViewportSize

SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ADA, GRACE = "+15551230001", "+15551230002"


class Receiver(BaseHTTPRequestHandler):
    """Takes what comes; the first delivery receipts find it busy."""

    busy = 2

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refused = b"message.read" in body and Receiver.busy > 0
        Receiver.busy -= refused
        answer = b'{"error":"busy, come back later"}' if refused else b'{"ok":true}'
        self.send_response(503 if refused else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def receiver() -> Iterator[str]:
    """A receiver of webhooks on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks"
    finally:
        server.shutdown()


class World:
    """The calls that make something happen."""

    def __init__(self, base: str) -> None:
        self.base = base

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call; a refusal is an answer too."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {DEFAULT_API_KEY}", "Content-Type": "application/json"}
        try:
            with urlopen(Request(self.base + path, data, headers, method=method)) as answer:
                return json.loads(answer.read() or b"null")
        except OSError:
            return None

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The same of the control plane."""
        return self.call(method, f"/_mock/orgs/default{path}", body)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.control("POST", "/clock/advance", {"seconds": seconds})


def live_a_little(world: World, hook: str) -> None:
    """A morning in the shop: talk, a template, a failure, a campaign."""
    world.control(
        "POST", "/webhooks", {"url": hook, "events": ["*"], "secret": "whsec_thisisafakewebhooksecret00000000"}
    )
    world.control("POST", "/webhooks", {"url": "http://127.0.0.1:9/nobody-listens", "events": ["message.failed"]})
    template = {
        "name": "parcel_on_its_way",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Your parcel is on its way"},
            {"type": "BODY", "text": "Hi {{1}}, order {{2}} left our warehouse and arrives tomorrow before noon."},
            {"type": "FOOTER", "text": "Harbour Shop, pier 4"},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Leave it at the door"},
                                            {"type": "QUICK_REPLY", "text": "Another day"}]},
        ],
    }  # fmt: skip
    made = world.control("POST", "/templates", template)
    world.control(
        "POST", "/templates", {**template, "name": "new_year_sale", "category": "MARKETING", "status": "PENDING"}
    )
    world.control("POST", "/inbound", {"from": ADA, "text": "Good morning! Is the blue kettle shipped yet?"})
    world.advance(20)
    world.call(
        "POST",
        "/api/v1/messages",
        {"to": ADA, "text": "Good morning, Ada! It leaves today. I send you a note when it does."},
    )
    world.advance(4)
    channel = world.control("GET", "/channels")["items"][-1]["id"]
    send = {"templateId": made["id"], "whatsappChannelId": channel, "throttlePerHour": 3600}
    one = [{"phone": ADA, "bodyParameters": ["Ada", "1912"]}]
    world.call("POST", "/api/v1/templates/send", {**send, "recipients": one})
    world.advance(30)
    world.control(
        "POST",
        "/inbound",
        {"from": ADA, "type": "button", "payload": {"text": "Leave it at the door", "payload": "door"}},
    )
    world.control("POST", "/inbound", {"from": ADA, "type": "location", "payload": {
        "latitude": 51.5079, "longitude": -0.0877, "name": "Pier 4", "address": "The harbour"}})  # fmt: skip
    world.call("POST", "/api/v1/messages", {"to": "+15000131026", "text": "Hello?"})
    world.call("POST", "/api/v1/messages", {"to": GRACE, "text": ""})
    world.control(
        "POST",
        "/faults",
        {"on": "sendMessage", "effect": {"type": "status", "status": 503}, "times": 1, "label": "Outage"},
    )
    world.call("POST", "/api/v1/messages", {"to": GRACE, "text": "Your order is at pier 4."})
    world.control(
        "POST",
        "/faults",
        {"on": "webhook:*", "effect": {"type": "duplicate"}, "probability": 0.1, "label": "Webhooks twice"},
    )
    world.call("POST", "/api/v1/messages", {"to": GRACE, "text": "Your order is at pier 4."})
    world.advance(60)
    world.control(
        "POST",
        "/inbound",
        {"from": ADA, "type": "image", "payload": {"url": "https://example.com/door.jpg", "caption": "This door"}},
    )
    world.call("POST", "/api/v1/messages", {"to": ADA, "text": "Got it, the green door. Thank you!"})
    for speaker, text in (
        ("user", "Is the green kettle in the shop on Saturday?"),
        ("bot", "Yes, from nine to one."),
        ("user", "See you!"),
    ):
        who = {"visitorId": "visitor-41", "text": text}
        if speaker == "user":
            world.control("POST", "/inbound", {"platform": "web", **who})
        else:
            world.control("POST", "/web-messages", {"speaker": speaker, **who})
    world.advance(1)


def campaign(world: World) -> None:
    """One to many, half way."""
    send = {"templateId": first(world, "/templates", lambda one: one["name"] == "parcel_on_its_way"), "throttlePerHour": 3600,
            "whatsappChannelId": world.control("GET", "/channels")["items"][-1]["id"]}  # fmt: skip
    people = [{"phone": f"+155512340{number:02}", "bodyParameters": ["friend", "1912"]} for number in range(40)]
    world.call(
        "POST",
        "/api/v1/templates/send",
        {
            **send,
            "recipients": [
                {"phone": "+5511987654321", "bodyParameters": ["César", "1912"]},
                *people[:9],
                {"phone": "+15551230006", "bodyParameters": ["x"]},
                *people[9:],
            ],
        },
    )
    world.advance(24)


def first(world: World, path: str, fits: Any = lambda _: True) -> str:
    """The id of the newest that fits."""
    return str(
        next(
            one["id"]
            for one in world.control("GET", f"{path}{'&' if '?' in path else '?'}limit=100")["items"]
            if fits(one)
        )
    )


def talk(world: World) -> dict[str, str]:
    """Where the picture of a conversation is taken."""
    ada = first(world, "/contacts", lambda one: one["phone"] == ADA)
    return {"conversations": f"conversations/{ada}"}


def views(world: World) -> dict[str, str]:
    """Where the other pictures are taken."""
    tried = first(world, "/deliveries?event=message.read", lambda one: len(one["attempts"]) > 1)
    struck = first(world, "/requests", lambda one: one["faults"])
    return {
        "webhooks": f"webhooks/{tried}",
        "endpoints": "webhooks/endpoints",
        "api": f"api/{struck}",
        "time": "time",
        "faults": "faults",
        "campaigns": "campaigns",
        "settings": "settings/templates",
        "account": "settings/account",
    }


def picture(page: Page, name: str, folder: Path) -> None:
    """One picture, once everything is there."""
    page.wait_for_selector("main > *")
    page.wait_for_timeout(500)
    file = folder / f"{name}.png"
    page.screenshot(path=file)
    if smaller := shutil.which("pngquant"):
        subprocess.run([smaller, "--force", "--ext", ".png", "64", str(file)], check=True)


def main() -> None:
    """All of them."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/console")
    folder.mkdir(parents=True, exist_ok=True)
    with receiver() as hook, Fake(Config(port=0, seed="demo", clock="manual")) as fake, sync_playwright() as playwright:
        world = World(fake.server.url)
        live_a_little(world, hook)
        org = world.control("GET", "")["id"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for act, places in ((lambda _: None, talk), (campaign, views)):
            act(world)
            for size, scheme in product(SIZES, SCHEMES):
                page = browser.new_page(viewport=SIZES[size], color_scheme=scheme)
                page.on("pageerror", lambda error: print("error", error))
                for name, path in places(world).items():
                    page.goto(f"{fake.server.url}/_mock/#/{org}/{path}")
                    picture(page, f"{name}-{size}-{scheme}", folder)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
