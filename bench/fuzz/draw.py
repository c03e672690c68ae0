"""Decisions taken from bytes, one after the other; when they run out, every decision is the first choice."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

POOL: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        0.5,
        -0.0,
        1e308,
        2**31,
        2**63,
        -(2**63),
        10**30,
        "",
        " ",
        "0",
        "-1",
        "\0",
        "\ud800",
    ),
    *([], {}, [[]], [None], {"": None}, "x" * 300, "é😀\u2028", "2026-11-21T10:00:00Z", "0001-01-01T00:00:00+23:59"),
    *("9999-12-31T23:59:59-23:59", "PT1S", "+15551234567", "+15005550009", "+15000131047", "*", "default", "manual"),
    *("x1e9", "http://127.0.0.1:9/hook", "https://[::1", "message.sent", "sendMessage", "null", "NaN", 1e-320),
)
"""Values that have broken somebody's parser before, and words that mean something here."""


class Draw:
    """Reads bytes as decisions."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Is anything left?"""
        return self._at < len(self._data)

    def number(self, most: int) -> int:
        """From 0 to `most`, which is below 65,536."""
        size = 1 if most < 256 else 2
        piece = self.take(size)
        return int.from_bytes(piece, "little") % (most + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.number(len(choices) - 1)]

    def take(self, size: int) -> bytes:
        """The next so many, or what there is."""
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece

    def text(self, most: int = 40) -> str:
        """A few characters, of which none need be ASCII."""
        return self.take(self.number(most)).decode("utf-8", "surrogateescape")

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data))

    def value(self) -> Any:
        """Any JSON value."""
        match self.number(7):
            case 0 | 1 | 2 | 3:
                return copy.deepcopy(self.pick(POOL))
            case 4:
                return self.text()
            case 5:
                return self.number(65_535) - 1_000
            case 6:
                return [self.value() for _ in range(self.number(3))]
        return {self.text(8): self.value() for _ in range(self.number(3))}

    def edited(self, document: Any, edits: int = 3) -> Any:
        """A copy of the document with a few things changed somewhere in it."""
        whole = [copy.deepcopy(document)]
        for _ in range(self.number(edits)):
            self._edit(whole)
        return whole[0]

    def _edit(self, whole: list[Any]) -> None:
        owner: Any = whole
        key: Any = 0
        while isinstance(owner[key], dict | list) and owner[key] and self.number(7):
            owner = owner[key]
            key = self.pick(list(owner)) if isinstance(owner, dict) else self.number(len(owner) - 1)
        match self.number(5):
            case 0 | 1 | 2:
                owner[key] = self.value()
            case 3 if owner is not whole:
                del owner[key]
            case 4 if isinstance(owner[key], list) and owner[key]:
                owner[key].append(copy.deepcopy(self.pick(owner[key])))
            case 5 if isinstance(owner[key], dict):
                owner[key][self.text(12)] = self.value()
            case _ if isinstance(owner[key], str):
                owner[key] += self.text(12)


def written(value: Any) -> bytes:
    """As JSON; half a surrogate pair as an escape."""
    return json.dumps(value).encode()
