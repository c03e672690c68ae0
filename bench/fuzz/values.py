"""Targets: single values, as people and programs write them."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from bench.fuzz.draw import Draw, written
from bench.fuzz.target import Plant, Target, expect
from mock_server import config
from mock_server.codec import Wrong, codec
from mock_server.domain import magic, phones, wamids
from mock_server.domain.errors import Invalid, Refusal
from mock_server.domain.instant import DAY, EARLIEST, LATEST, Duration, Instant, iso, parse
from mock_server.orgs import scale_of
from mock_server.vendors.registry import DIALECTS
from mock_server.web import json_body
from mock_server.web.control.events import _last_event_id
from mock_server.web.dates import read_instant
from mock_server.web.door import _arguments
from mock_server.web.refusals import InvalidJson
from mock_server.webhooks import client, diagnosis, signing
from mock_server.webhooks.targets import check_url


def json_bodies(data: bytes) -> None:
    """`json_body.parse`."""
    try:
        value = json_body.parse(data, most_values=200)
    except Refusal:
        return
    expect(value == json.loads(data), "another value than the standard library reads")
    text = json.dumps(value, allow_nan=False)  # no number that is none
    expect(not re.search(r"(?<!\\)(\\\\)*\\u0000", text), "U+0000 came through")
    json.dumps(value, ensure_ascii=False).encode()  # nor half a pair


def phone_numbers(data: bytes) -> None:
    """`phones.parse`, and what becomes of messages to the number."""
    try:
        phone = phones.parse(data.decode("utf-8", "surrogateescape"))
    except Invalid:
        return
    expect(re.fullmatch(r"\+[0-9]{4,20}", phone.e164), f"no number: {phone.e164}")
    expect(phones.parse(phone.e164) == phone, f"{phone.e164} is read as another number")
    magic.outcome(phone.e164)


def message_ids(data: bytes) -> None:
    """`wamids.decode`."""
    text = data.decode("latin-1")
    try:
        wamid = wamids.decode(text)
    except ValueError:
        return
    expect(wamids.encode(wamid) == text, "does not come out again")


def moments(data: bytes) -> None:
    """Moments and durations of bodies, queries and snapshots."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        instant = read_instant("at", text)
    except Invalid:
        instant = None
    if instant is not None:
        shown = min(max(instant, EARLIEST), LATEST)  # a zone may lead out of the calendar, by less than a day
        expect(abs(shown - instant) <= DAY, f"outside of all calendars: {instant}")
        expect(parse(iso(instant)) == shown - shown % 1_000, "is shown as another moment")
    for hint in (Instant, Duration):
        try:
            value = codec(hint).decode(text)
        except Wrong:
            continue
        expect(codec(hint).decode(codec(hint).encode(value)) == value, "does not come out again")


def settings(data: bytes) -> None:
    """The words of the command line: clock, rate limit, the place in a stream."""
    text = data.decode("utf-8", "surrogateescape")
    for read in (scale_of, config.rate_limit, _last_event_id):
        try:
            read(text)
        except Invalid:
            continue
    with suppress(Invalid):
        expect(0 <= scale_of(text) <= 1e15, "no pace for a clock")


def urls(data: bytes) -> None:
    """`check_url`: what is accepted goes to this machine or by HTTPS, and can be posted to as it stands."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        url = check_url(text)
    except Invalid:
        return
    target = client._target(url)
    expect(url.lower().startswith("https:") or is_here(str(target.host)), f"plain HTTP to another machine: {url}")
    expect(
        str(target.host).lower() == urlsplit(url).hostname,
        f"judged by {urlsplit(url).hostname}, posted to {target.host}",
    )


def is_here(host: str) -> bool:
    """In other words than the code's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().split(".")[-1] == "localhost"


def signatures(data: bytes) -> None:
    """`verify` and `diagnose`: any secret, signature and body."""
    draw = Draw(data)
    secret = draw.text()
    signature, stamps, body = draw.text(90), tuple(draw.text(8) for _ in range(draw.number(1))), draw.rest()
    sound = signing.sign(secret, body)
    expect(signing.verify(secret, body, sound), "the right signature is refused")
    finding = diagnosis.diagnose(secret, signature, body, stamps)
    expect(finding.right == (signature == sound) == signing.verify(secret, body, signature), "a wrong verdict")
    about = diagnosis.diagnose(secret, f"sha256={sound.upper()}", body)
    expect(len(about.mistakes) == 2, "the usual mistakes are not seen")


OPERATIONS = [
    (one.door.spec, operation)
    for one in DIALECTS
    for operation in one.door.spec.operations.values()
    if operation.query is not None
]


def queries(data: bytes) -> None:
    """`Spec.read_query`, over all operations of the vendors that take one."""
    draw = Draw(data)
    spec, operation = draw.pick(OPERATIONS)
    pairs = [f"{draw.pick(list(operation.types))}={draw.take(draw.number(40)).decode('latin-1')}" for _ in range(3)]
    try:
        values = spec.read_query(operation, _arguments(Request({"QUERY_STRING": "&".join(pairs[: draw.number(3)])})))
    except InvalidJson:
        return
    except Invalid as invalid:
        expect(invalid.field in operation.types, f"blames {invalid.field!r}, which nobody gave")
        return
    kinds = {"integer": int, "number": float, "boolean": bool, "string": str}
    for name, value in values.items():
        expect(type(value) is kinds[operation.types[name]], f"{name} is {value!r}")


TARGETS = (
    Target(
        "json",
        "a body is refused by name, or read as the standard library reads it, without anything no database keeps",
        json_bodies,
        (b'{"to":"+15551234567","text":"hi \\ud83d\\udc4b"}', b'[1,2.5e3,null,{"a":[[]]}]', b'"\\ud800"', b"[" * 70),
        Plant("mock_server.web.json_body", "_DECODER", lambda _: json.JSONDecoder(), b"[1e999]"),
        ('"a":', "\\ud83d\\udc4b", "\\u0000", "NaN", "9e999", "{", "}", "[", "]"),
    ),
    Target(
        "phone",
        "a number is refused, or its E.164 is read as the same number again",
        phone_numbers,
        (b"+15551234567", b"+44 (0)20 7946 0958", b"+55 11 98765-4321", b"+52 1 55 1234 5678", b"+15005550009"),
        Plant(
            "mock_server.domain.phones",
            "_read",
            lambda old: lambda text: old(text[:-1]) or old(text),
            b"+4915112345678",
        ),
        ("+44", "+54 9", "+521", "(0)", "+15000131047", "+800", "+979"),
        longest=40,
    ),
    Target(
        "wamid",
        "an id is refused, or comes out again byte for byte",
        message_ids,
        tuple(
            wamids.encode(wamids.Wamid(who, out, "3EB0" * 4)).encode()
            for who, out in (("15551234567", True), ("5511", False))
        ),
        Plant("mock_server.domain.wamids", "IndexError", lambda _: KeyError, b"wamid.HBgLMTU1"),
        ("wamid.", "HBg", "VAgAR", "GBA", "AA==", "="),
        longest=120,
    ),
    Target(
        "moment",
        "a moment or duration is refused, or comes out again",
        moments,
        (
            b"2026-11-21T10:00:00.123Z",
            b"2026-11-21",
            b"20261121T10:00:00+05:30",
            b"PT12.5S",
            b"0001-01-01",
            b"2026-W47-6",
        ),
        Plant(
            "mock_server.codec.scalars", "_DURATION", lambda _: re.compile(r"PT([0-9]*)(?:\.([0-9]{1,6}))?S"), b"PTS"
        ),
        ("9999-12-31", "0001-01-01", "T23:59:59", "+23:59", "-23:59", "Z", "W53", "PT", "S"),
        longest=48,
    ),
    Target(
        "setting",
        "a clock, a rate or a place in a stream is refused, or is a number that can be worked with",
        settings,
        (b"real", b"manual", b"x60", b"x0.5", b"50/s", b"off", b"123456789012345678", b"1e3"),
        Plant("mock_server.config", "ValueError", lambda _: KeyError, b"x"),
        ("x1e", "inf", "nan", "/s", "_"),
        longest=32,
    ),
    Target(
        "url",
        "webhooks are posted by HTTPS or to this machine, and whatever is accepted can be posted to",
        urls,
        (
            b"https://example.com/hooks?a=b",
            b"http://127.0.0.1:9000/x",
            b"http://[::1]:9/",
            b"http://a.localhost",
            b"example.com",
        ),
        Plant(
            "mock_server.webhooks.targets",
            "is_loopback",
            lambda old: lambda host: host.startswith("127"),
            b"http://127x/",
        ),
        ("https://", "http://", "localhost", "127.0.0.1", "[::1]", "@", "#", ":99999", "%", ".."),
        longest=80,
    ),
    Target(
        "signature",
        "verify and diagnose say right of the right signature only, whatever else they are given",
        signatures,
        (
            b"\x06whsec_\x04abcd\x00{}",
            b"\x03abc\x20" + b"0" * 32 + b"\x01\x0412.3" + b'{"createdAt":"2026-11-21"}',
            b"\x00\x00\x00" + b"[" * 99,
        ),
        Plant("mock_server.webhooks.diagnosis", "ValueError", lambda _: KeyError, b"\x01a\x01b\x00{"),
        ("whsec_", "sha256=", "AAAA", "{", "\r\n"),
        longest=2_000,
    ),
    Target(
        "query",
        "a parameter is refused by name, or has the type that the spec says",
        queries,
        (b"\x00\x00\x0210\x00\x00\x01", b"\x01\x00\x0225\x01\x041e99\x00\x00\x02", written("x") * 4),
        Plant(
            "mock_server.web.spec",
            "_INTEGER",
            lambda _: re.compile(r"[-0-9]{1,18}"),
            b"\x00\x00\x02--\x00\x00\x00\x00\x01",
        ),
        ("true", "-", "1e9", "2026-11-21T10:00:00Z"),
        longest=160,
    ),
)
