"""A world that was put back goes on as the one it was taken from: ids, wamids, deliveries, signatures, answers."""

from __future__ import annotations

import json
import random
from concurrent.futures import Future
from typing import Any

import pytest

from mock_server.app import create_app
from mock_server.domain.instant import parse
from mock_server.orgs import NewOrg, Orgs
from mock_server.vendors.flowella import FLOWELLA
from mock_server.webhooks.transport import Answer, Post

KEY = "flo_" + "r" * 24
PEOPLE = ["+15551230001", "+447700900123", "+5592981721234", "+15005550005", "+15005550009", "+15000131026"]
LISTS = ("messages", "deliveries", "jobs", "conversations", "requests", "webhooks", "api-keys", "channels", "templates")

Step = tuple[str, str, Any]


class Receiver:
    """Keeps what it is sent, and refuses some of it, by what it says."""

    def __init__(self) -> None:
        self.posts: list[Post] = []

    def submit(self, post: Post) -> Future[Answer]:
        self.posts.append(post)
        future: Future[Answer] = Future()
        future.set_result(Answer(500 if sum(post.body) % 4 == 0 else 200, None, "", 0.0, b"\xff\x00", ()))
        return future

    def close(self) -> None: ...


class Session:
    """One server with one organization, always made in the same way."""

    def __init__(self) -> None:
        self.receiver = Receiver()
        orgs = Orgs(self.receiver, FLOWELLA, now=lambda: parse("2026-11-21T10:00:00.123456Z"))
        self.world = orgs.create(NewOrg(scale=0, rng_seed="s", api_key=KEY))[0]
        self.control = f"/_mock/orgs/{self.world.org.id}"
        self._client = create_app(orgs).test_client()

    def play(self, steps: list[Step]) -> list[Any]:
        """What each call is answered, and what was posted meanwhile."""
        before = len(self.receiver.posts)
        answers = [(step, self.call(*step)) for step in steps]
        return [*answers, *self.receiver.posts[before:]]

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """One call."""
        path = path.replace("~", self.control)
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {KEY}", **({"Content-Type": "application/json"} if raw else {})}
        response = self._client.open(path, method=method, data=raw, headers=headers)
        return response.status_code, response.get_data()

    def snapshot(self) -> bytes:
        """The document."""
        status, document = self.call("GET", "~/snapshot")
        assert status == 200
        return document


def steps(seed: int) -> list[Step]:
    """A random session: a little of everything."""
    chance, world = random.Random(seed), Session().world
    channels = sorted(channel.id for channel in world.store.channels.everything())
    templates = sorted(template.id for template in world.store.templates.everything())

    def step() -> Step:
        person, channel, template = chance.choice(PEOPLE), chance.choice(channels), chance.choice(templates)
        recipients = [{"phone": p, "bodyParameters": ["a"] * chance.randrange(4)} for p in PEOPLE]
        bulk = {"templateId": template, "whatsappChannelId": channel, "recipients": recipients, "throttlePerHour": 60}
        said = {"from": person, "text": chance.choice(["hi", "STOP", "START", "\u2028 né"])}
        opting = {"action": chance.choice(["set", "clear"]), "phone": person, "whatsappChannelId": channel}
        options: list[Step] = [
            ("POST", "/api/v1/messages", {"to": person, "text": "hi", "whatsappChannelId": channel}),
            ("POST", "~/inbound", said),
            ("POST", "/api/v1/opt-outs", opting),
            ("POST", "/api/v1/templates/send", bulk),
            ("PATCH", f"~/templates/{template}", {"status": chance.choice(["APPROVED", "PAUSED"])}),
            ("POST", "~/clock/advance", {"seconds": chance.choice([0, 0.3, 5, 700, 90_000])}),
            ("POST", "~/clock/advance", {"seconds": chance.choice([0.000123, 1, 60])}),
            ("PATCH", "~/account", {"rateLimit": chance.choice([None, {"perSecond": 3, "burst": 2}])}),
            ("PATCH", "~/account", {"billing": chance.choice(["active", "past_due"])}),
            ("POST", "~/webhooks", {"url": "https://example.com/c", "events": ["message.sent"]}),
            ("POST", "/api/v1/contacts", b'{"not": json}'),
        ]
        return chance.choice(options[:7] if chance.random() < 0.7 else options)

    hooks: list[Step] = [
        ("POST", "~/webhooks", {"url": "https://example.com/a", "events": ["*"]}),
        ("POST", "~/webhooks", {"url": "https://example.com/b", "events": ["message.read", "optout.created"]}),
    ]
    return hooks + [step() for _ in range(60)]


LOOK: list[Step] = [("GET", f"~/{name}?limit=100", None) for name in LISTS]
LOOK += [("GET", "~/clock", None), ("GET", "~/account", None), ("GET", "/api/v1/contacts", None)]
LOOK += [("GET", "/api/v1/analytics", None), ("POST", "~/clock/advance", {"until": "idle"})]


@pytest.mark.parametrize("seed", range(12))
def test_what_comes_after_is_the_same(seed: int) -> None:
    """Cut anywhere, put into a fresh server and gone on with there, every answer and post is the same, byte for byte."""
    story = steps(seed)
    cut = random.Random(seed).randrange(2, len(story))
    original, copy = Session(), Session()
    original.play(story[:cut])
    document = original.snapshot()

    assert copy.call("PUT", "~/snapshot", document)[0] == 200
    assert copy.snapshot() == document
    assert copy.play(story[cut:] + LOOK + LOOK) == original.play(story[cut:] + LOOK + LOOK)
    assert copy.snapshot() == original.snapshot()


def test_going_back() -> None:
    """Put back into the very organization it was taken from, it makes undone what came after."""
    story, session = steps(3), Session()
    session.play(story[:30])
    document = session.snapshot()
    first = session.play(story[30:])
    assert session.snapshot() != document
    assert session.call("PUT", "~/snapshot", document)[0] == 200
    assert session.snapshot() == document
    assert session.play(story[30:]) == first
