"""The chat window on a web page: a visitor writes, an agent or the AI answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import NotFound
from mock_server.domain.events import EventKind, Platform
from mock_server.domain.web_chat import Speaker, WebMessage
from mock_server.services.outbox import announce

if TYPE_CHECKING:
    from mock_server.world import World


def receive(world: World, *, visitor_id: str | None, text: str, extras: dict[str, Any]) -> WebMessage:
    """A visitor writes; without an id it is a new visitor. `extras`: media_type, media_url, media_file_name, more_data."""
    with world.unit() as unit:
        message = WebMessage(unit.new_id(), visitor_id or unit.new_id(), Speaker.USER, text, unit.now, **extras)
        unit.store.web_messages.put(message)
        announce(unit, EventKind.MESSAGE_RECEIVED, message, platform=Platform.WEB)
        return message


def answer(world: World, *, visitor_id: str, speaker: Speaker, text: str, extras: dict[str, Any]) -> WebMessage:
    """An agent or the AI answers a visitor who has written. Raises NotFound. `extras` as above, and member_id."""
    with world.unit() as unit:
        if next(unit.store.web_messages.newest(index="visitor", value=visitor_id), None) is None:
            raise NotFound(
                "visitor", visitor_id, "visitors are those who have written: POST …/inbound with platform web"
            )
        message = WebMessage(unit.new_id(), visitor_id, speaker, text, unit.now, **extras)
        unit.store.web_messages.put(message)
        announce(unit, EventKind.MESSAGE_STORED, message, platform=Platform.WEB)
        return message
