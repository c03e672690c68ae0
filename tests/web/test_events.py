"""The stream of events, read from a client in process: there it is an answer that goes on and on."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mock_server.web.control import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Doors

ADA = "+15551230001"


class Event(NamedTuple):
    """One event."""

    kind: str
    id: int
    data: Any


@dataclass
class Stream:
    """Pieces of the answer; each call of `news` takes the next one."""

    pieces: Iterator[bytes]

    def news(self) -> list[Event]:
        """What has come."""
        return [_event(text) for text in next(self.pieces).decode().split("\n\n") if text]


def _event(text: str) -> Event:
    kind, number, data = (line.partition(": ")[2] for line in text.split("\n"))
    return Event(kind, int(number), json.loads(data))


@contextmanager
def listening(doors: Doors, query: str = "", **headers: str) -> Iterator[Stream]:
    """An open stream."""
    path = f"/_mock/orgs/{doors.world.org.id}/events{query}"
    response = doors.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert (response.status_code, response.mimetype) == (200, "text/event-stream")
    try:
        yield Stream(response.iter_encoded())
    finally:
        response.close()


def test_it_begins_with_hello(doors: Doors) -> None:
    """The organization and its clock, as their own operations show them."""
    with listening(doors) as stream:
        (hello,) = stream.news()
    assert hello.kind == "hello"
    assert hello.data == {"org": doors.control("GET", "").body, "clock": doors.control("GET", "/clock").body}


def test_each_event_is_shaped_as_its_list_shows_it(doors: Doors) -> None:
    """Whatever has a list in the control plane: the last event about a record is what the list has."""
    with listening(doors) as stream:
        stream.news()
        hook = doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["*"]}).body
        doors.control("POST", "/inbound", {"from": ADA, "text": "STOP\n\ndata: \u2028"})
        doors.api("POST", "/messages", {"to": "+15557654321", "text": "hi"})
        send = {"templateId": doors.template("hello_world"), "whatsappChannelId": doors.channel_id}
        doors.api("POST", "/templates/send", {**send, "recipients": [{"phone": "+15551239999"}]})
        doors.control("PATCH", f"/templates/{send['templateId']}", {"status": "PAUSED"})
        doors.control("PATCH", f"/channels/{doors.channel_id}", {"name": "Shop"})
        doors.control("PATCH", "/account", {"billing": "past_due", "rateLimit": {"perSecond": 1, "burst": 9}})
        doors.advance(10)
        seen = stream.news()
    latest = {(event.kind, event.data.get("id")): event.data for event in seen}
    lists = {"message": "messages", "delivery": "deliveries", "conversation": "conversations", "job": "jobs"}
    lists |= {"request": "requests", "webhook": "webhooks", "apiKey": "api-keys"}
    for kind, name in lists.items():
        items = doors.control("GET", f"/{name}?limit=100").body["items"]
        assert {(kind, item["id"]): item for item in items}.items() <= latest.items(), kind
        assert items
    assert latest["account", None] == doors.control("GET", "/account").body
    clocks = [event.data for event in seen if event.kind == "clock"]
    assert clocks == [doors.control("GET", "/clock").body]
    assert {"contact", "optOut", "template", "channel"} <= {event.kind for event in seen}
    assert [event.id for event in seen] == sorted({event.id for event in seen})
    assert hook["id"] in {event.data.get("id") for event in seen}


def test_only_kinds_that_are_asked_for(doors: Doors) -> None:
    """The others are left out, and a mistyped one is refused with a hint."""
    with listening(doors, "?kinds=message,clock") as stream:
        assert stream.news()[0].kind == "hello"
        doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
        doors.advance(1)
        assert [event.kind for event in stream.news()] == ["message", "clock"]
    refused = doors.control("GET", "/events?kinds=message,massage")
    assert (refused.status, "'massage' is not a kind; did you mean 'message'?" in refused.message) == (400, True)


def test_coming_back_goes_on_where_it_broke_off(doors: Doors) -> None:
    """What happened meanwhile comes first; an id that is none is refused, one from another life is a gap."""
    with listening(doors, "?kinds=message") as stream:
        stream.news()
        doors.control("POST", "/inbound", {"from": ADA, "text": "1"})
        (first,) = stream.news()
    for text in "23":
        doors.control("POST", "/inbound", {"from": ADA, "text": text})
    with listening(doors, "?kinds=message", Last_Event_ID=str(first.id)) as stream:
        hello, *missed = stream.news()
    assert (hello.kind, hello.id, [event.data["text"] for event in missed]) == ("hello", first.id, ["2", "3"])
    with listening(doors, Last_Event_ID="999999") as stream:
        assert [(event.kind, event.data.get("missed")) for event in stream.news()][1] == ("gap", None)
    path = f"/_mock/orgs/{doors.world.org.id}/events"
    refused = doors.client.get(path, headers={"Last-Event-ID": "last"}).get_json()
    assert refused["error"]["message"].startswith("Last-Event-ID: 'last' is not the id of an event")


def test_what_goes_away(doors: Doors) -> None:
    """A webhook that is removed is news; the journal that is emptied is not."""
    hook = doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["*"]}).body["id"]
    doors.api("GET", "/ping")
    with listening(doors) as stream:
        stream.news()
        doors.control("DELETE", "/requests")
        doors.control("DELETE", f"/webhooks/{hook}")
        assert [(event.kind, event.data) for event in stream.news()] == [("webhook", {"id": hook, "deleted": True})]


@pytest.mark.parametrize("way", ["reset", "snapshot"])
def test_a_stream_outlives_its_world(doors: Doors, way: str) -> None:
    """Reset or put back, it says so and goes on with what happens in the new one."""
    document = doors.control("GET", "/snapshot").body
    with listening(doors, "?kinds=org,message") as stream:
        stream.news()
        assert doors.control(*(("POST", "/reset") if way == "reset" else ("PUT", "/snapshot", document))).status == 200
        doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
        assert [event.kind for event in stream.news()] == ["org", "message"]


def test_it_ends_with_the_organization(doors: Doors) -> None:
    """Nothing more is to come, so the answer ends."""
    path = f"/_mock/orgs/{doors.client.post('/_mock/orgs', json={}).get_json()['id']}"
    stream = doors.client.get(f"{path}/events").iter_encoded()
    assert next(stream).startswith(b"event: hello")
    assert doors.client.delete(path).status_code == 204
    assert list(stream) == []


def test_there_is_an_end_to_how_many(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """More streams than anybody needs are refused; a closed one makes room."""
    monkeypatch.setattr(events, "MOST_LISTENERS", 1)
    with listening(doors) as stream:
        stream.news()
        assert doors.control("GET", "/events").status == 409
    with listening(doors) as stream:
        assert stream.news()[0].kind == "hello"


def test_head_has_no_stream(doors: Doors) -> None:
    """Only the head of the answer, at once."""
    answer = doors.client.head(f"/_mock/orgs/{doors.world.org.id}/events")
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert doors.world.feed.listeners == 0
