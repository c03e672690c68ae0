"""A difference, and in what two servers can differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ASPECTS = {
    "answered": "Both answer",
    "status": "Both answer with the same status",
    "code": "Both refuse with the same error code",
    "content-type": "Both say that they speak the same language",
    "headers": "Both send the headers that clients act on",
    "fields": "Answers have the same fields",
    "types": "Fields have the same types and formats",
    "nulls": "Fields are null in the same places",
    "values": "The same calls lead to the same values",
    "ids": "What is one thing for one is one thing for the other",
    "rows": "Lists have the same rows",
    "order": "Lists are in the same order",
    "words": "Refusals are told in the same words",
    "history": "Both knew the same before anything was written",
}
"""Each has its line in the ledger."""

MILD = frozenset({"words", "history"})
"""These are told, and fail nothing."""

OF_STATE = frozenset({"values", "nulls", "ids", "rows", "order"})
"""In these two servers differ too when they only know different things."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not alike. `cause` tells causes apart; `about` are ids and numbers that it is about."""

    aspect: str
    cause: tuple[str, ...]
    left: str
    right: str
    about: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, ...]:
        """Differences of one key have one cause. What a thing is and whether it is null are one question."""
        if self.of_a_thing:
            return ("thing", self.cause[0])
        return (self.aspect, *self.cause)

    @property
    def moves(self) -> bool:
        """Whether it is only about when a thing changed."""
        return self.cause[0].endswith(" moves")

    @property
    def of_a_thing(self) -> bool:
        """Whether it is about what a thing is like."""
        return self.aspect in {"values", "nulls"} and bool(self.about)


def differ(aspect: str, cause: tuple[str, ...], told: Iterable[str], about: frozenset[str] = frozenset()) -> Difference:
    """A difference; `told` are the words for left and right."""
    left, right = told
    return Difference(aspect, cause, left, right, about)
