"""A document is judged whole before anything is touched: each mistake is named with its place, and nothing has changed."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.domain.deliveries import DeliveryStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeTransport

    from mock_server.webhooks.transport import Post

    from .conftest import Doors

ADA = "+15551230001"
Document = dict[str, Any]


def _fail_and_hold(doors: Doors) -> None:
    """A webhook that a fault delays, and marketing that waits for a verdict and is just about to be let go."""
    doors.control("POST", "/faults", {"on": "webhook:*", "effect": {"type": "delay", "seconds": 9}, "label": "late"})
    doors.control("POST", "/inbound", {"from": ADA, "text": "late"})
    limits = {"pairRate": True, "messagingTier": 250, "marketingCap": True, "templatePacing": {"firstBatch": 0}}
    assert doors.control("PATCH", "/account", {"limits": limits}).status == 200
    news = {
        "name": "news",
        "category": "MARKETING",
        "components": [{"type": "BODY", "text": "News"}],
        "status": "APPROVED",
    }
    template_id = doors.control("POST", "/templates", news).body["id"]
    recipients = [{"phone": f"+1555123100{n}"} for n in range(3)]
    job = {"templateId": template_id, "whatsappChannelId": doors.channel_id, "recipients": recipients}
    assert doors.api("POST", "/templates/send", job).status == 201
    doors.advance(1)
    doors.control("PATCH", f"/templates/{template_id}", {"quality": "GREEN"})
    assert doors.api("POST", "/messages", {"to": "+15557654321", "text": "on its way"}).status == 201
    assert doors.control("POST", "/inbound", {"from": ADA, "type": "call"}).status == 201
    assert doors.control("POST", "/inbound", {"platform": "web", "visitorId": "v1", "text": "hi"}).status == 201


@pytest.fixture
def document(doors: Doors) -> Document:
    """A little of everything: talk, a template send that is not over, a webhook with attempts, an opt-out."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["*"]})
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    doors.api("POST", "/messages", {"to": ADA, "text": "hello"})
    doors.advance(1)
    doors.control("POST", "/inbound", {"from": ADA, "text": "STOP"})
    recipients = [{"phone": f"+1555123000{n}"} for n in range(4)]
    job = {"templateId": doors.template("hello_world"), "whatsappChannelId": doors.channel_id, "recipients": recipients}
    assert doors.api("POST", "/templates/send", {**job, "throttlePerHour": 60}).status == 201
    doors.advance(61)
    doors.api("POST", "/messages", {"to": "+15557654321", "text": "hello"})
    doors.control("POST", "/inbound", {"from": ADA, "text": "again"})
    _fail_and_hold(doors)
    taken = doors.control("GET", "/snapshot").body
    assert isinstance(taken, dict)
    assert [name for name, records in taken["records"].items() if not records] == []
    assert {task["kind"] for task in taken["tasks"]} == {"journey", "delivery", "job", "letGo"}
    return taken


def _set(*steps: str | int, to: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        node: Any = document
        for step in steps[:-1]:
            node = node[step]
        node[steps[-1]] = to

    return change


def _drop(*steps: str | int) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        node: Any = document
        for step in steps[:-1]:
            node = node[step]
        del node[steps[-1]]

    return change


def _twice(document: Document) -> None:
    document["records"]["contacts"].append(document["records"]["contacts"][0])


def _same_person(document: Document) -> None:
    first, second = document["records"]["contacts"][:2]
    second["key"] = first["key"]


def _removed_endpoint(document: Document) -> None:
    document["records"]["endpoints"] = []


def _task_twice(document: Document) -> None:
    document["tasks"].append(document["tasks"][0])


def _forgotten_attempt(document: Document) -> None:
    document["tasks"] = [task for task in document["tasks"] if task["kind"] != "delivery"]


MISTAKES: list[tuple[Callable[[Document], None], str]] = [
    (_set("kind", to="postcard"), "kind: must be 'flowella-mock snapshot': this is another document"),
    (_set("version", to=2), "version: must be 1, the version that this server reads; got 2"),
    (_set("version", to=True), "version: must be integer"),
    (_set("verson", to=1), "verson: is not a known field; did you mean 'version'?"),
    (_drop("tasks"), "tasks: is required"),
    (_set("records", "massages", to=[]), "records.massages: is not a known field; did you mean 'messages'?"),
    (_drop("records", "messages", 1, "text"), "records.messages[1].text: is required"),
    (
        _set("records", "messages", 1, "txt", to=""),
        "records.messages[1].txt: is not a known field; did you mean 'text'?",
    ),
    (_set("records", "messages", 1, "status", to="REED"), "records.messages[1].status: must be one of PENDING, SENT"),
    (_set("records", "messages", 1, "status", to="REED"), "did you mean 'READ'?"),
    (_set("records", "messages", 1, "createdAt", to="noon"), "records.messages[1].createdAt: must be a moment such as"),
    (_set("records", "messages", 1, "history", 0, 1, to=5), "records.messages[1].history[0][1]: must be a moment"),
    (_set("records", "messages", 1, "history", 0, to=["SENT"]), "records.messages[1].history[0]: must have 2 items"),
    (_set("records", "messages", 1, "phone", to="you"), "records.messages[1].phone: 'you' is not a number in E.164"),
    (_set("records", "messages", 1, "jobId", to="x"), "records.messages[1].jobId: 'x' is none of records.jobs"),
    (_set("records", "chats", 0, "contactId", to="x"), "records.chats[0].contactId: 'x' is none of records.contacts"),
    (_set("records", "chats", 0, "id", to="x"), "records.chats[0].id: must be '"),
    (_set("records", "contacts", 0, "key", to="é"), "records.contacts[0].key: 'é' is not a number in digits"),
    (_twice, "is an earlier one's too"),
    (_same_person, "records.contacts[1].key: "),
    (_set("records", "tallies", 0, "counts", to=[1]), "records.tallies[0].counts: must have 5 numbers; has 1"),
    (_set("records", "tallies", 0, "counts", 0, to=1.5), "records.tallies[0].counts[0]: must be a whole number"),
    (_set("records", "jobs", 0, "accepted", to=9), "records.jobs[0].recipients: must be at least"),
    (
        _set("records", "jobs", 0, "interval", to="1h"),
        "records.jobs[0].interval: must be a duration in seconds such as PT0",
    ),
    (_set("records", "audiences", to=[]), "is a job whose audience is missing"),
    (
        _set("records", "endpoints", 0, "url", to="http://example.com/"),
        "records.endpoints[0].url: 'http://example.com/' is",
    ),
    (_removed_endpoint, "is none of records.endpoints"),
    (_forgotten_attempt, "is pending, so tasks must have one"),
    (_set("records", "deliveries", 0, "event", "subject", to={"massage": {}}), "did you mean 'message'?"),
    (_set("records", "deliveries", 0, "event", "subject", to={}), "an object with one of the keys message, conver"),
    (_set("records", "deliveries", 0, "attempts", 0, "requestBody", to={"base64": "*"}), "requestBody.base64: "),
    (_set("tasks", 0, "subject", to="x"), "tasks[0].subject: 'x' is none of records."),
    (_task_twice, "has a task of the kind"),
    (_set("tasks", 0, "kind", to="jurney"), "tasks[0].kind: must be one of journey, delivery, job"),
    (_set("clock", "scale", to=2), "clock.scale: goes with the mode scaled"),
    (_set("clock", "mode", to="scaled"), "clock.scale: goes with the mode scaled"),
    (
        _set("clock", to={"mode": "scaled", "now": "2026-11-21T10:02:00Z", "scale": -1}),
        "clock.scale: must be more than 0",
    ),
    (_set("clock", "now", to="2999-01-01"), "clock.now: must lie between"),
    (_set("clock", "now", to="2020-01-01"), "latestChange: must not lie after clock.now"),
    (_set("dice", "story", to=-1), "dice.story: counts draws"),
    (_set("dice", "story", to=1 << 64), "dice.story: must be a whole number below 2^63"),
    (_set("policy", "deliveriesInFlight", to=0), "policy.deliveriesInFlight: must be 1 or more"),
    (_set("policy", "rateLimit", to={"perSecond": 0, "burst": 1}), "policy.rateLimit.perSecond: must be between"),
    (
        _set("policy", "closedWindow", to="fale"),
        'policy.closedWindow: must be one of fail, reject; got "fale"; did you',
    ),
    (_set("records", "templates", 0, "components", 0, to=5), "records.templates[0].components[0]: must be an object"),
]


@pytest.mark.parametrize("number", range(len(MISTAKES)))
def test_a_mistake_is_named_with_its_place(doors: Doors, document: Document, number: int) -> None:
    """400, a sentence with the path, the value and what would be right; the world is as it was."""
    change, sentence = MISTAKES[number]
    before = doors.control("GET", "/snapshot").body
    change(document)
    answer = doors.control("PUT", "/snapshot", document)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert sentence in answer.message
    assert doors.control("GET", "/snapshot").body == before


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: its container, and its key there."""
    found: list[tuple[Any, Any]] = []
    keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        found += [(node, key), *_places(node[key])]
    return found


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        7,
        2.5,
        10**200,
        1e300,
        "",
        "x",
        "é",
        "\u2028",
        [],
        {},
        [[]],
        {"a": 1},
        "PT5S",
        "2026-11-21",
        "READ",
    ]
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_altered_breaks_nothing(doors: Doors, document: Document, data: st.DataObject) -> None:
    """Any node deleted, replaced or doubled: taken whole or refused whole, never a 500, and what is taken lives."""
    doors.control("PUT", "/snapshot", document)
    altered = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 2))):
        places = _places(altered)
        container, key = places[data.draw(st.integers(0, len(places) - 1))]
        match data.draw(st.sampled_from(["delete", "replace", "double"])):
            case "delete":
                del container[key]
            case "double" if isinstance(container, list):
                container.append(container[key])
            case _:
                container[key] = copy.deepcopy(data.draw(JUNK))
    before = doors.control("GET", "/snapshot").body
    answer = doors.control("PUT", "/snapshot", altered)
    assert answer.status in {200, 400}, answer
    if answer.status == 400:
        assert doors.control("GET", "/snapshot").body == before
        return
    _live(doors)


def _live(doors: Doors) -> None:
    """Nothing in a world that was taken in makes a call fail from within."""
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/{name}?limit=100", None) for name in ("messages", "deliveries", "conversations", "jobs", "clock")
    ]
    calls += [("POST", "/inbound", {"from": ADA, "text": "hi"}), ("POST", "/clock/advance", {"seconds": 3600})]
    for method, path, body in calls:
        assert doors.control(method, path, body).status < 500, path
    for path in ("/contacts", "/conversations", "/templates", "/analytics"):
        assert doors.api("GET", path).status < 500, path
    assert doors.api("POST", "/messages", {"to": ADA, "text": "hello"}).status < 500
    recipients = [{"phone": ADA, "bodyParameters": ["a"]}]
    for template in doors.world.store.templates.everything():
        job = {"templateId": template.id, "whatsappChannelId": doors.channel_id, "recipients": recipients}
        assert doors.api("POST", "/templates/send", job).status < 500, template
    assert doors.control("POST", "/clock/advance", {"until": "idle"}).status < 500


def test_bytes_that_are_no_text(doors: Doors, document: Document) -> None:
    """What was received is kept exactly, legible where it can be."""
    doors.api("POST", "/messages", b"\xff\x00")
    doors.api("POST", "/messages", '{"é": 1}'.encode())
    taken = doors.control("GET", "/snapshot").body
    bodies = [entry["body"] for entry in taken["records"]["requests"]]
    assert {"base64": "/wA="} in bodies
    assert '{"é": 1}' in bodies
    assert doors.control("PUT", "/snapshot", taken).status == 200
    assert doors.control("GET", "/snapshot").body == taken


def test_one_record_a_line(doors: Doors, document: Document) -> None:
    """Two documents can be compared with diff: sending one more message adds lines and changes few."""
    path = f"/_mock/orgs/{doors.world.org.id}/snapshot"
    before = doors.client.get(path).get_data(as_text=True).splitlines()
    doors.api("POST", "/contacts", {"phone": "+15551239999"})
    after = doors.client.get(path).get_data(as_text=True).splitlines()
    new = [line for line in after if line not in before]
    assert len([line for line in new if "+15551239999" in line]) == 2  # the contact, and the call that made it
    assert len(new) <= 8
    assert json.loads("\n".join(after))["kind"] == "flowella-mock snapshot"


def test_every_status_of_a_delivery_is_known_here() -> None:
    """Only what is pending needs its endpoint and its task; a new status has to be thought of."""
    assert len(DeliveryStatus) == 4


def test_into_another_organization(doors: Doors, document: Document) -> None:
    """It takes over everything but who it is: id, name and keys stay, and the key of the other one stays the other one's."""
    other = doors.client.post("/_mock/orgs", json={"name": "Copy"}).get_json()
    path = f"/_mock/orgs/{other['id']}"
    answer = doors.client.put(f"{path}/snapshot", json=document)
    assert (answer.status_code, answer.get_json()["name"]) == (200, "Copy")

    taken = doors.client.get(f"{path}/snapshot").get_json()
    keys = taken["records"].pop("apiKeys"), document["records"].pop("apiKeys")
    assert keys[0] != keys[1]
    assert taken.pop("org")["id"] == other["id"] != document.pop("org")["id"]
    assert taken == document
    for key, org in ((other["apiKey"], other["id"]), ("flo_" + "k" * 24, doors.world.org.id)):
        pinged = doors.client.get("/api/v1/ping", headers={"Authorization": f"Bearer {key}"}).get_json()
        assert pinged["organizationId"] == org


def test_keys_stay(doors: Doors) -> None:
    """One made since then still works; one that is known from then is as it was, not revoked yet."""
    old = doors.control("POST", "/api-keys", {"label": "old"}).body
    document = doors.control("GET", "/snapshot").body
    new = doors.control("POST", "/api-keys", {"label": "new"}).body
    doors.control("DELETE", f"/api-keys/{old['id']}")
    doors.control("PUT", "/snapshot", document)
    for key in (old, new):
        pinged = doors.client.get("/api/v1/ping", headers={"Authorization": f"Bearer {key['secret']}"})
        assert pinged.status_code == 200, key["label"]


def test_not_while_the_clock_is_advanced(doors: Doors, transport: FakeTransport) -> None:
    """A receiver that takes or puts a snapshot in the middle of an advance is refused, and all goes on."""
    document = doors.control("GET", "/snapshot").body
    statuses: list[int] = []

    def answer(_: Post) -> int:
        statuses.append(doors.control("GET", "/snapshot").status)
        statuses.append(doors.control("PUT", "/snapshot", document).status)
        return 200

    transport.answer = answer
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["message.received"]})
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    doors.advance(1)
    assert statuses == [409, 409]
    assert doors.control("GET", "/deliveries").body["items"][0]["status"] == "succeeded"


def test_an_attempt_on_the_wire_is_made_again(doors: Doors, transport: FakeTransport) -> None:
    """It counts as not made. What becomes of the first one is the business of the world that is gone."""
    transport.answer = lambda _: None
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["message.received"]})
    doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
    doors.world.agenda.run_due()
    assert (len(transport.hanging), doors.world.agenda.pending()) == (1, 0)

    document = doors.control("GET", "/snapshot").body
    assert [task["kind"] for task in document["tasks"]] == ["delivery"]
    doors.control("PUT", "/snapshot", document)
    transport.release(500)
    assert doors.control("GET", "/snapshot").body == document
    transport.answer = lambda _: 200
    doors.advance(0)
    (delivery,) = doors.control("GET", "/deliveries").body["items"]
    assert (delivery["status"], len(delivery["attempts"])) == ("succeeded", 1)
    assert transport.posts[0] == transport.posts[1]


def test_a_clock_that_runs_stands_still_in_a_document(doors: Doors) -> None:
    """Put back, it goes on from the moment at which it was taken."""
    doors.control("PUT", "/clock", {"mode": "scaled", "scale": 3})
    document = doors.control("GET", "/snapshot").body
    document["clock"]["now"] = "2040-01-01T00:00:00.000Z"
    doors.control("PUT", "/snapshot", document)
    clock = doors.control("GET", "/clock").body
    assert (clock["mode"], clock["scale"], clock["now"][:13]) == ("scaled", 3, "2040-01-01T00")
