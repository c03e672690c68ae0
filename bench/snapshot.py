"""What it costs to take a world and to put it back, at 10,000 and 100,000 messages: is it linear?

    python bench/snapshot.py

Each message was sent, delivered and read, to 1,000 people; nothing is subscribed. Processor time; the world
waits during `lock` only.
"""

from __future__ import annotations

import gc
import time
from concurrent.futures import Future
from itertools import pairwise
from typing import TYPE_CHECKING

from mock_server import snapshots
from mock_server.orgs import NewOrg, Orgs
from mock_server.services import messages
from mock_server.vendors.flowella import FLOWELLA
from mock_server.web import json_body
from mock_server.web.control import MAX_SNAPSHOT
from mock_server.webhooks.transport import CANCELLED, Answer, Post

if TYPE_CHECKING:
    from mock_server.world import World

PEOPLE = 1_000
SIZES = (10_000, 100_000)


class Nowhere:
    """A transport that nothing is given to."""

    def submit(self, _: Post) -> Future[Answer]:
        future: Future[Answer] = Future()
        future.set_result(CANCELLED)
        return future

    def close(self) -> None: ...


def fill(world: World, number: int) -> None:
    """So many messages."""
    for index in range(PEOPLE):
        messages.receive_text(world, sender=_number(index), text="hello", channel_id=None, profile_name=None)
    for index in range(number - PEOPLE):
        messages.send_text(world, to=_number(index % PEOPLE), text="Hello", channel_id=None)
        if index % 100 == 0:
            world.agenda.advance(world.clock.now() + 1_000_000)
    world.agenda.advance(None)


def main() -> None:
    """Build, measure, print."""
    for number in SIZES:
        orgs = Orgs(Nowhere(), FLOWELLA)
        world, _, _ = orgs.create(NewOrg(scale=0))
        fill(world, number)
        measure(orgs, world, number)


def measure(orgs: Orgs, world: World, number: int) -> None:
    """One GET and one PUT, step by step."""
    gc.collect()
    marks = [time.process_time()]
    snapshot = snapshots.take(world)
    marks.append(time.process_time())
    document = snapshots.write(snapshot)
    marks.append(time.process_time())
    parsed = json_body.parse(document, most_values=MAX_SNAPSHOT)
    marks.append(time.process_time())
    read = snapshots.read(parsed)
    marks.append(time.process_time())
    orgs.restore(world.org.id, read)
    marks.append(time.process_time())
    steps = [later - earlier for earlier, later in pairwise(marks)]
    names = ("lock", "write", "parse", "judge", "restore")
    costs = "  ".join(f"{name} {cost:.2f} s" for name, cost in zip(names, steps, strict=True))
    print(f"{number:>9,} messages  {len(document) / 1e6:.1f} MB  {costs}")


def _number(index: int) -> str:
    return f"+1555{index:07d}"


if __name__ == "__main__":
    main()
