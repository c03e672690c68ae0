"""A book of laws: what is looked at in one kind of check, and what belongs to looking at it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.words import CHECKED, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from contracts.laws.registry import Law
    from contracts.reporting import Reached
    from contracts.scene import Scene


def _nothing_more(_: Scene) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Book:
    """`laws` in the order in which they are looked at."""

    laws: Mapping[str, Law]
    reached: Callable[[Scene], tuple[Reached, ...]]
    """What was asked for or arrived, and what had to."""
    provoking: tuple[str, ...] = ()
    """Laws whose calls are made even when only others are looked at: those look on."""
    always: frozenset[str] = frozenset()
    """Laws that look at everything; the others leave alone what is broken in shape, or it would be blamed twice."""
    opening: Callable[[Scene], AbstractContextManager[None]] = _nothing_more
    """What is set up once the server has answered, and goes again at the end."""
    words: Words = CHECKED
    lost_by: str | None = None
    """The law without whose calls most of the others make no sense."""
