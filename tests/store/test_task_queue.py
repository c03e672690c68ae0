"""The queue of waiting tasks against a sorted list."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mock_server.domain.journeys import Step
from mock_server.domain.policy import Policy
from mock_server.domain.tasks import Task, TaskKind
from mock_server.store.memory import MemoryStore

subjects, instants, kinds = st.sampled_from("abcdef"), st.integers(0, 6), st.sampled_from(list(TaskKind))


class Queue(RuleBasedStateMachine):
    """`model` holds each waiting task with its turn; due time and turn are its place in the queue."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(Policy())
        self.tasks = self.store.tasks
        self.model: dict[str, tuple[int, int, Task]] = {}
        self.saved: dict[str, tuple[int, int, Task]] = {}
        self.turn = 0
        self.changed = False
        self.store.begin()

    @rule(kind=kinds, subject=subjects, due=instants)
    def put(self, kind: TaskKind, subject: str, due: int) -> None:
        """Schedule, or move; a moved task queues up behind those that are due at the same instant."""
        self.turn += 1
        task = Task(due, kind, subject, detail=(Step(self.turn),))
        self.tasks.put(task)
        self.model[task.id] = (due, self.turn, task)
        self.changed = True

    @rule(kind=kinds, subject=subjects)
    def delete(self, kind: TaskKind, subject: str) -> None:
        """Unschedule what may not be there."""
        task_id = Task(0, kind, subject).id
        self.tasks.delete(task_id)
        self.changed |= self.model.pop(task_id, None) is not None

    @rule(until=instants)
    def pop(self, until: int) -> None:
        """Take the first, if it is due."""
        due = [entry for entry in self.model.values() if entry[0] <= until]
        expected = min(due)[2] if due else None
        assert self.tasks.pop_due(until) == expected
        if expected is not None:
            del self.model[expected.id]
            self.changed = True

    @rule()
    def commit(self) -> None:
        """Keep, and be told whether there was anything to keep."""
        assert self.store.commit() is self.changed
        self.saved = dict(self.model)
        self._begin()

    @rule()
    def rollback(self) -> None:
        """Back to where the transaction began, order and all."""
        self.store.rollback()
        self.model = dict(self.saved)
        self._begin()

    @invariant()
    def same_front_and_number(self) -> None:
        """When the next one is due, and how many there are."""
        assert self.tasks.next_due() == min((entry[0] for entry in self.model.values()), default=None)
        assert self.tasks.count() == len(self.model)

    @rule(due=instants, turn=st.integers(0, 40))
    def look_ahead(self, due: int, turn: int) -> None:
        """From the front, and from any place on, whether or not a task is there."""
        order = sorted(self.model.values(), key=lambda entry: entry[:2])
        assert [task for _, task in self.tasks.upcoming()] == self.tasks.everything() == [entry[2] for entry in order]
        behind = [entry[2] for entry in order if entry[:2] > (due, turn)]
        assert [task for _, task in self.tasks.upcoming(after=(due, turn))] == behind

    def teardown(self) -> None:
        """What is left comes out in order, each task once."""
        left = []
        while (task := self.tasks.pop_due(10)) is not None:
            left.append(task)
        assert left == [entry[2] for entry in sorted(self.model.values(), key=lambda entry: entry[:2])]

    def _begin(self) -> None:
        self.store.begin()
        self.changed = False


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=80, stateful_step_count=40)


@given(st.lists(instants, max_size=20))
def test_order_is_due_time_then_turn(dues: list[int]) -> None:
    """Tasks due at the same instant come out as they were scheduled."""
    tasks = MemoryStore(Policy()).tasks
    for number, due in enumerate(dues):
        tasks.put(Task(due, TaskKind.JOURNEY, f"{number:02}"))
    out = [int(task.subject) for _ in dues if (task := tasks.pop_due(10)) is not None]
    assert out == sorted(range(len(dues)), key=lambda number: (dues[number], number))


def test_nothing_comes_out_before_it_is_due() -> None:
    """Due at 5 is not due at 4, and is due at 5."""
    tasks = MemoryStore(Policy()).tasks
    task = Task(5, TaskKind.JOURNEY, "a", detail=(Step(1),))
    tasks.put(task)
    assert tasks.pop_due(4) is None
    assert tasks.pop_due(5) == task
    assert tasks.pop_due(5) is None
    assert tasks.next_due() is None


def test_one_task_per_kind_and_subject() -> None:
    """Another kind with the same subject is another task; the same kind is moved, taking its new detail along."""
    tasks = MemoryStore(Policy()).tasks
    tasks.put(Task(1, TaskKind.JOURNEY, "a"))
    tasks.put(Task(2, TaskKind.DELIVERY, "a"))
    tasks.put(Task(3, TaskKind.JOURNEY, "a", detail=(Step(2),)))
    assert tasks.count() == 2
    assert tasks.pop_due(2) == Task(2, TaskKind.DELIVERY, "a")
    assert tasks.pop_due(9) == Task(3, TaskKind.JOURNEY, "a", detail=(Step(2),))


def test_a_task_that_is_put_back_keeps_its_turn() -> None:
    """Taken and rolled back, it is first again, before those scheduled after it for the same instant."""
    store = MemoryStore(Policy())
    first, second = Task(1, TaskKind.JOURNEY, "z"), Task(1, TaskKind.JOURNEY, "a")
    store.tasks.put(first)
    store.tasks.put(second)
    store.commit()
    for _ in range(3):
        store.begin()
        assert store.tasks.pop_due(1) == first
        store.rollback()
    assert [store.tasks.pop_due(1) for _ in range(3)] == [first, second, None]
