"""Control plane: what happens in an organization, as it happens, as server-sent events.

Each event has the name of a kind, the number of its place, and the record as its list shows it. On our own server a
stream costs a socket (`Wire.stream`); on another WSGI server, or in a test client, it is an answer that goes on and on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response, request

from mock_server.domain.chats import chat_id, window_closes_at
from mock_server.domain.errors import Conflict, Invalid, did_you_mean
from mock_server.feed import Gap, worded
from mock_server.web.control import faults, inbound, logs, wire
from mock_server.web.door import encode
from mock_server.wire.endings import ENVIRON_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mock_server.domain.conversations import Conversation
    from mock_server.feed import Entry, Feed
    from mock_server.web.door import Call, Reply, View
    from mock_server.world import World

MOST_LISTENERS = 200
"""Streams of one organization."""

PIECE = 128 * 1024
"""Bytes after which a piece of news is long enough, so that one stream does not keep the others waiting."""

BEAT = b": still here\n\n"
BEAT_SECONDS = 15.0


class Kind(NamedTuple):
    """How changes of a collection are called and shown. `ends` where going away is news, and not mere housekeeping."""

    name: str
    show: Callable[[Any, World], wire.Json]
    ends: bool = False


def _conversation(record: Conversation, world: World) -> wire.Json:
    """Without a transaction: the server's loop, which may be who asks, must not wait for the world's lock."""
    chat = world.store.chats.get(chat_id(record.contact_id, record.channel_id))
    return wire.conversation(record, window_closes_at(chat, world.policy.service_window) if chat else None)


KINDS: Mapping[str, Kind] = {
    "accounts": Kind("account", wire.account),
    "api_keys": Kind("apiKey", lambda record, _: wire.api_key(record)),
    "calls": Kind("call", lambda record, _: inbound.show_call(record)),
    "channels": Kind("channel", lambda record, _: wire.channel(record)),
    "clock": Kind("clock", lambda record, _: wire.clock(record)),
    "contacts": Kind("contact", lambda record, _: wire.contact(record)),
    "conversations": Kind("conversation", _conversation),
    "deliveries": Kind("delivery", lambda record, _: logs.delivery(record)),
    "endpoints": Kind("webhook", lambda record, _: wire.webhook(record), ends=True),
    "faults": Kind("fault", lambda record, _: faults.render(record), ends=True),
    "jobs": Kind("job", lambda record, _: wire.job(record)),
    "messages": Kind("message", wire.message),
    "opt_outs": Kind("optOut", lambda record, _: wire.opt_out(record)),
    "org": Kind("org", lambda _, world: wire.org(world)),
    "orders": Kind("order", lambda record, _: inbound.show_order(record)),
    "requests": Kind("request", lambda record, _: logs.request(record)),
    "templates": Kind("template", lambda record, _: wire.template(record)),
    "web_messages": Kind("webMessage", lambda record, _: inbound.show_web_message(record)),
}
"""By collection, and two that are no records: the clock, and the organization, which is news when it begins again."""

NAMES = sorted(kind.name for kind in KINDS.values())


class Listener:
    """One client's place in a feed, and what it wants to hear of. What `Wire.stream` sends."""

    beat = BEAT

    def __init__(self, feed: Feed, kinds: frozenset[str], place: int, hello: bytes) -> None:
        self._feed = feed
        self._kinds = kinds
        self._place = place
        self._hello = hello
        self._wake: Callable[[], None] = _nothing

    def join(self, wake: Callable[[], None]) -> None:
        """Wants to be told of news."""
        self._wake = wake
        self._feed.join(wake)

    def leave(self) -> None:
        """Has gone."""
        self._feed.leave(self._wake)

    def take(self) -> bytes | None:
        """What is new, up to a piece of it; None once the organization is gone."""
        pieces, self._hello = [self._hello], b""
        size = 0
        for entry in self._feed.after(self._place):
            self._place = entry.id
            text = _gap(entry) if isinstance(entry, Gap) else self._wanted(entry)
            pieces.append(text)
            size += len(text)
            if size >= PIECE:
                break
        news = b"".join(pieces)
        return None if self._feed.closed and not news else news

    def _wanted(self, entry: Entry) -> bytes:
        kind = KINDS.get(entry.change.collection)
        return b"" if kind is None or kind.name not in self._kinds else _in_words(entry, kind)


def _in_words(entry: Entry, kind: Kind) -> bytes:
    change, world = entry.change, entry.world
    if entry.text is not None or world is None:  # the second is said after the first
        return entry.text or b""
    if change.record is not None:
        return worded(entry, event(kind.name, entry.id, kind.show(change.record, world)))
    gone = event(kind.name, entry.id, {"id": change.record_id, "deleted": True}) if kind.ends else b""
    return worded(entry, gone)


def _gap(gap: Gap) -> bytes:
    return event("gap", gap.id, {"missed": gap.missed})


def event(name: str, number: int, data: Any) -> bytes:
    """One event on the wire. JSON has no bare line breaks, so one line of data is enough."""
    return b"event: %b\nid: %d\ndata: %b\n\n" % (name.encode(), number, encode(data))


def stream_events(call: Call) -> Reply:
    kinds, seen = _kinds(call.query.get("kinds")), _last_event_id(request.headers.get("Last-Event-ID"))
    response = Response(iter(()), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})
    if request.method == "HEAD":
        return 200, response
    listener = _listen(call.world, kinds, seen)
    ours = request.environ.get(ENVIRON_KEY)
    if ours is None:
        response.response = _endless(listener)
    else:
        ours.stream(listener)
    return 200, response


def _listen(world: World, kinds: frozenset[str], seen: int | None) -> Listener:
    with world.lock:
        feed = world.feed
        if world.closed:
            raise Conflict("This organization is being put back or dropped at this moment; ask again")
        if feed.listeners >= MOST_LISTENERS:
            raise Conflict(f"{MOST_LISTENERS} streams of this organization are open already; close one first")
        now = feed.begin()
        place = now if seen is None else seen
        shown = {"org": wire.org(world), "clock": wire.clock(world.agenda.reading())}
    return Listener(feed, kinds, place, event("hello", place, shown))


def _kinds(wanted: str | None) -> frozenset[str]:
    if wanted is None:
        return frozenset(NAMES)
    for name in wanted.split(","):
        if name not in NAMES:
            raise Invalid("kinds", f"{name!r} is not a kind{did_you_mean(name, NAMES)} (known: {', '.join(NAMES)})")
    return frozenset(wanted.split(","))


def _last_event_id(given: str | None) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise Invalid("Last-Event-ID", f"{given[:40]!r} is not the id of an event here; those are whole numbers")
    return int(given)


def _endless(listener: Listener) -> Iterator[bytes]:
    """For a server that is not ours: blocks until there is news."""
    news = threading.Event()
    listener.join(news.set)
    try:
        while (piece := _next(listener, news)) is not None:
            yield piece
    finally:
        listener.leave()


def _next(listener: Listener, news: threading.Event) -> bytes | None:
    while True:
        news.clear()
        piece = listener.take()
        if piece != b"":
            return piece
        if not news.wait(BEAT_SECONDS):
            return BEAT


def _nothing() -> None:
    """Nobody waits yet."""


VIEWS: Mapping[str, View] = {"streamEvents": stream_events}
