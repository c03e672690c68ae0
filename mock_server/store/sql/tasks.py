"""The waiting work of one world, in rows ordered by due time and turn, behind the buffer of the transaction."""

from __future__ import annotations

import heapq
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, or_, select

from mock_server.codec import codec
from mock_server.domain.tasks import Task
from mock_server.store.sql.collection import MISSING
from mock_server.store.sql.schema import tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.domain.instant import Instant
    from mock_server.store.sql.store import SqlStore

    Entry = tuple[int, Task]

_CHUNK = 50
_CODEC = codec(Task)
_HERE = tasks.c.world == bindparam("world")
_ROW = select(tasks.c.id, tasks.c.due, tasks.c.turn, tasks.c.body)
_ORDER = (tasks.c.due, tasks.c.turn)
GET = _ROW.where(_HERE, tasks.c.id == bindparam("id"))
FRONT = (
    _ROW.where(
        _HERE,
        tasks.c.due >= bindparam("due"),
        or_(tasks.c.due > bindparam("due"), tasks.c.turn > bindparam("turn")),
    )
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)
COUNT = select(func.count()).select_from(tasks).where(_HERE)
DELETE = delete(tasks).where(_HERE, tasks.c.id == bindparam("row"))


class SqlTasks:
    """`_buffer` has what changed since the lock was acquired, None for what is gone."""

    name = None  # tasks are no records

    def __init__(self, store: SqlStore) -> None:
        self.turn = 0
        self._store = store
        self._buffer: dict[str, Entry | None] = {}
        self._front: Any = MISSING
        """The first row, while it is known: an entry, or None."""

    def put(self, task: Task) -> None:
        self.turn += 1
        self._set(task.id, (self.turn, task))

    def delete(self, task_id: str) -> None:
        if self._get(task_id) is not None:
            self._set(task_id, None)

    def next_due(self) -> Instant | None:
        first = self._first()
        return None if first is None else first[1].due

    def pop_due(self, until: Instant) -> Task | None:
        first = self._first()
        if first is None or first[1].due > until:
            return None
        self._set(first[1].id, None)
        return first[1]

    def count(self) -> int:
        if self._store.in_hand and self._buffer:
            return len(self.everything())
        return int(self._store.fetch(COUNT)[0][0])

    def upcoming(self, *, after: tuple[Instant, int] | None = None) -> Iterator[Entry]:
        buffer = self._buffer if self._store.in_hand else {}
        behind = (-(1 << 62), 0) if after is None else after
        stored = (entry for entry in self._stored(behind) if entry[1].id not in buffer)
        ahead = (entry for entry in buffer.values() if entry is not None and _place(entry) > behind)
        return heapq.merge(stored, sorted(ahead, key=_place), key=_place)

    def everything(self) -> list[Task]:
        return [task for _, task in self.upcoming()]

    # For the store

    @property
    def changed(self) -> bool:
        """Is there anything to write?"""
        return bool(self._buffer)

    def changes(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The rows to write, and those to delete."""
        world = self._store.world_id
        puts = [self._row(*entry) for entry in self._buffer.values() if entry is not None]
        gone = [{"world": world, "row": task_id} for task_id, entry in self._buffer.items() if entry is None]
        return puts, gone

    def earliest_put(self) -> Instant | None:
        """The earliest due time of what was scheduled since the lock was acquired."""
        return min((entry[1].due for entry in self._buffer.values() if entry is not None), default=None)

    def written(self) -> None:
        """The buffer is in the database now."""
        if self._front is not MISSING:
            known = self._front is None or self._front[1].id not in self._buffer
            ahead = filter(None, [self._front, *self._buffer.values()])
            self._front = min(ahead, key=_place, default=None) if known else MISSING
        self._buffer.clear()

    def forget(self) -> None:
        """Somebody else may have written: nothing that we know is sure."""
        self._buffer.clear()
        self._front = MISSING

    def restore(self, task_id: str, before: tuple[Any, int]) -> None:
        """Undo one change."""
        found, self.turn = before
        if found is MISSING:
            del self._buffer[task_id]
        else:
            self._buffer[task_id] = found

    # Inside

    def _row(self, turn: int, task: Task) -> dict[str, Any]:
        body = json.dumps(_CODEC.encode(task), separators=(",", ":"))
        return {"world": self._store.world_id, "id": task.id, "due": task.due, "turn": turn, "body": body}

    def _get(self, task_id: str) -> Entry | None:
        found: Any = self._buffer.get(task_id, MISSING)
        if found is MISSING:
            rows = self._store.fetch(GET, id=task_id)
            found = _entry(rows[0]) if rows else None
        return found  # type: ignore[no-any-return]

    def _set(self, task_id: str, entry: Entry | None) -> None:
        self._store.touched(self, task_id, (self._buffer.get(task_id, MISSING), self.turn))
        self._buffer[task_id] = entry

    def _first(self) -> Entry | None:
        if not self._store.in_hand:
            return next(self._stored(), None)
        if not self._buffer:
            if self._front is MISSING:
                self._front = next(self._stored(), None)
            return self._front  # type: ignore[no-any-return]
        stored = next((entry for entry in self._stored() if entry[1].id not in self._buffer), None)
        return min(filter(None, [stored, *self._buffer.values()]), key=_place, default=None)

    def _stored(self, behind: tuple[Instant, int] = (-(1 << 62), 0)) -> Iterator[Entry]:
        (due, turn), size = behind, min(1 + len(self._buffer), _CHUNK)
        while True:
            rows = self._store.fetch(FRONT, due=due, turn=turn, limit=size)
            yield from map(_entry, rows)
            if len(rows) < size:
                return
            due, turn, size = rows[-1].due, rows[-1].turn, _CHUNK


def _entry(row: Any) -> Entry:
    return row.turn, _CODEC.decode(json.loads(row.body))


def _place(entry: Entry) -> tuple[Instant, int]:
    return entry[1].due, entry[0]
