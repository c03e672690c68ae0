"""What services may ask of a store. Memory implements it; a database will.

A store holds collections of frozen records and a queue of waiting tasks. All changes happen inside one transaction at a
time: `begin`, then `commit` or `rollback`, and a rollback leaves no trace. Callers hold the world's lock meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
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
    from mock_server.domain.quality import Held, Letting, Pacing
    from mock_server.domain.requests import RequestRecord
    from mock_server.domain.tallies import Tally
    from mock_server.domain.tasks import Task
    from mock_server.domain.templates import Template
    from mock_server.domain.web_chat import WebMessage


class Record(Protocol):
    """Anything with an id. Ids of paged records grow with time, so the order of ids is the order of creation."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction did to one record: `record` as it is now, None when it is gone."""

    collection: str
    record_id: str
    record: Any


R = TypeVar("R", bound=Record)
Indexed = Callable[[R], str | None]
"""What a record is found by; None leaves it out of the index."""


class Taken(Exception):
    """Two records have the same value where it must be unique. `position` counts the records that were given."""

    def __init__(self, position: int, name: str, value: str) -> None:
        super().__init__(f"{name} {value!r} is another record's already")
        self.position = position
        self.name = name
        self.value = value


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """A collection's declaration. `unique` finds one record by a value, `listed` pages through those that share a value.

    `keep` bounds it: beyond so many records the oldest goes, once it is `done`. None keeps all.
    """

    name: str
    unique: Mapping[str, Indexed[R]] = field(default_factory=dict)
    listed: Mapping[str, Indexed[R]] = field(default_factory=dict)
    keep: int | None = None
    done: Callable[[R], bool] = lambda _: True


class Collection(Protocol[R]):
    """Records of one kind."""

    def get(self, record_id: str) -> R | None:
        """The record with this id."""

    def put(self, record: R) -> None:
        """Add it, or replace the one with its id."""

    def delete(self, record_id: str) -> None:
        """Remove it; removing what is not there does nothing."""

    def one(self, index: str, value: str) -> R | None:
        """The record whose unique index has this value."""

    def newest(self, *, before: str | None = None, index: str | None = None, value: str | None = None) -> Iterator[R]:
        """Newest first, from the record after `before` on (an id, itself left out), optionally within a listed index.

        Lazy: taking a page of N costs N, wherever it starts.
        """

    def count(self, *, index: str | None = None, value: str | None = None) -> int:
        """How many there are, in all or within a listed index."""

    def everything(self) -> list[R]:
        """All of them at once, in no order."""

    def fill(self, records: Iterable[R]) -> None:
        """All records of a collection that is still empty, outside any transaction. Raises Taken for two that clash."""


class TaskQueue(Protocol):
    """Waiting work, ordered by due time, then by when it was scheduled."""

    def put(self, task: Task) -> None:
        """Schedule it; a task with its id is moved."""

    def delete(self, task_id: str) -> None:
        """Unschedule it."""

    def next_due(self) -> Instant | None:
        """When the next one is due."""

    def pop_due(self, until: Instant) -> Task | None:
        """Take the first one that is due by then, in the running transaction."""

    def count(self) -> int:
        """How many wait."""

    def upcoming(self, *, after: tuple[Instant, int] | None = None) -> Iterator[tuple[int, Task]]:
        """In the order they will be taken, each with its turn, which tells apart those due together. Lazy.

        `after` is a due time and a turn: begins with what comes behind that place, whether or not a task is still there.
        """

    def everything(self) -> list[Task]:
        """All of them, in the order they will be taken."""


class Store(Protocol):
    """All records of one world."""

    accounts: Collection[Account]
    api_keys: Collection[ApiKey]
    channels: Collection[Channel]
    templates: Collection[Template]
    contacts: Collection[Contact]
    chats: Collection[Chat]
    conversations: Collection[Conversation]
    messages: Collection[Message]
    tallies: Collection[Tally]
    jobs: Collection[Job]
    audiences: Collection[Audience]
    opt_outs: Collection[OptOut]
    endpoints: Collection[Endpoint]
    faults: Collection[FaultRule]
    deliveries: Collection[Delivery]
    requests: Collection[RequestRecord]
    calls: Collection[Call]
    web_messages: Collection[WebMessage]
    orders: Collection[Order]
    meters: Collection[Meter]
    reached: Collection[Reached]
    marketed: Collection[Marketed]
    pacings: Collection[Pacing]
    held: Collection[Held]
    lettings: Collection[Letting]
    tasks: TaskQueue

    def begin(self) -> None:
        """Open the transaction."""

    def changes(self) -> list[Change]:
        """What the open transaction did to records so far; each is there once, in the order they were first touched."""

    def commit(self) -> bool:
        """Keep what was done since `begin`. Was anything?"""

    def rollback(self) -> None:
        """Undo it."""
