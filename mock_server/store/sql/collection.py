"""Records of one kind, in the rows of one world, behind the buffer of the transaction that is under way."""

from __future__ import annotations

import heapq
import json
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import bindparam, delete, func, insert, select

from mock_server.codec import codec
from mock_server.store.protocol import Record, Taken
from mock_server.store.sql.schema import LISTS, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mock_server.store.protocol import Table
    from mock_server.store.sql.store import SqlStore

R = TypeVar("R", bound=Record)
MISSING: Any = object()

CHUNKS = (20, 200)
"""Records fetched at a time: at first, and from then on."""

CACHED = 20_000
"""Records of a kind that are remembered at most."""

FEW = 50
"""So many are remembered together, and looked through without asking the database."""

_by_id = attrgetter("id")
_HERE = (records.c.world == bindparam("world"), records.c.kind == bindparam("kind"))
_BODY = select(records.c.id, records.c.body).where(*_HERE)
_INSERT = insert(records)
GET = _BODY.where(records.c.id == bindparam("id"))
ONE = _BODY.where(records.c.key == bindparam("value")).limit(1)
OLDEST = _BODY.order_by(records.c.id).limit(bindparam("limit"))
EVERYTHING = _BODY.order_by(records.c.id)
DELETE = delete(records).where(*_HERE, records.c.id == bindparam("row"))
_DOWN = _BODY.order_by(records.c.id.desc()).limit(bindparam("limit"))
_BEFORE = records.c.id < bindparam("before")
_LISTED = {name: records.c[name] == bindparam("value") for name in LISTS}
NEWEST = {
    (name, below): _DOWN.where(*([_LISTED[name]] if name else []), *([_BEFORE] if below else []))
    for name in (None, *LISTS)
    for below in (False, True)
}
COUNT = {name: select(func.count()).select_from(records).where(*_HERE, listed) for name, listed in _LISTED.items()}


class SqlCollection(Generic[R]):
    """`_buffer` has what changed since the lock was acquired, None for what is gone; `_base` what was there before."""

    def __init__(self, store: SqlStore, table: Table[R], hint: Any) -> None:
        if len(table.unique) > 1 or len(table.listed) > len(LISTS):
            raise TypeError(f"{table.name} has more indexes than its rows have columns; a migration adds some")
        self.name = table.name
        self.count_of_all = 0
        self.highest = ""
        """No record has ever had a higher id: whatever has one is new."""
        self._store = store
        self._table = table
        self._encode, self._decode, _ = codec(hint)
        self._unique = next(iter(table.unique.values()), None)
        self._columns = dict(zip(table.listed, LISTS, strict=False))
        self._buffer: dict[str, R | None] = {}
        self._base: dict[str, R | None] = {}
        self._known: dict[str, R | None] = {}
        self._all: list[R] | None = None

    def get(self, record_id: str) -> R | None:
        if not self._store.in_hand:
            return next(self._rows(GET, id=record_id), None)
        found = self._buffer.get(record_id, MISSING)
        if found is MISSING:
            found = self._known.get(record_id, MISSING)
        if found is MISSING:
            found = next(self._rows(GET, id=record_id), None)
            self._known[record_id] = found
        return found

    def one(self, index: str, value: str) -> R | None:
        indexed = self._table.unique[index]
        buffer = self._buffer if self._store.in_hand else {}
        for record in reversed(buffer.values()):
            if record is not None and indexed(record) == value:
                return record
        few = self._few()
        if few is None:
            found = next(self._rows(ONE, value=value), None)
        else:
            found = next((record for record in few if indexed(record) == value), None)
        return None if found is None or found.id in buffer else found

    def put(self, record: R) -> None:
        old = None if record.id > self.highest else self.get(record.id)
        self._change(record.id, old, record)
        self.highest = max(self.highest, record.id)
        self._forget()

    def delete(self, record_id: str) -> None:
        old = self.get(record_id)
        if old is not None:
            self._change(record_id, old, None)

    def newest(self, *, before: str | None = None, index: str | None = None, value: str | None = None) -> Iterator[R]:
        fits = self._fits(index, value)
        buffer = dict(self._buffer) if self._store.in_hand else {}
        fresh = [r for r in buffer.values() if r is not None and fits(r) and (before is None or r.id < before)]
        stored = (record for record in self._stored(before, index, value) if record.id not in buffer)
        return heapq.merge(sorted(fresh, key=_by_id, reverse=True), stored, key=_by_id, reverse=True)

    def count(self, *, index: str | None = None, value: str | None = None) -> int:
        if index is None:
            return self.count_of_all if self._store.in_hand else self._store.peek_count(self.name)
        number = int(self._store.fetch(COUNT[self._columns[index]], kind=self.name, value=value or "")[0][0])
        if self._store.in_hand:
            fits = self._fits(index, value)
            number += sum(map(fits, filter(None, self._buffer.values())))
            number -= sum(map(fits, filter(None, self._base.values())))
        return number

    def everything(self) -> list[R]:
        buffer = self._buffer if self._store.in_hand else {}
        stored = [record for record in self._rows(EVERYTHING) if record.id not in buffer]
        return [*stored, *filter(None, buffer.values())]

    def fill(self, records: Iterable[R]) -> None:
        """All are looked at before the first is written."""
        found = list(records)
        seen: dict[str, dict[str, None]] = {"id": {}, **{name: {} for name in self._table.unique}}
        finders: list[tuple[str, Any]] = [("id", _by_id), *self._table.unique.items()]
        for position, record in enumerate(found):
            for name, indexed in finders:
                value = indexed(record)
                if value is not None and value in seen[name]:
                    raise Taken(position, name, value)
                seen[name][value] = None
        with self._store.lock:
            self._store.exist()
            rows = map(self.row, found)
            while chunk := list(islice(rows, 1_000)):
                self._store.execute(_INSERT, chunk)
            self.count_of_all = len(found)
            self.highest = max((record.id for record in found), default="")
            self._all = None
            self._known.clear()
            self._store.touched_books = True

    # For the store

    @property
    def changed(self) -> bool:
        """Is there anything to write?"""
        return bool(self._buffer)

    def changes(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The rows to write, and those to delete."""
        buffer, world = self._buffer, self._store.world_id
        puts = [self.row(record) for record in buffer.values() if record is not None]
        gone = [
            {"world": world, "kind": self.name, "row": record_id}
            for record_id, record in buffer.items()
            if record is None and self._base[record_id] is not None
        ]
        return puts, gone

    def row(self, record: R) -> dict[str, Any]:
        """A record as a row."""
        return {
            "world": self._store.world_id,
            "kind": self.name,
            "id": record.id,
            "body": json.dumps(self._encode(record), separators=(",", ":")),
            "key": None if self._unique is None else self._unique(record),
            **{column: self._table.listed[index](record) for index, column in self._columns.items()},
            **dict.fromkeys(LISTS[len(self._columns) :]),
        }

    def written(self) -> None:
        """The buffer is in the database now."""
        self._known.update(self._buffer)
        if self._buffer and self._all is not None:
            found = {record.id: record for record in self._all} | self._buffer
            self._all = sorted(filter(None, found.values()), key=_by_id)
        self._buffer.clear()
        self._base.clear()
        if len(self._known) > CACHED:
            self._known.clear()

    def forget(self) -> None:
        """Somebody else may have written: nothing that we know is sure."""
        self._all = None
        self._known.clear()
        self._buffer.clear()
        self._base.clear()

    def restore(self, record_id: str, before: tuple[Any, int, str]) -> None:
        """Undo one change."""
        found, self.count_of_all, self.highest = before
        if found is MISSING:
            del self._buffer[record_id], self._base[record_id]
        else:
            self._buffer[record_id] = found

    # Inside

    def _change(self, record_id: str, old: R | None, new: R | None) -> None:
        before = (self._buffer.get(record_id, MISSING), self.count_of_all, self.highest)
        self._store.touched(self, record_id, before)
        if before[0] is MISSING:
            self._base[record_id] = old
        self._buffer[record_id] = new
        self.count_of_all += (new is not None) - (old is not None)

    def _forget(self) -> None:
        """As in memory: the oldest that are done, two at a time at most."""
        excess = 0 if self._table.keep is None else self.count_of_all - self._table.keep
        for _ in range(min(excess, 2)):
            oldest = self._oldest()
            if not self._table.done(oldest):
                return
            self.delete(oldest.id)

    def _oldest(self) -> R:
        stored = self._rows(OLDEST, limit=len(self._buffer) + 1)
        here = [record for record in stored if record.id not in self._buffer][:1]
        return min([*here, *filter(None, self._buffer.values())], key=_by_id)

    def _fits(self, index: str | None, value: str | None) -> Callable[[R], bool]:
        if index is None:
            return lambda _: True
        indexed = self._table.listed[index]
        return lambda record: indexed(record) == (value or "")

    def _stored(self, before: str | None, index: str | None, value: str | None) -> Iterator[R]:
        few = self._few()
        if few is not None:
            fits = self._fits(index, value)
            yield from (r for r in reversed(few) if fits(r) and (before is None or r.id < before))
            return
        column = None if index is None else self._columns[index]
        size, then = CHUNKS
        while True:
            found = list(self._rows(NEWEST[column, before is not None], before=before, value=value or "", limit=size))
            yield from found
            if len(found) < size:
                return
            before, size = found[-1].id, then

    def _few(self) -> list[R] | None:
        """All that are in the database, in order, if they are few enough to be remembered all together."""
        if not self._store.in_hand or self.count_of_all > FEW:
            return None
        if self._all is None:
            self._all = list(self._rows(EVERYTHING))
            self._known.update((record.id, record) for record in self._all)
        return self._all

    def _rows(self, statement: Any, **values: Any) -> Iterator[R]:
        known = self._known if self._store.in_hand else {}
        for record_id, body in self._store.fetch(statement, kind=self.name, **values):
            record = known.get(record_id)
            yield self._decode(json.loads(body)) if record is None else record
