"""One database: its connections, and the transaction that a thread is in.

A thread has one transaction at a time, whatever it holds: worlds and the directory join in. SQLite belongs to one process
and has one writer, so there one mutex is everybody's; on PostgreSQL each world has a row to lock.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from mock_server.domain.errors import Invalid
from mock_server.store.protocol import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import URL, Connection, Engine, Row
    from sqlalchemy.sql import Executable

CONNECTIONS = 40
"""At most, to PostgreSQL: one for each call that a server answers at a time, and some."""

RETRIES = 3
"""Connections that are tried before a transaction begins: after a restart of the database the old ones are dead."""


class Session:
    """One transaction of one thread. `undone` is called for everybody in it if it comes to nothing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.depth = 0
        self.broken = False
        self.undone: list[Callable[[], None]] = []
        self.done: list[Callable[[], None]] = []

    def execute(self, statement: Executable, rows: Any = None) -> Any:
        """Raises Unavailable, and then all of the transaction is lost."""
        try:
            return self.connection.execute(statement, rows)
        except SQLAlchemyError as error:
            self.broken = True
            raise Unavailable(str(error)) from error


class Database:
    """See the top of the file. `url` is SQLAlchemy's, with or without the name of a driver."""

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.alone = self.url.get_backend_name() == "sqlite"
        """Is this process the only one that uses it?"""
        self.mutex = threading.RLock()
        """On SQLite: held by whoever holds anything."""
        self._local = threading.local()
        self._claim = _claimed(str(self.url.database)) if self.alone else None
        self._writer, self._reader = _sqlite(self.url) if self.alone else _postgres(self.url)

    @property
    def engine(self) -> Engine:
        """For migrations."""
        return self._writer

    @property
    def session(self) -> Session | None:
        """The transaction this thread is in."""
        found: Session | None = getattr(self._local, "session", None)
        return found

    def enter(self) -> Session:
        """Join this thread's transaction, or begin one."""
        session = self.session or self._begin()
        session.depth += 1
        return session

    def leave(self) -> None:
        """Whoever leaves last commits. Raises Unavailable if that fails, or if anything failed before."""
        session = self.session
        if session is None:
            raise RuntimeError("left more often than entered")
        session.depth -= 1
        if session.depth:
            return
        del self._local.session
        self._end(session)

    @contextmanager
    def together(self) -> Iterator[Session]:
        """One transaction. What goes wrong inside undoes it all."""
        if self.alone:
            self.mutex.acquire()
        try:
            session = self.enter()
            try:
                yield session
            except BaseException:
                session.broken = True
                raise
            finally:
                self.leave()
        finally:
            if self.alone:
                self.mutex.release()

    def read(self, statement: Executable, values: dict[str, Any]) -> Sequence[Row[Any]]:
        """Look at what is committed, outside any transaction."""
        try:
            with self._reader.connect() as connection:
                return connection.execute(statement, values).all()
        except SQLAlchemyError as error:
            raise Unavailable(str(error)) from error

    def close(self) -> None:
        """Nothing is asked any more."""
        self._writer.dispose()
        self._reader.dispose()
        if self._claim is not None:
            self._claim.close()

    def _begin(self) -> Session:
        for left in reversed(range(RETRIES)):
            try:
                connection = self._writer.connect()
                connection.begin()
            except DBAPIError as error:
                if not left:
                    raise Unavailable(str(error)) from error
            else:
                self._local.session = session = Session(connection)
                return session
        raise AssertionError

    def _end(self, session: Session) -> None:
        try:
            if session.broken:
                session.connection.rollback()
            else:
                session.connection.commit()
        except SQLAlchemyError as error:
            _tell(session.undone)
            raise Unavailable(str(error)) from error
        finally:
            session.connection.close()
        _tell(session.undone if session.broken else session.done)


def _tell(listeners: list[Callable[[], None]]) -> None:
    for listener in listeners:
        listener()


def _checked(url: str) -> URL:
    try:
        found = make_url(url)
        backend = found.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise Invalid("--store", f"{url!r} is not a database: {_WANTED}") from error
    if backend == "sqlite" and found.database not in {None, "", ":memory:"}:
        return found.set(drivername="sqlite")
    if backend in {"postgresql", "postgres"}:
        return found.set(drivername="postgresql+psycopg")
    raise Invalid("--store", f"{url!r} is not supported: {_WANTED}")


_WANTED = "write sqlite:///file.db, sqlite:////absolute/file.db or postgresql://user@host/name"


def _claimed(file: str) -> sqlite3.Connection:
    """A file beside the database that this process keeps locked; the system lets go of it whatever becomes of us."""
    try:
        claim = sqlite3.connect(f"{file}.lock", timeout=0, check_same_thread=False, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise Invalid("--store", f"{file} cannot be written: {error}; does its folder exist?") from None
    try:
        claim.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        claim.close()
        raise Invalid(
            "--store", f"{file} is another process's ({error}); SQLite serves one, PostgreSQL as many as you like"
        ) from None
    return claim


def _sqlite(url: URL) -> tuple[Engine, Engine]:
    writer, reader = create_engine(url), create_engine(url)
    for engine in (writer, reader):
        event.listen(engine, "connect", _set_up_sqlite)
    event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return writer, reader


def _set_up_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    """Transactions are ours to begin. With a write-ahead log, what is committed survives the death of this process."""
    connection.isolation_level = None
    for setting in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 30000"):
        connection.execute(f"PRAGMA {setting}")


def _postgres(url: URL) -> tuple[Engine, Engine]:
    writer = create_engine(url, pool_size=CONNECTIONS, max_overflow=0)
    return writer, writer.execution_options(isolation_level="AUTOCOMMIT")
