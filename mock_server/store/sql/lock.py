"""A world's lock on a database."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mock_server.store.sql.database import Database


class Held(Protocol):
    """What a lock is around."""

    def acquired(self) -> None:
        """This thread has it."""

    def abandoned(self) -> None:
        """`acquired` failed."""

    def released(self) -> None:
        """It is about to have it no more."""


class RowLock:
    """A world's lock: a thread's in this process, and the world's row in the database."""

    def __init__(self, database: Database, held: Held) -> None:
        self._held = held
        self.mutex = database.mutex if database.alone else threading.RLock()
        self._owner: int | None = None
        self._depth = 0

    @property
    def mine(self) -> bool:
        """Has this thread got it?"""
        return self._owner == threading.get_ident()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not self.mutex.acquire(blocking, timeout):
            return False
        self._depth += 1
        if self._depth > 1:
            return True
        self._owner = threading.get_ident()
        try:
            self._held.acquired()
        except BaseException:
            self._end(self._held.abandoned)
            raise
        return True

    def release(self) -> None:
        if self._depth > 1:
            self._depth -= 1
            self.mutex.release()
        else:
            self._end(self._held.released)

    def _end(self, action: Callable[[], None]) -> None:
        try:
            action()
        finally:
            self._owner = None
            self._depth = 0
            self.mutex.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
