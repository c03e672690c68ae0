"""What services may ask of a store. Memory implements it; a database will.

A store holds collections of frozen records and a queue of waiting tasks. All changes happen inside one transaction at a
time: `begin`, then `commit` or `rollback`, and a rollback leaves no trace. Callers hold the world's lock meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from mock_server.domain.accounts import Account
    from mock_server.domain.api_keys import ApiKey
    from mock_server.domain.channels import Channel
    from mock_server.domain.chats import Chat
    from mock_server.domain.contacts import Contact
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.deliveries import Delivery
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.faults import FaultRule
    from mock_server.domain.instant import Instant
    from mock_server.domain.jobs import Audience, Job
    from mock_server.domain.messages import Message
    from mock_server.domain.optouts import OptOut
    from mock_server.domain.requests import RequestRecord
    from mock_server.domain.tallies import Tally
    from mock_server.domain.tasks import Task
    from mock_server.domain.templates import Template


class Record(Protocol):
    """Anything with an id. Ids of paged records grow with time, so the order of ids is the order of creation."""

    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=Record)
Indexed = Callable[[R], str | None]
"""What a record is found by; None leaves it out of the index."""


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

    def count(self) -> int:
        """How many there are."""


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
    tasks: TaskQueue

    def begin(self) -> None:
        """Open the transaction."""

    def commit(self) -> bool:
        """Keep what was done since `begin`. Was anything?"""

    def rollback(self) -> None:
        """Undo it."""
