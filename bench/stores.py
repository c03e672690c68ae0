"""What a store costs: a send in memory, on SQLite and on PostgreSQL, and deliveries by one, two and four workers.

    python bench/stores.py [--rounds 15] [--messages 300]

The stores take turns, a few sends each, and the medians are compared: other work on the machine disturbs all alike.
Then the plan: what one send and one delivery take of a server, a worker and the database, times what is wanted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from postgres_server import Server, server
from processes import Api, Program, Receiver
from sqlalchemy import text

from mock_server.app import create_app
from mock_server.keeping import opened
from mock_server.lasting import store_of
from mock_server.orgs import DEFAULT_API_KEY, NewOrg, Orgs
from mock_server.testing import exchange
from mock_server.testing.transport import InProcess
from mock_server.vendors.registry import DIALECTS

if TYPE_CHECKING:
    from mock_server.directory import Directory

SENDS = 12
PHONE = "+27821234567"
TICKS = os.sysconf("SC_CLK_TCK")
WANTED = {"sends": 10_000, "deliveries": 30_000}


class Fake:
    """An application without a socket, on one of the stores."""

    def __init__(self, directory: Directory | None) -> None:
        self.orgs = Orgs(InProcess(), *DIALECTS, directory=directory)
        self.orgs.create(NewOrg(scale=0, api_key=DEFAULT_API_KEY, rate_limit=None))
        self._app = create_app(self.orgs)
        self._control("/inbound", {"from": PHONE, "text": "hi"})

    def _control(self, path: str, body: Any) -> None:
        headers = [("Content-Type", "application/json")]
        url = f"http://localhost/_mock/orgs/default{path}"
        exchange.call(self._app, "POST", url, headers, json.dumps(body).encode())

    def send(self) -> float:
        """Seconds for each of a few whole calls: key, rate limit, schema, service, journal."""
        headers = [("Content-Type", "application/json"), ("Authorization", f"Bearer {DEFAULT_API_KEY}")]
        body = json.dumps({"to": PHONE, "text": "hello"}).encode()
        begun = time.perf_counter()
        for _ in range(SENDS):
            answer = exchange.call(self._app, "POST", "http://localhost/api/v1/messages", headers, body)
            assert answer.code == 201, answer.code
        return (time.perf_counter() - begun) / SENDS


def sends(database: Server, folder: Path, rounds: int) -> None:
    """Medians by turns, and what a send takes of PostgreSQL."""
    url = database.make("sends")
    kept = {"sqlite": opened(f"sqlite:///{folder}/bench.db", "0"), "postgres": opened(url, "0")}
    fakes = {"memory": Fake(None), **{name: Fake(directory) for name, directory in kept.items()}}
    times: dict[str, list[float]] = {name: [] for name in fakes}
    for turn in range(rounds + 2):
        for name, fake in fakes.items():
            took = fake.send()
            if turn >= 2:
                times[name].append(took)
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, median in medians.items():
        print(f"a send, {name:9} {median * 1e3:7.2f} ms   {median / medians['memory']:5.1f} x memory")
    _one_send(fakes["postgres"], database)
    for fake in fakes.values():
        fake.orgs.close()


def _one_send(fake: Fake, database: Server) -> None:
    """In processor time, on both sides of the socket, and in bytes of the write-ahead log."""
    connection = store_of(fake.orgs.default).database
    position = text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes")
    wal, ours, theirs = connection.read(position, {})[0].bytes, time.process_time(), _processor(database)
    rounds = 10
    for _ in range(rounds):
        fake.send()
    count = rounds * SENDS
    ours, theirs = (time.process_time() - ours) / count, (_processor(database) - theirs) / count
    wal = int(connection.read(position, {})[0].bytes - wal) / count
    print(f"of it, processor: {ours * 1e3:.2f} ms server, {theirs * 1e3:.2f} ms PostgreSQL; {wal:,.0f} bytes of WAL")
    rate = WANTED["sends"]
    cores, megabytes = (ours * rate, theirs * rate), wal * rate / 1e6
    print(f"{rate:,} sends/s: {cores[0]:.0f} cores of servers, {cores[1]:.0f} of PostgreSQL, {megabytes:.0f} MB/s WAL")


def _processor(database: Server) -> float:
    """Seconds of processor time of all PostgreSQL's processes so far."""
    postmaster = int((database.folder / "data" / "postmaster.pid").read_text().split()[0])
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == postmaster or int(stat.parent.name) == postmaster:
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def deliveries(database: Server, folder: Path, workers: int, messages: int) -> float:
    """A second, with so many workers: a backlog of messages, whose journeys and events all fall due at once."""
    receiver = Receiver()
    url = database.make(f"deliveries{workers}")
    with ExitStack() as stack:
        stack.callback(receiver.close)
        api = Api(folder, url, "--clock", "manual", "--rate-limit", "off", quiet=True)
        stack.callback(api.kill)
        api.wait()
        for _ in range(4):  # an endpoint has eight attempts on the wire at most
            api.control("POST", "/orgs/default/webhooks", {"url": receiver.url, "events": ["*"]})
        api.control("POST", "/orgs/default/inbound", {"from": PHONE, "text": "hi"})
        for _ in range(messages):
            api.api("POST", "/messages", {"to": PHONE, "text": "m"})
        fleet = [Program("worker", "--store", url, quiet=True) for _ in range(workers)]
        for worker in fleet:
            stack.callback(worker.kill)
        time.sleep(6)  # until all of them are there
        api.control("PUT", "/orgs/default/clock", {"mode": "scaled", "scale": 1000})
        begun, used = time.perf_counter(), _processor(database)
        wanted = (2 + 3 * messages) * 4
        while receiver.came.total() < wanted and time.perf_counter() - begun < 120:
            time.sleep(0.02)
        took = time.perf_counter() - begun
        came, used = receiver.came.total(), _processor(database) - used
    each = used / came * 1e3
    print(f"{workers} workers: {came:,} deliveries in {took:.1f} s, {came / took:.0f}/s; PostgreSQL {each:.2f} ms each")
    return came / took


def main() -> None:
    """Both."""
    parser = argparse.ArgumentParser(description="What a store costs.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--messages", type=int, default=150)
    wanted = parser.parse_args()
    with server(()) as database, tempfile.TemporaryDirectory() as folder:
        sends(database, Path(folder), wanted.rounds)
        rates = {n: deliveries(database, Path(folder), n, wanted.messages) for n in (1, 2, 4)}
    print("deliveries, 1 : 2 : 4 workers = " + " : ".join(f"{rate / rates[1]:.2f}" for rate in rates.values()))


if __name__ == "__main__":
    main()
