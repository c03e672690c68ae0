"""Targets: calls of the vendors' doors and of the control plane, in stories of a few calls, each in a new world."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench.fuzz.draw import Draw, written
from bench.fuzz.house import KEYS, Caller, Said, caller, envelope
from bench.fuzz.target import Plant, Target, expect
from mock_server.web.spec import Spec

if TYPE_CHECKING:
    from mock_server.web.spec import Operation

MOST_CALLS = 4
ADA = "+15551234567"
WAITS = {"waitFor"}
"""Operations that take real time."""


def example(spec: Spec, operation: Operation) -> Any:
    """A body that fits: the spec's own."""
    node = spec.document["paths"][operation.path][operation.method.lower()].get("requestBody", {})
    content = node.get("content", {}).get("application/json", {})
    shown = [one.get("value") for one in content.get("examples", {}).values()]
    return shown[0] if shown else content.get("example", {})


GOOD: dict[str, Any] = {
    "sendMessage": {"to": ADA, "text": "hi"},
    "receiveInbound": {"from": ADA, "text": "hello", "profileName": "Ada"},
    "createFault": {"on": "*", "effect": {"type": "latency", "seconds": 0.1}, "match": {"to": "+1*"}, "times": 2},
    "createWebhook": {"url": "http://127.0.0.1:9/hook", "events": ["*"]},
    "advanceClock": {"seconds": 60},
    "createOrg": {"name": "a", "seed": "default", "clock": "manual", "rngSeed": 7},
    "setClock": {"mode": "manual", "now": "2026-12-01T00:00:00Z"},
}


class Teller:
    """Makes calls of decisions. Ids are those that the world has, now and then."""

    def __init__(self, call: Caller, draw: Draw) -> None:
        self._call = call
        self._draw = draw

    def vendor(self, name: str) -> tuple[Said, str]:
        """One call of a vendor's door."""
        door = self._call.orgs.dialects[name].door
        operation = self._draw.pick(list(door.spec.operations.values()))
        key = KEYS[name] if self._draw.number(15) else self._draw.text()
        return self._tell(operation, door.spec, door.prefix + operation.path, [("Authorization", f"Bearer {key}")])

    def control(self) -> tuple[Said, str]:
        """One call of the control plane."""
        spec = control()
        operation = self._draw.pick([one for one in spec.operations.values() if one.id not in WAITS])
        return self._tell(operation, spec, operation.path.replace("{org}", self._call.world_id), [])

    def _tell(self, operation: Operation, spec: Spec, path: str, headers: list[tuple[str, str]]) -> tuple[Said, str]:
        path = "/".join(self._id() if part.startswith("{") else part for part in path.split("/"))
        query, body = self._query(operation), b""
        if operation.body is not None:
            good = GOOD.get(operation.id) or example(spec, operation)
            body = written(self._draw.edited(good)) if self._draw.number(15) else self._draw.take(60)
        if not self._draw.number(7):
            headers.append((self._draw.pick(("Last-Event-ID", "Idempotency-Key", "Accept")), self._draw.text()))
        where = f"{operation.method} {path}?{query} {body[:300]!r}"
        return self._call(operation.method, path, query, body, headers), f"{operation.id}: {where}"

    def _id(self) -> str:
        store = self._call.world.store
        kinds: tuple[Any, ...] = (
            store.channels,
            store.templates,
            store.contacts,
            store.messages,
            store.jobs,
            store.endpoints,
            store.faults,
        )
        there = [record.id for kind in kinds for record in islice(kind.newest(), 2)]
        chosen = self._draw.pick((*there, "default", None))
        return self._draw.text(20).encode("utf-8", "surrogateescape").decode("latin-1") if chosen is None else chosen

    def _query(self, operation: Operation) -> str:
        if operation.query is None or not self._draw.number(1):
            return ""
        pairs = [
            (self._draw.pick(list(operation.types)), self._draw.pick((self._draw.text(), "1", "100", self._id_or("A"))))
            for _ in range(self._draw.number(2))
        ]
        return "&".join(f"{name}={quote(value, errors='surrogateescape')}" for name, value in pairs)

    def _id_or(self, other: str) -> str:
        return next((one.id for one in self._call.world.store.channels.newest()), other)


@cache
def control() -> Spec:
    """The control plane's document."""
    return Spec("control-openapi.yaml", closed=True)


def _vendor_story(name: str, data: bytes) -> None:
    draw = Draw(data)
    with caller() as call:
        _greet(call)
        teller = Teller(call, draw)
        for _ in range(MOST_CALLS):
            before = _records(call)
            said, where = teller.vendor(name)
            expect(said.status < 500, f"{said.status} for {where}")
            if said.status >= 400:
                envelope(said, where)
                expect(_records(call) == before, f"refused, and something has changed: {where}")
            if not draw:
                break
        call.world.agenda.advance(call.world.clock.now() + 3_600_000_000)


def _greet(call: Caller) -> None:
    """Somebody has written, so that there is a window to answer in."""
    body = written(GOOD["receiveInbound"])
    expect(call("POST", f"/_mock/orgs/{call.world_id}/inbound", body=body).status == 201, "inbound")


def _records(call: Caller) -> dict[str, int]:
    store = call.world.store
    kinds = ("messages", "contacts", "conversations", "opt_outs", "jobs", "deliveries", "endpoints", "orders")
    return {kind: getattr(store, kind).count() for kind in kinds}


def flowella(data: bytes) -> None:
    """Flowella's door."""
    _vendor_story("flowella", data)


def flowiq(data: bytes) -> None:
    """FlowIQ's door."""
    _vendor_story("flowiq", data)


def control_plane(data: bytes) -> None:
    """The control plane: any call, and then the API still works."""
    draw = Draw(data)
    with caller() as call:
        teller = Teller(call, draw)
        for _ in range(MOST_CALLS):
            said, where = teller.control()
            expect(said.status < 500, f"{said.status} for {where}")
            if said.status >= 400:
                envelope(said, where)
                expect(set(said.json["error"]) >= {"code", "message"}, f"{where}: {said.body!r}")
            if not draw or call.world_id not in {world.org.id for world in call.orgs.all()}:
                break
        else:
            return
        if call.world_id in {world.org.id for world in call.orgs.all()}:
            for path in ("", "/messages", "/deliveries", "/requests", "/tasks", "/snapshot", "/clock", "/faults"):
                said = call("GET", f"/_mock/orgs/{call.world_id}{path}")
                expect(said.status == 200, f"GET {path}: {said.status}")


def fault_rules(data: bytes) -> None:
    """A rule of any shape, and then a call and a webhook that it may strike."""
    draw = Draw(data)
    rules = (GOOD["createFault"], {"on": "webhook:*", "effect": {"type": "delay", "seconds": 5}, "probability": 0.5})
    known = targets()
    with caller() as call:
        _greet(call)
        base = f"/_mock/orgs/{call.world_id}"
        call("POST", f"{base}/webhooks", body=written(GOOD["createWebhook"]))
        for _ in range(2):
            on, kind = draw.pick(known)
            rule = draw.edited({**draw.pick(rules), "on": on, "effect": {"type": kind, **draw.pick(SETTINGS)}}, 2)
            said = call("POST", f"{base}/faults", body=written(rule))
            expect(said.status in {201, 400, 409, 413}, f"{said.status} for {rule}")
        key = [("Authorization", f"Bearer {KEYS['flowella']}")]
        for _ in range(2):
            call("POST", "/api/v1/messages", body=written(GOOD["sendMessage"]), headers=key)
        call("GET", "/api/v1/contacts", headers=key)
        expect(call("POST", f"{base}/clock/advance", body=b'{"seconds":3600}').status == 200, "time does not pass")
        rows = call("GET", f"{base}/faults").json["items"]
        expect(all(row["hits"] <= row["seen"] for row in rows), "more hits than calls")


SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"seconds": 1},
    {"status": 503},
    {"code": 131047},
    {"bytes": 1},
    {"copies": 2},
    {"status": 429, "code": "X", "message": "y"},
)


@cache
def targets() -> list[tuple[str, str]]:
    """What may be struck, and how."""
    with caller() as call:
        rows = call("GET", "/_mock/fault-targets").json["items"]
    return [(row["on"], effect) for row in rows for effect in row["effects"]]


def fault_header(data: bytes) -> None:
    """`X-Mock-Fault` on a server that grants it."""
    text = data.decode("latin-1").translate({10: 32, 13: 32})
    with caller(fault_header=True) as call:
        _greet(call)
        headers = [("Authorization", f"Bearer {KEYS['flowella']}"), ("X-Mock-Fault", text)]
        said = call("POST", "/api/v1/messages", body=written(GOOD["sendMessage"]), headers=headers)
        if said.status == 400 and b"X-Mock-Fault" in said.body:
            envelope(said, text)
            return
        wanted = json.loads(text)
        expect(isinstance(wanted, dict) and "type" in wanted, f"{text!r} was taken for an effect")


def cursors(data: bytes) -> None:
    """Every list of the vendors and of the control plane: a page of any cursor and limit is part of the list."""
    draw = Draw(data)
    with caller() as call:
        for number in range(3):
            call(
                "POST",
                f"/_mock/orgs/{call.world_id}/inbound",
                body=written({"from": f"+1555123456{number}", "text": "x"}),
            )
        path, key = draw.pick(lists(call.world_id))
        headers = [("Authorization", f"Bearer {key}")]
        whole = call("GET", path, "limit=100", headers=headers).json["items"]
        query = f"limit={quote(draw.text(6), errors='surrogateescape')}&cursor={draw.pick((_first(whole), ''))}"
        said = call("GET", path, query + quote(draw.text(), errors="surrogateescape"), headers=headers)
        expect(said.status in {200, 400}, f"{said.status} for {query}")
        if said.status == 400:
            envelope(said, query)
        else:
            expect([item for item in said.json["items"] if item not in whole] == [], f"{query} shows what is not there")


def _first(items: list[Any]) -> str:
    return str(items[0].get("id", "")) if items else ""


def lists(org: str) -> list[tuple[str, str]]:
    """Paths with a key each."""
    vendor = ("/api/v1/contacts", "/api/v1/conversations", "/api/v1/templates")
    own = ("messages", "contacts", "channels", "templates", "conversations", "faults", "webhooks", "tasks", "jobs")
    return [(path, KEYS["flowella"]) for path in vendor] + [(f"/_mock/orgs/{org}/{name}", "") for name in own]


_STORY = bytes((3, 1, 0, 0, 7)) * 12

TARGETS = (
    Target(
        "flowella",
        "a call is answered or refused in Flowella's envelope, never with a 500, and what is refused changes nothing",
        flowella,
        (b"", _STORY, bytes(range(1, 90)), b"\x02\x01\x00\x03\x00\x01\x00\x01\x02\x03" * 4),
        Plant("mock_server.services.pages", "Invalid", lambda _: KeyError, b"\xf5\xc9\x97|+?\x84"),
    ),
    Target(
        "flowiq",
        "a call is answered or refused in FlowIQ's envelope, never with a 500, and what is refused changes nothing",
        flowiq,
        (b"", _STORY, bytes(range(1, 90)), b"\x05\x01\x00\x03\x00\x01\x00\x01\x02\x03" * 4),
        Plant("mock_server.vendors.flowiq.problems", "_at", lambda _: lambda body, field: body[field], b"9\xd8dA\x99"),
    ),
    Target(
        "control",
        "any call is answered or refused with a code and a message, never with a 500, and the lists still work",
        control_plane,
        (b"", *(bytes((n,)) + b"\x01\x00\x02\x00\x01\x07" * 5 for n in range(0, 64, 5))),
        Plant("mock_server.services.lookup", "NotFound", lambda _: KeyError, b"\xef"),
    ),
    Target(
        "fault-rule",
        "a rule is refused by name, or strikes and is counted, and time still passes",
        fault_rules,
        (b"", b"\x05\x00\x01" * 9, b"\x40\x01\x02\x00" * 6, bytes(range(60))),
        Plant("mock_server.web.control.vocabulary", "did_you_mean", lambda _: None, b""),
    ),
    Target(
        "fault-header",
        "the header's wish is granted, or refused by the header's name",
        fault_header,
        (b'{"type":"status","status":503}', b'{"type":"hang"}', b'{"type":"metaError","code":131047}', b"status", b""),
        Plant("mock_server.web.faults", "Refusal", lambda _: KeyError, b"status"),
        ('{"type":"', '"status":', '"code":', '"seconds":', '"latency"', '"html"', '"drip"', "1e999", "99"),
        longest=200,
    ),
    Target(
        "cursor",
        "a page of any cursor and limit is refused, or part of its list",
        cursors,
        (
            b"\x00\x0210\x01\x00",
            b"\x03\x011\x00\x00",
            b"\x05\x03100\x01\x05aaaaa",
            b"\x01\x02-1\x00\x04\x00\x00\x00\x00",
        ),
        Plant("mock_server.services.pages", "Invalid", lambda _: KeyError, b"\x00\x0210\x01\x03abc"),
        longest=80,
    ),
)
