"""Connections that faults hang: whoever takes the rule back, resets the organization or drops it lets go of them.

A connection's hold is kept by the connection alone; here it is only known, so that one that has ended is forgotten.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable


class Hold:
    """What keeps one connection hanging, by order of a rule; None for a call's own wish. Any thread."""

    def __init__(self, rule_id: str | None) -> None:
        self.rule_id = rule_id
        self._lock = threading.Lock()
        self._over = False
        self._then: Callable[[], None] = _nothing

    def whenever_over(self, then: Callable[[], None]) -> None:
        """Have this done when it is let go of; at once if it has been."""
        with self._lock:
            self._then = then
            over = self._over
        if over:
            then()

    def let_go(self) -> None:
        """It hangs no more."""
        with self._lock:
            self._over, then = True, self._then
        then()


class Holds:
    """All of one organization."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: WeakSet[Hold] = WeakSet()

    def new(self, rule_id: str | None) -> Hold:
        """One more connection hangs."""
        hold = Hold(rule_id)
        with self._lock:
            self._known.add(hold)
        return hold

    def let_go(self, rule_id: str | None = None) -> None:
        """Of those by this rule's order; of all unless one is named."""
        with self._lock:
            found = [hold for hold in self._known if rule_id in (None, hold.rule_id)]
        for hold in found:
            hold.let_go()


def _nothing() -> None:
    """Nobody has to be told yet."""
