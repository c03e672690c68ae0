"""The stores that the conformance suite runs on, each with a collection of rows whose table is the tests' own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete

from mock_server.domain.policy import Policy
from mock_server.store.memory import MemoryCollection, MemoryStore
from mock_server.store.protocol import Table
from mock_server.store.sql.collection import SqlCollection
from mock_server.store.sql.database import Database
from mock_server.store.sql.migrating import migrate
from mock_server.store.sql.schema import metadata
from mock_server.store.sql.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.store.protocol import Collection, Store


@dataclass(frozen=True, slots=True)
class Row:
    """`key` is unique, `shelf` and `box` are shared; all may be missing."""

    id: str
    key: str | None = None
    shelf: str | None = None
    box: str | None = None
    done: bool = True


KEPT = 5

TABLES: dict[str, Table[Row]] = {
    "rows": Table(
        "rows",
        unique={"key": lambda row: row.key},
        listed={"shelf": lambda row: row.shelf, "box": lambda row: row.box},
    ),
    "kept": Table("kept", unique={"key": lambda row: row.key}, keep=KEPT, done=lambda row: row.done),
}


@dataclass
class Shop:
    """A store, and collections of it."""

    store: Store
    rows: Collection[Row]
    kept: Collection[Row]
    numbers: list[int]

    @contextmanager
    def unit(self) -> Iterator[None]:
        """A transaction with its lock."""
        with self.store.lock:
            self.store.begin()
            yield
            self.store.commit()


def in_memory() -> Shop:
    """Dicts."""
    store = MemoryStore(Policy())
    rows, kept = (MemoryCollection(table, store._undo) for table in TABLES.values())
    return Shop(store, rows, kept, [0])


def on(database: Database, world_id: int = 0) -> Shop:
    """A new world in a database, or one that is there."""
    store = SqlStore(database, Policy(), world_id=world_id, constants="{}")
    for name, table in TABLES.items():
        store._kinds[name] = SqlCollection(store, table, Row)
    numbers = [0]
    store.beside(int, lambda: numbers[0], lambda number: numbers.__setitem__(0, number))
    rows, kept = (cast("Collection[Row]", store._kinds[name]) for name in TABLES)
    return Shop(cast("Store", store), rows, kept, numbers)


def emptied(url: str) -> Database:
    """A database with the schema and nothing in it."""
    database = Database(url)
    migrate(database)
    with database.together() as session:
        for table in metadata.sorted_tables:
            session.execute(delete(table))
    return database


def sql_store(shop: Shop) -> SqlStore:
    """What is behind it."""
    store: Any = shop.store
    assert isinstance(store, SqlStore)
    return store
