"""One long conversation with an API over plain HTTP: every operation, every corner that a lie lives in.

Told twice to the same fake it gives the same bytes, so that whatever differs is the lie. Ids come from the fake's own
store and never from an answer, which may be a lie.
"""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mock_server.orgs import DEFAULT_API_KEY
from mock_server.vendors.flowella import PREFIX

from .serving import OTHER_KEY, REVOKED_KEY

if TYPE_CHECKING:
    from collections.abc import Generator

    from mock_server.orgs import Orgs
    from mock_server.world import World

ADA = "+15551234567"
BOB = "+15551234568"
JSON = {"Content-Type": "application/json"}


Line = tuple[str, int, tuple[tuple[str, str], ...], bytes]
"""A call, and the status, headers and body that came."""


@dataclass(slots=True)
class Teller:
    """Calls and writes down what came: `script` has one line for each call."""

    url: str
    orgs: Orgs
    connection: http.client.HTTPConnection = field(init=False)
    script: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> None:
        """One call with our key, unless `headers` says otherwise."""
        sent = {"Authorization": f"Bearer {DEFAULT_API_KEY}", **(JSON if body is not None else {})}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        where = path if path.startswith("/_mock") else PREFIX + path
        self.connection.request(method, where, raw, {name: value for name, value in sent.items() if value})
        got = self.connection.getresponse()
        headers_got = tuple((name, value) for name, value in got.getheaders() if name != "Date")
        self.script.append((f"{method} {path} {body!r:.200} {headers}", got.status, headers_got, got.read()))

    @property
    def world(self) -> World:
        return self.orgs.default

    @property
    def channels(self) -> list[str]:
        """Ids: the default one first."""
        return [c.id for c in sorted(self.world.store.channels.newest(), key=lambda c: not c.is_default)]

    def template(self, name: str) -> str:
        return next(t.id for t in self.world.store.templates.newest() if t.name == name)

    def advance(self, seconds: float) -> None:
        self.call("POST", f"/_mock/orgs/{self.world.org.id}/clock/advance", {"seconds": seconds})


def tell(url: str, orgs: Orgs) -> Generator[Line, None, None]:
    """The story as it is answered, chapter by chapter: whoever has heard enough may leave."""
    teller = Teller(url, orgs)
    with closing(teller.connection):
        for chapter in (keys, people, pages, messages, opt_outs, campaigns, figures, corners, neighbours, limit):
            told = len(teller.script)
            chapter(teller)
            yield from teller.script[told:]


def keys(t: Teller) -> None:
    """Good, none, empty, wrong, nearly right, revoked."""
    for key in ("", "Bearer ", "Bearer flo_wrong", f"Bearer {DEFAULT_API_KEY[:-2]}zz", f"Bearer {REVOKED_KEY}"):
        for path in ("/ping", "/contacts", "/conversations", "/templates", "/analytics"):
            t.call("GET", path, Authorization=key)
        t.call("POST", "/contacts", {"phone": BOB}, Authorization=key)
    for path in ("/ping", "/contacts", "/conversations", "/templates", "/templates", "/analytics"):
        t.call("GET", path)


def people(t: Teller) -> None:
    """Upserts: twice, in part, with null, in another spelling, with more fields than there are."""
    whole = {"phone": ADA, "name": "Ada", "email": "ada@example.com"}
    for body in (
        whole,
        whole,
        {"phone": ADA, "name": "Augusta Ada King, Countess of Lovelace"},
        {"phone": ADA, "email": "countess@example.com"},
        {"phone": ADA, "email": None},
        {"phone": ADA, "name": "Fifth"},
        {"phone": "+1 (555) 123-4567"},
        {"phone": "+1 (555) 123-4567", "name": "Spelled"},
        {"phone": BOB, "nickname": "Bobby", "isOptedOut": True},
        {"phone": BOB, "name": "O'Hara"},
        {"phone": BOB, "name": "Bob \U0001f600"},
        {"phone": BOB, "name": "a\0b"},
        {"phone": BOB, "email": "nobody"},
        {"phone": BOB, "name": 7},
        {"phone": "nobody"},
        {"name": "Nobody"},
    ):
        t.advance(1)
        t.call("POST", "/contacts", body)
        t.call("GET", "/contacts")


def pages(t: Teller) -> None:
    """More than one page, with somebody new and somebody changed in between."""
    for number in range(28):
        t.call("POST", "/contacts", {"phone": f"+155520000{number:02}"})
    for limit in ("", "?limit=5", "?limit=0", "?limit=101", "?limit=1000", "?limit=ten", "?cursor=nonsense"):
        t.call("GET", f"/contacts{limit}")
    ids = [contact.id for contact in t.world.store.contacts.newest()]
    t.call("GET", f"/contacts?limit=7&cursor={ids[6]}")
    t.advance(1)
    t.call("POST", "/contacts", {"phone": "+15552000099"})
    t.call("POST", "/contacts", {"phone": "+15552000010", "name": "Changed"})
    for place in (4, 6, 13, 20, 25, len(ids) - 2, len(ids) - 1):
        t.call("GET", f"/contacts?limit=7&cursor={ids[place]}")
        t.call("GET", f"/contacts?limit=7&cursor={ids[place]}&colour=blue")


def messages(t: Teller) -> None:
    """Sends that work and sends that do not."""
    texts = ["Hello", "Hello again", "\U0001f600", "{{1}}", "x" * 2000, "a\0b", "", "x" * 4097]
    for text in texts:
        t.call("POST", "/messages", {"to": ADA, "text": text})
        t.call("GET", "/conversations")
    t.call("POST", "/messages", {"to": BOB, "text": "Hello", "whatsappChannelId": t.channels[1]})
    t.call("POST", "/messages", {"to": BOB, "text": "Hello", "whatsappChannelId": "c" + "0" * 24})
    for path in ("/conversations?status=GONE", "/templates?limit=x"):
        t.call("GET", path)
    t.advance(10)
    t.call("GET", "/conversations")


def opt_outs(t: Teller) -> None:
    """Set, written to on both channels, renamed, cleared."""
    first, second = t.channels
    for action in ("set", "set", "clear", "clear"):
        t.call("POST", "/opt-outs", {"action": action, "phone": ADA, "whatsappChannelId": first})
        for channel in (first, second):
            t.call("POST", "/messages", {"to": ADA, "text": action, "whatsappChannelId": channel})
        t.call("GET", "/contacts?limit=100")
    t.call("POST", "/opt-outs", {"action": "set", "phone": BOB, "whatsappChannelId": second})
    t.call("POST", "/contacts", {"phone": BOB, "name": "Robert"})
    t.call("POST", "/messages", {"to": BOB, "text": "Hello", "whatsappChannelId": second})
    t.call("POST", "/opt-outs", {"action": "maybe", "phone": ADA, "whatsappChannelId": first})


def campaigns(t: Teller) -> None:
    """A bulk send with a repeated number and one that opted out, to the end."""
    t.call("POST", "/opt-outs", {"action": "set", "phone": "+15552000003", "whatsappChannelId": t.channels[0]})
    people = [{"phone": phone} for phone in (ADA, "+15552000001", "+15552000002", "+15552000001", "+15552000003")]
    body = {"templateId": t.template("hello_world"), "whatsappChannelId": t.channels[0], "recipients": people}
    t.call("POST", "/templates/send", body)
    t.advance(60)
    t.call("GET", f"/_mock/orgs/{t.world.org.id}/jobs")


def figures(t: Teller) -> None:
    """Analytics: all, of a time before anything happened, of a day that does not exist."""
    for query in ("", "?startDate=2026-01-01&endDate=2026-01-02", "?startDate=2026-02-30", "?startDate=yesterday"):
        t.call("GET", f"/analytics{query}")


def corners(t: Teller) -> None:
    """What HTTP allows and the API does not."""
    for method in ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        t.call(method, "/contacts", {"phone": BOB} if method == "PUT" else None)
    t.call("GET", "/contact")
    t.call("HEAD", "/ping")
    t.call("POST", "/contacts", b'{"phone":"+15551234568"}', Content_Type="text/plain")
    t.call("POST", "/contacts", b"[]")
    t.call("POST", "/contacts", b"{")
    t.call("POST", "/contacts", b'{"deep":' + b"[" * 200 + b"]" * 200 + b',"phone":"+15551234568"}')
    t.call("POST", "/contacts", {"phone": BOB, "name": "Bob", "padding": "x" * (1 << 20)})


def neighbours(t: Teller) -> None:
    """Another organization's contact and channel."""
    other = next(world for world in t.orgs.all() if world is not t.world)
    t.call("POST", "/contacts", {"phone": "+15559990000", "name": "Not ours"}, Authorization=f"Bearer {OTHER_KEY}")
    t.call("GET", "/contacts?limit=100")
    channel = next(channel.id for channel in other.store.channels.newest())
    t.call("POST", "/messages", {"to": BOB, "text": "Hello", "whatsappChannelId": channel})


def limit(t: Teller) -> None:
    """Two calls a second, five at once, and some patience."""
    t.call("PATCH", f"/_mock/orgs/{t.world.org.id}/account", {"rateLimit": {"perSecond": 2, "burst": 2}})
    for _ in range(5):
        t.call("GET", "/ping")
    t.advance(10)
    t.call("GET", "/ping")
