"""The one client: it paces, it counts, it waits out a 429, and it never outlives its budget. No test waits."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from clocks import FakeClock

from contracts.client import Client
from contracts.exchange import Answer, get, post
from contracts.guard import Guard
from contracts.record import Record
from contracts.settings import Settings
from contracts.spec import load
from contracts.speech import speech_of
from contracts.stops import Denied, Gone, OverBudget, Unanswered

if TYPE_CHECKING:
    from contracts.exchange import Call

SPEC = load("openapi.yaml")


class Scripted(Client):
    """A client whose wire is a list of answers: a status, or words for the trouble there was instead."""

    def __init__(self, clock: FakeClock, *answers: int | str, **settings: Any) -> None:
        made = Settings("http://127.0.0.1:1/api/v1", "flo_secretsecretsecret", **settings)
        super().__init__(made, SPEC, Guard(made, SPEC, speech_of(SPEC)), Record(), clock)
        self.answers = deque(answers)
        self.wired: list[dict[str, str]] = []

    def _exchange(self, call: Call, url: str, headers: dict[str, str]) -> tuple[Answer | None, str | None]:
        self.wired.append(headers)
        answer = self.answers.popleft() if self.answers else 200
        return (None, answer) if isinstance(answer, str) else (Answer(answer, (), b"{}", 0.0), None)


def test_never_faster_than_the_rate() -> None:
    """Ten requests at 4 a second take nine pauses of a quarter."""
    clock = FakeClock()
    client = Scripted(clock, rate=4.0)
    for _ in range(10):
        client.send(get("/ping"))

    assert clock.at == pytest.approx(9 / 4)


def test_a_pause_is_not_saved_up() -> None:
    """After a long wait the next ones do not come in a bunch."""
    clock = FakeClock()
    client = Scripted(clock, rate=4.0)
    client.send(get("/ping"))
    clock.at += 60
    for _ in range(3):
        client.send(get("/ping"))

    assert clock.at == pytest.approx(60 + 2 / 4)


def test_a_429_is_waited_out() -> None:
    """With growing pauses, and what was asked is answered in the end."""
    clock = FakeClock()
    client = Scripted(clock, 429, 429, 429, 200, rate=1000.0)

    assert client.send(get("/ping")).status == 200
    assert [wait for wait in clock.waits if wait >= 0.5] == [0.5, 1.0, 2.0]
    assert client.throttled == 3
    assert client.sent == 4


def test_a_429_that_stays_is_an_answer() -> None:
    """After a while it is what it is."""
    client = Scripted(FakeClock(), *[429] * 10)

    assert client.send(get("/ping")).status == 429
    assert client.sent == 6


def test_in_a_burst_nobody_waits() -> None:
    """Neither for the pace nor for a 429; and afterwards the pace counts again."""
    clock = FakeClock()
    client = Scripted(clock, 200, 200, 429, rate=1.0)
    with client.burst():
        assert [client.send(get("/ping")).status for _ in range(3)] == [200, 200, 429]
    assert clock.at == 0
    client.send(get("/ping"))
    client.send(get("/ping"))
    assert clock.at == 1


def test_requests_are_counted() -> None:
    """The one too many is not sent."""
    client = Scripted(FakeClock(), max_requests=3)
    for _ in range(3):
        client.send(get("/ping"))

    with pytest.raises(OverBudget, match="all 3 requests are spent; --max-requests allows more"):
        client.send(get("/ping"))
    assert len(client.wired) == 3


def test_time_is_counted() -> None:
    """A pause that would end after the limit is not begun."""
    clock = FakeClock()
    client = Scripted(clock, rate=1.0, time_limit=2.5)

    for _ in range(3):
        client.send(get("/ping"))
    with pytest.raises(OverBudget, match=r"the 2\.5 s are over; --time-limit allows more"):
        client.send(get("/ping"))
    assert len(client.wired) == 3
    assert clock.at <= 2.5


def test_what_is_denied_is_not_sent() -> None:
    """Nor counted."""
    client = Scripted(FakeClock(), profile="readonly")

    with pytest.raises(Denied):
        client.send(post("/contacts", {"phone": "+15551234567"}))
    assert client.wired == []
    assert client.sent == 0


def test_three_times_no_answer_and_nobody_is_there() -> None:
    """In a row; an answer in between starts the count again."""
    client = Scripted(FakeClock(), "reset", "reset", 200, "reset", "reset", "reset")
    for trouble in (Unanswered, Unanswered, None, Unanswered, Unanswered, Gone):
        if trouble is None:
            client.send(get("/ping"))
            continue
        with pytest.raises(trouble) as raised:
            client.send(get("/ping"))
        assert type(raised.value) is trouble


def test_each_call_is_written_down() -> None:
    """Who asked, what, as which operation, and what came."""
    client = Scripted(FakeClock(), 200, "the connection was reset")
    client.part = "some-law"
    client.send(get("/contacts", limit=3))
    with pytest.raises(Unanswered):
        client.send(get("/unknown"))

    first, second = client.record.exchanges
    assert (first.number, first.part, first.operation, first.call.target) == (
        1,
        "some-law",
        "listContacts",
        "/contacts?limit=3",
    )
    assert first.answer is not None
    assert (second.operation, second.answer, second.trouble) == (None, None, "the connection was reset")


def test_the_key_goes_where_it_belongs() -> None:
    """Ours, somebody else's, none at all; a control call never carries it."""
    client = Scripted(FakeClock(), other_key="flo_other", control_url="http://127.0.0.1:1/_mock", control_token="token")
    from dataclasses import replace

    for key in ("ours", "other", "flo_literal", None):
        client.send(replace(get("/ping"), key=key))
    client.send(replace(get("/orgs"), control=True))

    sent = [headers.get("Authorization") for headers in client.wired]
    assert sent == ["Bearer flo_secretsecretsecret", "Bearer flo_other", "Bearer flo_literal", None, "Bearer token"]
