"""What a fault does to a webhook's headers and bytes. One small function per effect; what they share is `Letter`.

A vendor's `compose` writes the letter. A twist has it written differently (another secret, another time, another body),
or changes it after it was signed. Which of them a sound receiver refuses is in docs/faults.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from mock_server.domain.instant import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.domain.deliveries import Delivery, Headers
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.faults import Struck
    from mock_server.domain.instant import Instant
    from mock_server.world import World

STALE = 600.0
"""Seconds: twice the tolerance that receivers are told to have."""

OVERSIZE = 1_000_000
"""Bytes of padding."""

WRONG_SECRET = "whsec_thisisnotthesecretyoulookedfor00"  # noqa: S105 (nobody's)
UNKNOWN_EVENT = "message.teleported"


class Compose(Protocol):
    """A vendor's speech: the exact headers and bytes of one attempt. `rewrite` changes the bytes before they are signed."""

    def __call__(
        self,
        world: World,
        delivery: Delivery,
        endpoint: Endpoint,
        at: Instant,
        rewrite: Callable[[bytes], bytes] | None = None,
    ) -> tuple[Headers, bytes]: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One attempt, before it is written."""

    compose: Compose
    world: World
    delivery: Delivery
    endpoint: Endpoint
    at: Instant

    def write(self, struck: Struck | None = None) -> tuple[Headers, bytes]:
        """The headers and the bytes, with what befell them."""
        if struck is None:
            return self._plain()
        return TWISTS[struck.effect.type](self, struck.effect.settings)

    def _plain(self, rewrite: Callable[[bytes], bytes] | None = None) -> tuple[Headers, bytes]:
        return self.compose(self.world, self.delivery, self.endpoint, self.at, rewrite)

    def rewritten(self, change: Callable[[Any], Any], **layout: Any) -> tuple[Headers, bytes]:
        """The body's JSON changed, then written and signed as it should be."""
        return self._plain(lambda body: _encode(change(json.loads(body)), **layout))

    def unsigned_change(self, change: Callable[[bytes], bytes]) -> tuple[Headers, bytes]:
        """The bytes changed after they were signed."""
        headers, body = self._plain()
        return headers, change(body)


def bad_signature(letter: Letter, _: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """A digest as long as the right one, and no letter of it right."""
    headers, body = letter.write()
    return tuple((n, _other_digits(v) if _signs(n) else v) for n, v in headers), body


def wrong_secret(letter: Letter, _: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """Signed rightly, with a secret that is not the endpoint's."""
    return replace(letter, endpoint=replace(letter.endpoint, secret=WRONG_SECRET)).write()


def missing_signature(letter: Letter, _: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """No signature header."""
    headers, body = letter.write()
    return tuple((n, v) for n, v in headers if not _signs(n)), body


def stale_timestamp(letter: Letter, settings: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """Sent `seconds` ago, if one believes the timestamp."""
    return replace(letter, at=letter.at - seconds(settings.get("seconds", STALE))).write()


def tampered_body(letter: Letter, _: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """A value changed on the way: still JSON, no longer what was signed."""
    return letter.unsigned_change(lambda body: _encode(_tampered(json.loads(body))))


def respaced(letter: Letter, _: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """The same JSON in other bytes, and those signed: receivers that sign a re-serialization are caught."""
    return letter.rewritten(lambda content: content, indent=2, ensure_ascii=True)


def truncate(letter: Letter, _: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """The first half of the body, under the signature of the whole."""
    return letter.unsigned_change(lambda body: body[: len(body) // 2])


def unknown_event(letter: Letter, settings: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """An event that is in no documentation yet."""
    event = replace(letter.delivery.event, kind=settings.get("event", UNKNOWN_EVENT))
    return replace(letter, delivery=replace(letter.delivery, event=event)).write()


def extra_fields(letter: Letter, _: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """Fields that are in no documentation yet, beside the known ones and within them."""
    return letter.rewritten(_extended)


def oversized(letter: Letter, settings: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """One field more, of `bytes` bytes."""
    return letter.rewritten(lambda content: {**content, "padding": "x" * settings.get("bytes", OVERSIZE)})


TWISTS: Mapping[str, Callable[[Letter, Mapping[str, Any]], tuple[Headers, bytes]]] = {
    "badSignature": bad_signature,
    "wrongSecret": wrong_secret,
    "missingSignature": missing_signature,
    "staleTimestamp": stale_timestamp,
    "tamperedBody": tampered_body,
    "respaced": respaced,
    "truncate": truncate,
    "unknownEvent": unknown_event,
    "extraFields": extra_fields,
    "oversized": oversized,
}


def _encode(content: Any, **layout: Any) -> bytes:
    layout = layout or {"separators": (",", ":"), "ensure_ascii": False}
    return json.dumps(content, **layout).encode()


def _signs(header: str) -> bool:
    return header.lower().endswith("signature")


def _other_digits(digest: str) -> str:
    return "".join(format(15 - int(digit, 16), "x") for digit in digest)


def _extended(content: dict[str, Any]) -> dict[str, Any]:
    nested = {key: _extended(value) for key, value in content.items() if isinstance(value, dict)}
    return {**content, **nested, "apiVersion": "2031-01", "trace": {"region": "new", "hops": [1, 2]}}


def _tampered(content: dict[str, Any]) -> dict[str, Any]:
    """The first text in it says something else; that of what happened rather than of what wraps it."""
    for key, value in reversed(content.items()):
        if isinstance(value, dict):
            return {**content, key: _tampered(value)}
    key = next(key for key, value in content.items() if isinstance(value, str))
    return {**content, key: f"{content[key]}-tampered"}
