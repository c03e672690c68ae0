"""Two stores, the same random operations: every read agrees, after every step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mock_server.domain.journeys import Step
from mock_server.domain.tasks import Task, TaskKind

from .shops import Row, in_memory, on, sql_store

if TYPE_CHECKING:
    from mock_server.store.sql.database import Database

    from .shops import Shop

IDS, KEYS, SHELVES = "bdfhjlnp", "uvwx", "RS"
ids, keys, shelves = st.sampled_from(IDS), st.none() | st.sampled_from(KEYS), st.none() | st.sampled_from(SHELVES)
instants = st.integers(0, 4)
subjects = st.sampled_from("abc")


class Pair(RuleBasedStateMachine):
    """Memory beside a database."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.shops = [in_memory(), on(self.database)]
        self.open = False
        self._acquire()

    def _acquire(self) -> None:
        for shop in self.shops:
            shop.store.lock.acquire()
            shop.store.begin()
        self.open = True

    def _release(self) -> None:
        if self.open:
            for shop in self.shops:
                shop.store.lock.release()
        self.open = False

    @rule(row_id=ids, key=keys, shelf=shelves, box=shelves, done=st.booleans(), kept=st.booleans())
    def put(self, row_id: str, key: str | None, shelf: str | None, box: str | None, done: bool, kept: bool) -> None:
        """Add or replace; a key that another row has is left out."""
        for shop in self.shops:
            rows = shop.kept if kept else shop.rows
            other = rows.one("key", key) if key else None
            free = key if other is None or other.id == row_id else None
            rows.put(Row(row_id, free, shelf, box, done))

    @rule(row_id=ids, kept=st.booleans())
    def delete(self, row_id: str, kept: bool) -> None:
        """What may not be there."""
        for shop in self.shops:
            (shop.kept if kept else shop.rows).delete(row_id)

    @rule(kind=st.sampled_from(list(TaskKind)[:2]), subject=subjects, due=instants)
    def schedule(self, kind: TaskKind, subject: str, due: int) -> None:
        """Or move."""
        for shop in self.shops:
            shop.store.tasks.put(Task(due, kind, subject, detail=(Step(due),)))

    @rule(kind=st.sampled_from(list(TaskKind)[:2]), subject=subjects)
    def unschedule(self, kind: TaskKind, subject: str) -> None:
        """What may not wait."""
        for shop in self.shops:
            shop.store.tasks.delete(Task(0, kind, subject).id)

    @rule(until=instants)
    def pop(self, until: int) -> None:
        """The same task, or none."""
        self._agree(lambda shop: shop.store.tasks.pop_due(until))

    @rule()
    def commit(self) -> None:
        """Both say whether there was anything; the hold goes on."""
        self._agree(lambda shop: shop.store.commit())
        for shop in self.shops:
            shop.store.begin()

    @rule()
    def rollback(self) -> None:
        """Back to where this transaction began; the hold goes on."""
        for shop in self.shops:
            shop.store.rollback()
            shop.store.begin()

    @rule(number=st.integers(0, 9), reopened=st.booleans())
    def release(self, number: int, reopened: bool) -> None:
        """Keep what was done, and look at it without the lock; perhaps through another process's eyes."""
        self._agree(lambda shop: shop.store.commit())
        self.shops[1].numbers[0] = number
        self._release()
        self._look()
        if reopened:
            self.shops[1] = on(self.database, sql_store(self.shops[1]).world_id)
            self._look()
        self._acquire()
        assert self.shops[1].numbers[0] == number

    @invariant()
    def same(self) -> None:
        """Every read there is."""
        self._look()

    def _look(self) -> None:
        self._agree(lambda shop: shop.store.changes() if self.open else None)
        for kept in (False, True):
            self._agree(partial(_reads, kept=kept))
        self._agree(lambda shop: (shop.store.tasks.everything(), shop.store.tasks.next_due(), shop.store.tasks.count()))

    def _agree(self, ask: Any) -> None:
        expected, found = (ask(shop) for shop in self.shops)
        assert found == expected

    def teardown(self) -> None:
        """Let go."""
        self._release()


def _reads(shop: Shop, *, kept: bool) -> list[Any]:
    rows = shop.kept if kept else shop.rows
    found: list[Any] = [rows.get(row_id) for row_id in IDS]
    found += [rows.one("key", key) for key in KEYS]
    found += [list(rows.newest()), list(rows.newest(before="g")), rows.count(), sorted(rows.everything(), key=_id)]
    if not kept:
        for index in ("shelf", "box"):
            for value in SHELVES:
                found += [list(rows.newest(index=index, value=value)), rows.count(index=index, value=value)]
                found.append(list(rows.newest(before="k", index=index, value=value)))
    return found


def _id(row: Row) -> str:
    return row.id


def _run(database: Database | None, examples: int) -> None:
    if database is None:
        pytest.skip("memory is what the others are compared with")
    pair = type("PairHere", (Pair,), {"database": database})
    run_state_machine_as_test(pair, settings=settings(max_examples=examples, stateful_step_count=15, deadline=None))


def test_both_agree(database: Database | None) -> None:
    """A little of it."""
    _run(database, 4)


@pytest.mark.thorough
def test_both_agree_whatever_happens(database: Database | None) -> None:
    """More of it."""
    _run(database, 150)
