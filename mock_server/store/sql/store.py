"""One world on a database: its collections, its tasks, its row, and the lock that holds them all."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mock_server.codec import codec
from mock_server.store import tables
from mock_server.store.kinds import collections
from mock_server.store.protocol import Gone, Unavailable
from mock_server.store.sql import collection as rows_of
from mock_server.store.sql import tasks as tasks_of
from mock_server.store.sql.collection import SqlCollection
from mock_server.store.sql.lanes import Lanes
from mock_server.store.sql.lock import RowLock
from mock_server.store.sql.schema import lanes, records, states, tasks, worlds
from mock_server.store.sql.tasks import SqlTasks
from mock_server.store.undo import UndoLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mock_server.domain.policy import Policy
    from mock_server.store.protocol import Lock, N
    from mock_server.store.sql.database import Database, Session

LOAD = select(states.c.version, states.c.numbers, states.c.books).where(states.c.world == bindparam("id"))
HOLD = LOAD.with_for_update()
SAVE = (
    update(states)
    .where(states.c.world == bindparam("id"))
    .values(version=bindparam("to"), numbers=bindparam("the_numbers"), books=bindparam("the_books"))
)
PARTS = (records.c.world, tasks.c.world, lanes.c.world, states.c.world, worlds.c.id)


INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
"""The databases, and how each says what to do about a row that is there."""


@cache
def upsert(backend: str, table: Any) -> Any:
    """Add a row, or replace the one with its key."""
    statement = INSERTS[backend](table)
    keys = list(table.primary_key)
    fresh = {column.name: statement.excluded[column.name] for column in table.c if column not in set(keys)}
    return statement.on_conflict_do_update(index_elements=keys, set_=fresh)


class Watch(Protocol):
    """Told of what stands beside the records, in the transaction: when it was read, and before it is written."""

    def read(self) -> None:
        """It is in place now."""

    def writing(self, before: Any, after: Any) -> None:
        """It was like this, and is going to be like that."""


class SqlStore(UndoLog):
    """`world_id` 0 is a world that is not written yet; `constants` are what it is written with."""

    def __init__(self, database: Database, policy: Policy, *, world_id: int = 0, constants: str = "") -> None:
        super().__init__()
        self.database = database
        self.world_id = world_id
        self.touched_books = False
        """Did something change that stands in no row?"""
        self.lock: Lock
        self.lock = self.row_lock = RowLock(database, self)
        self.tasks = self.queue = SqlTasks(self)
        self.lanes = Lanes(self)
        self.wake_at: int | None = None
        """The real instant for which this world is called up, where others do its work."""
        self.called = False
        """Is that what is going on now?"""
        self.watch: Watch | None = None
        self._constants = constants
        self._version: int | None = None
        self._numbers: tuple[Any, Callable[[], Any], Callable[[Any], None]]
        self._written: Any = None
        self._session: Session | None = None
        self._kinds: dict[str, SqlCollection[Any]] = {}
        for table in tables.declared(policy):
            found: SqlCollection[Any] = SqlCollection(self, table, collections()[table.name])
            self._kinds[table.name] = found
            setattr(self, table.name, found)

    @property
    def _parts(self) -> list[SqlCollection[Any] | SqlTasks]:
        return [*self._kinds.values(), self.queue]

    def beside(self, kind: type[N], take: Callable[[], N], put: Callable[[N], None]) -> None:
        self._numbers = (codec(cast("Any", kind)), take, put)

    def erase(self) -> None:
        """Nothing of it is left. In a transaction that somebody else has begun."""
        session = self.database.enter()
        for column in PARTS:
            session.execute(delete(column.table).where(column == self.world_id))
        self.database.leave()

    # For collections and tasks

    @property
    def in_hand(self) -> bool:
        """Has this thread the lock?"""
        return self.row_lock.mine

    def exist(self) -> None:
        """Have rows of its own from now on."""
        self._joined()

    def touched(self, owner: Any, record_id: str, before: Any) -> None:
        """For the undo log."""
        self._undo.append((owner, record_id, before))

    def fetch(self, statement: Any, **values: Any) -> Sequence[Any]:
        """Rows of this world: within the transaction, if this thread has the lock."""
        values["world"] = self.world_id
        if self.in_hand:
            return self._joined().execute(statement, values).all()  # type: ignore[no-any-return]
        return self.database.read(statement, values)

    def execute(self, statement: Any, rows: Any) -> Any:
        """Write at once."""
        return self._joined().execute(statement, rows)

    def peek_count(self, name: str) -> int:
        """How many there are, for a thread that has not the lock."""
        if self.database.alone and self._version is not None:
            return self._kinds[name].count_of_all
        found = self.database.read(LOAD, {"id": self.world_id})
        return int(json.loads(found[0].books)["counts"][name][0]) if found else 0

    # For the lock

    def acquired(self) -> None:
        """The mutex is ours. Take the row too, unless nobody else can have changed it."""
        if self.database.alone and (self._version is not None or not self.world_id):
            return
        session = self._joined()
        if not self.world_id:
            return
        found = session.execute(HOLD, {"id": self.world_id}).first()
        if found is None:
            raise Gone
        if found.version != self._version:
            self._load(found)
        if self.watch is not None:
            self.watch.read()

    def refresh(self, found: Any) -> bool:
        """This is how it stands, as somebody has just read without the lock. Was it news?"""
        with self.row_lock.mutex:
            news = not self.in_hand and (self._version is None or found.version > self._version)
            if news:
                self._load(found)
            return news

    def released(self) -> None:
        """Write what changed, and leave the transaction. Raises Unavailable, also for what failed before."""
        try:
            if self._session is not None and self._session.broken:
                raise Unavailable("something failed in this transaction, so all of it is undone")  # noqa: TRY301
            self._flush()
        except BaseException:
            self.forget()
            if self._session is not None:
                self._session.broken = True
            raise
        finally:
            if self._session is not None:
                self._session = None
                self.database.leave()

    def abandoned(self) -> None:
        """It could not be acquired."""
        self.forget()
        if self._session is not None:
            session, self._session = self._session, None
            session.broken |= session.depth == 1
            self.database.leave()

    def forget(self) -> None:
        """The transaction came to nothing: what we know of this world is worth nothing either."""
        self._version = None
        self._undo.clear()
        for owner in self._parts:
            owner.forget()

    def _joined(self) -> Session:
        if self._session is None:
            self._session = self.database.enter()
            if not self.world_id:
                self._create(self._session)
            if self.forget not in self._session.undone:
                self._session.undone.append(self.forget)
        return self._session

    def _create(self, session: Session) -> None:
        self.world_id = session.execute(insert(worlds).values(constants=self._constants)).inserted_primary_key[0]
        encoder, take, _ = self._numbers
        self._written, self._version = take(), 0
        values = {"world": self.world_id, "version": 0, "books": json.dumps(self._books())}
        session.execute(insert(states).values(**values, numbers=json.dumps(encoder.encode(self._written))))
        session.undone.append(self._never)

    def _never(self) -> None:
        self.world_id = 0

    def _books(self) -> dict[str, Any]:
        """What stands beside the rows, so that counting them costs nothing."""
        counts = {name: [kind.count_of_all, kind.highest] for name, kind in self._kinds.items()}
        beside = {"turn": self.queue.turn, "wakeAt": self.wake_at, "atWork": self.lanes.at_work}
        return {**beside, "counts": counts}

    def _load(self, found: Any) -> None:
        decoder, _, put = self._numbers
        books = json.loads(found.books)
        for owner in self._parts:
            owner.forget()
        for name, kind in self._kinds.items():
            kind.count_of_all, kind.highest = books["counts"].get(name, (0, ""))
        self.queue.turn = books["turn"]
        self.wake_at, self.lanes.at_work = books["wakeAt"], books["atWork"]
        self._written = decoder.decode(json.loads(found.numbers))
        put(self._written)
        self._version = found.version

    def _flush(self) -> None:
        encoder, take, _ = self._numbers
        numbers = take()
        changed = [kind for kind in self._kinds.values() if kind.changed]
        if not (changed or self.queue.changed or self.touched_books or numbers != self._written):
            return
        session = self._joined()
        if self.watch is not None:
            self.watch.writing(self._written, numbers)
            numbers = take()
        backend = session.connection.dialect.name
        self._write(session, upsert(backend, records), rows_of.DELETE, [kind.changes() for kind in changed])
        self._write(session, upsert(backend, tasks), tasks_of.DELETE, [self.queue.changes()])
        self._version = (self._version or 0) + 1
        row = {"id": self.world_id, "to": self._version, "the_books": json.dumps(self._books(), separators=(",", ":"))}
        row["the_numbers"] = json.dumps(encoder.encode(numbers), separators=(",", ":"))
        if not session.execute(SAVE, row).rowcount:
            session.broken = True
            raise Gone
        self._written, self.touched_books = numbers, False
        for owner in self._parts:
            owner.written()

    @staticmethod
    def _write(session: Session, put: Any, drop: Any, changes: list[tuple[list[Any], list[Any]]]) -> None:
        puts = [row for found, _ in changes for row in found]
        gone = [row for _, found in changes for row in found]
        if gone:
            session.execute(drop, gone)
        if puts:
            session.execute(put, puts)
