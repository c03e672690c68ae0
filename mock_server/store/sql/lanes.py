"""A lane for each endpoint, for workers on many machines: what is due for it, in order, and who is at work there.

A slot is one attempt at a time; an endpoint has so many as may be on the wire. What a slot has taken stays its own until
it is settled, so whoever takes the place of a worker that died finds it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from mock_server.store.sql.schema import lanes

if TYPE_CHECKING:
    from mock_server.store.sql.store import SqlStore

_HERE = lanes.c.world == bindparam("world")
_NEXT = (
    select(lanes.c.id, lanes.c.delivery, lanes.c.slot)
    .where(
        _HERE,
        lanes.c.endpoint == bindparam("endpoint"),
        or_(lanes.c.slot == bindparam("slot"), lanes.c.slot.is_(None)),
    )
    .order_by(lanes.c.slot.is_(None), lanes.c.id)
    .limit(1)
)
_TAKE = update(lanes).where(lanes.c.id == bindparam("row")).values(slot=bindparam("by"))
_DROP = delete(lanes).where(lanes.c.id == bindparam("row"))
_WAITING = select(lanes.c.id, lanes.c.delivery).where(_HERE, lanes.c.slot.is_(None)).order_by(lanes.c.id)
_COUNT = select(func.count()).select_from(lanes).where(_HERE)


class Lanes:
    """Of one world, whose lock is held."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.at_work: dict[str, list[int]] = {}
        """The slots of each endpoint that somebody works in."""

    def push(self, endpoint: str, delivery: str, bound: int) -> int | None:
        """It is due. The number of a slot that is to be worked in from now on, if there is one."""
        row = {"world": self._store.world_id, "endpoint": endpoint, "delivery": delivery, "slot": None}
        self._store.execute(insert(lanes), [row])
        busy = self.at_work.get(endpoint, [])
        if len(busy) >= bound:
            return None
        slot = next(number for number in range(bound) if number not in busy)
        self.at_work[endpoint] = [*busy, slot]
        return slot

    def take(self, endpoint: str, slot: int) -> tuple[int, str] | None:
        """What this slot had taken, or else the next one: the row, and the delivery."""
        found = self._store.fetch(_NEXT, endpoint=endpoint, slot=slot)
        if not found:
            return None
        if found[0].slot is None:
            self._store.execute(_TAKE, {"row": found[0].id, "by": slot})
        return found[0].id, found[0].delivery

    def drop(self, row: int) -> None:
        """It is settled."""
        self._store.execute(_DROP, {"row": row})

    def stop(self, endpoint: str, slot: int) -> None:
        """Nobody works in this slot any more."""
        left = [number for number in self.at_work.get(endpoint, ()) if number != slot]
        self.at_work = {name: slots for name, slots in self.at_work.items() if name != endpoint}
        if left:
            self.at_work[endpoint] = left

    def recall(self) -> list[str]:
        """Deliveries that nobody has taken yet; they wait here no more."""
        found = self._store.fetch(_WAITING)
        for row in found:
            self.drop(row.id)
        return [row.delivery for row in found]

    def count(self) -> int:
        """How many there are, taken or not."""
        return int(self._store.fetch(_COUNT)[0][0])
