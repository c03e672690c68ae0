"""Failures on demand over the doors: what is refused, what is struck, what is counted, and what is left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.app import create_app
from mock_server.domain import faults as rules
from mock_server.hanging import Hold
from mock_server.orgs import NewOrg
from mock_server.vendors.flowella import FLOWELLA
from mock_server.web import faults as call_faults
from mock_server.web.control.door import control_door
from mock_server.webhooks.twists import TWISTS
from mock_server.wire.endings import ENVIRON_KEY

from .conftest import KEY, Doors

if TYPE_CHECKING:
    from mock_server.orgs import Orgs

TEXT = {"to": "+447700900123", "text": "hi"}
DOWN = {"type": "status", "status": 503}


def _order(doors: Doors, on: str, effect: dict[str, Any], **terms: Any) -> str:
    answer = doors.control("POST", "/faults", {"on": on, "effect": effect, **terms})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def _send(doors: Doors, **changes: str) -> int:
    return doors.api("POST", "/messages", {**TEXT, **changes}).status


def _counters(doors: Doors, rule_id: str) -> tuple[int, int]:
    rule = doors.control("GET", f"/faults/{rule_id}").body
    return rule["seen"], rule["hits"]


def test_calls_one_and_four_succeed(doors: Doors) -> None:
    """After one, twice: the counters say four seen and two struck."""
    rule = _order(doors, "sendMessage", DOWN, after=1, times=2)

    assert [_send(doors) for _ in range(4)] == [201, 503, 503, 201]
    assert _counters(doors, rule) == (4, 2)
    assert doors.world.store.messages.count() == 2


@pytest.mark.parametrize(
    ("ordered", "field", "hint"),
    [
        ({"on": "sendMesage", "effect": DOWN}, "on", "did you mean 'sendMessage'?"),
        ({"on": "webhook:message.snt", "effect": {"type": "drop"}}, "on", "did you mean 'webhook:message.sent'?"),
        ({"on": "sendMessage", "effect": {"type": "statu"}}, "effect.type", "did you mean 'status'?"),
        ({"on": "sendMessage", "effect": {"type": "drop"}}, "effect.type", "happens to a webhook"),
        ({"on": "webhook:*", "effect": {"type": "reset"}}, "effect.type", "happens to a call"),
        ({"on": "listContacts", "effect": {"type": "metaError", "code": 1}}, "effect.type", "sends none"),
        ({"on": "sendMessage", "effect": {"type": "status"}}, "effect.status", "is required"),
        ({"on": "sendMessage", "effect": {"type": "status", "status": 700}}, "effect.status", "at most 599"),
        ({"on": "sendMessage", "effect": {"type": "latency", "seconds": -1}}, "effect.seconds", "at least 0"),
        ({"on": "webhook:*", "effect": {"type": "delay", "seconds": 0}}, "effect.seconds", "more than 0"),
        ({"on": "sendMessage", "effect": {"type": "reset", "second": 1}}, "effect.second", "not a known field"),
        ({"on": "sendMessage", "effect": DOWN, "probability": 1.5}, "probability", "at most 1"),
        ({"on": "sendMessage", "effect": DOWN, "probability": 0}, "probability", "more than 0"),
        ({"on": "sendMessage", "effect": DOWN, "after": -1}, "after", "at least 0"),
        ({"on": "sendMessage", "effect": DOWN, "times": 0}, "times", "at least 1"),
        ({"on": "sendMessage", "effect": DOWN, "forSeconds": -5}, "forSeconds", "more than 0"),
        ({"on": "sendMessage", "effect": DOWN, "afer": 1}, "afer", "did you mean 'after'?"),
        ({"on": "sendMessage", "effect": DOWN, "match": {"too": "x"}}, "match.too", "did you mean 'to'?"),
        ({"on": "setOptOut", "effect": DOWN, "match": {"action": "sett"}}, "match.action", "did you mean 'set'?"),
        ({"on": "webhook:message.read", "effect": {"type": "drop"}, "match": {"to": 1}}, "match.to", "string"),
        ({"effect": DOWN}, "on", "is required"),
        ({"on": "sendMessage"}, "effect", "is required"),
    ],
)
def test_what_could_never_strike_is_refused(doors: Doors, ordered: Any, field: str, hint: str) -> None:
    """400 with the field, the reason and the way out; nothing is kept."""
    answer = doors.control("POST", "/faults", ordered)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.message.startswith(f"{field}: ")
    assert hint in answer.message
    assert doors.control("GET", "/faults").body["items"] == []


def test_match_takes_all_spellings_of_a_number(doors: Doors) -> None:
    """One pattern in E.164 for whoever writes it; others are left alone."""
    rule = _order(doors, "sendMessage", DOWN, match={"to": "+4477*", "text": "*"})

    assert _send(doors, to="447700900123") == _send(doors, to="44 7700 900123") == 503
    assert _send(doors, to="+15551234567") == 201
    assert _counters(doors, rule) == (2, 2)


def test_for_seconds_is_the_organizations_time(doors: Doors) -> None:
    """A brown-out of a minute ends after a minute of its clock; PATCH starts it anew."""
    rule = _order(doors, "*", DOWN, forSeconds=60)
    during = _send(doors)
    doors.advance(60)
    after = _send(doors)
    doors.control("PATCH", f"/faults/{rule}", {"forSeconds": 10})

    assert (during, after, _send(doors)) == (503, 201, 503)
    assert _counters(doors, rule) == (2, 2)


def test_patch_and_delete(doors: Doors) -> None:
    """Off and on again, other terms, the counters kept; what is deleted strikes no more."""
    rule = _order(doors, "sendMessage", DOWN)
    path = f"/faults/{rule}"
    seen = [_send(doors)]
    for change in ({"active": False}, {"active": True, "times": 2}):
        assert doors.control("PATCH", path, change).status == 200
        seen += [_send(doors), _send(doors)]

    assert seen == [503, 201, 201, 503, 201]
    assert _counters(doors, rule) == (3, 2)
    assert doors.control("PATCH", path, {"effect": {"type": "drop"}}).code == "VALIDATION_ERROR"
    doors.control("PATCH", path, {"times": None})
    assert _send(doors) == 503
    assert doors.control("DELETE", path).status == 204
    assert _send(doors) == 201
    assert doors.control("GET", path).status == doors.control("DELETE", path).status == 404


def test_clear_and_reset_take_everything_back(doors: Doors, orgs: Orgs) -> None:
    """DELETE on the list, and a reset of the organization."""
    _order(doors, "sendMessage", DOWN)
    _order(doors, "*", {"type": "rateLimit"})
    assert doors.control("DELETE", "/faults").status == 204
    assert _send(doors) == 201

    _order(doors, "sendMessage", DOWN)
    doors.control("POST", "/reset")
    assert _send(doors) == 201
    assert orgs.get(doors.world.org.id).store.faults.count() == 0


def test_a_fault_stays_in_its_organization_and_off_the_control_plane(doors: Doors, orgs: Orgs) -> None:
    """A neighbour and the control plane never notice; nor do calls with a wrong key or a wrong body."""
    orgs.create(NewOrg(scale=0, api_key="flo_" + "n" * 24, rate_limit=None))
    rule = _order(doors, "*", DOWN)
    neighbour = doors.client.get("/api/v1/ping", headers={"Authorization": "Bearer flo_" + "n" * 24})

    assert neighbour.status_code == 200
    assert doors.control("GET", "/messages").status == 200
    assert doors.api("POST", "/messages", {"to": 1}).status == 400
    assert doors.client.get("/api/v1/ping", headers={"Authorization": "Bearer flo_wrong"}).status_code == 401
    assert _counters(doors, rule) == (0, 0)
    assert doors.api("GET", "/ping").status == 503


def test_the_oldest_rule_comes_first_and_places_combine(doors: Doors) -> None:
    """One answer to a call: the second rule sees it and does not strike; when the first is spent, it does."""
    first = _order(doors, "sendMessage", DOWN, times=1)
    second = _order(doors, "*", {"type": "rateLimit"})

    assert [_send(doors), _send(doors)] == [503, 429]
    assert _counters(doors, first) == (2, 1)
    assert _counters(doors, second) == (2, 1)


def test_probability_follows_from_the_seed(orgs: Orgs) -> None:
    """Two organizations with one seed fail alike; another seed fails otherwise."""

    def play(rng_seed: str) -> list[int]:
        key = f"flo_{len(orgs.all()):024d}"
        world, _, _ = orgs.create(NewOrg(scale=0, rng_seed=rng_seed, api_key=key, rate_limit=None))
        client = create_app(orgs).test_client()
        client.post(f"/_mock/orgs/{world.org.id}/faults", json={"on": "*", "effect": DOWN, "probability": 0.5})
        return [client.get("/api/v1/ping", headers={"Authorization": f"Bearer {key}"}).status_code for _ in range(40)]

    first = play("7")
    assert set(first) == {200, 503}
    assert play("7") == first
    assert play("8") != first


@pytest.mark.parametrize(("status", "code"), [(500, "INTERNAL_ERROR"), (503, "SERVICE_UNAVAILABLE"), (599, "HTTP_599")])
def test_status_speaks_the_vendors_envelope(doors: Doors, status: int, code: str) -> None:
    """The usual code of that status, unless one is ordered."""
    _order(doors, "ping", {"type": "status", "status": status}, times=1)
    _order(doors, "ping", {"type": "status", "status": status, "code": "ODD", "message": "Odd."})
    usual, ordered = doors.api("GET", "/ping"), doors.api("GET", "/ping")

    assert (usual.status, usual.code) == (status, code)
    assert ordered.body == {"error": {"code": "ODD", "message": "Odd."}}


def test_meta_error_at_once_and_later(doors: Doors) -> None:
    """As the code does in reality, and without a trace where it is refused."""
    _order(doors, "sendMessage", {"type": "metaError", "code": 131056}, times=1)
    _order(doors, "sendMessage", {"type": "metaError", "code": 131026})
    refused = doors.api("POST", "/messages", TEXT)
    assert (refused.code, refused.message[:10]) == ("META_REJECTED", "(#131056) ")
    assert doors.world.store.messages.count() == 0

    message_id = doors.api("POST", "/messages", TEXT).body["id"]
    doors.advance(60)
    message = doors.control("GET", f"/messages/{message_id}").body
    assert (message["status"], message["error"]["code"]) == ("FAILED", 131026)


def test_meta_error_in_a_bulk_send_sees_each_recipient(doors: Doors) -> None:
    """The call succeeds; of its recipients those that match fail, and the books balance."""
    rule = _order(doors, "queueTemplateSend", {"type": "metaError", "code": 131026}, match={"to": "+4477009001??"})
    refuse = _order(doors, "*", {"type": "metaError", "code": 131056}, match={"to": "+447700900200"})
    people = [f"+447700900{n}" for n in (100, 101, 200, 300)]
    recipients = [{"phone": phone, "bodyParameters": ["a", "b", "c"]} for phone in people]
    body = {
        "templateId": doors.template("order_update"),
        "recipients": recipients,
        "whatsappChannelId": doors.channel_id,
    }
    job_id = doors.api("POST", "/templates/send", body).body["id"]
    doors.advance(60)
    job = doors.control("GET", f"/jobs/{job_id}").body
    statuses = {m["to"]: m["status"] for m in doors.control("GET", "/messages").body["items"]}

    assert (job["accepted"], job["rejected"], job["pending"]) == (3, 1, 0)
    assert statuses == {people[0]: "FAILED", people[1]: "FAILED", people[3]: "READ"}
    assert _counters(doors, rule) == (2, 2)
    assert _counters(doors, refuse) == (1, 1)


class _Notes:
    """Stands in for the server's wire and takes down what is ordered."""

    def __init__(self) -> None:
        self.orders: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *values: self.orders.append((name, *(value for value in values if not isinstance(value, Hold))))


def _call_with(doors: Doors, headers: dict[str, str] | None = None) -> tuple[Any, list[tuple[Any, ...]]]:
    notes = _Notes()
    headers = {"Authorization": f"Bearer {KEY}", **(headers or {})}
    overrides = {ENVIRON_KEY: notes}
    return doors.client.post("/api/v1/messages", json=TEXT, headers=headers, environ_overrides=overrides), notes.orders


@pytest.mark.parametrize(
    ("effect", "orders", "stored"),
    [
        ({"type": "latency", "seconds": 3}, [("delay", 3)], 1),
        ({"type": "hang"}, [("hang", 3600.0)], 0),
        ({"type": "hang", "seconds": 7}, [("hang", 7)], 0),
        ({"type": "reset"}, [("reset",)], 0),
        ({"type": "close"}, [("close",)], 0),
        ({"type": "truncate"}, [("truncate", 100)], 1),
        ({"type": "drip", "bytes": 9, "seconds": 2}, [("drip", 9, 2)], 1),
        ({"type": "lostResponse"}, [("close",)], 1),
        ({"type": "malformed"}, [], 1),
        ({"type": "html"}, [], 0),
    ],
)
def test_what_is_done_and_what_is_ordered(doors: Doors, effect: Any, orders: Any, stored: int) -> None:
    """Is the call carried out, and what does the connection do?"""
    _order(doors, "sendMessage", effect, label="drill")
    _, ordered = _call_with(doors)
    entry = doors.control("GET", "/requests").body["items"][0]

    assert ordered == orders
    assert doors.world.store.messages.count() == stored
    assert [fault["type"] for fault in entry["faults"]] == [effect["type"]]
    assert entry["faults"][0]["label"] == "drill"
    assert (entry["status"] is None) == (effect["type"] in {"hang", "reset", "close", "lostResponse"})


def test_slow_and_then_gone(doors: Doors) -> None:
    """Latency goes with any other effect, and is ordered last so that the other is what comes late."""
    _order(doors, "sendMessage", {"type": "reset"})
    _order(doors, "sendMessage", {"type": "latency", "seconds": 2})

    assert sorted(_call_with(doors)[1]) == [("delay", 2), ("reset",)]


def test_malformed_and_html(doors: Doors) -> None:
    """Broken JSON with status 200, and a page that is none of ours."""
    _order(doors, "sendMessage", {"type": "malformed"}, times=1)
    _order(doors, "sendMessage", {"type": "html"}, times=1)
    broken, page = (_call_with(doors)[0] for _ in range(2))

    assert (broken.status_code, broken.mimetype) == (200, "application/json")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(broken.data)
    assert (page.status_code, page.mimetype) == (502, "text/html")
    assert b"<h1>502 Bad Gateway</h1>" in page.data


def test_without_a_server_of_ours_a_connection_fault_says_so(doors: Doors) -> None:
    """Behind another WSGI server nothing can be reset: an error that says why, not a silent success."""
    _order(doors, "sendMessage", {"type": "reset"})
    answer = doors.api("POST", "/messages", TEXT)

    assert answer.status == 500
    assert "cannot do it" in answer.message


def test_header_is_ignored_unless_it_is_granted(doors: Doors) -> None:
    """The real service knows no such header."""
    header = {"X-Mock-Fault": '{"type":"status","status":503}'}

    assert _call_with(doors, header)[0].status_code == 201
    assert doors.world.store.faults.count() == 0


@pytest.mark.parametrize(
    ("header", "status", "says"),
    [
        ('{"type":"status","status":503}', 503, "Service Unavailable"),
        ('{"type":"metaError","code":131056}', 400, "(#131056)"),
        ('{"type":"stats"}', 400, "did you mean 'status'?"),
        ('{"type":"drop"}', 400, "X-Mock-Fault: type"),
        ("nonsense", 400, "X-Mock-Fault"),
        ("[]", 400, "X-Mock-Fault"),
        ("\xe9\xff", 400, "X-Mock-Fault"),
    ],
)
def test_header_asks_for_this_calls_own_fault(doors: Doors, orgs: Orgs, header: str, status: int, says: str) -> None:
    """With the server's leave a call brings its own fault; nonsense is a 400 that names the header."""
    orgs.fault_header = True
    answer = _call_with(doors, {"X-Mock-Fault": header})[0]

    assert answer.status_code == status
    assert says in answer.get_data(as_text=True)
    assert _send(doors) == 201


def test_the_table_of_effects_is_the_same_everywhere() -> None:
    """Grammar, spec, and the two places that play them."""
    schemas = control_door({FLOWELLA.document: FLOWELLA.door}, None).spec.document["components"]["schemas"]
    spec = {
        on: {branch["properties"]["type"]["const"] for branch in schemas[name]["oneOf"]}
        for on, name in (("*", "RequestEffect"), ("webhook:*", "WebhookEffect"))
    }

    assert spec == {on: set(rules.effects_for(on)) for on in spec}
    assert set(call_faults.EFFECTS) == spec["*"]
    course = {effect for effect in spec["webhook:*"] if rules.place("webhook:*", effect) is rules.Place.COURSE}
    assert set(TWISTS) == spec["webhook:*"] - course
    assert course == {"drop", "delay", "duplicate", "reorder"}


def test_too_many_rules(doors: Doors) -> None:
    """Each call looks at all of them, so there is an end."""
    for _ in range(200):
        _order(doors, "ping", DOWN)

    assert doors.control("POST", "/faults", {"on": "ping", "effect": DOWN}).code == "CONFLICT"
