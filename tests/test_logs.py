"""What the log says, and above all what it does not."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import logs
from mock_server.app import create_app
from mock_server.orgs import NewOrg
from mock_server.services import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import FakeTransport

    from mock_server.orgs import Orgs

TOKEN = "sesame open"
KEY = "flo_" + "k1" * 12
HOOK = "https://ada:pa55w0rd@shop.example:8443/hooks/9f86d081884c7d659a2f?k=hunter22#frag"
KNOWN = [TOKEN, KEY, "pa55w0rd", "hunter22", "9f86d081884c7d659a2f", "whsec_mine0000mine", "5551234567"]


class Log:
    """All lines so far, in one of the formats."""

    def __init__(self, style: str) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter((logs.Json if style == "json" else logs.Text)(logs.Mask([TOKEN])))

    @property
    def lines(self) -> list[str]:
        """As they were written."""
        return self.stream.getvalue().split("\n")[:-1]

    @property
    def records(self) -> list[dict[str, Any]]:
        """As a program reads them."""
        return [json.loads(line) for line in self.lines]


@pytest.fixture(params=logs.FORMATS)
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """The fake's log at debug."""
    log = Log(request.param)
    ours = [logging.getLogger(name) for name in ("flowella_mock", "mock_server")]
    before = [one.level for one in ours]
    for one in ours:
        one.addHandler(log.handler)
        one.setLevel("DEBUG")
    yield log
    for one, level in zip(ours, before, strict=True):
        one.removeHandler(log.handler)
        one.setLevel(level)


SENT: list[tuple[str, str, dict[str, str], Any]] = [
    ("GET", "/api/v1/ping", {"Authorization": f"Bearer {KEY}"}, None),
    ("GET", "/api/v1/ping", {"Authorization": KEY}, None),
    ("GET", "/api/v1/ping", {"Authorization": f"Basic {KEY}"}, None),
    ("GET", "/api/v1/ping", {"X-Api-Key": KEY, "Cookie": f"key={KEY}"}, None),
    ("GET", f"/api/v1/ping?api_key={KEY}&token=hunter22", {}, None),
    ("GET", f"/api/v1/{KEY}", {}, None),
    ("GET", f"/{TOKEN}/x?control={TOKEN}", {}, None),
    ("POST", "/api/v1/messages", {"Authorization": f"Bearer {KEY}", "Content-Type": KEY}, b"{}"),
    ("POST", "/api/v1/messages", {"Authorization": f"Bearer {KEY}"}, {"to": KEY, "text": "Hello"}),
    ("POST", "/api/v1/messages", {"Authorization": f"Bearer {KEY}"}, {"to": "+1 (555) 123-4567", "text": "Hello"}),
    ("POST", "/api/v1/messages", {"Authorization": f"Bearer {KEY}"}, {"to": "5551234567x", "text": "Hello"}),
    ("GET", "/api/v1/contacts/+15551234567", {"Authorization": f"Bearer {KEY}"}, None),
    ("GET", "/api/v1/contacts/%252B15551234567", {"Authorization": f"Bearer {KEY}"}, None),
    ("POST", "/_mock/orgs", {"Authorization": f"Bearer {TOKEN}"}, {"name": TOKEN, "seed": KEY}),
    ("POST", "/_mock/orgs", {"Authorization": f"Bearer {TOKEN}x"}, {}),
    ("POST", "/_mock/orgs/default/webhooks", {"Authorization": f"Bearer {TOKEN}"}, {"url": HOOK, "secret": KNOWN[5]}),
    ("POST", "/_mock/orgs/default/inbound", {"Authorization": f"Bearer {TOKEN}"}, {"from": "+15551234567", "text": KEY}),
]  # fmt: skip


def test_no_secret_gets_into_the_log(orgs: Orgs, transport: FakeTransport, log: Log) -> None:
    """Wherever a client puts it; deliveries that fail, a transport that raises, and a mistake of ours included."""
    world, _, _ = orgs.create(NewOrg(scale=0, api_key=KEY, rate_limit=None))
    endpoints.add(world, HOOK, (), "whsec_mine0000mine")
    client = create_app(orgs, TOKEN).test_client()
    for method, path, headers, body in SENT:
        given = {"data": body} if isinstance(body, bytes) else {"json": body}
        client.open(path, method=method, headers=headers, **({} if body is None else given))
    transport.answer = lambda post: 500 if len(transport.posts) % 2 else _raise(post.url)
    world.agenda.advance(None)
    world.store.contacts.one = _broken  # type: ignore[method-assign]
    client.post(
        "/api/v1/messages", json={"to": "+15551234567", "text": "Hello"}, headers={"Authorization": f"Bearer {KEY}"}
    )

    text = log.stream.getvalue()
    assert [secret for secret in KNOWN if secret in text] == []
    assert len(log.lines) > len(SENT)
    assert "switched off" in text
    assert "the transport failed" in text
    assert "sendMessage failed" in text


def _raise(said: str) -> int:
    raise OSError(f"no way to {said} for +15551234567 with {KEY}")


def _broken(index: str, value: str) -> None:
    raise RuntimeError(f"{index} {value} and {TOKEN}, whsec_mine0000mine, {HOOK}")


def test_json_lines_say_what_they_are_about(orgs: Orgs, transport: FakeTransport, log: Log) -> None:
    """A call with its place in the journal, an attempt with event and delivery, a mistake with its trace."""
    world, _, _ = orgs.create(NewOrg(scale=0, api_key=KEY, rate_limit=None))
    endpoints.add(world, HOOK, (), "")
    client = create_app(orgs).test_client()
    client.post("/_mock/orgs/default/inbound", json={"from": "+15551234567", "text": "Hello"})
    transport.answer = lambda _: 503
    client.get("/api/v1/ping", headers={"Authorization": f"Bearer {KEY}"})
    world.agenda.advance(world.clock.now())
    if not isinstance(log.handler.formatter, logs.Json):
        assert any(line.endswith("GET /api/v1/ping 200") for line in log.lines)
        assert any("message.received to https://…@shop.example:8443/hooks/…" in line for line in log.lines)
        return
    call = next(line for line in log.records if line.get("operation") == "ping")
    entry, delivery = next(iter(world.store.requests.newest())), next(iter(world.store.deliveries.newest()))

    assert call.pop("time").endswith("Z")
    assert call == {
        "level": "info",
        "logger": "flowella_mock.api",
        "message": "GET /api/v1/ping 200",
        "org": world.org.id,
        "request": entry.id,
        "operation": "ping",
        "status": 200,
    }
    attempt = next(line for line in log.records if line.get("delivery") == delivery.id)
    assert (attempt["event"], attempt["attempt"], attempt["status"]) == (delivery.event.id, 1, 503)
    assert attempt["url"].startswith("https://…@shop.example:8443/hooks/…")


def test_a_line_that_somebody_sends_begins_none_of_ours(orgs: Orgs, log: Log) -> None:
    """Breaks and escapes in a path are told, not obeyed."""
    orgs.create(NewOrg(scale=0))
    create_app(orgs).test_client().get("/api/v1/%0A10:00:00%20POST%20/api%20200%1b[31m%E2%80%A8x")

    assert len(log.lines) == 1
    assert "\x1b" not in log.lines[0]


@pytest.mark.parametrize(
    "text",
    [
        "POST /api/v1/messages 201",
        "message.sent to http://127.0.0.1:4000/hooks: 200 (attempt 1 at 2026-11-21T10:00:00.000Z)",
        "192.168.100.200:8484 cmwr0w4440001oewgdvjr3cw2 took 12.123456 s at 2026-11-21 10:00:00",
        "50000 recipients, code 131026, 1,000,000 pieces of work",
        "secret: webhooks of flowiq are not signed; leave it out",
        "text: is required; is that so? yes",
    ],
)
def test_the_rest_stays_readable(text: str) -> None:
    """No mask where nothing is secret."""
    assert logs.Mask([TOKEN])(text) == text


PLACES = [
    "{}", "GET /x/{} 404", "got '{}'", '{{"to": "{}"}}', "to={}, text", "({})", "a {} 404", "to:{}", "//h/?to={}", "[{}]\n",
]  # fmt: skip


@given(
    st.from_regex(r"\+[1-9]\d{8,13}|[1-9]\d{9,13}|\+\d{1,2} \d{3}[ -]\d{3}[ -]\d{4}", fullmatch=True),
    st.sampled_from(PLACES),
)
def test_phone_numbers_are_masked_wherever_they_are(phone: str, place: str) -> None:
    """All but the last two digits."""
    assert phone not in (masked := logs.Mask()(place.format(phone)))
    assert phone[:-3] not in masked


@given(st.from_regex(r"(flo|fiq|whsec)_[A-Za-z0-9_-]{8,40}", fullmatch=True), st.sampled_from(PLACES))
def test_keys_are_masked_wherever_they_are(key: str, place: str) -> None:
    """By what they begin with."""
    assert key.split("_", 1)[1] not in logs.Mask()(place.format(key))


@given(st.text(min_size=1), st.sampled_from(PLACES))
def test_what_is_known_word_for_word_is_masked(token: str, place: str) -> None:
    """The control token may be anything, an expression or a word of the line."""
    found = logs.Mask([token])(f" {token} ")

    assert token == "…" or f" {token} " not in found
    logs.Mask([token])(place.format(token))
