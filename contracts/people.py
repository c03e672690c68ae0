"""Whom the harness writes to: invented people on this machine, and elsewhere only who was named."""

from __future__ import annotations

from contracts.dice import Dice
from contracts.settings import FULL, READONLY
from contracts.stops import Denied, NotReached


class People:
    """Numbers to write to. An invented one comes once in a run; a named one comes again and again."""

    def __init__(self, seed: int, recipients: tuple[str, ...], profile: str) -> None:
        self._dice = Dice(seed, "people")
        self._recipients, self._profile, self._invent = recipients, profile, profile == FULL
        self._given: set[str] = set()
        self._turn = 0

    @property
    def invented(self) -> bool:
        """Whether there are as many as one likes."""
        return self._invent

    def somebody(self) -> str:
        """One number."""
        return self.several(1)[0]

    def several(self, count: int) -> list[str]:
        """Different numbers. Raises NotReached, or Denied where nothing may be written at all."""
        if self._invent:
            return [self._invented() for _ in range(count)]
        if self._profile == READONLY:
            raise Denied("profile readonly: it takes writing to somebody")
        if count > len(self._recipients):
            raise NotReached(f"it takes {count} different numbers; name them with --recipient", required=False)
        self._turn += 1
        return [self._recipients[(self._turn + index) % len(self._recipients)] for index in range(count)]

    def again(self) -> str:
        """One number, an invented one perhaps not for the first time: a burst has more events than there are numbers."""
        return self._dice.fictional_number() if self._invent else self.somebody()

    def _invented(self) -> str:
        while (number := self._dice.fictional_number()) in self._given:
            pass
        self._given.add(number)
        return number
