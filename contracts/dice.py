"""Chance: the one module that rolls dice. Everything it gives follows from the seed."""

from __future__ import annotations

import random
from typing import Any

_AREAS = tuple(area for area in range(201, 990) if area % 100 != 11 and area // 10 % 10 != 9 and area not in {500, 555})
"""Area codes. Their numbers 555-0100 to 555-0199 are set aside for fiction: they belong to nobody."""


class Dice:
    """A stream of choices. Two streams of one seed and different names do not disturb each other."""

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}/{name}")  # noqa: S311 - it is to be repeatable, not secret

    def fictional_number(self) -> str:
        """A number that belongs to nobody, in E.164."""
        return f"+1{self._random.choice(_AREAS)}55501{self._random.randrange(100):02}"

    def word(self, length: int = 8) -> str:
        """A word that nobody else is likely to use."""
        return "".join(self._random.choices("abcdefghijkmnpqrstuvwxyz23456789", k=length))

    def hexadecimal(self, length: int) -> str:
        """So many digits."""
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def shuffled(self, things: list[Any]) -> list[Any]:
        """The same things in another order."""
        return self._random.sample(things, len(things))
