"""A start brings what the first answer needs, and the rest when it is needed."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from mock_server import app as application
from mock_server.entrance import Entrance, error_body
from mock_server.orgs import DEFAULT_API_KEY, NewOrg, Orgs
from mock_server.vendors.registry import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import FakeTransport
    from flask import Flask

ROOT = Path(__file__).parent.parent

HEAVY = {
    "flask", "jinja2", "yaml", "rich", "phonenumbers", "aiohttp", "asyncio", "sqlalchemy", "prometheus_client",
    "urllib.request", "mock_server.app", "mock_server.commands.listen", "mock_server.commands.trigger",
    "mock_server.drills", "mock_server.testing", "mock_server.web.console", "mock_server.web.control.door",
}  # fmt: skip

SERVE = f"""
import socket, sys
from mock_server import cli

def call(fake, head, body=b""):
    with socket.create_connection(("127.0.0.1", fake.server.port)) as line:
        line.sendall(head.encode() + b"Host: x\\r\\nConnection: close\\r\\nAuthorization: Bearer {DEFAULT_API_KEY}\\r\\n"
                     b"Content-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
        answer = line.makefile("rb").read()
    print(answer.split(b" ", 2)[1].decode(), *sorted({HEAVY} & set(sys.modules)), flush=True)

def announce(fake, config, greet=cli._announce):
    greet(fake, config)
    print("---")
    call(fake, "GET /api/v1/contacts?limit=25 HTTP/1.1\\r\\n")
    call(fake, "POST /api/v1/messages HTTP/1.1\\r\\n", b'{{"to": "+15551234567", "text": "hi"}}')
    call(fake, "GET /conversations HTTP/1.1\\r\\n")
    call(fake, "GET /_mock/orgs/default HTTP/1.1\\r\\n")
    raise SystemExit

cli._announce = announce
cli.main(["serve", "--port", "0"])
"""


def test_the_first_answers_need_none_of_the_heavy_modules() -> None:
    """A page, a send and another vendor's call, from the command line to the last byte; then one of the control plane."""
    done = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    page, send, other, control = done.stdout.partition("---\n")[2].splitlines()
    assert [page, send, other] == ["200", "201", "401"], "these are imported: who needs them?"
    assert control.split()[0] == "200"
    assert {"flask", "mock_server.app"} <= set(control.split())


@pytest.fixture
def entrance(transport: FakeTransport) -> Iterator[Entrance]:
    """To the default organization."""
    orgs = Orgs(transport, *DIALECTS)
    orgs.create(NewOrg(scale=0, api_key=DEFAULT_API_KEY))
    yield Entrance(orgs, "sesame")
    orgs.stop()


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Flask]:
    """The Flask applications that are made."""
    made: list[Flask] = []
    create = application.create_app

    def noted(*given: Any) -> Flask:
        made.append(create(*given))
        return made[-1]

    monkeypatch.setattr(application, "create_app", noted)
    return made


def test_flask_comes_with_the_first_call_that_needs_it(entrance: Entrance, built: list[Any]) -> None:
    """And stays. The control plane's token is asked for as ever."""
    client = Client(entrance)
    token = {"Authorization": "Bearer sesame"}
    pinged = client.get("/api/v1/ping", headers={"Authorization": f"Bearer {DEFAULT_API_KEY}"})

    assert (pinged.status_code, len(built)) == (200, 0)
    assert client.get("/_mock/orgs").status_code == 401
    assert client.get("/_mock/orgs", headers=token).status_code == 200
    assert client.get("/nowhere").status_code == 404
    assert len(built) == 1


def test_who_comes_while_it_comes_waits_for_the_same_one(entrance: Entrance, built: list[Any]) -> None:
    """Eight first calls at the same time, and `serve` making it ready beside them."""
    together = Barrier(9)

    def ask(number: int) -> int:
        together.wait()
        if number == 0:
            entrance.prepare()
            return 200
        return Client(entrance).get("/_mock/", headers={"Authorization": "Bearer sesame"}).status_code

    with ThreadPoolExecutor(9) as people:
        assert set(people.map(ask, range(9))) == {200}
    assert len(built) == 1


@pytest.mark.parametrize(
    ("path", "inside"),
    [("/api/v1/messages", b'"error":'), ("/_mock/orgs", b'"code":"INVALID_JSON"'), ("/nowhere", b'"error":')],
)
def test_what_never_came_in_is_answered_without_flask(path: str, inside: bytes, built: list[Any]) -> None:
    """In the envelope of whoever lives there."""
    kind, body = error_body(path, 400, "This is no HTTP")

    assert kind.startswith("application/json")
    assert inside in body
    assert b"This is no HTTP" in body
    assert built == []
