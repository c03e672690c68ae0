"""A server is killed, with SIGKILL, and another one goes on with its store: nothing lost, nothing invented."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from postgres_server import wipe
from processes import Api, Program, Receiver, closing

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONE = "+27821234567"
SENDS = 12


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where the webhooks go."""
    found = Receiver()
    yield found
    found.close()


def send(api: Api, text: str) -> str:
    """A message that is answered."""
    answer = api.api("POST", "/messages", {"to": PHONE, "text": text})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def check(api: Api, receiver: Receiver, sent: list[str]) -> None:
    """All that was answered is there, once; every event came, and no other."""
    out = [message for message in api.all("/orgs/default/messages") if message["direction"] == "OUTBOUND"]
    assert sorted(message["id"] for message in out) == sorted(sent)
    assert receiver.wait_for(3 * len(sent) + 2)  # sent, delivered, read; and the conversation with its first message
    assert {message["status"] for message in api.all("/orgs/default/messages")} == {"READ", "RECEIVED"}
    deliveries = api.all("/orgs/default/deliveries")
    assert {delivery["eventId"] for delivery in deliveries} == set(receiver.came)
    assert len(deliveries) == 3 * len(sent) + 2


def test_sqlite_survives(tmp_path: Path, receiver: Receiver) -> None:
    """Killed twice with everything under way."""
    store = f"sqlite:///{tmp_path}/world.db"
    usual = ("--clock", "x20", "--rate-limit", "off", "--webhook", receiver.url)
    api = Api(tmp_path, store, *usual).wait()
    sent: list[str] = []
    api.control("POST", "/orgs/default/inbound", {"from": PHONE, "text": "hi"})
    manual = api.control("POST", "/orgs", {"name": "Manual", "clock": "manual"})
    for turn in range(2):
        sent += [send(api, f"{turn}/{number}") for number in range(SENDS)]
        api.kill()
        api = Api(tmp_path, store, *usual).wait()
    with closing(api):
        check(api, receiver, sent)
        found = api.control("GET", f"/orgs/{manual['id']}")
        assert (found["name"], found["createdAt"]) == ("Manual", manual["createdAt"])
        assert api.api("GET", "/ping", key=manual["apiKey"]).status_code == 200


def test_a_sqlite_file_belongs_to_one_process(tmp_path: Path) -> None:
    """The second is told so, and what to do."""
    store = f"sqlite:///{tmp_path}/world.db"
    with closing(Api(tmp_path, store).wait()):
        second = Program("serve", "--port", "0", "--store", store, quiet=True)
        assert second.exit_code() == 2


def test_workers_and_servers_on_postgres(tmp_path: Path, postgres: str, receiver: Receiver) -> None:
    """Two servers, two workers; one of each is killed while there is work; the others do it all."""
    wipe(postgres)
    usual = ("--clock", "x20", "--rate-limit", "off", "--webhook", receiver.url)
    one = Api(tmp_path, postgres, *usual).wait()
    two = Api(tmp_path, postgres, *usual)
    workers = [Program("worker", "--store", postgres, "--concurrency", "16") for _ in range(2)]
    with closing(one, two, *workers):
        two.wait()
        one.control("POST", "/orgs/default/inbound", {"from": PHONE, "text": "hi"})
        sent = [send((one, two)[number % 2], f"{number}") for number in range(SENDS)]
        threading.Timer(0.3, workers[0].kill).start()
        one.kill()
        sent += [send(two, f"again {number}") for number in range(SENDS)]
        check(two, receiver, sent)
        workers[0].kill()
        assert workers[1].stop() == 0


@pytest.mark.parametrize(
    ("missing", "store", "extra"),
    [("sqlalchemy", "sqlite:///w.db", "sql"), ("psycopg", "postgresql://localhost/x", "postgres")],
)
def test_a_missing_extra_is_named(tmp_path: Path, missing: str, store: str, extra: str) -> None:
    """With the command that installs it."""
    script = f"import sys; sys.modules[{missing!r}] = None; from mock_server.cli import main; main()"
    command = [sys.executable, "-c", script, "serve", "--store", store]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert f"pip install 'flowella-mock[{extra}]'" in done.stderr


@pytest.mark.usefixtures("postgres")
def test_the_books_balance_after_chaos() -> None:
    """Servers, workers and the database are killed for a while under load: `bench/chaos.py`, shortened."""
    command = [sys.executable, str(Path(__file__).parents[2] / "bench" / "chaos.py"), "--seconds", "8"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "the books balance" in done.stdout
