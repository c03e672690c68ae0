"""Webhooks that go wrong as ordered: which a sound receiver refuses, and what becomes of those that take a detour."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.domain.instant import parse
from mock_server.webhooks.twists import TWISTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeTransport

    from mock_server.webhooks.transport import Post

    from .conftest import Doors

SECRET = "whsec_receiver_secret"
TOLERANCE = 300
KNOWN = {"message.received", "message.sent", "message.delivered", "message.read", "message.failed"}
ADA = "+15551234567"


class Receiver:
    """Verifies as the documentation tells receivers to: raw bytes, constant time, five minutes, unknown things ignored."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.taken: list[dict[str, Any]] = []

    def __call__(self, post: Post) -> int:
        headers = {name.lower(): value for name, value in post.headers}
        expected = hmac.new(SECRET.encode(), post.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(headers.get("x-flowella-signature", ""), expected):
            return 401
        if abs(self.now() - int(headers["x-flowella-timestamp"])) > TOLERANCE:
            return 401
        event = json.loads(post.body)
        if event["event"] in KNOWN:
            self.taken.append(event)
        return 200


@pytest.fixture
def receiver(doors: Doors, transport: FakeTransport) -> Receiver:
    """An endpoint for all events, which verifies them."""
    receiver = Receiver(lambda: doors.world.clock.now() / 1_000_000)
    transport.answer = receiver
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["*"], "secret": SECRET})
    return receiver


def _order(doors: Doors, on: str, effect: dict[str, Any], **terms: Any) -> str:
    answer = doors.control("POST", "/faults", {"on": on, "effect": effect, **terms})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def _write(doors: Doors, text: str = "hi") -> None:
    assert doors.control("POST", "/inbound", {"from": ADA, "text": text}).status == 201


def _deliveries(doors: Doors) -> list[dict[str, Any]]:
    items = doors.control("GET", "/deliveries").body["items"]
    assert isinstance(items, list)
    return items[::-1]


REFUSED = {"badSignature", "wrongSecret", "missingSignature", "staleTimestamp", "tamperedBody", "truncate"}


@pytest.mark.parametrize("effect", sorted(TWISTS))
def test_a_sound_receiver_refuses_exactly_what_it_must(doors: Doors, receiver: Receiver, effect: str) -> None:
    """Six of the ten; the retry is sound, so nothing is lost. What is only new or strange is taken."""
    rule = _order(doors, "webhook:message.received", {"type": effect}, times=1)
    _write(doors)
    doors.advance(0)
    (delivery,) = [d for d in _deliveries(doors) if d["event"] == "message.received"]
    first = delivery["attempts"][0]

    assert first["status"] == (401 if effect in REFUSED else 200)
    assert delivery["faults"] == [{"attempt": 1, "ruleId": rule, "type": effect, "label": None}]
    doors.advance(30)
    (delivery,) = [d for d in _deliveries(doors) if d["event"] == "message.received"]
    assert [a["status"] for a in delivery["attempts"]] == ([401, 200] if effect in REFUSED else [200])
    assert len(receiver.taken) == (0 if effect == "unknownEvent" else 1)
    assert doors.control("GET", f"/faults/{rule}").body["hits"] == 1


def _first_post(doors: Doors, transport: FakeTransport, effect: dict[str, Any] | None) -> Post:
    """The webhook of an inbound message as it went out."""
    if effect is not None:
        _order(doors, "webhook:message.received", effect)
    transport.posts.clear()
    _write(doors)
    doors.advance(0)
    return next(post for post in transport.posts if b"messageId" in post.body or b"message" in post.body)


def test_what_goes_out(doors: Doors, receiver: Receiver, transport: FakeTransport) -> None:
    """The bytes and headers of each effect, beside those of a sound webhook."""
    _write(doors, "before")
    doors.advance(1)
    posts = {}
    for effect in TWISTS:
        posts[effect] = _first_post(doors, transport, {"type": effect})
        doors.control("DELETE", "/faults")
    heads = {effect: dict(post.headers) for effect, post in posts.items()}
    bodies = {effect: post.body for effect, post in posts.items()}

    assert "X-Flowella-Signature" not in heads["missingSignature"]
    assert all(len(head.get("X-Flowella-Signature", "-" * 64)) == 64 for head in heads.values())
    now = doors.world.clock.now() // 1_000_000
    assert [now - int(heads[e]["X-Flowella-Timestamp"]) for e in ("staleTimestamp", "badSignature")] == [600, 0]
    assert bodies["respaced"].count(b"\n") > 5
    assert (
        json.loads(bodies["unknownEvent"])["event"] == heads["unknownEvent"]["X-Flowella-Event"] == "message.teleported"
    )
    assert {"apiVersion", "trace"} <= json.loads(bodies["extraFields"])["data"].keys()
    assert len(bodies["oversized"]) > 1_000_000
    assert not bodies["truncate"].endswith(b"}")
    assert b"-tampered" in bodies["tamperedBody"]


def test_settings_of_content_effects(doors: Doors, receiver: Receiver, transport: FakeTransport) -> None:
    """How stale, which name, how large."""
    stale = _first_post(doors, transport, {"type": "staleTimestamp", "seconds": 30})
    doors.control("DELETE", "/faults")
    named = _first_post(doors, transport, {"type": "unknownEvent", "event": "x.y"})
    doors.control("DELETE", "/faults")
    large = _first_post(doors, transport, {"type": "oversized", "bytes": 5000})

    assert doors.world.clock.now() // 1_000_000 - int(dict(stale.headers)["X-Flowella-Timestamp"]) == 30
    assert json.loads(named.body)["event"] == "x.y"
    assert len(json.loads(large.body)["padding"]) == 5000


def test_drop(doors: Doors, receiver: Receiver, transport: FakeTransport) -> None:
    """Lost: not posted, not tried again, and the list says why."""
    _order(doors, "webhook:message.received", {"type": "drop"}, times=1)
    _write(doors, "lost")
    _write(doors, "found")
    doors.advance(86_400)

    assert [event["data"]["text"] for event in receiver.taken] == ["found"]
    lost = next(d for d in _deliveries(doors) if d["faults"])
    assert (lost["status"], lost["attempts"], lost["nextAttemptAt"]) == ("abandoned", [], None)


def test_delay(doors: Doors, receiver: Receiver) -> None:
    """Late by so much, once; not lost, and not struck again when it is due."""
    _order(doors, "webhook:message.received", {"type": "delay", "seconds": 90})
    _write(doors)
    doors.advance(89.999)
    assert receiver.taken == []
    doors.advance(0.001)

    assert len(receiver.taken) == 1


def test_duplicate(doors: Doors, receiver: Receiver) -> None:
    """The same event id again, as deliveries of their own, and the copies are not copied."""
    _order(doors, "webhook:message.received", {"type": "duplicate", "count": 3, "seconds": 10})
    _write(doors)
    doors.advance(9)
    assert len(receiver.taken) == 1
    doors.advance(1_000)

    assert len(receiver.taken) == 4
    assert len({event["data"]["id"] for event in receiver.taken}) == 1
    first, *copies = [d for d in _deliveries(doors) if d["event"] == "message.received"]
    assert [copy["redeliveryOf"] for copy in copies] == [first["id"]] * 3
    times = [parse(d["attempts"][0]["at"]) // 1_000_000 for d in (first, *copies)]
    assert [time - times[0] for time in times] == [0, 10, 20, 30]


def test_reorder(doors: Doors, receiver: Receiver) -> None:
    """The next one overtakes; one that none overtakes goes out when it has waited long enough."""
    _order(doors, "webhook:message.received", {"type": "reorder", "seconds": 40}, match={"text": "[ac]"})
    for text in "ab":
        _write(doors, text)
    doors.advance(0)
    assert [event["data"]["text"] for event in receiver.taken] == ["b", "a"]
    _write(doors, "c")
    doors.advance(39.9)
    assert len(receiver.taken) == 2
    doors.advance(0.1)

    assert [event["data"]["text"] for event in receiver.taken] == ["b", "a", "c"]


def test_two_that_are_to_be_overtaken_swap(doors: Doors, receiver: Receiver) -> None:
    """While one waits, the next is the one that overtakes it, and the rule does not strike it."""
    rule = _order(doors, "webhook:message.received", {"type": "reorder"}, times=2)
    for text in "ab":
        _write(doors, text)
    doors.advance(0)

    assert [event["data"]["text"] for event in receiver.taken] == ["b", "a"]
    assert doors.control("GET", f"/faults/{rule}").body["hits"] == 1


@pytest.mark.parametrize("effect", [{"type": "delay", "seconds": 9_000}, {"type": "reorder", "seconds": 9_000}])
@pytest.mark.parametrize("how", ["DELETE", "PATCH"])
def test_what_is_held_back_goes_out_when_the_rule_goes(
    doors: Doors, receiver: Receiver, effect: dict[str, Any], how: str
) -> None:
    """A fault never outlives its rule."""
    rule = _order(doors, "webhook:message.received", effect)
    _write(doors)
    doors.advance(10)
    assert receiver.taken == []
    doors.control(how, f"/faults/{rule}", {"active": False} if how == "PATCH" else None)
    doors.advance(0)

    assert len(receiver.taken) == 1


def test_a_content_fault_drawn_for_a_late_webhook_ends_with_its_rule(doors: Doors, receiver: Receiver) -> None:
    """It was to be badly signed when it goes; before that the order was taken back."""
    _order(doors, "webhook:message.received", {"type": "delay", "seconds": 60})
    bad = _order(doors, "webhook:message.received", {"type": "badSignature"})
    _write(doors)
    doors.advance(10)
    doors.control("DELETE", f"/faults/{bad}")
    doors.advance(50)

    assert len(receiver.taken) == 1


def test_match_by_field_and_attempt(doors: Doors, receiver: Receiver) -> None:
    """Fields of the event's data, and the number of the attempt."""
    _order(doors, "webhook:message.received", {"type": "badSignature"}, match={"text": "b*", "attempt": "[12]"})
    for text in ("abc", "bcd"):
        _write(doors, text)
    doors.advance(3_600)
    attempts = [len(d["attempts"]) for d in _deliveries(doors) if d["event"] == "message.received"]

    assert attempts == [1, 3]
    assert len(receiver.taken) == 2


def test_start_of_a_test_webhook_can_fail_too(doors: Doors, receiver: Receiver) -> None:
    """`webhook:*` means all of them."""
    rule = _order(doors, "webhook:*", {"type": "missingSignature"}, times=1)
    hook = doors.control("GET", "/webhooks").body["items"][0]["id"]
    doors.control("POST", f"/webhooks/{hook}/test")
    doors.advance(0)

    assert _deliveries(doors)[0]["attempts"][0]["status"] == 401
    assert doors.control("GET", f"/faults/{rule}").body["seen"] == 1
