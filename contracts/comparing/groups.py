"""Differences by their cause. What differs at a thing that an earlier difference touched follows from that one.

Once a change succeeded on one side only, the two servers know different things: from then on lists and figures may differ
without another cause, and what differs in them is told below the difference that began it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.comparing.difference import OF_STATE

if TYPE_CHECKING:
    from contracts.comparing.difference import Difference
    from contracts.exchange import Exchange

_MOST_ALSO = 6


@dataclass
class Group:
    """One cause: how it showed first, in whose answers, how often, and what followed from it."""

    first: Difference
    exchanges: tuple[Exchange, Exchange]
    operations: dict[str, None]
    times: int = 1
    also: dict[str, None] = field(default_factory=dict)


class Groups:
    """Groups in the order in which they first showed."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, ...], Group] = {}
        self._touched: dict[str, Group] = {}
        self._parted: Group | None = None

    @property
    def all(self) -> list[Group]:
        """Each cause once. That a thing was changed at another time follows from its being another."""
        groups = list({id(group): group for group in self._by_key.values()}.values())
        moving = [group for group in groups if group.first.moves]
        for group in moving:
            kin = (one for one in groups if one.first.of_a_thing and not one.first.moves)
            cause = next((one for one in kin if one.operations.keys() & group.operations.keys()), None)
            if cause is not None:
                self._below(cause, group.first)
                groups.remove(group)
        return groups

    def known(self, difference: Difference) -> bool:
        """Whether it needs no proof any more."""
        return difference.key in self._by_key or self._follows(difference) is not None

    def add(self, difference: Difference, exchanges: tuple[Exchange, Exchange], place: str) -> None:
        """Take one down: as a cause, once more of a known one, or below the one that it follows from."""
        group, known = self._by_key.get(difference.key), self._follows(difference)
        if group is None and known is not None:
            self._below(known, difference)
            group = known
        elif group is None:
            group = self._by_key[difference.key] = Group(difference, exchanges, {place: None})
        else:
            group.times += 1
            group.operations[place] = None
            if known is not None and known is not group and difference.of_a_thing and known.first.of_a_thing:
                group = self._merged(known, group)
        if difference.aspect in OF_STATE | {"status"}:
            for one in difference.about:
                self._touched.setdefault(one, group)

    def parted(self, difference: Difference) -> None:
        """A change succeeded on one side only, and this is how it showed."""
        self._parted = self._by_key.get(difference.key, self._parted)

    def _follows(self, difference: Difference) -> Group | None:
        if difference.aspect not in OF_STATE | {"status", "code"}:
            return None
        touched = next((self._touched[one] for one in sorted(difference.about) if one in self._touched), None)
        if touched is None and difference.aspect in {"rows", "order", "values"} and self._parted is not None:
            wide = difference.aspect != "values" or not difference.about
            return self._parted if wide else None
        return touched

    def _merged(self, one: Group, other: Group) -> Group:
        """They met at one thing, so they are one cause; the one that showed first speaks."""
        first, second = sorted((one, other), key=lambda group: group.exchanges[0].number)
        first.times += second.times
        first.operations |= second.operations
        first.also |= {f"{second.first.aspect}: {second.first.left}; the right one: {second.first.right}": None}
        self._by_key |= {key: first for key, group in self._by_key.items() if group is second}
        self._touched |= {about: first for about, group in self._touched.items() if group is second}
        return first

    def _below(self, group: Group, difference: Difference) -> None:
        words = f"{difference.aspect}: {difference.left}; the right one: {difference.right}"
        if len(group.also) < _MOST_ALSO:
            group.also[words] = None
        if difference.of_a_thing and group.first.of_a_thing:
            self._by_key[difference.key] = group
