"""How one expectation ended, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mock_server.drills.record import Key, Record

PASS, FAIL, INCONCLUSIVE = "PASS", "FAIL", "INCONCLUSIVE"

_SHOWN = 3
_MARKED = 20
"""Moments that are marked on the timeline, at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`sentence` says what was seen, `moments` which ones on the timeline show it."""

    state: str
    sentence: str
    moments: tuple[Key, ...] = ()


if TYPE_CHECKING:
    Check = Callable[[Record, dict[str, Any]], Outcome]


class Rule(NamedTuple):
    """What may be expected: how it is looked at, what it is in words, and the settings that a drill may give it."""

    look: Check
    promise: str
    settings: tuple[str, ...] = ()


def held(sentence: str) -> Outcome:
    """As it should be."""
    return Outcome(PASS, sentence)


def unseen(sentence: str) -> Outcome:
    """Too little was seen to say."""
    return Outcome(INCONCLUSIVE, sentence)


def judged(wrong: Iterable[tuple[str, Iterable[Key]]], fine: str) -> Outcome:
    """What went wrong, each with the moments that show it; or that all is fine."""
    found = list(wrong)
    if not found:
        return held(fine)
    shown = [sentence for sentence, _ in found[:_SHOWN]]
    more = f"; and {len(found) - _SHOWN:,} more like this" if len(found) > _SHOWN else ""
    marked = dict.fromkeys(key for _, keys in found for key in keys)
    return Outcome(FAIL, "; ".join(shown) + more, tuple(marked)[:_MARKED])
