"""Targets: documents and files that somebody else has written."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from bench.fuzz.draw import Draw, written
from bench.fuzz.house import caller, orgs
from bench.fuzz.target import Plant, Target, expect
from contracts.auditing.recording import Damaged
from contracts.auditing.session import audit
from mock_server import data as package
from mock_server import snapshots
from mock_server.domain.errors import Invalid
from mock_server.drills import drill
from mock_server.orgs import NewOrg
from mock_server.web import json_body
from mock_server.web.refusals import InvalidJson


@cache
def folder() -> Path:
    """Where files are written for parsers that want one."""
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def file(name: str, content: bytes) -> Path:
    """A file with these bytes."""
    path = folder() / name
    path.write_bytes(content)
    return path


def seed_files(content: bytes) -> None:
    """`seeds.load`, and the world that grows from it."""
    with orgs() as registry:
        registry._seeds.clear()  # a file is read once, and this is always another one
        try:
            world, _, _ = registry.create(NewOrg(seed=str(file("seed.yaml", content)), seed_files=True, scale=0))
        except Invalid:
            return
        expect(world.store.channels.count(), "a world without a channel")
        registry.reset(world.org.id)


def drill_files(content: bytes) -> None:
    """`drill.load`."""
    try:
        loaded = drill.load(str(file("a.yaml", content)))
    except Invalid:
        return
    expect(loaded.title and loaded.steps, "a drill in which nothing happens")
    expect(all(loaded.whom(None)) or not loaded.people, "people without a number")


@cache
def sound_snapshot() -> Any:
    """Of a world in which a little of everything has happened."""
    with caller() as call:
        base = f"/_mock/orgs/{call.world_id}"
        hook = {"url": "http://127.0.0.1:9/hook", "events": ["*"]}
        steps: list[tuple[str, str, Any]] = [
            ("POST", f"{base}/webhooks", hook),
            ("POST", f"{base}/inbound", {"from": "+15551234567", "text": "hello", "profileName": "Ada"}),
            ("POST", f"{base}/faults", {"on": "sendMessage", "effect": {"type": "latency", "seconds": 1}, "times": 1}),
            ("POST", f"{base}/faults", {"on": "webhook:*", "effect": {"type": "duplicate"}, "match": {"to": "+1*"}}),
            ("POST", f"{base}/clock/advance", {"seconds": 60}),
        ]
        for method, path, body in steps:
            expect(call(method, path, body=written(body)).status < 300, f"{method} {path}")
        return json.loads(snapshots.write(snapshots.take(call.world)))


def snapshot_documents(data: bytes) -> None:
    """`snapshots.read`; what is read can be lived in, and is the same document again."""
    document = Draw(data).edited(sound_snapshot())
    try:
        document = json_body.parse(written(document))
        snapshot = snapshots.read(document)
    except (Invalid, InvalidJson):
        return
    with orgs() as registry:
        world = registry.create(NewOrg(scale=0))[0]
        try:
            world = registry.restore(world.org.id, snapshot)
        except Invalid:
            return
        again = json.loads(snapshots.write(snapshots.take(world)))
        expect(snapshots.read(again).records.keys() == snapshot.records.keys(), "another document comes out")
        for name, records in snapshot.records.items():
            if name != "api_keys":
                expect(sorted(records, key=lambda one: one.id) == snapshots.read(again).records[name], f"other {name}")


def recordings(data: bytes) -> None:
    """`contracts audit` of one file of any kind: a verdict, or where the file is damaged."""
    judged(file("recording.json", data))


def edited_recordings(data: bytes) -> None:
    """The same, of sound recordings that somebody edited."""
    draw = Draw(data)
    judged(file("recording.json", written(draw.edited(draw.pick(RECORDINGS)))))


def logged_webhooks(data: bytes) -> None:
    """`contracts audit` of a folder: NAME.headers and NAME.body."""
    head, _, body = data.partition(b"\n\n")
    file("logs.headers", head).rename(_logs() / "1.headers")
    file("logs.body", body).rename(_logs() / "1.body")
    judged(_logs())


@cache
def _logs() -> Path:
    path = folder() / "logs"
    path.mkdir()
    return path


def judged(path: Path) -> None:
    """Audited, with a secret and without."""
    for secret in (None, "whsec_x"):
        try:
            report = audit([str(path)], secret=secret)
        except Damaged as damaged:
            expect(path.name in str(damaged), f"does not name the file: {damaged}")
            return
        expect(report.exit_code in {0, 1, 3}, f"exit code {report.exit_code}")


MESSAGE = {
    "id": "cm0aaaaaaaaaaaaaaaaaaaaaa",
    "event": "message.sent",
    "createdAt": "2026-11-21T10:00:00.000Z",
    "data": {"id": "cm0aaaaaaaaaaaaaaaaaaaaab", "messageId": "cm0aaaaaaaaaaaaaaaaaaaaac", "status": "SENT"},
}
HEADERS = {"X-Flowella-Event": "message.sent", "X-Flowella-Delivery": "d1", "X-Flowella-Signature": "0" * 64}
ENTRY = {
    "startedDateTime": "2026-11-21T10:00:00.000Z",
    "time": 12.5,
    "request": {
        "method": "POST",
        "url": "http://127.0.0.1:8484/api/v1/messages?a=b",
        "headers": [{"name": "Authorization", "value": "Bearer flo_aaaaaaaaaaaaaaaaaaaaaaaa"}],
        "postData": {"mimeType": "application/json", "text": '{"to":"+15551234567","text":"hi"}'},
    },
    "response": {
        "status": 201,
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": {"size": 2, "text": '{"id":"cm0aaaaaaaaaaaaaaaaaaaaaa","status":"PENDING"}'},
    },
}
CALL = {
    "id": "r1",
    "at": "2026-11-21T10:00:00.000Z",
    "method": "POST",
    "path": "/api/v1/messages",
    "query": "",
    "operationId": "sendMessage",
    "status": 201,
    "body": {"to": "+15551234567", "text": "hi"},
    "faults": [],
}
DELIVERY = {
    "id": "d1",
    "eventId": "e1",
    "faults": [],
    "attempts": [
        {"at": CALL["at"], "number": 1, "requestHeaders": HEADERS, "requestBody": "e30=", "status": 200},
        {"at": CALL["at"], "number": 2, "requestHeaders": HEADERS, "requestBody": "e30=", "status": None},
    ],
}
LINE = {"at": CALL["at"], "headers": HEADERS, "body": json.dumps(MESSAGE), "status": 200}
RECORDINGS: tuple[Any, ...] = (
    {"log": {"version": "1.2", "entries": [ENTRY, {**ENTRY, "startedDateTime": "2026-11-21T10:00:01.000Z"}]}},
    {"items": [CALL, DELIVERY]},
    LINE,
    [{"items": [CALL]}, {"items": [DELIVERY]}],
)

TARGETS = (
    Target(
        "seed-file",
        "a seed file is refused saying where, or a world grows from it, twice",
        seed_files,
        (
            b"channels: [{name: A, phone: '+15550100'}]\n",
            b"channels: [{}]\npolicy: {retries: none}\norders: [{id: a, number: '7'}]\nlimits: {pairRate: true}\n",
            b"channels: [{}]\ntraffic: [{ago: '01:00', from: '+15551234567', text: hi}]\n",
            b"a: &a [*a]\n",
        ),
        Plant("mock_server.seeds", "UnicodeDecodeError", lambda _: KeyError, b"\xff"),
        ("channels:", "traffic:", "ago:", "'25:61'", "!!int", "!!timestamp", "&a", "*a", "2026-13-45", ".inf", "? "),
    ),
    Target(
        "drill-file",
        "a drill file is refused saying where, or has steps and people",
        drill_files,
        (
            package.path("fixtures/drills/secret-rotation.yaml").read_bytes(),
            b"title: a\ndescription: b\nsource: c\nsteps: [settle]\nexpect: [{check: x, says: y}]\n",
            b"title: a\ndescription: b\nsource: c\npeople: $n\nparameters: {n: {default: 2, help: x}}\nsteps: []\n",
        ),
        Plant("mock_server.drills.drill", "UnicodeDecodeError", lambda _: KeyError, b"\xff"),
        ("$n", "steps:", "expect:", "people:", "- advance: ", "!!int", "!!timestamp", "&a", "*a", "2026-13-45", "on:"),
        longest=3_000,
    ),
    Target(
        "snapshot",
        "a document is refused naming the place, or is lived in and comes out the same",
        snapshot_documents,
        (b"", b"\x01\x01\x07\x07\x07\x00\x05", bytes(range(1, 60)), b"\x02\x01\x0d\x02\x00\x07\x00\x00\x00"),
        Plant("mock_server.codec.scalars", "ValueError", lambda _: KeyError, b"\r\xc3\x07\xeb\xf0%"),
    ),
    Target(
        "recording",
        "audit gives a verdict, or says which place of which file is damaged",
        recordings,
        (*map(written, RECORDINGS), written(LINE) + b"\n" + written(LINE), b"\xef\xbb\xbf{}", b"[]"),
        Plant("contracts.auditing.reading", "UnicodeDecodeError", lambda _: KeyError, b"\xff"),
        ('"log":', '"entries":', '"items":', '"headers":', '"body":', '"status":', "1e999", "NaN", "[", "{", "\\ud800"),
        longest=3_000,
    ),
    Target(
        "edited-recording",
        "audit gives a verdict on a sound recording that somebody edited, or says what is damaged",
        edited_recordings,
        (b"", b"\x01", b"\x02", b"\x03", b"\x00\x01\x01\x01\x01\x01\x01\x01", bytes(range(40))),
        Plant("contracts.auditing.archive", "TypeError", lambda _: KeyError, b"\xd8\xc5|_o\xf14"),
    ),
    Target(
        "logged-webhook",
        "audit gives a verdict on a folder of webhooks, or says which line is damaged",
        logged_webhooks,
        (
            b"Received-At: 2026-11-21T10:00:00Z\nAnswered: 200\nX-Flowella-Event: message.sent\n\n" + written(MESSAGE),
            b"POST / HTTP/1.1\nA: b\n\n{}",
            b"no header",
        ),
        Plant("contracts.auditing.logged", "ValueError", lambda _: KeyError, b"Answered: x\n\n"),
        (
            "Received-At: ",
            "Answered: ",
            "X-Flowella-Signature: ",
            "X-Flowella-Timestamp: ",
            "9999-12-31T23:59:59-23:59",
        ),
        longest=1_500,
    ),
)
