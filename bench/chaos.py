"""Servers and workers on one PostgreSQL are killed at random under load; then the books must balance to the last one.

    python bench/chaos.py [--seconds 120] [--servers 3] [--workers 3]

It starts a PostgreSQL of its own, as the tests do, and stops it as a crash would, once, in the middle. What must hold:
what was answered 2xx is there, once; each job's recipients are pending + accepted + suppressed + rejected; each message
has one event of each kind; each event was delivered at least once, and none that nobody knows.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from postgres_server import Server, server
from processes import Api, Program, Receiver

PHONE = "+27821234567"
SENDERS = 4
RECIPIENTS = 20
SETTLING = 240


@dataclass
class Books:
    """What clients saw."""

    messages: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    tried: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)


class Chaos:
    """The fleet, and what is done to it."""

    def __init__(self, database: Server, folder: Path, receiver: Receiver, servers: int, workers: int) -> None:
        self.books = Books()
        self.database = database
        self.over = threading.Event()
        self._folder = folder
        self._store = database.url("mock")
        self._random = random.Random(7)
        self._usual = ("--rate-limit", "off", "--clock", "x5", "--webhook", receiver.url)
        self.apis = [self._api().wait()]
        self.apis += [self._api() for _ in range(servers - 1)]
        self.workers = [self._worker() for _ in range(workers)]
        for api in self.apis[1:]:
            api.wait()
        self.apis[0].control("POST", "/orgs/default/inbound", {"from": PHONE, "text": "hi"})
        self.template = next(
            found["id"]
            for found in self.apis[0].all("/orgs/default/templates")
            if found["name"] == "order_update" and found["language"] == "en_US"
        )
        self.channel = next(c["id"] for c in self.apis[0].all("/orgs/default/channels") if c["isDefault"])

    def _api(self) -> Api:
        return Api(self._folder, self._store, *self._usual, quiet=True)

    def _worker(self) -> Program:
        return Program("worker", "--store", self._store, "--concurrency", "32", quiet=True)

    def send(self, sender: int) -> None:
        """Calls without a pause, each to any server; now and then a bulk send."""
        chance = random.Random(sender)
        number = 0
        while not self.over.is_set():
            ready = [api for api in self.apis if api.about]
            if not ready:
                self.over.wait(0.05)
                continue
            number += 1
            name = f"{sender}-{number}"
            self.books.tried += 1
            try:
                self._one(chance.choice(ready), name, bulk=number % 40 == 0)
            except requests.RequestException as error:
                self.books.unanswered[type(error).__name__] += 1
                self.over.wait(0.05)

    def _one(self, api: Api, name: str, *, bulk: bool) -> None:
        if not bulk:
            answer = api.api("POST", "/messages", {"to": PHONE, "text": name})
            if answer.status_code == 201:
                self.books.messages[answer.json()["id"]] = name
                return
        else:
            sender, number = map(int, name.split("-"))
            first = 2_000_000 + sender * 1_000_000 + number * RECIPIENTS
            people = [
                {"phone": f"+1555{first + n:07d}", "bodyParameters": ["Ada", str(n), "Monday"]}
                for n in range(RECIPIENTS)
            ]
            body = {"templateId": self.template, "whatsappChannelId": self.channel, "recipients": people}
            answer = api.api("POST", "/templates/send", body)
            if answer.ok:
                job = answer.json()
                self.books.jobs[job.get("jobId") or job["id"]] = RECIPIENTS
                return
        self.books.unanswered[str(answer.status_code)] += 1
        if answer.status_code < 500:
            print(answer.text[:300])
        self.over.wait(0.05)

    def strike(self, seconds: float) -> None:
        """Every few seconds somebody dies, and another takes the place; the database crashes once."""
        end, crash = time.monotonic() + seconds, time.monotonic() + seconds / 2
        while time.monotonic() < end:
            time.sleep(self._random.uniform(1.5, 4.0))
            self._supervise()
            if crash and time.monotonic() > crash:
                crash = 0
                self.books.kills["database"] += 1
                self.database.stop("immediate")
                time.sleep(1)
                self.database.start()
                continue
            self._kill_one()

    def _supervise(self) -> None:
        """Who gave up because the database was away is started again, as systemd would."""
        for place, api in enumerate(self.apis):
            if not api.running:
                self._replace_api(place)
        for place, worker in enumerate(self.workers):
            if not worker.running:
                self.workers[place] = self._worker()

    def _replace_api(self, place: int) -> None:
        self.apis[place] = self._api()
        threading.Thread(target=self._wait_for, args=(self.apis[place],), daemon=True).start()

    def _kill_one(self) -> None:
        fleet: list[Any] = self._random.choice([self.apis, self.workers])
        place = self._random.randrange(len(fleet))
        fleet[place].kill()
        if fleet is self.apis:
            self.books.kills["server"] += 1
            self._replace_api(place)
        else:
            self.books.kills["worker"] += 1
            self.workers[place] = self._worker()

    @staticmethod
    def _wait_for(api: Api) -> None:
        try:
            api.wait()
        except AssertionError:
            return  # killed again meanwhile, or the database was away

    def settle(self) -> None:
        """Everybody is alive again; return when nothing waits."""
        for place, api in enumerate(self.apis):
            if not api.running or not api.about:
                api.kill()
                self.apis[place] = self._api().wait()
        for place, worker in enumerate(self.workers):
            if not worker.running:
                self.workers[place] = self._worker()
        end = time.monotonic() + SETTLING
        while time.monotonic() < end:
            clock = self.apis[0].control("GET", "/orgs/default/clock")
            waiting = self.apis[0].control("GET", "/orgs/default/deliveries?status=pending&limit=1")["items"]
            if not clock["pending"] and not waiting:
                return
            time.sleep(0.5)
        print(f"not settled after {SETTLING} s: {clock}, {len(waiting)} deliveries pending")

    def close(self) -> None:
        """None is left."""
        for program in (*self.apis, *self.workers):
            program.kill()


def account(chaos: Chaos, receiver: Receiver) -> list[str]:
    """What does not balance."""
    api, books, wrong = chaos.apis[0], chaos.books, list[str]()
    messages = [m for m in api.all("/orgs/default/messages") if m["direction"] == "OUTBOUND"]
    deliveries, jobs = api.all("/orgs/default/deliveries"), api.all("/orgs/default/jobs")
    singles = {m["id"]: m["text"] for m in messages if m.get("jobId") is None}
    texts = Counter(singles.values())
    wrong += [f"answered and not there: message {i}" for i, text in books.messages.items() if singles.get(i) != text]
    wrong += [f"there {n} times: {text}" for text, n in texts.items() if n > 1]
    known = {job["id"]: job for job in jobs}
    wrong += [f"answered and not there: job {i}" for i in books.jobs if i not in known]
    of_job = Counter(m["jobId"] for m in messages if m.get("jobId"))
    for job in jobs:
        parts = job["pending"] + job["accepted"] + job["suppressed"] + job["rejected"]
        if job["recipients"] != parts or job["pending"] or job["accepted"] != of_job[job["id"]]:
            wrong.append(f"books of job {job['id']}: {job}, {of_job[job['id']]} messages")
    wrong += [f"message {m['id']} ended {m['status']}" for m in messages if m["status"] not in {"READ", "FAILED"}]
    events = Counter(d["event"] for d in deliveries if not d["redeliveryOf"])
    read = sum(m["status"] == "READ" for m in messages)
    wrong += [f"{events[kind]} of {kind}, {read} messages" for kind in _KINDS if events[kind] != read]
    theirs = {d["eventId"] for d in deliveries}
    wrong += [f"{len(theirs - set(receiver.came))} events lost"] * bool(theirs - set(receiver.came))
    wrong += [f"{len(set(receiver.came) - theirs)} events invented"] * bool(set(receiver.came) - theirs)
    wrong += [f"{len(deliveries) - len(theirs)} events twice"] * (len(deliveries) != len(theirs))
    _tell(chaos, receiver, (len(messages), len(jobs), len(theirs)))
    return wrong


_KINDS = ("message.sent", "message.delivered", "message.read")


def _tell(chaos: Chaos, receiver: Receiver, there: tuple[int, int, int]) -> None:
    books, (messages, jobs, events) = chaos.books, there
    print(f"killed: {dict(books.kills)}")
    print(f"calls: {books.tried}, without a 2xx: {dict(books.unanswered)}")
    print(f"answered: {len(books.messages)} messages, {len(books.jobs)} jobs; there: {messages} messages, {jobs} jobs")
    print(f"events: {events}; delivered {receiver.came.total()} times, {receiver.came.total() - events} repeats")


def main() -> None:
    """The whole of it."""
    parser = argparse.ArgumentParser(description="Kill servers and workers under load, and count.")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--workers", type=int, default=3)
    wanted = parser.parse_args()
    with ExitStack() as stack:
        database = stack.enter_context(server(()))
        database.make("mock")
        receiver = Receiver()
        stack.callback(receiver.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        chaos = Chaos(database, folder, receiver, wanted.servers, wanted.workers)
        stack.callback(chaos.close)
        senders = [threading.Thread(target=chaos.send, args=(n,)) for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        chaos.strike(wanted.seconds)
        chaos.over.set()
        for sender in senders:
            sender.join()
        stopped = time.monotonic()
        chaos.settle()
        print(f"settled {time.monotonic() - stopped:.0f} s after the last call")
        wrong = account(chaos, receiver)
    print("\n".join(wrong[:20]) or "the books balance")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
