"""`listen` shows a running server's webhooks, `trigger` has them happen."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from mock_server.cli import main
from mock_server.commands.client import Server
from mock_server.commands.trigger import PLAYS
from mock_server.config import Config
from mock_server.domain.events import EventKind
from mock_server.orgs import DEFAULT_WEBHOOK_SECRET
from mock_server.serving import Fake
from mock_server.vendors.flowella import FLOWELLA
from mock_server.vendors.flowiq import FLOWIQ
from mock_server.webhooks.signing import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = str(Path(sys.executable).with_name("flowella-mock"))


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A server whose time stands still; what is due now is done now."""
    with Fake(Config(port=0, clock="manual")) as running:
        yield running


@pytest.fixture
def server(fake: Fake) -> Server:
    """Its default organization."""
    return Server(fake.server.url, "default", None)


def trigger(fake: Fake, *arguments: str) -> Result:
    """The command, in process."""
    return CliRunner().invoke(main, ["trigger", *arguments, "--url", fake.server.url])


@contextmanager
def listening(fake: Fake, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, once its webhook is there; interrupted at the end."""
    command = [COMMAND, "listen", "--url", fake.server.url, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert fake.orgs.default.wait_for(lambda: fake.orgs.default.store.endpoints.count() == 1, 20)
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def settle(server: Server, kind: str) -> dict[str, Any]:
    """Wait until such an event has been delivered."""
    found: dict[str, Any] = server.control("GET", f"/wait?kind=delivery&event={kind}&status=succeeded&timeout=10")[
        "items"
    ][0]
    return found


def test_every_event_can_be_triggered_and_is_shown(fake: Fake, server: Server) -> None:
    """One readable line each; when it ends, its webhook is gone."""
    told = set(FLOWELLA.tells) | {EventKind.WEBHOOK_TEST}
    assert set(PLAYS) == {*EventKind, "web.message_received", "web.sent_message"}
    with listening(fake) as process:
        for kind in told:
            result = trigger(fake, kind)
            assert result.exit_code == 0, result.output
            settle(server, kind)
        assert process.stdout
        missing = {kind.value for kind in told}
        while missing:
            time_and_event = process.stdout.readline().split()[:2]
            missing -= set(time_and_event)

    assert server.control("GET", "/webhooks")["items"] == []


@pytest.mark.parametrize(
    ("platform", "names"),
    [("whatsapp", sorted(FLOWIQ.tells.values())), ("web", ["web.message_received", "web.sent_message"])],
)
def test_flowiq_is_triggered_by_its_own_names_and_shown_unsigned(fake: Fake, platform: str, names: list[str]) -> None:
    """The same two commands for the vendor that signs nothing."""
    with listening(fake, "--vendor", "flowiq", "--platform", platform) as process:
        for name in names:
            result = trigger(fake, name)
            assert result.exit_code == 0, result.output
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines[1].startswith("Nothing is signed")
        missing = {name.removeprefix("web.") for name in names}
        while missing:
            line = process.stdout.readline()
            assert "unsigned, answered 200" in line
            missing.discard(line.split()[1])


def test_lines_are_readable_and_secrets_are_not(fake: Fake, server: Server) -> None:
    """Event, what it is about, and whether the signature was right."""
    with listening(fake) as process:
        trigger(fake, "message.received", "--set", "from=+15559990000", "--set", "text=Où ?")
        settle(server, "message.received")
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]

    assert lines[0].startswith("Listening to default at http://127.0.0.1")
    assert "whsec_…0000" in lines[1]
    assert "message.received" in lines[3]
    assert "from '+15559990000', text 'Où ?'" in lines[3]
    assert "genuine, answered 200" in lines[3]
    assert DEFAULT_WEBHOOK_SECRET not in "".join(lines)


def test_forwarding_hands_on_the_same_bytes_and_the_answer(fake: Fake, server: Server) -> None:
    """The app behind it can verify as if it had been called itself, and its status is the answer."""
    got: list[tuple[dict[str, str], bytes]] = []

    class App(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202 if len(got) > 1 else 418)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), App) as app:
        Thread(target=app.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{app.server_port}/hooks"
        with listening(fake, "--json", "--event", "message.received", "--forward-to", url) as process:
            trigger(fake, "message.received")
            assert process.stdout
            first = json.loads(process.stdout.readline())
            server.control("POST", "/clock/advance", {"seconds": 30})
            second = json.loads(process.stdout.readline())
        app.shutdown()

    delivery = settle(server, "message.received")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [418, 202]
    assert (first["genuine"], first["status"], second["status"]) == (True, 418, 202)
    assert first["body"]["event"] == "message.received"
    sent = delivery["attempts"][0]
    assert got[0][1].decode() == sent["requestText"]
    assert sent["requestHeaders"].items() <= got[0][0].items()
    assert verify(DEFAULT_WEBHOOK_SECRET, got[0][1], got[0][0]["X-Flowella-Signature"])


def test_an_app_that_is_not_there_is_a_bad_gateway(fake: Fake, server: Server) -> None:
    """The sender hears 502, the reader why."""
    with listening(fake, "--json", "--forward-to", "http://127.0.0.1:1/") as process:
        trigger(fake, "conversation.opened")
        assert process.stdout
        line = json.loads(process.stdout.readline())

    assert line["status"] == 502
    assert "does not answer" in line["remark"]


def test_another_organization_and_its_settings(fake: Fake) -> None:
    """A key is made for the occasion and revoked; details can be set."""
    made = Server(fake.server.url, "default", None)._call("POST", "/_mock/orgs", {"clock": "manual"}, None)
    org = Server(fake.server.url, made["id"], None)
    result = trigger(fake, "message.failed", "--org", made["id"], "--set", "to=+15551112222", "--set", "code=131049")

    assert result.exit_code == 0, result.output
    message = org.control("GET", "/messages?direction=OUTBOUND")["items"][0]
    assert (message["to"], message["status"], message["error"]["code"]) == ("+15551112222", "FAILED", 131049)
    assert [key["status"] for key in org.control("GET", "/api-keys")["items"]] == ["revoked", "active", "active"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["message.reed"], "did you mean 'message.read'"),
        (["message.read", "--set", "too=+15551234567"], "did you mean 'to'"),
        (["message.read", "--set", "to"], "to=…"),
        (["message.failed", "--set", "code=x"], "is a number"),
        (["message.read", "--set", "to=nobody"], "VALIDATION_ERROR"),
        (["template.status_updated", "--set", "template=order_updat"], "did you mean 'order_update'"),
        (["template.status_updated", "--set", "status=GONE"], "status"),
        (["webhook.test"], "flowella-mock listen makes one"),
        (["message.read", "--org", "nobody"], "No organization 'nobody'"),
    ],
)
def test_what_is_wrong_is_said(fake: Fake, arguments: list[str], said: str) -> None:
    """No traceback, but what would be right."""
    result = trigger(fake, *arguments)

    assert result.exit_code in {1, 2}
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", [["listen"], ["trigger", "message.read"]])
@pytest.mark.parametrize(
    ("url", "said"),
    [("http://127.0.0.1:1", "start it with flowella-mock serve"), ("127.0.0.1:1", "is not the address")],
)
def test_a_server_that_is_not_there(command: list[str], url: str, said: str) -> None:
    """What to start, and where to point."""
    done = subprocess.run([COMMAND, *command, "--url", url], capture_output=True, text=True, check=False)

    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_control_token_is_asked_for() -> None:
    """And taken."""
    with Fake(Config(port=0, clock="manual", control_token="t")) as running:
        assert "--control-token T" in trigger(running, "message.received").output
        assert trigger(running, "message.received", "--control-token", "t").exit_code == 0
