"""What was read from files, whatever kind they were of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contracts.exchange import Answer, Call, Exchange, Headers
from contracts.settings import WrongUsage
from contracts.webhooks.delivery import Delivery

if TYPE_CHECKING:
    from contracts.spec import Spec

STATUS_ONLY = frozenset({"status-declared", "server-error", "bad-input-refused"})
"""What can be judged where nothing of an answer is known but its status."""

_SOME_DAY = datetime(9000, 1, 1, tzinfo=UTC)
"""When something came of which nobody knows: nothing in it is in the future then."""


class Damaged(WrongUsage):
    """A file that cannot be read as a recording; the message names the file and the place in it."""


@dataclass
class Recording:
    """All files together, in the order in which it happened once they are read."""

    spec: Spec
    base: str | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    hooks: list[Delivery] = field(default_factory=list)
    left_out: int = 0
    """Of other servers, or ordered from the fake as a fault."""
    masked: int = 0

    def below(self, url: str) -> str | None:
        """The path below the API's base; None for what belongs to another server."""
        parts = urlsplit(url)
        if self.base is not None:
            base = urlsplit(self.base)
            same = not parts.netloc or parts.netloc == base.netloc
            return _after(parts.path, base.path) if same else None
        prefixes = (urlsplit(str(server.get("url", ""))).path for server in self.spec.document.get("servers", []))
        below = (_after(parts.path, prefix) for prefix in dict.fromkeys((*prefixes, "")))
        return next((path for path in below if path and self.knows(path)), None)

    def knows(self, path: str) -> bool:
        """Whether any method of a path is in the spec."""
        return any(self.spec.match(method, path) for method in ("GET", "POST", "PUT", "PATCH", "DELETE"))

    def in_order(self) -> None:
        """By time; what has none stays behind what it was recorded after."""
        self.exchanges.sort(key=lambda exchange: exchange.at)
        once: list[Exchange] = []
        for exchange in self.exchanges:
            if not any(_same(exchange, known) for known in once[-3:]):
                once.append(replace(exchange, number=len(once) + 1))
        self.exchanges[:] = once
        if all(hook.since is not None for hook in self.hooks):
            self.hooks.sort(key=lambda hook: hook.at)
        self.hooks[:] = [replace(hook, number=len(once) + turn) for turn, hook in enumerate(self.hooks, 1)]


def call_of(method: str, path: str, query: str, body: bytes | None, headers: Headers) -> Call:
    """A call as it was recorded; the key is in its headers."""
    return Call(method, path, query, body, key=None, headers=headers)


def answer_of(status: int, headers: Headers, body: bytes, seconds: float) -> Answer | None:
    """What came; None where a recording says that nothing did."""
    return Answer(status, headers, body, seconds) if status else None


def hook_of(at: datetime | None, headers: Headers, body: bytes, place: str, status: int | None) -> Delivery:
    """A webhook that arrived at `at`; `status` is what the receiver answered, `place` where it was recorded."""
    call = Call("POST", "", body=body, key=None, headers=headers)
    answer = Answer(status, (), b"", 0.0) if status else None
    known = Delivery(0, place, None, call, "$WEBHOOK_URL", headers, answer, None, at or _SOME_DAY, since=at, until=at)
    return replace(known, operation=known.event or "webhook")


def moment(value: Any, place: str) -> datetime:
    """A time with a zone. Raises Damaged."""
    try:
        when = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        when = None
    if when is None or when.tzinfo is None:
        raise Damaged(f"{place}: {value!r} is not a time; write it as 2026-11-21T10:00:00.000Z")
    return when


def _after(path: str, prefix: str) -> str | None:
    prefix = prefix.rstrip("/")
    if prefix and path != prefix and not path.startswith(f"{prefix}/"):
        return None
    return path.removeprefix(prefix) or "/"


def _same(one: Exchange, other: Exchange) -> bool:
    return (one.at, one.url, one.call.method, one.call.body) == (
        other.at,
        other.url,
        other.call.method,
        other.call.body,
    )
