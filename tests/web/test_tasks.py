"""What waits, as the control plane lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mock_server.domain.instant import iso
from mock_server.domain.tasks import TaskKind

if TYPE_CHECKING:
    from .conftest import Doors

ADA = "+15551234567"


@pytest.fixture
def busy(doors: Doors) -> Doors:
    """Three messages on their way, two of them due together, a webhook, a bulk send, a paused template."""
    doors.control("POST", "/webhooks", {"url": "http://127.0.0.1:9/hooks", "events": ["message.received"]})
    doors.control("POST", "/inbound", {"from": ADA, "text": "Hello"})
    for text in ("one", "two"):
        doors.api("POST", "/messages", {"to": ADA, "text": text})
    people = [{"phone": f"+155512345{number:02}"} for number in range(5)]
    send = {"templateId": doors.template("hello_world"), "whatsappChannelId": doors.channel_id, "recipients": people}
    doors.api("POST", "/templates/send", {**send, "throttlePerHour": 60})
    with doors.world.unit() as unit:
        unit.schedule(TaskKind.UNPAUSE, doors.template("hello_world"), unit.now + 7_000_000)
    return doors


def tasks(doors: Doors, query: str = "") -> Any:
    """A page of them."""
    return doors.control("GET", f"/tasks?{query}").body


def test_all_that_waits_is_listed_as_it_falls_due(busy: Doors) -> None:
    """In the order in which the agenda takes them, and as many as the clock counts."""
    listed = tasks(busy, "limit=100")["items"]
    kept = busy.world.store.tasks.everything()
    assert [(one["kind"], one["subject"], one["dueAt"]) for one in listed] == [
        (task.kind, task.subject, iso(task.due)) for task in kept
    ]
    assert len(listed) == busy.control("GET", "/clock").body["pending"]
    assert listed[0]["dueAt"] == busy.control("GET", "/clock").body["nextDueAt"]


def test_each_says_what_will_happen(busy: Doors) -> None:
    """In words, with what tells it apart."""
    said = {one["kind"]: one["what"] for one in tasks(busy, "limit=100")["items"]}
    assert said == {
        "journey": f"Message to {ADA}: sent",
        "delivery": "Webhook message.received to http://127.0.0.1:9/hooks, attempt 1",
        "job": "Bulk send: the next of 5 recipients",
        "unpause": "Template hello_world: its pause ends",
    }


def test_pages_join_and_stay_good_while_time_passes(busy: Doors) -> None:
    """Walking in pages of two gives all, those due together included; a cursor outlives the task it was made from."""
    whole, found, query = tasks(busy, "limit=100")["items"], [], "limit=2"
    first = tasks(busy, query)
    while query:
        page = tasks(busy, query)
        found += page["items"]
        query = f"limit=2&cursor={page['nextCursor']}" if "nextCursor" in page else ""
    assert found == whole

    due = busy.world.store.tasks.everything()[1].due
    with busy.world.unit() as unit:
        while unit.store.tasks.pop_due(due):
            pass
    left = tasks(busy, f"limit=100&cursor={first['nextCursor']}")["items"]
    assert left == [one for one in whole[2:] if one["dueAt"] > iso(due)]


def test_one_kind_alone(busy: Doors) -> None:
    """And none of that kind is an empty list."""
    assert {one["kind"] for one in tasks(busy, "kind=journey")["items"]} == {"journey"}
    assert tasks(busy, "kind=verdict") == {"items": []}


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "1-x", "²-1", "9" * 40])
def test_a_cursor_of_ones_own_making_is_refused(doors: Doors, cursor: str) -> None:
    """By name, with its value."""
    refused = doors.control("GET", f"/tasks?cursor={cursor}")
    assert refused.status == 400
    assert "is not a nextCursor of this list" in refused.message


def test_who_advances_to_what_is_next_finds_it_done(doors: Doors) -> None:
    """Though it is due between two milliseconds, and answers have no more digits than that."""
    doors.control("POST", "/inbound", {"from": ADA, "text": "Hello"})
    doors.advance(0.000_123)
    doors.api("POST", "/messages", {"to": ADA, "text": "one"})
    due = doors.control("GET", "/clock").body["nextDueAt"]
    assert tasks(doors)["items"][0]["dueAt"] == due
    assert doors.control("POST", "/clock/advance", {"to": due}).body["ran"] == {"journey": 1}
