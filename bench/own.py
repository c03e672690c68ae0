"""What only a fake of this kind does: webhooks, retries in virtual time, a campaign, many messages kept, tests.

Each function measures one thing and answers plain figures. `python -m bench.own NAME` runs one in a process of its own,
which is how the ones that look at memory are run.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench import campaign, machine, plugin, transport
from bench.examples import PEOPLE, number
from bench.send import Bench
from mock_server.agenda import Pump
from mock_server.domain.instant import DAY, SECOND, seconds
from mock_server.domain.policy import RETRY_SCHEDULES
from mock_server.orgs import NewOrg, Orgs
from mock_server.services import endpoints, messages
from mock_server.vendors.flowella import FLOWELLA
from mock_server.webhooks.transport import Answer, HttpTransport, Post

SEVEN_DAYS = (*RETRY_SCHEDULES["settings-page"], *[DAY] * 6, DAY - seconds(25_950))
"""The settings page's five retries, and then one a day until the seventh day is over: twelve."""


class Refusing:
    """A receiver in this process that answers 500, always."""

    received = 0

    def submit(self, post: Post) -> Future[Answer]:
        """At once."""
        self.received += 1
        future: Future[Answer] = Future()
        future.set_result(Answer(500, None, "", 0.0, b"", ()))
        return future

    def close(self) -> None:
        """Nothing to close."""


def deliveries(*, quick: bool) -> dict[str, float]:
    """Webhooks a second, from the event to the settled attempt, beside a client that posts prepared bytes and no more.

    The events wait on a clock that stands; then it runs, and the pump has them all to deliver.
    """
    count, rounds = (500, 3) if quick else (2_000, 9)
    with transport.receiver() as port:
        transport.bare(port, 300)
        delivered(port, 300)
        pairs = [(transport.rate(partial(transport.bare, port), count), delivered(port, count)) for _ in range(rounds)]
    bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {"bare": bare, "ours": ours, "ratio": statistics.median(one / other for other, one in pairs)}


def delivered(port: int, count: int) -> float:
    """Deliveries a second of one world to one endpoint, signed, recorded and settled."""
    client = HttpTransport()
    orgs = Orgs(client, FLOWELLA)
    world, _, _ = orgs.create(NewOrg(scale=0, rate_limit=None))
    orgs.run(Pump())
    endpoints.add(world, f"http://127.0.0.1:{port}/hook", (), None)
    messages.receive_text(world, sender=number(0), text="hello", channel_id=None, profile_name=None)
    world.agenda.advance(None)
    for _ in range(count):
        messages.receive_text(world, sender=number(0), text="hello", channel_id=None, profile_name=None)
    endpoint = next(iter(world.store.endpoints.newest()))
    begun = time.perf_counter()
    world.clock.set(scale=1.0)
    world.wake()
    while world.store.deliveries.count(index="waiting", value=endpoint.id):
        time.sleep(0.002)  # and not `wait_for`, which would look after every single attempt
    rate = count / (time.perf_counter() - begun)
    orgs.stop()
    client.close()
    return rate


def retries(*, quick: bool) -> dict[str, float]:
    """1,000 deliveries that fail every time, for seven days."""
    count = 200 if quick else 1_000
    runs = [seven_days(count) for _ in range(3 if quick else 7)]
    attempts, real, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
    return {
        "deliveries": count,
        "attempts": attempts,
        "seconds": real,
        "cpu": cpu,
        "per_second": attempts / real,
    }


def seven_days(count: int) -> tuple[int, float, float]:
    """Attempts made, and the real and the processor seconds they took. Events come a second apart."""
    receiver = Refusing()
    world, _, _ = Orgs(receiver, FLOWELLA).create(NewOrg(scale=0, rate_limit=None))
    world.policy = replace(world.policy, retries=SEVEN_DAYS, failures_until_inactive=10**9)
    messages.receive_text(world, sender=number(0), text="hello", channel_id=None, profile_name=None)
    world.agenda.advance(None)
    endpoints.add(world, "http://127.0.0.1:1/", (), None)
    for _ in range(count):
        messages.receive_text(world, sender=number(0), text="hello", channel_id=None, profile_name=None)
        world.clock.set(now=world.clock.now() + SECOND)
    begun, used = time.perf_counter(), time.process_time()
    world.agenda.advance(world.clock.now() + 8 * DAY)
    return receiver.received, time.perf_counter() - begun, time.process_time() - used


def bulk(*, quick: bool) -> dict[str, float]:
    """50,000 recipients, accepted and an hour of virtual time; a subscriber hears of every status."""
    return campaign.fifty_thousand(5_000 if quick else 50_000)


def memory(*, quick: bool) -> dict[str, float]:
    """MB for 100,000 messages that went their whole way (three statuses each), and of the whole process then."""
    total = 10_000 if quick else 100_000
    bench = Bench()
    bench.with_messages(PEOPLE)
    gc.collect()
    before = machine.resident_mb(machine.own_pid())
    for done in range(0, total, 1_000):
        for _ in range(min(1_000, total - done)):
            bench.send()
        bench.world.agenda.advance(None)
    gc.collect()
    after = machine.resident_mb(machine.own_pid())
    return {"messages": total, "grown": after - before, "process": after, "bytes": (after - before) * 1e6 / total}


def fixtures(*, quick: bool) -> dict[str, float]:
    """Milliseconds: a test that sends one message with `flowella`, an empty one; a pytest run with the plugin and without."""
    with tempfile.TemporaryDirectory() as folder:
        empty, sending = (plugin.per_test(Path(folder), source) for source in (plugin.EMPTY, plugin.SENDING))
        with_it, without = plugin.starts(Path(folder))
    seconds = {"empty": empty, "sending": sending, "with": with_it, "without": without}
    return {name: figure * 1e3 for name, figure in seconds.items()}


ALL = {
    "deliveries": deliveries,
    "retries": retries,
    "campaign": bulk,
    "memory": memory,
    "fixtures": fixtures,
}


def run(name: str, *, quick: bool) -> dict[str, Any]:
    """In a process of its own, so that nobody pays for what another has left behind."""
    command = [sys.executable, "-m", "bench.own", name, *(["quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(ALL[sys.argv[1]](quick="quick" in sys.argv)))
