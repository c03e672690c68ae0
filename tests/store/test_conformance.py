"""What every store does, in memory or on a database: one suite for all of them."""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from mock_server.domain.journeys import Step
from mock_server.domain.tasks import Task, TaskKind
from mock_server.store.protocol import Change, Taken

from .shops import KEPT, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from .shops import Shop

ODD = ["", "a", "A", "a b", "ä", "z", "Z", "ß", "😀", "\uffff", "it's", '"', "%s", ":x", "\\"]
"""Ids and values that a database might see differently."""


def test_what_is_put_is_there(shop: Shop) -> None:
    """By id and by key; replaced by the next one with its id; gone when it is deleted; in and after the transaction."""
    with shop.unit():
        shop.rows.put(Row("a", "x", "R"))
        assert (shop.rows.get("a"), shop.rows.one("key", "x"), shop.rows.get("b")) == (Row("a", "x", "R"),) * 2 + (
            None,
        )
    assert (shop.rows.get("a"), shop.rows.one("key", "x")) == (Row("a", "x", "R"),) * 2
    with shop.unit():
        shop.rows.put(Row("a", "y", "S"))
        assert (shop.rows.one("key", "x"), shop.rows.one("key", "y")) == (None, Row("a", "y", "S"))
        assert list(shop.rows.newest(index="shelf", value="R")) == []
    assert (shop.rows.one("key", "x"), shop.rows.one("key", "y")) == (None, Row("a", "y", "S"))
    with shop.unit():
        shop.rows.delete("a")
        shop.rows.delete("a")
        assert (shop.rows.get("a"), shop.rows.one("key", "y"), shop.rows.count()) == (None, None, 0)
    assert (shop.rows.get("a"), shop.rows.one("key", "y"), list(shop.rows.newest())) == (None, None, [])


def test_ids_sort_as_python_sorts_them(shop: Shop) -> None:
    """Whatever characters they are made of; and values are found that differ by next to nothing."""
    with shop.unit():
        for text in ODD:
            shop.rows.put(Row(text, f"k{text}", f"s{text}"))
    assert [row.id for row in shop.rows.newest()] == sorted(ODD, reverse=True)
    for text in ODD:
        expected = Row(text, f"k{text}", f"s{text}")
        assert shop.rows.get(text) == shop.rows.one("key", f"k{text}") == expected
        assert list(shop.rows.newest(index="shelf", value=f"s{text}")) == [expected]


def test_pages(shop: Shop) -> None:
    """Newest first, from behind any id, within any listed index; written and not yet written alike, a few at a time."""
    numbers = list(range(600))
    random.Random(1).shuffle(numbers)
    rows = [Row(f"{n:04}", None, "RST"[n % 3], "B" if n % 2 else None) for n in numbers]
    with shop.unit():
        for row in rows[:300]:
            shop.rows.put(row)
    with shop.unit():
        for row in rows[300:]:
            shop.rows.put(row)
        _check_pages(shop, rows)
    _check_pages(shop, rows)


def _check_pages(shop: Shop, rows: list[Row]) -> None:
    down = sorted(rows, key=lambda row: row.id, reverse=True)
    assert list(shop.rows.newest()) == down
    assert list(islice(shop.rows.newest(before="0300"), 30)) == down[300:330]
    assert list(shop.rows.newest(before="0299x", index="shelf", value="R")) == [r for r in down[300:] if r.shelf == "R"]
    assert list(shop.rows.newest(index="box", value="B")) == [row for row in down if row.box == "B"]
    assert list(shop.rows.newest(index="box", value=None)) == []
    assert (shop.rows.count(), shop.rows.count(index="shelf", value="S")) == (600, 200)
    assert sorted(shop.rows.everything(), key=lambda row: row.id) == down[::-1]


def test_counting_within_an_index_sees_the_transaction(shop: Shop) -> None:
    """What was moved, added and taken away in it counts as it is now."""
    with shop.unit():
        for name in "abcd":
            shop.rows.put(Row(name, None, "R"))
    with shop.unit():
        shop.rows.put(Row("a", None, "S"))
        shop.rows.delete("b")
        shop.rows.put(Row("e", None, "R"))
        assert (shop.rows.count(index="shelf", value="R"), shop.rows.count()) == (3, 4)
    assert (shop.rows.count(index="shelf", value="R"), shop.rows.count(index="shelf", value="S")) == (3, 1)


def test_only_the_oldest_that_are_done_are_forgotten(shop: Shop) -> None:
    """As many as are too many, two at a time; one that is not done keeps all behind it."""
    with shop.unit():
        for n in range(KEPT + 2):
            shop.kept.put(Row(f"{n}", f"k{n}"))
    assert [row.id for row in shop.kept.newest()] == ["6", "5", "4", "3", "2"]
    assert shop.kept.one("key", "k1") is None
    with shop.unit():
        shop.kept.put(Row("2", done=False))
        for n in range(10, 14):
            shop.kept.put(Row(f"9{n}"))
        assert shop.kept.count() == KEPT + 4
    with shop.unit():
        shop.kept.put(Row("2"))
    assert shop.kept.count() == KEPT + 2
    with shop.unit():
        shop.kept.put(Row("0"))  # older than all: it goes at once, and one more
    assert [row.id for row in shop.kept.newest()] == ["913", "912", "911", "910", "6", "5"]


def test_filling(shop: Shop) -> None:
    """In bulk, by every index; two that clash are Taken, with the position, name and value of the second."""
    rows = [Row(f"{n:04}", f"k{n}", "R") for n in range(2_500)]
    shop.rows.fill(reversed(rows))
    assert (shop.rows.count(), shop.rows.one("key", "k7"), shop.rows.get("2499")) == (2_500, rows[7], rows[-1])
    assert next(shop.rows.newest(index="shelf", value="R")) == rows[-1]


@pytest.mark.parametrize(("second", "name", "value"), [(Row("a"), "id", "a"), (Row("b", "x"), "key", "x")])
def test_filling_with_two_of_a_kind(shop: Shop, second: Row, name: str, value: str) -> None:
    """Nothing else than Taken comes of it."""
    with pytest.raises(Taken) as taken:
        shop.rows.fill([Row("0"), Row("a", "x"), second])
    assert (taken.value.position, taken.value.name, taken.value.value) == (2, name, value)


def test_a_rollback_leaves_no_trace(shop: Shop) -> None:
    """Of what was put, replaced, deleted, forgotten or scheduled; what went before it in the same hold stays."""
    with shop.unit():
        shop.rows.put(Row("a", "x", "R"))
        shop.store.tasks.put(Task(1, TaskKind.JOB, "a"))
    with shop.store.lock:
        shop.store.begin()
        shop.rows.put(Row("b", "y", "R"))
        assert shop.store.commit()
        shop.store.begin()
        shop.rows.put(Row("a", "z", "S"))
        shop.rows.delete("b")
        shop.rows.put(Row("c"))
        assert shop.store.tasks.pop_due(1) is not None
        shop.store.tasks.put(Task(0, TaskKind.JOB, "b"))
        shop.store.rollback()
        _check_after_rollback(shop)
    _check_after_rollback(shop)
    with shop.store.lock:
        shop.store.rollback()
        assert not shop.store.commit()
    _check_after_rollback(shop)


def _check_after_rollback(shop: Shop) -> None:
    assert list(shop.rows.newest()) == [Row("b", "y", "R"), Row("a", "x", "R")]
    assert (shop.rows.one("key", "x"), shop.rows.one("key", "z")) == (Row("a", "x", "R"), None)
    assert shop.rows.count() == shop.rows.count(index="shelf", value="R") == 2
    assert shop.store.tasks.everything() == [Task(1, TaskKind.JOB, "a")]


def test_changes_are_told_once_each(shop: Shop) -> None:
    """In the order they were first touched, as they are now; none for what came to nothing, none for tasks."""
    with shop.unit():
        shop.rows.put(Row("old"))
    with shop.store.lock:
        shop.store.begin()
        shop.rows.put(Row("b"))
        shop.kept.put(Row("k"))
        shop.rows.delete("old")
        shop.rows.delete("never there")
        shop.rows.put(Row("b", "x"))
        shop.store.tasks.put(Task(1, TaskKind.JOB, "a"))
        assert shop.store.changes() == [
            Change("rows", "b", Row("b", "x")),
            Change("kept", "k", Row("k")),
            Change("rows", "old", None),
        ]
        assert shop.store.commit()
        shop.store.begin()
        shop.rows.delete("never there")
        shop.store.tasks.delete("never there")
        assert (shop.store.changes(), shop.store.commit()) == ([], False)


def test_tasks_come_in_order(shop: Shop) -> None:
    """By due time, then by turn; a moved one queues up behind; one per kind and subject; written or not."""
    with shop.unit():
        for name, due in [("a", 5), ("b", 3), ("c", 5), ("d", 9)]:
            shop.store.tasks.put(Task(due, TaskKind.JOURNEY, name))
    assert (shop.store.tasks.next_due(), shop.store.tasks.count()) == (3, 4)
    with shop.unit():
        assert shop.store.tasks.pop_due(2) is None
        assert shop.store.tasks.pop_due(4) == Task(3, TaskKind.JOURNEY, "b")
        assert shop.store.tasks.next_due() == 5
        moved = Task(5, TaskKind.JOURNEY, "a", detail=(Step(7),))
        shop.store.tasks.put(moved)
        shop.store.tasks.put(Task(5, TaskKind.DELIVERY, "a"))
        shop.store.tasks.delete("journey:d")
        expected = [Task(5, TaskKind.JOURNEY, "c"), moved, Task(5, TaskKind.DELIVERY, "a")]
        assert (shop.store.tasks.everything(), shop.store.tasks.count()) == (expected, 3)
    assert (shop.store.tasks.everything(), shop.store.tasks.count()) == (expected, 3)
    with shop.unit():
        assert [shop.store.tasks.pop_due(5) for _ in range(4)] == [*expected, None]
    assert shop.store.tasks.next_due() is None


def test_a_task_that_is_put_back_keeps_its_turn(shop: Shop) -> None:
    """Taken and rolled back, it is first again."""
    first, second = Task(1, TaskKind.JOURNEY, "z"), Task(1, TaskKind.JOURNEY, "a")
    with shop.unit():
        shop.store.tasks.put(first)
        shop.store.tasks.put(second)
    for _ in range(3):
        with shop.store.lock:
            shop.store.begin()
            assert shop.store.tasks.pop_due(1) == first
            shop.store.rollback()
    with shop.unit():
        assert [shop.store.tasks.pop_due(1) for _ in range(3)] == [first, second, None]


def test_the_lock_is_reentrant_and_one_threads(shop: Shop) -> None:
    """What is inside another hold is kept with it."""
    with shop.store.lock, shop.unit():
        shop.rows.put(Row("a"))
        with shop.store.lock:
            assert shop.rows.get("a") == Row("a")
    assert shop.rows.get("a") == Row("a")


def test_worlds_do_not_see_each_other(new_shop: Callable[[], Shop]) -> None:
    """The same ids and keys in two of them."""
    one, two = new_shop(), new_shop()
    for shop, shelf in ((one, "R"), (two, "S")):
        with shop.unit():
            shop.rows.put(Row("a", "x", shelf))
            shop.store.tasks.put(Task(len(shelf), TaskKind.JOB, shelf))
    with one.unit():
        one.rows.delete("a")
    assert (one.rows.one("key", "x"), two.rows.one("key", "x")) == (None, Row("a", "x", "S"))
    assert [task.subject for shop in (one, two) for task in shop.store.tasks.everything()] == ["R", "S"]
