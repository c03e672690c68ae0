"""The store in memory against a plain dict, through transactions that are committed or rolled back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mock_server.domain.policy import Policy
from mock_server.store.memory import MemoryCollection, MemoryStore
from mock_server.store.protocol import Table


@dataclass(frozen=True, slots=True)
class Row:
    """`key` is unique, `shelf` shared; both may be missing."""

    id: str
    key: str | None = None
    shelf: str | None = None
    done: bool = True


IDS, KEYS, SHELVES = "bdfhjlnp", "uvwxyz", "RS"
ids, keys, shelves = st.sampled_from(IDS), st.none() | st.sampled_from(KEYS), st.none() | st.sampled_from(SHELVES)
TABLE: Table[Row] = Table("rows", unique={"key": lambda row: row.key}, listed={"shelf": lambda row: row.shelf})


class Rows(RuleBasedStateMachine):
    """`model` is what there should be, `saved` what a rollback should bring back."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(Policy())
        self.rows = MemoryCollection(TABLE, self.store._undo)
        self.model: dict[str, Row] = {}
        self.saved: dict[str, Row] = {}
        self.changed = False
        self.store.begin()

    @rule(row_id=ids, key=keys, shelf=shelves)
    def put(self, row_id: str, key: str | None, shelf: str | None) -> None:
        """Add or replace; a key that another row has is left out."""
        taken = {row.key for row in self.model.values() if row.id != row_id}
        row = Row(row_id, None if key in taken else key, shelf)
        self.rows.put(row)
        self.model[row_id] = row
        self.changed = True

    @rule(row_id=ids)
    def delete(self, row_id: str) -> None:
        """Remove what may not be there."""
        self.rows.delete(row_id)
        self.changed |= self.model.pop(row_id, None) is not None

    @rule()
    def commit(self) -> None:
        """Keep, and be told whether there was anything to keep."""
        assert self.store.commit() is self.changed
        self.saved = dict(self.model)
        self._begin()

    @rule()
    def rollback(self) -> None:
        """Back to where the transaction began."""
        self.store.rollback()
        self.model = dict(self.saved)
        self._begin()

    @rule(before=st.none() | ids | st.sampled_from(["a", "e", "i", "zz"]), shelf=shelves)
    def page(self, before: str | None, shelf: str | None) -> None:
        """Newest first from behind any id, there or not; lazily, so that any beginning can be taken."""
        index = None if shelf is None else "shelf"
        expected = self._newest(before, shelf)
        assert list(self.rows.newest(before=before, index=index, value=shelf)) == expected
        assert list(islice(self.rows.newest(before=before, index=index, value=shelf), 2)) == expected[:2]

    @invariant()
    def same_rows(self) -> None:
        """By id, by key, in order, by shelf and in number."""
        assert [self.rows.get(row_id) for row_id in IDS] == [self.model.get(row_id) for row_id in IDS]
        by_key = {row.key: row for row in self.model.values()}
        assert [self.rows.one("key", key) for key in KEYS] == [by_key.get(key) for key in KEYS]
        assert list(self.rows.newest()) == self._newest(None, None)
        for shelf in SHELVES:
            assert list(self.rows.newest(index="shelf", value=shelf)) == self._newest(None, shelf)
        assert self.rows.count() == len(self.model)
        assert self.rows._listed["shelf"].keys() == {row.shelf for row in self.model.values()} - {None}  # no rubbish

    def _begin(self) -> None:
        self.store.begin()
        self.changed = False

    def _newest(self, before: str | None, shelf: str | None) -> list[Row]:
        found = sorted(self.model.values(), key=lambda row: row.id, reverse=True)
        return [row for row in found if (not before or row.id < before) and (not shelf or row.shelf == shelf)]


TestRows = Rows.TestCase
TestRows.settings = settings(max_examples=60, stateful_step_count=40)


def kept(keep: int) -> MemoryCollection[Row]:
    """A collection that is to forget."""
    return MemoryCollection(Table("kept", keep=keep, done=lambda row: row.done), [])


@given(st.integers(1, 6), st.lists(st.booleans(), max_size=30))
def test_only_the_oldest_that_are_done_are_forgotten(keep: int, done: list[bool]) -> None:
    """What is forgotten is done and older than all that is kept; nothing is forgotten while there is room."""
    rows = kept(keep)
    for number, is_done in enumerate(done):
        rows.put(Row(f"{number:03}", done=is_done))
    left = [int(row.id) for row in rows.newest()]
    assert left == list(range(len(done) - 1, len(done) - 1 - len(left), -1))
    assert all(done[: len(done) - len(left)])
    assert len(left) >= min(keep, len(done))
    assert len(left) <= keep or not done[left[-1]]


@given(st.integers(1, 6), st.integers(0, 30), st.integers(0, 40))
def test_a_backlog_is_worked_off(keep: int, waiting: int, more: int) -> None:
    """When the oldest are done at last, each new record makes room for itself and one more, until the bound holds."""
    rows = kept(keep)
    for number in range(waiting):
        rows.put(Row(f"{number:03}", done=False))
    assert rows.count() == waiting
    for number in reversed(range(waiting)):
        rows.put(Row(f"{number:03}", done=True))
    backlog = rows.count()
    for number in range(100, 100 + more):
        rows.put(Row(f"{number:03}", done=True))
    assert rows.count() <= max(keep, backlog - more)


def test_forgetting_is_part_of_the_transaction() -> None:
    """A rollback brings back what was forgotten, where it was."""
    store = MemoryStore(Policy())
    rows: MemoryCollection[Row] = MemoryCollection(
        Table("kept", unique=TABLE.unique, listed=TABLE.listed, keep=2), store._undo
    )
    old = [Row(row_id, key, "R") for row_id, key in zip("abc", "xyz", strict=True)]
    for row in old[:2]:
        rows.put(row)
    store.begin()
    rows.put(old[2])
    assert (rows.get("a"), rows.one("key", "x"), rows.count()) == (None, None, 2)
    store.rollback()
    assert list(rows.newest()) == [old[1], old[0]] == list(rows.newest(index="shelf", value="R"))
    assert rows.one("key", "x") == old[0]


def test_what_is_committed_stays() -> None:
    """A commit lets go of what it kept: undoing afterwards undoes nothing, and there is nothing more to keep."""
    store = MemoryStore(Policy())
    rows = MemoryCollection(TABLE, store._undo)
    rows.put(Row("a"))
    assert store.commit()
    store.rollback()
    assert rows.get("a") == Row("a")
    assert not store.commit()


def test_collections_share_one_transaction() -> None:
    """What was done in several collections is undone together."""
    store = MemoryStore(Policy())
    left = MemoryCollection(TABLE, store._undo)
    right = MemoryCollection(TABLE, store._undo)
    left.put(Row("a"))
    store.commit()
    store.begin()
    left.delete("a")
    right.put(Row("a"))
    store.rollback()
    assert (left.count(), right.count()) == (1, 0)
