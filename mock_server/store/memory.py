"""The store in memory: dicts, sorted lists of ids, and an undo log.

A transaction keeps what it touched, never a copy of everything: each change first notes the record it replaces, and a
rollback puts those back in reverse order. Sorted lists make every look-up, page and insert cost O(log n) at most.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from sortedcontainers import SortedList

from mock_server.store import tables
from mock_server.store.protocol import Record, Taken
from mock_server.store.undo import Undo, UndoLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mock_server.domain.accounts import Account
    from mock_server.domain.api_keys import ApiKey
    from mock_server.domain.calls import Call
    from mock_server.domain.channels import Channel
    from mock_server.domain.chats import Chat
    from mock_server.domain.contacts import Contact
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.deliveries import Delivery
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.faults import FaultRule
    from mock_server.domain.instant import Instant
    from mock_server.domain.jobs import Audience, Job
    from mock_server.domain.limits import Marketed, Meter, Reached
    from mock_server.domain.messages import Message
    from mock_server.domain.optouts import OptOut
    from mock_server.domain.orders import Order
    from mock_server.domain.policy import Policy
    from mock_server.domain.quality import Held, Letting, Pacing
    from mock_server.domain.requests import RequestRecord
    from mock_server.domain.tallies import Tally
    from mock_server.domain.tasks import Task
    from mock_server.domain.templates import Template
    from mock_server.domain.web_chat import WebMessage
    from mock_server.store.protocol import Collection, Lock, N, Table, TaskQueue

R = TypeVar("R", bound=Record)


class MemoryCollection(Generic[R]):
    """Records by id, their ids in order, and the declared indexes."""

    def __init__(self, table: Table[R], undo: Undo) -> None:
        self.name = table.name
        self._table = table
        self._undo = undo
        self._rows: dict[str, R] = {}
        self._order: SortedList = SortedList()
        self._unique: dict[str, dict[str, str]] = {name: {} for name in table.unique}
        self._listed: dict[str, dict[str, SortedList]] = {name: {} for name in table.listed}

    def get(self, record_id: str) -> R | None:
        return self._rows.get(record_id)

    def one(self, index: str, value: str) -> R | None:
        record_id = self._unique[index].get(value)
        return None if record_id is None else self._rows[record_id]

    def put(self, record: R) -> None:
        old = self._rows.get(record.id)
        self._undo.append((self, record.id, old))
        self.restore(record.id, record)
        self._forget()

    def delete(self, record_id: str) -> None:
        old = self._rows.get(record_id)
        if old is not None:
            self._undo.append((self, record_id, old))
            self.restore(record_id, None)

    def newest(self, *, before: str | None = None, index: str | None = None, value: str | None = None) -> Iterator[R]:
        order = self._order if index is None else self._listed[index].get(value or "", ())
        if order:
            for record_id in order.irange(maximum=before, inclusive=(True, False), reverse=True):
                yield self._rows[record_id]

    def count(self, *, index: str | None = None, value: str | None = None) -> int:
        return len(self._rows if index is None else self._listed[index].get(value or "", ()))

    def everything(self) -> list[R]:
        return list(self._rows.values())

    def fill(self, records: Iterable[R]) -> None:
        """In bulk, because sorting once is several times as fast as inserting in order."""
        for position, record in enumerate(records):
            if self._rows.setdefault(record.id, record) is not record:
                raise Taken(position, "id", record.id)
            for name, indexed in self._table.unique.items():
                value = indexed(record)
                if value is not None and self._unique[name].setdefault(value, record.id) != record.id:
                    raise Taken(position, name, value)
        self._order.update(self._rows)
        for name, indexed in self._table.listed.items():
            for record in self._rows.values():
                self._reindex_listed(self._listed[name], record.id, None, indexed(record))

    def _forget(self) -> None:
        """Drop the oldest that are done; two at a time at most, so that a backlog is worked off without a pause."""
        excess = 0 if self._table.keep is None else len(self._rows) - self._table.keep
        for _ in range(min(excess, 2)):
            oldest = self._rows[self._order[0]]
            if not self._table.done(oldest):
                return
            self.delete(oldest.id)

    def restore(self, record_id: str, new: R | None) -> None:
        """Have this record with this id, or none, and note nothing down."""
        old = self._rows.get(record_id)
        if new is None:
            del self._rows[record_id]
            self._order.remove(record_id)
        else:
            self._rows[record_id] = new
            if old is None:
                self._order.add(record_id)
        for name, indexed in self._table.unique.items():
            before, after = None if old is None else indexed(old), None if new is None else indexed(new)
            if before != after:
                self._reindex_unique(self._unique[name], record_id, before, after)
        for name, indexed in self._table.listed.items():
            before, after = None if old is None else indexed(old), None if new is None else indexed(new)
            if before != after:
                self._reindex_listed(self._listed[name], record_id, before, after)

    @staticmethod
    def _reindex_unique(index: dict[str, str], record_id: str, old: str | None, new: str | None) -> None:
        if old is not None:
            del index[old]
        if new is not None:
            index[new] = record_id

    @staticmethod
    def _reindex_listed(index: dict[str, SortedList], record_id: str, old: str | None, new: str | None) -> None:
        if old is not None:
            index[old].remove(record_id)
            if not index[old]:
                del index[old]
        if new is not None:
            index.setdefault(new, SortedList()).add(record_id)


class MemoryTasks:
    """Tasks by id, and their places in order: when each is due, and its turn among those that are due together."""

    name = None  # tasks are no records

    def __init__(self, undo: Undo) -> None:
        self._undo = undo
        self._order: SortedList = SortedList()
        self._waiting: dict[str, tuple[int, Task]] = {}
        self._turn = 0

    def put(self, task: Task) -> None:
        self._turn += 1
        self._set(task.id, (self._turn, task))

    def delete(self, task_id: str) -> None:
        if task_id in self._waiting:
            self._set(task_id, None)

    def next_due(self) -> Instant | None:
        return self._order[0][0] if self._order else None

    def pop_due(self, until: Instant) -> Task | None:
        due = self.next_due()
        if due is None or due > until:
            return None
        task_id = self._order[0][2]
        _, task = self._waiting[task_id]
        self._set(task_id, None)
        return task

    def count(self) -> int:
        return len(self._waiting)

    def upcoming(self, *, after: tuple[Instant, int] | None = None) -> Iterator[tuple[int, Task]]:
        behind = None if after is None else (after[0], after[1] + 1)
        for _, _, task_id in self._order.irange(minimum=behind):
            yield self._waiting[task_id]

    def everything(self) -> list[Task]:
        return [task for _, task in self.upcoming()]

    def _set(self, task_id: str, entry: tuple[int, Task] | None) -> None:
        old = self._waiting.get(task_id)
        self._undo.append((self, task_id, old))
        self.restore(task_id, entry)

    def restore(self, task_id: str, entry: tuple[int, Task] | None) -> None:
        """Have this entry for this task, or none, and note nothing down."""
        old = self._waiting.pop(task_id, None)
        if old is not None:
            self._order.remove(_place(old))
        if entry is not None:
            self._waiting[task_id] = entry
            self._order.add(_place(entry))


def _place(entry: tuple[int, Task]) -> tuple[Instant, int, str]:
    turn, task = entry
    return task.due, turn, task.id


class MemoryStore(UndoLog):
    """All records of one world, in this process."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self.lock: Lock = threading.RLock()
        self.accounts: Collection[Account] = MemoryCollection(tables.ACCOUNTS, self._undo)
        self.api_keys: Collection[ApiKey] = MemoryCollection(tables.API_KEYS, self._undo)
        self.channels: Collection[Channel] = MemoryCollection(tables.CHANNELS, self._undo)
        self.templates: Collection[Template] = MemoryCollection(tables.TEMPLATES, self._undo)
        self.contacts: Collection[Contact] = MemoryCollection(tables.CONTACTS, self._undo)
        self.chats: Collection[Chat] = MemoryCollection(tables.CHATS, self._undo)
        self.conversations: Collection[Conversation] = MemoryCollection(tables.CONVERSATIONS, self._undo)
        self.messages: Collection[Message] = MemoryCollection(tables.MESSAGES, self._undo)
        self.tallies: Collection[Tally] = MemoryCollection(tables.TALLIES, self._undo)
        self.jobs: Collection[Job] = MemoryCollection(tables.JOBS, self._undo)
        self.audiences: Collection[Audience] = MemoryCollection(tables.AUDIENCES, self._undo)
        self.opt_outs: Collection[OptOut] = MemoryCollection(tables.OPT_OUTS, self._undo)
        self.endpoints: Collection[Endpoint] = MemoryCollection(tables.ENDPOINTS, self._undo)
        self.faults: Collection[FaultRule] = MemoryCollection(tables.FAULTS, self._undo)
        self.deliveries: Collection[Delivery] = MemoryCollection(tables.deliveries(policy), self._undo)
        self.requests: Collection[RequestRecord] = MemoryCollection(tables.requests(policy), self._undo)
        self.calls: Collection[Call] = MemoryCollection(tables.CALLS, self._undo)
        self.web_messages: Collection[WebMessage] = MemoryCollection(tables.WEB_MESSAGES, self._undo)
        self.orders: Collection[Order] = MemoryCollection(tables.ORDERS, self._undo)
        self.meters: Collection[Meter] = MemoryCollection(tables.METERS, self._undo)
        self.reached: Collection[Reached] = MemoryCollection(tables.REACHED, self._undo)
        self.marketed: Collection[Marketed] = MemoryCollection(tables.MARKETED, self._undo)
        self.pacings: Collection[Pacing] = MemoryCollection(tables.PACINGS, self._undo)
        self.held: Collection[Held] = MemoryCollection(tables.HELD, self._undo)
        self.lettings: Collection[Letting] = MemoryCollection(tables.LETTINGS, self._undo)
        self.tasks: TaskQueue = MemoryTasks(self._undo)

    def beside(self, kind: type[N], take: Callable[[], N], put: Callable[[N], None]) -> None:
        """They are in this process already."""
