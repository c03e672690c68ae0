"""What each fault does to a webhook's headers and bytes, whoever writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from mock_server.domain.deliveries import Delivery
from mock_server.domain.endpoints import Endpoint
from mock_server.domain.events import Event, EventKind
from mock_server.domain.faults import Effect, Struck
from mock_server.domain.instant import SECOND
from mock_server.webhooks.signing import sign
from mock_server.webhooks.twists import UNKNOWN_EVENT, WRONG_SECRET, Letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.domain.deliveries import Headers
    from mock_server.domain.instant import Instant
    from mock_server.world import World

SECRET = "whsec_right"
CONTENT = {"event": "message.sent", "data": {"text": "où", "of": {"n": 1, "by": "Ada"}}, "more": {"n": 2, "id": "x"}}
BODY = json.dumps(CONTENT, separators=(",", ":"), ensure_ascii=False).encode()
NOW = 1_000 * SECOND


def compose(
    world: World,
    delivery: Delivery,
    endpoint: Endpoint,
    at: Instant,
    rewrite: Callable[[bytes], bytes] | None = None,
) -> tuple[Headers, bytes]:
    """A vendor who says what happened, when, and signs it."""
    body = rewrite(BODY) if rewrite else BODY
    return (("Event", delivery.event.kind), ("At", str(at)), ("X-Any-Signature", sign(endpoint.secret, body))), body


def written(effect: str | None, **settings: Any) -> tuple[dict[str, str], bytes]:
    """A letter as it goes out, struck by this."""
    event = Event("e1", EventKind.MESSAGE_SENT, NOW, None)
    endpoint = Endpoint("w1", "https://a.b", (), SECRET, 0)
    letter = Letter(compose, cast("World", None), Delivery("d1", "w1", "https://a.b", event, 0), endpoint, NOW)
    headers, body = letter.write(Struck("f1", None, Effect(effect, settings)) if effect else None)
    return dict(headers), body


HEADERS, _ = written(None)


@pytest.mark.parametrize(
    ("effect", "settings", "headers"),
    [
        ("wrongSecret", {}, HEADERS | {"X-Any-Signature": sign(WRONG_SECRET, BODY)}),
        ("missingSignature", {}, {name: HEADERS[name] for name in ("Event", "At")}),
        ("staleTimestamp", {}, HEADERS | {"At": str(400 * SECOND)}),
        ("staleTimestamp", {"seconds": 1.5}, HEADERS | {"At": str(NOW - SECOND * 3 // 2)}),
        ("unknownEvent", {}, HEADERS | {"Event": UNKNOWN_EVENT}),
        ("unknownEvent", {"event": "message.sung"}, HEADERS | {"Event": "message.sung"}),
    ],
)
def test_other_headers(effect: str, settings: dict[str, Any], headers: dict[str, str]) -> None:
    """Over the same bytes."""
    assert written(effect, **settings) == (headers, BODY)


def test_no_letter_of_a_bad_signature_is_right() -> None:
    """It is as long, and lower-case hex as well."""
    headers, body = written("badSignature")
    bad, good = headers.pop("X-Any-Signature"), HEADERS["X-Any-Signature"]

    assert (headers | {"X-Any-Signature": good}, body) == (HEADERS, BODY)
    assert bad == bad.lower()
    assert [int(b, 16) + int(g, 16) for b, g in zip(bad, good, strict=True)] == [15] * 64


TRACE = {"apiVersion": "2031-01", "trace": {"region": "new", "hops": [1, 2]}}


@pytest.mark.parametrize(
    ("effect", "settings", "body"),
    [
        ("respaced", {}, json.dumps(CONTENT, indent=2).encode()),
        ("oversized", {"bytes": 7}, BODY[:-1] + b',"padding":"xxxxxxx"}'),
        ("oversized", {}, BODY[:-1] + b',"padding":"' + b"x" * 1_000_000 + b'"}'),
    ],
)
def test_other_bytes_rightly_signed(effect: str, settings: dict[str, Any], body: bytes) -> None:
    """Receivers that verify what came have no trouble."""
    assert written(effect, **settings) == (HEADERS | {"X-Any-Signature": sign(SECRET, body)}, body)


def test_extra_fields() -> None:
    """In every object, beside what is known, and signed."""
    headers, body = written("extraFields")
    data = {"text": "où", "of": {"n": 1, "by": "Ada"} | TRACE} | TRACE

    assert json.loads(body) == {"event": "message.sent", "data": data, "more": {"n": 2, "id": "x"} | TRACE} | TRACE
    assert headers["X-Any-Signature"] == sign(SECRET, body)
    assert "où".encode() in body
    assert b": " not in body


@pytest.mark.parametrize(
    ("effect", "body"),
    [("truncate", BODY[: len(BODY) // 2]), ("tamperedBody", BODY.replace(b'"x"', b'"x-tampered"'))],
)
def test_other_bytes_under_the_old_signature(effect: str, body: bytes) -> None:
    """Half of it, or with the first text of what happened changed."""
    assert written(effect) == (HEADERS, body)
