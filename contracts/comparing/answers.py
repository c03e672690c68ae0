"""Two answers side by side: status, headers, refusals. What is alike so far has its bodies compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contracts.comparing.difference import Difference, differ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.comparing.bodies import Bodies
    from contracts.exchange import Answer
    from contracts.speech.base import Speech

_EVERYWHERE = frozenset({401, 405, 413, 415, 429})
"""Refusals that have nothing to do with the operation."""

_VALUED = ("Location", "WWW-Authenticate", "Link")
_THERE = ("Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Deprecation", "Sunset")
"""Their values are a matter of the moment."""


class Answers:
    """Compares answers to one call. `place` is the operation, or what was called where there is none."""

    def __init__(self, speech: Speech, bodies: Bodies) -> None:
        self._speech, self._bodies = speech, bodies

    def differences(self, place: str, left: Answer, right: Answer, *, made: bool) -> Iterator[Difference]:
        """Everything that is not alike, the deepest last. Where the status differs, nothing else is compared."""
        if left.status != right.status:
            yield self._status(place, left, right)
            return
        if left.type != right.type:
            types = (left.type or "no Content-Type", right.type or "no Content-Type")
            yield differ("content-type", types, types)
        yield from _headers(left, right)
        if (left.json is None) != (right.json is None):
            if left.type == right.type:
                words = ("JSON", "no JSON")
                told = words if right.json is None else (words[1], words[0])
                yield differ("fields", (place, "body", *told), told)
            return
        if left.status >= 400:
            yield from self._refusal(place, left.json, right.json)
        else:
            yield from self._bodies.differences(place, left.json, right.json, made=made)

    def _status(self, place: str, left: Answer, right: Answer) -> Difference:
        where = "" if {left.status, right.status} & _EVERYWHERE else place
        told = (self._told(left), self._told(right))
        ended = tuple("2xx" if answer.ok else str(answer.status) for answer in (left, right))
        return differ("status", (where, *ended), told)

    def _told(self, answer: Answer) -> str:
        code = self._speech.code(answer.json)
        return f"{answer.status} {code}" if code else str(answer.status)

    def _refusal(self, place: str, left: Any, right: Any) -> Iterator[Difference]:
        """The envelope as a shape, the code to the letter, the words loosely."""
        shape = list(self._bodies.shapes(place, left, right))
        yield from shape
        codes = (self._speech.code(left), self._speech.code(right))
        if shape or codes[0] is None:
            return
        if codes[0] != codes[1]:
            yield Difference("code", (str(codes[0]), str(codes[1])), f"code {codes[0]}", f"code {codes[1]}")
            return
        words = (_message(left), _message(right))
        if _plain(words[0]) != _plain(words[1]):
            yield Difference("words", (str(codes[0]),), repr(words[0]), repr(words[1]))


def _headers(left: Answer, right: Answer) -> Iterator[Difference]:
    allowed = tuple(_methods(answer.header("Allow")) for answer in (left, right))
    if allowed[0] != allowed[1]:
        yield differ("headers", ("Allow",), (f"Allow: {words or 'not there'}" for words in allowed))
    for name in (*_VALUED, *_THERE):
        values = [answer.header(name) for answer in (left, right)]
        known = [value is not None if name in _THERE else value for value in values]
        if known[0] != known[1]:
            told = (f"{name}: {'not there' if value is None else value}" for value in values)
            yield differ("headers", (name,), told)


def _methods(allow: str | None) -> str:
    return ", ".join(sorted({word.strip().upper() for word in (allow or "").split(",")} - {"", "HEAD", "OPTIONS"}))


def _message(body: Any) -> str:
    """The longest sentence of an error."""
    texts = [body] if isinstance(body, str) else []
    children = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return max((*texts, *(_message(child) for child in children)), key=len, default="")


def _plain(words: str) -> str:
    """Without what was quoted, ids and numbers."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\w*\d\w*|\W+", " ", words.casefold()).strip()
