"""Nastiness over the wire. Whatever comes, it is refused in the documented envelope, nothing changes, and life goes on."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import contextmanager, suppress
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import ADA, PATIENCE, Answer, Catcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Org, Server

MEGABYTE = 1 << 20


class Target(NamedTuple):
    """An operation that takes a body, and a body that it would accept."""

    method: str
    path: str
    body: dict[str, Any]
    control: bool = False

    def send(self, org: Org, body: bytes) -> Answer:
        """Call it with these very bytes."""
        call = org.control if self.control else org.api
        return call(self.method, self.path, body)


VENDOR = {
    "sendMessage": Target("POST", "/messages", {"to": ADA, "text": "Hello"}),
    "upsertContact": Target("POST", "/contacts", {"phone": ADA, "name": "Ada"}),
    "setOptOut": Target("POST", "/opt-outs", {"action": "set", "whatsappChannelId": "CHANNEL", "phone": ADA}),
    "queueTemplateSend": Target(
        "POST",
        "/templates/send",
        {"templateId": "TEMPLATE", "whatsappChannelId": "CHANNEL", "recipients": [{"phone": ADA}]},
    ),
}
CONTROL = {
    "receiveInbound": Target("POST", "/inbound", {"from": ADA, "text": "Hello"}, control=True),
    "createWebhook": Target("POST", "/webhooks", {"url": "http://127.0.0.1:9/", "events": ["*"]}, control=True),
    "createOrgTemplate": Target(
        "POST",
        "/templates",
        {"name": "fresh", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hello"}]},
        control=True,
    ),
    "createChannel": Target("POST", "/channels", {"name": "Third", "phone": "+15550100003"}, control=True),
    "createApiKey": Target("POST", "/api-keys", {"label": "CI"}, control=True),
    "updateAccount": Target("PATCH", "/account", {"billing": "past_due"}, control=True),
    "advanceClock": Target("POST", "/clock/advance", {"seconds": 5}, control=True),
}
TARGETS = {**VENDOR, **CONTROL}


def good(org: Org, target: Target) -> dict[str, Any]:
    """A body that this operation accepts in this organization."""
    ids = {"CHANNEL": org.channel(), "TEMPLATE": template(org)}
    return {name: ids.get(str(value), value) for name, value in target.body.items()}


def template(org: Org) -> str:
    """A template that has nothing to fill in."""
    found = org.set("GET", "/templates?limit=100&status=APPROVED")["items"]
    return next(str(row["id"]) for row in found if row["name"] == "hello_world")


def state(org: Org) -> Any:
    """What a refused call must leave as it was."""
    seen = {name: org.set("GET", path) for name, path in SHOWN.items()}
    return {**seen, "counts": org.counts(), "contacts": org.contacts(), "keys": len(org.all("/api-keys"))}


SHOWN = {"account": "/account", "channels": "/channels", "clock": "/clock", "jobs": "/jobs"}


@contextmanager
def unchanged(org: Org) -> Iterator[None]:
    """Nothing happens in here, and the server answers afterwards."""
    before = state(org)
    yield
    assert state(org) == before
    assert org.api("GET", "/ping").status == 200


def assert_refused(answer: Answer, *statuses: int) -> str:
    """The envelope, exactly, with one of these statuses or any 4xx; its message."""
    assert answer.status in (statuses or range(400, 500)), answer
    envelope = answer.json
    assert list(envelope) == ["error"]
    assert list(envelope["error"]) == ["code", "message"]
    code, message = envelope["error"].values()
    assert isinstance(code, str)
    assert isinstance(message, str)
    assert code
    assert message
    return message


def test_the_good_bodies_are_good(org: Org) -> None:
    """The control of the experiment: unspoilt, every body here is accepted."""
    for target in TARGETS.values():
        answer = target.send(org, json.dumps(good(org, target)).encode())
        assert 200 <= answer.status < 300, (target, answer)
        org.set("PATCH", "/account", {"billing": "active"})


# ------------------------------------------------------------------------------------------------- bodies that are no JSON


def spoilt(spoil: Callable[[bytes], bytes]) -> Callable[[dict[str, Any]], bytes]:
    """A good body as JSON, spoilt."""
    return lambda body: spoil(json.dumps(body).encode())


def nested(depth: int) -> Callable[[dict[str, Any]], bytes]:
    """The first field is an array of an array of …"""
    return lambda body: json.dumps({**body, next(iter(body)): "@"}).replace('"@"', "[" * depth + "]" * depth).encode()


def text_of(raw: bytes) -> Callable[[dict[str, Any]], bytes]:
    """The first text in the body has these bytes in it, as they are."""

    def spoil(body: dict[str, Any]) -> bytes:
        field = next((name for name, value in body.items() if isinstance(value, str)), next(iter(body)))
        return json.dumps({**body, field: "a@b"}).encode().replace(b"a@b", b"a" + raw + b"b")

    return spoil


BROKEN: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "empty": spoilt(lambda _: b""),
    "blank": spoilt(lambda _: b" \n"),
    "null": spoilt(lambda _: b"null"),
    "array": spoilt(lambda raw: b"[" + raw + b"]"),
    "string": spoilt(lambda raw: json.dumps(raw.decode()).encode()),
    "number": spoilt(lambda _: b"12"),
    "empty object": spoilt(lambda _: b"{}"),
    "cut short": spoilt(lambda raw: raw[:-1]),
    "twice": spoilt(lambda raw: raw + raw),
    "comma at the end": spoilt(lambda raw: raw[:-1] + b",}"),
    "single quotes": spoilt(lambda raw: raw.replace(b'"', b"'")),
    "comment": spoilt(lambda raw: b"/* hi */" + raw),
    "byte order mark": spoilt(lambda raw: b"\xef\xbb\xbf" + raw),
    "UTF-16": spoilt(lambda raw: raw.decode().encode("utf-16")),
    "NaN": spoilt(lambda raw: raw[:-1] + b', "x": NaN}'),
    "-Infinity": spoilt(lambda raw: raw[:-1] + b', "x": -Infinity}'),
    "1e400": spoilt(lambda raw: raw[:-1] + b', "x": 1e400}'),
    "5000 digits": spoilt(lambda raw: raw[:-1] + b', "x": ' + b"9" * 5000 + b"}"),
    "leading zero": spoilt(lambda raw: raw[:-1] + b', "x": 012}'),
    "a key twice": spoilt(lambda raw: raw[:-1] + b", " + raw[1:]),
    "a key twice, inside": spoilt(lambda raw: raw[:-1] + b', "x": {"a": 1, "a": 2}}'),
    "nested 300 deep": nested(300),
    "nested 100,000 deep": nested(100_000),
    "invalid UTF-8": text_of(b"\xff"),
    "overlong UTF-8": text_of(b"\xc0\x80"),
    "surrogate as UTF-8": text_of(b"\xed\xa0\x80"),
    "cut UTF-8": text_of(b"\xf0\x9f\x98"),
    "raw NUL": text_of(b"\0"),
    "raw newline": text_of(b"\n"),
    "escaped NUL": text_of(rb"\u0000"),
    "high surrogate alone": text_of(rb"\ud83d"),
    "low surrogate alone": text_of(rb"\udc4b"),
    "surrogates the wrong way round": text_of(rb"\udc4b\ud83d"),
    "no such escape": text_of(rb"\x41"),
}


FINE_ALL_THE_SAME = {("createChannel", "empty object")}


@pytest.mark.parametrize(
    ("operation", "case"), [pair for pair in product(TARGETS, BROKEN) if pair not in FINE_ALL_THE_SAME]
)
def test_body_that_is_no_good_json(org: Org, operation: str, case: str) -> None:
    """Refused with 400 by every operation, whether the syntax, the characters or the depth are wrong."""
    target = TARGETS[operation]
    raw = BROKEN[case](good(org, target))
    with unchanged(org):
        assert_refused(target.send(org, raw), 400)


@pytest.mark.parametrize("operation", VENDOR)
def test_journal_stays_json_whatever_was_sent(org: Org, operation: str) -> None:
    """What cannot be shown as JSON is shown as text; the journal itself never breaks."""
    target = VENDOR[operation]
    for spoil in BROKEN.values():
        target.send(org, spoil(good(org, target)))
    assert len(org.all(f"/requests?operationId={operation}")) == len(BROKEN)


# ----------------------------------------------------------------------------------------------------- wrong in substance

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"to": None}, "to"),
    ("sendMessage", {"to": 15551234567}, "to"),
    ("sendMessage", {"to": "12"}, "to"),
    ("sendMessage", {"to": "+1555123456789012345678901234567890"}, "to"),
    ("sendMessage", {"to": "call me"}, "to"),
    ("sendMessage", {"to": "+999123456789"}, "to"),
    ("sendMessage", {"to": "１５５５１２３４５６７"}, "to"),
    ("sendMessage", {"to": ["+15551234567"]}, "to"),
    ("sendMessage", {"text": ""}, "text"),
    ("sendMessage", {"text": None}, "text"),
    ("sendMessage", {"text": {"body": "Hello"}}, "text"),
    ("sendMessage", {"text": "x" * 4097}, "text"),
    ("sendMessage", {"whatsappChannelId": 7}, "whatsappChannelId"),
    ("sendMessage", {"whatsappChannelId": ""}, "whatsappChannelId"),
    ("upsertContact", {"phone": True}, "phone"),
    ("upsertContact", {"phone": "+"}, "phone"),
    ("upsertContact", {"phone": "   "}, "phone"),
    ("upsertContact", {"name": ""}, "name"),
    ("upsertContact", {"name": "x" * 201}, "name"),
    ("upsertContact", {"name": ["Ada"]}, "name"),
    ("upsertContact", {"email": "ada"}, "email"),
    ("upsertContact", {"email": "ada@example.com, bob@example.com"}, "email"),
    ("upsertContact", {"email": False}, "email"),
    ("upsertContact", {"waId": ""}, "waId"),
    ("upsertContact", {"waId": "1" * 65}, "waId"),
    ("setOptOut", {"action": "SET"}, "action"),
    ("setOptOut", {"action": None}, "action"),
    ("setOptOut", {"action": "unset"}, "action"),
    ("setOptOut", {"phone": "nobody"}, "phone"),
    ("setOptOut", {"whatsappChannelId": None}, "whatsappChannelId"),
    ("setOptOut", {"reason": 3}, "reason"),
    ("setOptOut", {"reason": "x" * 501}, "reason"),
    ("queueTemplateSend", {"templateId": ""}, "templateId"),
    ("queueTemplateSend", {"templateId": "x" * 129}, "templateId"),
    ("queueTemplateSend", {"recipients": []}, "recipients"),
    ("queueTemplateSend", {"recipients": {}}, "recipients"),
    ("queueTemplateSend", {"recipients": [{}]}, "recipients[0]"),
    ("queueTemplateSend", {"recipients": [{"phone": ADA}, {"phone": "abc"}]}, "recipients[1].phone"),
    ("queueTemplateSend", {"recipients": [{"phone": ADA, "bodyParameters": [1]}]}, "recipients[0].bodyParameters[0]"),
    ("queueTemplateSend", {"recipients": [{"phone": ADA}] * 50_001}, "recipients"),
    ("queueTemplateSend", {"throttlePerHour": 0}, "throttlePerHour"),
    ("queueTemplateSend", {"throttlePerHour": 1.5}, "throttlePerHour"),
    ("queueTemplateSend", {"throttlePerHour": 100_001}, "throttlePerHour"),
    ("queueTemplateSend", {"scheduledAt": "tomorrow"}, "scheduledAt"),
    ("queueTemplateSend", {"scheduledAt": "2001-01-01T00:00:00Z"}, "scheduledAt"),
    ("queueTemplateSend", {"scheduledAt": "0000-01-01T00:00:00Z"}, "scheduledAt"),
    ("queueTemplateSend", {"scheduledAt": "9999-12-31T23:59:60Z"}, "scheduledAt"),
    ("queueTemplateSend", {"templateId": "1078517603860926"}, "templateWabaId"),
    ("queueTemplateSend", {"headerMedia": {"type": "audio", "link": "https://example.com/a.mp3"}}, "headerMedia.type"),
    ("queueTemplateSend", {"headerMedia": {"type": "image"}}, "headerMedia.link"),
    ("queueTemplateSend", {"headerMedia": {"type": "image", "link": "no link"}}, "headerMedia.link"),
    ("receiveInbound", {"from": "?"}, "from"),
    ("receiveInbound", {"type": "image"}, "payload"),
    ("receiveInbound", {"type": "picture"}, "type"),
    ("receiveInbound", {"txet": "Hello"}, "txet"),
    ("createWebhook", {"url": "http://example.com/"}, "url"),
    ("createWebhook", {"url": "ftp://127.0.0.1/"}, "url"),
    ("createWebhook", {"url": "http://127.0.0.1:99999/"}, "url"),
    ("createWebhook", {"url": "http://user:pass@127.0.0.1/"}, "url"),
    ("createWebhook", {"url": "http://127.0.0.1/ /"}, "url"),
    ("createWebhook", {"url": "http://[::1/"}, "url"),
    ("createWebhook", {"url": "http://127.0.0.1@example.com/"}, "url"),
    ("createWebhook", {"url": "http://localhost.example.com/"}, "url"),
    ("createWebhook", {"events": []}, "events"),
    ("createWebhook", {"events": ["message.read", "message.read"]}, "events"),
    ("createWebhook", {"events": ["message.raed"]}, "message.read"),
    ("createWebhook", {"secret": "short"}, "secret"),
    ("createWebhook", {"secret": "grüße grüße"}, "secret"),
    ("createWebhook", {"role": "owner"}, "role"),
    ("createChannel", {"phone": "12"}, "phone"),
    ("createChannel", {"wabaId": "x"}, "wabaId"),
    ("createOrgTemplate", {"name": "Not Allowed"}, "name"),
    ("createOrgTemplate", {"category": "utility"}, "category"),
    ("createOrgTemplate", {"components": "BODY"}, "components"),
    ("createApiKey", {"label": ""}, "label"),
    ("updateAccount", {"billing": "free"}, "billing"),
    ("updateAccount", {"metaConnected": "yes"}, "metaConnected"),
    ("updateAccount", {"rateLimit": {"perSecond": 0, "burst": 1}}, "rateLimit.perSecond"),
    ("updateAccount", {"rateLimit": {"perSecond": 1, "burst": 0}}, "rateLimit.burst"),
    ("updateAccount", {"rateLimit": {"perSecond": 1, "burst": 1.5}}, "rateLimit.burst"),
    ("updateAccount", {"rateLimit": {"perSecond": 1}}, "rateLimit.burst"),
    ("advanceClock", {"seconds": -1}, "seconds"),
    ("advanceClock", {"seconds": "5"}, "seconds"),
    ("advanceClock", {"seconds": 1e308}, "seconds"),
    ("advanceClock", {"until": "idle"}, ""),
]


@pytest.mark.parametrize(("operation", "change", "named"), WRONG, ids=lambda value: json.dumps(value)[:60])
def test_wrong_value_is_refused_by_name(org: Org, operation: str, change: dict[str, Any], named: str) -> None:
    """400 VALIDATION_ERROR, whose message names the field."""
    target = TARGETS[operation]
    body = json.dumps({**good(org, target), **change}).encode()
    with unchanged(org):
        answer = target.send(org, body)
        assert named in assert_refused(answer, 400)
        assert answer.code == "VALIDATION_ERROR"


REQUIRED = [
    (operation, field)
    for operation, fields in {
        "sendMessage": ("to", "text"),
        "upsertContact": ("phone",),
        "setOptOut": ("action", "whatsappChannelId", "phone"),
        "queueTemplateSend": ("templateId", "whatsappChannelId", "recipients"),
        "receiveInbound": ("from", "text"),
        "createWebhook": ("url", "events"),
        "createOrgTemplate": ("name", "category", "components"),
        "createApiKey": ("label",),
    }.items()
    for field in fields
]


@pytest.mark.parametrize(("operation", "field"), REQUIRED)
def test_missing_field_is_named(org: Org, operation: str, field: str) -> None:
    """400 VALIDATION_ERROR, saying which field is missing."""
    target = TARGETS[operation]
    body = good(org, target)
    del body[field]
    with unchanged(org):
        message = assert_refused(target.send(org, json.dumps(body).encode()), 400)
    assert field in message


def test_a_file_that_is_no_seed_is_not_quoted(server: Server, tmp_path: Path) -> None:
    """The control plane is no way to read files: a seed that cannot be used is refused without a word of what is in it."""
    file = tmp_path / "diary.yaml"
    file.write_text("dear diary")
    with_file = server.control("POST", "/orgs", {"seed": str(file)})
    assert "seed" in assert_refused(with_file, 400)
    assert "dear diary" not in with_file.json["error"]["message"]


@pytest.mark.parametrize("rate", [1e-310, 1e-12, 1e308])
@pytest.mark.parametrize("burst", [1, 10**200], ids=["small", "huge"])
def test_absurd_rate_limits_are_refused_or_harmless(org: Org, rate: float, burst: int) -> None:
    """However odd the limit, a call is let through or is one too many."""
    answer = org.control("PATCH", "/account", {"rateLimit": {"perSecond": rate, "burst": burst}})
    assert answer.status in {200, 400}, answer
    assert {org.api("GET", "/ping").status for _ in range(3)} <= {200, 429}


@pytest.mark.parametrize("scale", [1e308, 1e15, 1e-12, 1e-320])
def test_absurd_clocks_are_refused_or_harmless(start: Callable[..., Server], scale: float) -> None:
    """However fast or slow a clock is to run, its organization goes on answering."""
    org = start("--clock", "manual").default
    org.inbound(ADA)
    org.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
    answer = org.control("PUT", "/clock", {"mode": "scaled", "scale": scale})
    assert answer.status in {200, 400}, answer
    assert [org.control("GET", path).status for path in ("/clock", "", "/messages")] == [200] * 3
    assert org.api("GET", "/contacts").status == 200


def test_one_organizations_clock_cannot_stop_the_others(start: Callable[..., Server], catcher: Catcher) -> None:
    """A clock so slow that its next event is a million years off leaves the work of other organizations alone."""
    server = start()
    crawling = server.org(clock="manual")
    crawling.inbound(ADA)
    crawling.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
    answer = crawling.control("PUT", "/clock", {"mode": "scaled", "scale": 1e-12})
    assert answer.status in {200, 400}, answer
    server.default.subscribe(catcher.url, "message.received")
    server.default.inbound(ADA)
    assert catcher.posts.get(timeout=10).json["event"] == "message.received"


# ----------------------------------------------------------------------------------------- content type, size, route, key


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/json",
        "json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "application/problem+json",
        "application/jsonx",
        ";;;=,",
        "\xff\xfe",
    ],
)
@pytest.mark.parametrize("operation", [*VENDOR, "receiveInbound"])
def test_wrong_content_type(org: Org, operation: str, content_type: str) -> None:
    """415 with what would be right, before the body is looked at."""
    target = TARGETS[operation]
    with unchanged(org):
        for body in (json.dumps(good(org, target)).encode(), b"{"):
            answer = request(org, target, body, {"Content-Type": content_type})
            assert "application/json" in assert_refused(answer, 415)
            assert answer.code == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("operation", VENDOR)
def test_missing_content_type(org: Org, operation: str) -> None:
    """A body that does not say what it is, is refused like one that says something else."""
    target = VENDOR[operation]
    with unchanged(org):
        assert_refused(request(org, target, json.dumps(good(org, target)).encode(), {}), 415)


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON", "application/json;charset=UTF-8", "application/json; x=y"]
)
def test_right_content_types(org: Org, content_type: str) -> None:
    """JSON by all its names is taken."""
    target = VENDOR["upsertContact"]
    assert request(org, target, json.dumps(target.body).encode(), {"Content-Type": content_type}).status == 200


def request(org: Org, target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    """A call with exactly these headers and the key."""
    path = f"/_mock/orgs/{org.id}{target.path}" if target.control else f"/api/v1{target.path}"
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return raw(
        org, "\r\n".join([f"{target.method} {path} HTTP/1.1", "Host: x", "Authorization: Bearer KEY", *lines]), body
    )


LIMITS = {**dict.fromkeys([*VENDOR, "receiveInbound"], MEGABYTE), "queueTemplateSend": 20 * MEGABYTE}
TOO_MUCH = {
    operation: [size for size in (MEGABYTE + 1, 1_100_000, 20 * MEGABYTE + 1, 21 * MEGABYTE) if size > limit]
    for operation, limit in LIMITS.items()
}


@pytest.mark.parametrize(("operation", "size"), [(name, size) for name, sizes in TOO_MUCH.items() for size in sizes])
def test_huge_body(org: Org, operation: str, size: int) -> None:
    """Beyond a megabyte, or 20 for a bulk send, it is 413 whatever is in it; so it is where the server itself refuses."""
    target = TARGETS[operation]
    raw_body = json.dumps(good(org, target)).encode()
    with unchanged(org):
        answer = target.send(org, raw_body + b" " * (size - len(raw_body)))
        assert_refused(answer, 413)
        assert answer.code == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("operation", LIMITS)
def test_body_of_exactly_the_limit_is_read(org: Org, operation: str) -> None:
    """The limit itself is allowed."""
    target = TARGETS[operation]
    raw_body = json.dumps(good(org, target)).encode()
    assert target.send(org, raw_body + b" " * (LIMITS[operation] - len(raw_body))).status in {200, 201}


PATHS = {
    "/ping": "GET",
    "/messages": "POST",
    "/contacts": "GET, POST",
    "/opt-outs": "POST",
    "/conversations": "GET",
    "/templates": "GET",
    "/templates/send": "POST",
    "/analytics": "GET",
}


@pytest.mark.parametrize("path", PATHS)
def test_wrong_method_is_405_and_says_which_are_right(org: Org, path: str) -> None:
    """405 METHOD_NOT_ALLOWED with `Allow`; HEAD goes wherever GET does."""
    right = set(PATHS[path].split(", "))
    with unchanged(org):
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} - right:
            answer = org.api(method, path, {"to": ADA})
            assert_refused(answer, 405)
            assert answer.code == "METHOD_NOT_ALLOWED"
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == right


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/nope",
        "/ping/",
        "/Ping",
        "//ping",
        "/./ping",
        "/messages/1",
        "/contacts/cmdzdoc9is0j8ht9lgmxg9edn",
        "/ping%20",
        "/pi%6Eg%2f",
        "/%ff%fe",
        "/%E2%80%AE",
        "/..%2f..%2f_mock%2forgs",
        "/ping;x=1",
        "/" + "x" * 8000,
    ],
)
def test_unknown_path_is_404(org: Org, path: str) -> None:
    """Nothing else exists under /api/v1 (D1), with any method."""
    with unchanged(org):
        for method in ("GET", "POST", "DELETE"):
            answer = org.api(method, path)
            assert_refused(answer, 404)
            assert answer.code == "NOT_FOUND"


@pytest.mark.parametrize(
    "path", ["//", "/nope", "/orgs/", "/orgs/nobody", "/orgs/%ff", "/orgs/default/nope", "/orgs/a%2fb"]
)
def test_unknown_control_path_is_404(server: Server, path: str) -> None:
    """The control plane refuses in the same envelope."""
    assert_refused(server.control("GET", path), 404)


BAD_KEYS = {
    "none": "",
    "empty": "Authorization:\r\n",
    "no token": "Authorization: Bearer\r\n",
    "blank token": "Authorization: Bearer  \r\n",
    "no scheme": "Authorization: KEY\r\n",
    "another scheme": "Authorization: Basic KEY\r\n",
    "no space": "Authorization: BearerKEY\r\n",
    "a key too many": "Authorization: Bearer KEY KEY\r\n",
    "half a key": "Authorization: Bearer flo_\r\n",
    "wrong case": "Authorization: Bearer FLO_THISISAFAKEFLOWELLAKEY00\r\n",
    "bytes above ASCII": "Authorization: Bearer \xff\xfe\xc3\xa9\r\n",
    "8 KB": f"Authorization: Bearer {'x' * 8192}\r\n",
    "comma": "Authorization: Bearer KEY, Bearer KEY\r\n",
    "twice": "Authorization: Bearer KEY\r\nAuthorization: Bearer KEY\r\n",
    "once good, once bad": "Authorization: Bearer flo_no\r\nAuthorization: Bearer KEY\r\n",
    "in another header": "X-Api-Key: KEY\r\n",
    "underscores": "Authorization_: Bearer KEY\r\n",
}


@pytest.mark.parametrize("case", BAD_KEYS)
@pytest.mark.parametrize("line", ["GET /api/v1/ping", "GET /api/v1/contacts", "POST /api/v1/messages"])
def test_bad_key_is_401(org: Org, line: str, case: str) -> None:
    """Whatever is wrong with the header, it is 401 UNAUTHORIZED, before anything else is looked at (D4, D5)."""
    with unchanged(org):
        answer = raw(org, f"{line} HTTP/1.1\r\nHost: x\r\n{BAD_KEYS[case]}".removesuffix("\r\n"), b"{")
        assert_refused(answer, 401)
        assert answer.code == "UNAUTHORIZED"


@pytest.mark.parametrize("header", ["bearer KEY", "BEARER KEY", "Bearer   KEY", "Bearer KEY  "])
def test_schemes_are_not_case_sensitive(org: Org, header: str) -> None:
    """As HTTP has it, the scheme may be written in any case, with any blanks."""
    answer = raw(org, f"GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nAuthorization: {header}")
    assert (answer.status, answer.json["organizationId"]) == (200, org.id)


QUERIES = [
    "limit=0",
    "limit=101",
    "limit=-1",
    "limit=1.0",
    "limit=1e1",
    "limit=+5",
    "limit=%205",
    "limit=",
    "limit",
    "limit=ten",
    "limit=%EF%BC%95",
    "limit=99999999999999999999999999",
    "limit=0x10",
    "limit=true",
    "limit=%ff",
    "limit=%00",
    "limit=1&limit=1",
    "limit=1&limit=2",
    "cursor=",
    "cursor=nobody",
    "cursor=%00",
    "cursor=%ff%fe",
    "cursor=%ED%A0%80",
    "cursor=" + "x" * 8000,
    "cursor=a&cursor=b",
    "cursor[]=a&cursor=%5B%5D",
]


@pytest.mark.parametrize("query", QUERIES)
def test_bad_query_is_400(org: Org, query: str) -> None:
    """Every list refuses a limit that is no whole number from 1 to 100, a foreign cursor, and a name given twice (D7)."""
    with unchanged(org):
        for path in ("/contacts", "/conversations", "/templates"):
            answer = org.api("GET", f"{path}?{query}")
            assert_refused(answer, 400)
            assert answer.code == "VALIDATION_ERROR"


@pytest.mark.parametrize("name", ["startDate", "endDate"])
def test_bad_date_is_400(org: Org, name: str) -> None:
    """Analytics take ISO dates and date-times, and nothing else; nor an end before the start (D15)."""
    for date in (
        "",
        "today",
        "2025-13-01",
        "2025-02-30",
        "20250101",
        "1735689600",
        "2025-01-01T25:00:00Z",
        "%00",
        "%ff",
    ):
        assert name in assert_refused(org.api("GET", f"/analytics?{name}={date}"), 400)
    for date in ("0000-01-01", "-2025-01-01", "10000-01-01", "2025-W01", "2025-01-01T00:00:00+99:99"):
        assert name in assert_refused(org.api("GET", f"/analytics?{name}={date}"), 400)
    assert_refused(org.api("GET", "/analytics?startDate=2025-02-01&endDate=2025-01-01"), 400)


@pytest.mark.parametrize("path", ["/conversations", "/templates"])
def test_bad_status_filter_is_400(org: Org, path: str) -> None:
    """A status that does not exist is refused, with those that do."""
    for status in ("open", "", "%00", "OPEN,CLOSED"):
        assert "status" in assert_refused(org.api("GET", f"{path}?status={status}"), 400)


def test_the_first_check_that_fails_answers(org: Org) -> None:
    """With everything wrong at once, mending one thing after the other shows the order of D4."""
    no_limit, limit = {"rateLimit": None}, {"rateLimit": {"perSecond": 1, "burst": 1}}
    missing_channel = {"to": ADA, "text": "Hello", "whatsappChannelId": "cmvj50ce9uvw53efr4edt2syw"}
    org.ok("POST", "/opt-outs", {"action": "set", "whatsappChannelId": org.channel(), "phone": ADA})
    org.set("PATCH", "/account", {"billing": "past_due", "metaConnected": False, **limit})
    seen: list[tuple[int, str]] = []

    def note(answer: Answer) -> None:
        assert_refused(answer)
        seen.append((answer.status, answer.code))

    wrong_key = {"Authorization": "Bearer no", "Content-Type": "text/plain"}
    before = state(org)
    note(org.api("PUT", "/nope", b"{", **wrong_key))
    note(org.api("PUT", "/messages", b"{", **wrong_key))
    note(org.api("POST", "/messages", b"{", **wrong_key))
    assert org.api("GET", "/ping").status == 429  # the burst of one was spent by looking at the contacts
    note(org.api("POST", "/messages", b"{", **{"Content-Type": "text/plain"}))
    org.set("PATCH", "/account", no_limit)
    note(org.api("POST", "/messages", b"{", **{"Content-Type": "text/plain"}))
    note(org.api("POST", "/messages", b"{"))
    note(org.api("POST", "/messages", {**missing_channel, "text": ""}))
    note(org.api("POST", "/messages", missing_channel))
    org.set("PATCH", "/account", {"billing": "active"})
    note(org.api("POST", "/messages", missing_channel))
    org.set("PATCH", "/account", {"metaConnected": True})
    note(org.api("POST", "/messages", missing_channel))
    note(org.api("POST", "/messages", {"to": ADA, "text": "Hello"}))
    assert seen == [
        (404, "NOT_FOUND"),
        (405, "METHOD_NOT_ALLOWED"),
        (401, "UNAUTHORIZED"),
        (429, "RATE_LIMITED"),
        (415, "UNSUPPORTED_MEDIA_TYPE"),
        (400, "INVALID_JSON"),
        (400, "VALIDATION_ERROR"),
        (402, "PAYMENT_REQUIRED"),
        (403, "META_NOT_CONNECTED"),
        (404, "CHANNEL_NOT_FOUND"),
        (403, "CONTACT_OPTED_OUT"),
    ]
    after = state(org)
    assert (after["counts"], after["contacts"]) == (before["counts"], before["contacts"])


# -------------------------------------------------------------------------------------------------- below the application


def raw(org: Org, head: str, body: bytes = b"") -> Answer:
    """Send this head (KEY stands for the key) and this body, with its length unless the head has its own; read one answer."""
    if body and "Content-Length" not in head and "Transfer-Encoding" not in head:
        head += f"\r\nContent-Length: {len(body)}"
    data = head.replace("KEY", org.api_key).encode("latin-1") + b"\r\n\r\n" + body
    return exchange(org.server, data, head.partition(" ")[0])


def exchange(server: Server, data: bytes, method: str = "GET") -> Answer:
    """Bytes out, one answer in."""
    with socket.create_connection(server.address, PATIENCE) as connection:
        with suppress(OSError):  # it may have been refused while we were still sending
            connection.sendall(data)
        response = http.client.HTTPResponse(connection, method=method)
        with response:
            response.begin()
            return Answer(response.status, response.headers, response.read())


H = "Host: x\r\nAuthorization: Bearer KEY\r\nContent-Type: application/json"
CONTACT = b'{"phone": "+15551234567"}'
UPSERT = f"POST /api/v1/contacts HTTP/1.1\r\n{H}"

FINE: dict[str, tuple[str, bytes]] = {
    "HTTP/1.0": (f"GET /api/v1/ping HTTP/1.0\r\n{H}", b""),
    "HTTP/1.0 without a host": ("GET /api/v1/ping HTTP/1.0\r\nAuthorization: Bearer KEY", b""),
    "HTTP/1.0 with a body": (f"POST /api/v1/contacts HTTP/1.0\r\n{H}", CONTACT),
    "absolute form": (f"GET http://127.0.0.1:8484/api/v1/ping HTTP/1.1\r\n{H}", b""),
    "absolute form of another host": (f"GET https://app.flowella.io/api/v1/ping HTTP/1.1\r\n{H}", b""),
    "escaped letters in the path": (f"GET /api/v1/%70ing HTTP/1.1\r\n{H}", b""),
    "rubbish in the query": (f"GET /api/v1/ping?%ff=%&&=&a=b=c;%zz HTTP/1.1\r\n{H}", b""),
    "blank lines first": (f"\r\n\r\nGET /api/v1/ping HTTP/1.1\r\n{H}", b""),
    "a header of 8 KB": (f"GET /api/v1/ping HTTP/1.1\r\n{H}\r\nX-Long: {'x' * 8192}", b""),
    "headers above ASCII": (f"GET /api/v1/ping HTTP/1.1\r\n{H}\r\nX-Name: Gr\xfc\xdfe", b""),
    "a body on GET": (f"GET /api/v1/ping HTTP/1.1\r\n{H}", b"{"),
    "chunked": (
        f"{UPSERT}\r\nTransfer-Encoding: chunked",
        b"9;x=y\r\n%b\r\n10\r\n%b\r\n0\r\n\r\n" % (CONTACT[:9], CONTACT[9:]),
    ),
    "chunked, with a trailer": (f"{UPSERT}\r\nTransfer-Encoding: chunked", b"19\r\n%b\r\n0\r\nX: y\r\n\r\n" % CONTACT),
    "expecting to be told to go on": (f"{UPSERT}\r\nExpect: 100-continue", CONTACT),
}


@pytest.mark.parametrize("case", FINE)
def test_unusual_http_that_is_fine(org: Org, case: str) -> None:
    """Old, odd and rarely used forms of HTTP are understood."""
    head, body = FINE[case]
    assert raw(org, head, body).status == 200


UNFIT: dict[str, tuple[str, bytes, *tuple[int, ...]]] = {
    "rubbish": ("\x16\x03\x01\x02\x00\x01\x00", b"", 400),
    "no version": ("GET /api/v1/ping", b"", 400),
    "another protocol": ("GET /api/v1/ping GOPHER/1.0", b"", 400),
    "a blank in the path": (f"GET /api/v1/pi ng HTTP/1.1\r\n{H}", b"", 400),
    "bytes above ASCII in the path": (f"GET /api/v1/\xff HTTP/1.1\r\n{H}", b"", 400),
    "authority form": (f"GET 127.0.0.1:80 HTTP/1.1\r\n{H}", b"", 400),
    "asterisk form": (f"OPTIONS * HTTP/1.1\r\n{H}", b"", 400),
    "no escape in the path": (f"GET /api/v1/%zz HTTP/1.1\r\n{H}", b"", 400),
    "half an escape in the path": (f"GET /api/v1/ping% HTTP/1.1\r\n{H}", b"", 400),
    "NUL in the path": (f"GET /api/v1/ping%00 HTTP/1.1\r\n{H}", b"", 400),
    "a target of 70 KB": (f"GET /{'x' * 70_000} HTTP/1.1\r\n{H}", b"", 414, 431),
    "headers of 70 KB": (f"GET /api/v1/ping HTTP/1.1\r\n{H}\r\nX: {'x' * 70_000}", b"", 431),
    "a header without a colon": (f"GET /api/v1/ping HTTP/1.1\r\n{H}\r\nnonsense", b"", 400),
    "a folded header": (f"GET /api/v1/ping HTTP/1.1\r\n{H}\r\nX: a\r\n b\r\n\tc\rd", b"", 400),
    "a blank before the colon": (f"GET /api/v1/ping HTTP/1.1\r\n{H}\r\nX : a", b"", 400),
    "bare line feeds": (f"GET /api/v1/ping HTTP/1.1\n{H}", b"", 400),
    "a length below zero": (f"{UPSERT}\r\nContent-Length: -1", CONTACT, 400),
    "a length in words": (f"{UPSERT}\r\nContent-Length: long", CONTACT, 400),
    "two lengths": (f"{UPSERT}\r\nContent-Length: 25\r\nContent-Length: 3", CONTACT, 400),
    "a length beyond everything": (f"{UPSERT}\r\nContent-Length: 99999999999999", b"", 413),
    "length and chunks": (f"{UPSERT}\r\nContent-Length: 25\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", 400),
    "chunks that are none": (f"{UPSERT}\r\nTransfer-Encoding: chunked", b"xyz\r\n" + CONTACT, 400),
    "chunks that do not end": (f"{UPSERT}\r\nTransfer-Encoding: chunked", b"5\r\n" + CONTACT, 400),
    "another coding": (f"{UPSERT}\r\nTransfer-Encoding: gzip", CONTACT, 400, 501),
    "chunked twice": (f"{UPSERT}\r\nTransfer-Encoding: chunked, chunked", b"0\r\n\r\n", 400),
    "chunked in HTTP/1.0": (f"POST /api/v1/contacts HTTP/1.0\r\n{H}\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", 400),
    "a huge body in chunks": (
        f"{UPSERT}\r\nTransfer-Encoding: chunked",
        b"10C8E0\r\n" + b" " * 0x10C8E0 + b"\r\n0\r\n\r\n",
        413,
    ),
    "no body in chunks": (f"{UPSERT}\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", 400),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_http_is_refused_in_the_envelope(org: Org, case: str) -> None:
    """What never reaches the application is refused in the application's words all the same."""
    head, body, *statuses = UNFIT[case]
    with unchanged(org):
        assert_refused(raw(org, head, body), *statuses)


# ------------------------------------------------------------------------------------------------------------ fuzzing

FUZZ = settings(max_examples=60, suppress_health_check=list(HealthCheck))

FIELDS = [
    "to",
    "text",
    "phone",
    "name",
    "email",
    "waId",
    "action",
    "whatsappChannelId",
    "reason",
    "from",
    "url",
    "events",
    "recipients",
]
CONSTANTS = ["set", "clear", ADA, "+15551234567 ", "hello", "*", "message.read", "UTILITY", "manual", "idle"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(CONSTANTS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("operation", TARGETS)
def test_any_json_gets_a_proper_answer(server: Server, operation: str) -> None:
    """A success, or a refusal that changes nothing; never a 500."""
    target = TARGETS[operation]
    org = server.org(clock="manual")
    body = good(org, target)

    @FUZZ
    @given(JSON | st.fixed_dictionaries({}, optional={name: JSON | st.just(value) for name, value in body.items()}))
    def check(value: Any) -> None:
        before = org.counts()
        answer = target.send(org, json.dumps(value).encode())
        if answer.status >= 400:
            assert_refused(answer)
            assert org.counts() == before
            return
        org.advance(0)  # what this has set going is over before the next one starts
        org.set("PATCH", "/account", {"billing": "active", "metaConnected": True, "rateLimit": None})

    check()
    assert org.api("GET", "/ping").status == 200


TOKENS = [
    *(b"GET ", b"POST ", b"/api/v1/ping", b"/api/v1/messages", b"/_mock/orgs", b"http://", b" HTTP/1.1", b" HTTP/1.0"),
    *(b"\r\n", b"\r\n\r\n", b"\n", b"\r", b":", b" ", b"%", b"%00", b"?", b"#", b"\0", b"\xff", b"{", b"}", b'"'),
    *(b"Host: x", b"Content-Length: 5", b"Content-Length: ", b"Transfer-Encoding: chunked", b"0\r\n\r\n"),
    *(b"5\r\nhello\r\n", b"Authorization: Bearer ", b"Expect: 100-continue", b"Connection: close"),
]


def test_any_bytes_do_no_harm(server: Server) -> None:
    """Arbitrary bytes at the port get refusals or nothing; the server goes on for everybody else."""
    org = server.org(clock="manual")
    answers: list[int] = []

    @settings(FUZZ, max_examples=200)
    @given(st.lists(st.sampled_from(TOKENS) | st.binary(max_size=20), max_size=20).map(b"".join))
    def check(data: bytes) -> None:
        with socket.create_connection(server.address, PATIENCE) as connection, suppress(ConnectionError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as stream:
                line = stream.readline()
                stream.read()
            if line:
                version, status, _ = line.split(b" ", 2)
                assert version in {b"HTTP/1.1", b"HTTP/1.0"}
                answers.append(int(status))

    with unchanged(org):
        check()
    assert 500 not in answers
    assert len(answers) > 10
