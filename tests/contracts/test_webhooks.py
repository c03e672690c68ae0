"""`flowella-contract webhooks`: what people type, a deployment that nobody controls, and the receiver by itself."""

from __future__ import annotations

import http.client
import json
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from clocks import FakeClock
from emitters import LIES, Emitter
from liar.ours import blamed

from contracts.cli import main
from contracts.ledger import HELD, NOT_REACHED
from contracts.settings import Settings, WrongUsage
from contracts.webhooks.checking import BOOK, run, webhooks
from contracts.webhooks.inbox import Inbox
from contracts.webhooks.signing import digest, is_genuine, whats_wrong
from mock_server.services import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contracts.reporting import Report
    from mock_server.world import World

LOOKED_AT_ANYWHERE = {
    "nothing-lost",
    "delivery-body",
    "delivery-signature",
    "payload-agrees",
    "retry-schedule",
    "retries-same",
}


@pytest.fixture
def emitter() -> Iterator[Emitter]:
    """One for each test: its default organization is used up."""
    with Emitter() as made:
        yield made


class Driven(FakeClock):
    """Waiting is what makes an organization's time pass."""

    def __init__(self, emitter: Emitter) -> None:
        super().__init__()
        self._emitter = emitter

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._world.clock.now() / 1_000_000, UTC)

    def wait(self, seconds: float) -> None:
        if seconds > 0:
            super().wait(seconds)
            self._world.agenda.advance(self._world.clock.now() + round(seconds * 1_000_000))

    @property
    def _world(self) -> World:
        return self._emitter.orgs.default


def listen(emitter: Emitter, lie: str | None = None, *, added: bool = True, **settings: object) -> Report:
    """Before a deployment without a control plane, where somebody adds the URL as soon as they are asked to."""
    world = emitter.orgs.default
    if lie is not None and (edit := LIES[lie].policy):
        world.policy = edit(world.policy)

    def ask(text: str) -> str:
        url = next(word for word in text.split() if word.startswith("http"))
        return endpoints.add(world, url, (), None).secret if added else "whsec_nobodyaddedanything"

    with emitter.telling(lie) as target:
        asked = Settings(
            target.base_url,
            target.api_key,
            profile="sandbox",
            recipients=("+15005550010",),
            listen="127.0.0.1:0",
            rate=100_000.0,
            **settings,  # type: ignore[arg-type]
        )
        return run(asked, clock=Driven(emitter), ask=ask)


def test_a_deployment_that_nobody_controls(emitter: Emitter) -> None:
    """One message and one retry are looked at; what takes a control plane says so, and the verdict stands without it."""
    report = listen(emitter)

    states = {entry.name: entry for entry in report.promises}
    assert report.ok, report.text()
    assert {name for name in LOOKED_AT_ANYWHERE if states[name].state != HELD} == set()
    assert states["auto-disable"].state == NOT_REACHED
    assert "--control-url" in states["auto-disable"].reason


@pytest.mark.parametrize(
    "lie", ["never-retried", "retry-too-early", "wrong-digest", "wrong-conversation-id", "event-id-changes-on-retry"]
)
def test_lies_without_a_control_plane(lie: str, emitter: Emitter) -> None:
    """The same checks find them."""
    report = listen(emitter, lie)

    assert blamed(report) == {LIES[lie].found_by: 1}, report.text()


def test_what_is_about_another_message_is_not_ours(emitter: Emitter) -> None:
    """With a wrong `messageId` nothing about our message arrives: that is no pass."""
    report = listen(emitter, "wrong-message-id")

    assert report.exit_code == 3, report.text()


def test_nothing_arrives_is_inconclusive(emitter: Emitter) -> None:
    """Nobody has added the URL: that is no violation, and no pass."""
    report = listen(emitter, added=False)

    assert report.exit_code == 3
    assert any("Settings > Webhooks" in reason for reason in report.reasons), report.text()


def test_time_runs_out_is_inconclusive(emitter: Emitter) -> None:
    """A retry cannot be waited for in 20 seconds."""
    report = listen(emitter, time_limit=20.0)

    assert report.exit_code == 3
    assert any("--time-limit" in reason for reason in report.reasons), report.text()


def test_some_checks_only(emitter: Emitter) -> None:
    """A check that looks on has something to look at, and no others are in the book."""
    with emitter.telling("upper-case-digest") as target:
        report = webhooks(
            target.base_url, target.api_key, control_url=target.control_url, rate=100_000.0, only=["delivery-signature"]
        )

    assert [entry.name for entry in report.promises] == ["delivery-signature"]
    assert blamed(report) == {"delivery-signature": 1}
    assert report.findings[0].severity == "drift"  # that it is lower-case is inferred
    assert report.exit_code == 0


def test_a_broken_one_is_1_and_reported(emitter: Emitter, tmp_path: Path) -> None:
    """With the call that brings it about again, and every delivery in the archive; no secret in any of it."""
    files = {kind: tmp_path / f"report.{kind}" for kind in ("json", "junit", "har", "html")}
    reports = [word for kind, file in files.items() for word in ("--report", f"{kind}={file}")]
    with emitter.telling("wrong-digest") as target:
        words = ["--base-url", target.base_url, "--api-key", target.api_key, "--control-url", target.control_url]
        ran = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["webhooks", *words, "--rate", "9999", *reports])

    assert ran.exit_code == 1, ran.output
    assert "VIOLATION delivery-signature: conversation.opened" in ran.output
    assert "/inbound" in ran.output
    assert "kinds of events arrived" in ran.output
    archive = files["har"].read_text(encoding="utf-8")
    posted = [
        entry["request"] for entry in json.loads(archive)["log"]["entries"] if "/everything" in entry["request"]["url"]
    ]
    assert "message.delivered" in json.dumps(posted)
    assert not any("whsec_" in file.read_text(encoding="utf-8").replace("whsec_…", "") for file in files.values())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--control-url, --listen: give one of them"),
        (["--control-url", "http://127.0.0.1:1/_mock", "--listen", "127.0.0.1:0"], "give one of them"),
        (["--listen", "9000"], "'9000' is not HOST:PORT; write it as 127.0.0.1:9000"),
        (["--listen", "127.0.0.1:0", "--spec", "openapi-flowiq.yaml"], "only Flowella's webhooks are looked at"),
        (["--control-url", "http://127.0.0.1:1/_mock", "--only", "retry-schedul"], "did you mean retry-schedule?"),
    ],
)
def test_wrong_usage_is_2(options: list[str], words: str) -> None:
    """Named, with what would be right."""
    command = ["webhooks", "--base-url", "http://127.0.0.1:1/api/v1", "--api-key", "flo_key", *options]
    ran = CliRunner(env={"COLUMNS": "200"}).invoke(main, command)

    assert ran.exit_code == 2
    assert words in " ".join(ran.output.split())


def test_a_real_deployment_needs_a_secret_and_a_recipient(emitter: Emitter) -> None:
    """Refused before anything is sent."""
    with emitter.telling(None) as target:
        for profile, words in (("readonly", "--recipient"), ("full", "--webhook-secret")):
            with pytest.raises(WrongUsage, match=words):
                webhooks(target.base_url, target.api_key, profile=profile, listen="127.0.0.1:0")


def test_a_control_plane_that_is_none(emitter: Emitter) -> None:
    """Says which option is wrong, and is no pass; nor may anything be made where only reading is allowed."""
    with emitter.telling(None) as target:
        dead = webhooks(target.base_url, target.api_key, control_url="http://127.0.0.1:1/_mock")
        wrong = webhooks(target.base_url, target.api_key, control_url=target.base_url)
        with pytest.raises(WrongUsage, match=r"--profile: .* only GET is sent"):
            webhooks(target.base_url, target.api_key, control_url=target.control_url, profile="readonly")

    assert (dead.exit_code, wrong.exit_code) == (3, 3)
    assert "connection refused" in dead.reasons[0]
    assert "making an organization there answered" in wrong.reasons[0]


def test_the_receiver_keeps_bytes_headers_and_order() -> None:
    """Also in chunks; and it answers path by path."""
    with Inbox(FakeClock()) as inbox:
        inbox.answer("/b", 307, (("Location", "/c"),))
        connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc, timeout=10)
        statuses = []
        for path, body in (("/a", b"\xff\x00"), ("/b", iter([b"in ", b"chunks"]))):
            connection.request("POST", path, body, {"X-Odd-Case": " 1"}, encode_chunked=not isinstance(body, bytes))
            with connection.getresponse() as response:
                statuses.append(response.status)
            connection.close()
        arrived = inbox.take()

    assert statuses == [200, 307]
    assert [(one.path, one.body, one.answer.status) for one in arrived] == [
        ("/a", b"\xff\x00", 200),
        ("/b", b"in chunks", 307),
    ]
    assert ("X-Odd-Case", "1") in arrived[0].headers
    assert inbox.take() == []


def test_the_receiver_stands_nonsense() -> None:
    """What is no HTTP is no delivery."""
    with Inbox(FakeClock()) as inbox:
        address = urlsplit(inbox.url)
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as plain:
            plain.sendall(b"hello\r\n\r\n")
            plain.recv(1000)

        assert inbox.take() == []


def test_the_verifier_agrees_with_a_published_vector() -> None:
    """RFC 4231, test case 2."""
    body = b"what do ya want for nothing?"
    right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert digest("Jefe", body) == right
    assert is_genuine("Jefe", body, right)
    assert not is_genuine("Jefe", body, right.upper())
    assert whats_wrong("Jefe", body, f"sha256={right}") == "the right digest with a prefix"
    assert whats_wrong("Jefe", body, right.upper()) == "the right digest, but in upper case"
    assert whats_wrong("Jefe", body, "é") == "another digest"


def test_every_check_says_what_it_promises() -> None:
    """And where that stands."""
    assert all(law.promise and law.mark.source for law in BOOK.laws.values())
