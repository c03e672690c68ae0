"""What the patterns of a fault rule are held against: the plain values of a call or an event, by name, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Refusal
from mock_server.domain.phones import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Fields = dict[str, tuple[str, ...]]
"""By name, each spelling of the value. A pattern fits if it fits one of them."""


def fields_of(*contents: Any) -> Fields:
    """The plain values of these JSON objects and of the objects in them; the first of a name counts."""
    found: Fields = {}
    for content in contents:
        if isinstance(content, dict):
            for name, value in _plain(content):
                found.setdefault(name, spellings(value))
    return found


def spellings(value: Any) -> tuple[str, ...]:
    """A value as text. What may be a phone number is spelt as E.164 too, so that one pattern fits all who write it."""
    if isinstance(value, bool):
        return ("true" if value else "false",)
    text = str(value)
    if not isinstance(value, str) or not any(map(str.isdigit, text)) or len(text) > 32:
        return (text,)
    try:
        return text, parse(text).e164
    except Refusal:
        return (text,)


def _plain(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    inner = [value for value in content.values() if isinstance(value, dict)]
    for name, value in content.items():
        if isinstance(value, str | int | float):
            yield name, value
    for nested in inner:
        yield from _plain(nested)
