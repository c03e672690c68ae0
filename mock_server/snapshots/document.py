"""The document itself: what is in it, and the way from a world to it and back."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from mock_server.clock import Clock, Mode
from mock_server.codec import Wrong, array, camel, codec, field, require_keys
from mock_server.domain.deliveries import Delivery, DeliveryStatus
from mock_server.domain.instant import Instant
from mock_server.domain.policy import Policy
from mock_server.domain.tasks import Task, TaskKind
from mock_server.explain import show
from mock_server.snapshots import checks
from mock_server.store.kinds import collections
from mock_server.store.protocol import Taken
from mock_server.world import Org, World

KIND = "flowella-mock snapshot"
VERSION = 1

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a version to the next one: each takes a document of its version and answers it as one of the next."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """As the control plane shows it; `scale` goes with the mode `scaled` only."""

    mode: Mode
    now: Instant
    scale: float | None

    @classmethod
    def of(cls, clock: Clock) -> Self:
        """A clock as it stands."""
        return cls(clock.mode, clock.now(), clock.scale if clock.mode == "scaled" else None)

    @property
    def pace(self) -> float:
        """Seconds that pass for each real one."""
        return {"real": 1.0, "manual": 0.0}.get(self.mode, self.scale or 1.0)


@dataclass(frozen=True, slots=True)
class DiceState:
    """Where chance stands: draws so far from the story's stream and from the journal's."""

    seed: str
    story: int
    journal: int


@dataclass(frozen=True, slots=True)
class WorldState:
    """All of a world that is neither record nor task. `org` says whose it was; `policy` has the rate limit of now."""

    version: int
    kind: str
    org: Org
    clock: ClockState
    began_at: Instant
    latest_change: Instant
    dice: DiceState
    rate_full_at: Instant
    policy: Policy


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`records` by collection, as the store calls them, in the order of their ids; `tasks` in the order they are taken."""

    state: WorldState
    records: dict[str, list[Any]]
    tasks: list[Task]


# ----------------------------------------------------------------------------------------------------------- from a world


def take(world: World) -> Snapshot:
    """The world as it stands. Raises Conflict while its clock is being advanced: half an advance is no state to keep."""
    world.agenda.require_rest()
    with world.lock:
        state = WorldState(
            version=VERSION,
            kind=KIND,
            org=world.org,
            clock=ClockState.of(world.clock),
            began_at=world.began_at,
            latest_change=world.latest_change,
            dice=DiceState(world.dice.seed, world.dice.drawn, world.journal_dice.drawn),
            rate_full_at=world.rate_full_at,
            policy=replace(world.policy, rate_limit=world.rate_limit),
        )
        records = {name: getattr(world.store, name).everything() for name in collections()}
        tasks = world.store.tasks.everything()
    records = {name: sorted(found, key=lambda record: record.id) for name, found in records.items()}
    return Snapshot(state, records, [*_on_the_wire(records["deliveries"], tasks), *tasks])


def _on_the_wire(deliveries: list[Delivery], tasks: list[Task]) -> list[Task]:
    """An attempt that is under way has no task any more. It counts as not made: whoever restores this makes it again."""
    waiting = {task.subject for task in tasks if task.kind is TaskKind.DELIVERY}
    lost = (d for d in deliveries if d.status is DeliveryStatus.PENDING and d.id not in waiting)
    again = [Task(d.next_attempt_at or d.created_at, TaskKind.DELIVERY, d.id) for d in lost]
    return sorted(again, key=lambda task: task.due)


def write(snapshot: Snapshot) -> bytes:
    """The document: a line for each record, so that two can be compared with `diff`."""
    return ("\n".join(_lines(snapshot)) + "\n").encode("utf-8", "replace")


def _lines(snapshot: Snapshot) -> Iterator[str]:
    text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    yield "{"
    for name, value in codec(WorldState).encode(snapshot.state).items():
        yield f'  "{name}": {text(value)},'
    yield '  "records": {'
    *others, last = collections()
    for name in (*others, last):
        encode = codec(collections()[name]).encode
        yield from _array(f'    "{camel(name)}"', [text(encode(record)) for record in snapshot.records[name]])
        yield "    ]" if name == last else "    ],"
    yield "  },"
    encode = codec(Task).encode
    yield from _array('  "tasks"', [text(encode(task)) for task in snapshot.tasks])
    yield "  ]"
    yield "}"


def _array(name: str, items: list[str]) -> Iterator[str]:
    yield f"{name}: ["
    yield from (f"      {item}," for item in items[:-1])
    yield from (f"      {item}" for item in items[-1:])


# ----------------------------------------------------------------------------------------------------------- to a world


def read(document: Any, *, webhook_hosts: tuple[str, ...] = ()) -> Snapshot:
    """A document as a snapshot that makes sense. Raises Invalid naming the place in it, and what would be right."""
    try:
        snapshot = _decode(_current(document))
        checks.check(snapshot, webhook_hosts)
    except Wrong as wrong:
        raise wrong.refusal() from None
    return snapshot


def _current(document: Any) -> dict[str, Any]:
    """The document in this version."""
    if type(document) is not dict or document.get("kind") != KIND:
        raise Wrong(f"must be {KIND!r}: this is another document", "kind")
    current: dict[str, Any] = document
    while (version := current.get("version")) != VERSION or type(version) is not int:
        migrate = MIGRATIONS.get(version) if type(version) is int else None
        if migrate is None:
            raise Wrong(f"must be {VERSION}, the version that this server reads; got {show(version)}", "version")
        current = migrate(current)
    return current


def _decode(document: dict[str, Any]) -> Snapshot:
    own = [camel(f.name) for f in fields(WorldState)]
    require_keys(document, [*own, "records", "tasks"])
    state = codec(WorldState).decode({name: document[name] for name in own})
    try:
        records = _decode_records(document["records"])
    except Wrong as wrong:
        wrong.steps.append("records")
        raise
    return Snapshot(state, records, list(field(array(Task), document, "tasks")))


def _decode_records(document: Any) -> dict[str, list[Any]]:
    require_keys(document, [camel(name) for name in collections()])
    return {name: list(field(array(record), document, camel(name))) for name, record in collections().items()}


def pour(snapshot: Snapshot, world: World) -> None:
    """Into a world that is empty and that nobody knows yet. Its identity and its API keys are not the snapshot's.

    Raises Invalid for two records that cannot be in one world.
    """
    with world.lock:
        _fill(snapshot, world)
        state = snapshot.state
        world.dice.drawn, world.journal_dice.drawn = state.dice.story, state.dice.journal
        world.began_at, world.latest_change, world.rate_full_at = (
            state.began_at,
            state.latest_change,
            state.rate_full_at,
        )


def _fill(snapshot: Snapshot, world: World) -> None:
    for name, records in snapshot.records.items():
        if name == "api_keys":
            continue
        try:
            getattr(world.store, name).fill(records)
        except Taken as taken:
            place = (camel(taken.name), taken.position, camel(name), "records")
            raise Wrong(f"{taken.value!r} is an earlier one's too", *place).refusal() from None
    world.store.begin()
    for task in snapshot.tasks:
        world.store.tasks.put(task)
    world.store.commit()
