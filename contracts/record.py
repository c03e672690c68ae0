"""Everything that was sent and answered, in order. Whoever watches sees each exchange as it happens."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.exchange import Exchange


class Record:
    """The exchanges, and which operations were answered how."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.made = 0
        self.statuses: dict[str, Counter[int]] = {}
        self._watchers: list[Callable[[Exchange], None]] = []

    def watch(self, watcher: Callable[[Exchange], None]) -> None:
        """Call `watcher` with every exchange from now on."""
        self._watchers.append(watcher)

    def add(self, exchange: Exchange) -> None:
        """Take one down."""
        self.exchanges.append(exchange)
        self.made += not exchange.incoming
        if exchange.operation and exchange.answer:
            self.statuses.setdefault(exchange.operation, Counter())[exchange.answer.status] += 1
        for watcher in self._watchers:
            watcher(exchange)

    @property
    def last(self) -> Exchange:
        """The latest one."""
        return self.exchanges[-1]
