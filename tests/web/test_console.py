"""The console's files, what guards them, and what the control plane has for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mock_server.app import create_app
from mock_server.domain.faults import EFFECTS, effects_for
from mock_server.orgs import NewOrg
from mock_server.web import console

if TYPE_CHECKING:
    from pathlib import Path

    from mock_server.orgs import Orgs

    from .conftest import Doors

STATIC = console.HOME / "static"
MODULES = sorted(STATIC.rglob("*.js"))
SHEETS = sorted(STATIC.rglob("*.css"))
HOME = "http://localhost"


def _name(file: Path) -> str:
    return file.relative_to(STATIC).as_posix()


def test_the_page_is_served_where_the_banner_says(doors: Doors) -> None:
    """`/_mock/` is the page, and its address without the slash leads there."""
    page = doors.client.get("/_mock/")

    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    assert doors.client.get("/_mock").headers["Location"].endswith("/_mock/")


def test_everything_that_the_page_asks_for_is_there(doors: Doors) -> None:
    """Each file that the page, a module or a sheet refers to is served, with a type that browsers run."""
    page = doors.client.get("/_mock/").text
    wanted = {f"/_mock/{path}" for path in re.findall(r'(?:href|src)="(console/[^"]+)"', page)}
    for module in MODULES:
        for path in re.findall(r'from "(\.[^"]+)"', module.read_text(encoding="utf-8")):
            wanted.add(f"/_mock/console/{(module.parent / path).resolve().relative_to(STATIC.resolve()).as_posix()}")
    got = {path: doors.client.get(path) for path in sorted(wanted)}

    assert len(got) > 20
    assert {path: answer.status_code for path, answer in got.items() if answer.status_code != 200} == {}
    types = {path.rpartition(".")[2]: answer.content_type for path, answer in got.items()}
    assert types == {
        "js": "text/javascript; charset=utf-8",
        "css": "text/css; charset=utf-8",
        "svg": "image/svg+xml; charset=utf-8",
    }


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/console/js/main.js"])
def test_nothing_inline_and_nothing_from_elsewhere_may_run(doors: Doors, path: str) -> None:
    """The policy lets the page use its own files only, and nobody may frame it."""
    headers = doors.client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_itself_has_nothing_inline(doors: Doors) -> None:
    """The policy would only break what is inline, so there must be none."""
    page = doors.client.get("/_mock/").text

    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://", page) == []


@pytest.mark.parametrize("name", ["../__init__.py", "%2e%2e/__init__.py", "js/", "no.js", "../templates/console.html"])
def test_only_its_files_are_served(doors: Doors, name: str) -> None:
    """Nothing beside the folder can be fetched; what is not there is an error of the control plane."""
    answer = doors.client.get(f"/_mock/console/{name}")

    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_page_can_only_be_read(doors: Doors, method: str) -> None:
    """It has no door of its own: what changes something is a call of the control plane."""
    for path in ("/_mock/", "/_mock/console/js/main.js"):
        assert doors.client.open(path, method=method).status_code == 405


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_text_never_becomes_markup(module: Path) -> None:
    """No module has a way to turn text into HTML or code."""
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML|srcdoc"
    code = r"\beval\b|new Function|javascript:|\.cssText|setTimeout\([\"'`]"
    forbidden = f"{markup}|{code}"

    assert re.findall(forbidden, module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", [*MODULES, *SHEETS], ids=_name)
def test_the_console_needs_no_network(file: Path) -> None:
    """Nothing is loaded from another host, and a file stays one that can be read in one go."""
    text = file.read_text(encoding="utf-8")
    loaded = re.findall(r"(?:import|from|fetch\(|url\(|@import)\s*[\"'(]*\s*((?:https?:)?//[^\"')\s]+)", text)

    assert loaded == []
    assert len(text.splitlines()) <= 300


def test_each_call_of_the_page_is_in_the_document(doors: Doors) -> None:
    """The page has no private door: every path in its modules is one of control-openapi.yaml."""
    known = {
        re.sub(r"\{\w+\}", "*", path) for path in doors.client.get("/_mock/control-openapi.json").get_json()["paths"]
    }
    named = set()
    for module in MODULES:
        text = module.read_text(encoding="utf-8")
        named |= {
            f"/_mock/orgs/*{path}" for path in re.findall(r"app\.path\([\"`]([^\"`?$]*(?:\$\{[^}]*\}[^\"`?$]*)*)", text)
        }
        named |= set(re.findall(r"[\"`](/_mock/[^\"`?]*)", text))
    paths = {re.sub(r"\$\{.*?\}+\)?\}?", "*", path).rstrip("?") for path in named}

    assert {path for path in paths if not {path, path.replace("**", "*"), path.rstrip("*")} & known} == set()
    assert len(paths) > 20


def test_the_wheel_has_the_console() -> None:
    """The folder lies inside the package, so it is packed with it, and nothing in it is ignored."""
    root = console.HOME.parent.parent.parent
    ignored = (root / ".gitignore").read_text(encoding="utf-8").split()

    assert {file.suffix for file in console.HOME.rglob("*") if file.is_file() and "__pycache__" not in file.parts} == {
        ".py", ".html", ".js", ".css", ".svg",
    }  # fmt: skip
    assert not {"static", "templates", "console", "*.js", "*.css", "*.html", "*.svg"} & set(ignored)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": HOME},
        {"Origin": "http://rebound.example", "Host": "rebound.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_pages_of_other_origins_may_change_nothing(doors: Doors, headers: dict[str, str]) -> None:
    """A browser's call for another page is refused before anything happens, also one without a body."""
    doors.control("POST", "/inbound", {"from": "+15551234567", "text": "hello"})
    for method, path in (("POST", "/reset"), ("DELETE", "/requests"), ("POST", "/clock/advance")):
        answer = doors.client.open(f"/_mock/orgs/{doors.world.org.id}{path}", method=method, headers=headers)
        assert answer.status_code == 403
        assert answer.get_json()["error"]["code"] == "FORBIDDEN"

    assert doors.world.store.messages.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": HOME, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://127.0.0.1:8484", "Host": "127.0.0.1:8484"},
        {"Origin": "http://[::1]:8484", "Host": "[::1]:8484"},
        {"Origin": "http://mock.localhost:8484", "Host": "mock.localhost:8484"},
        {"Host": "mock:8484"},
    ],
)
def test_the_console_and_clients_that_are_no_browsers_go_on(doors: Doors, headers: dict[str, str]) -> None:
    """Our own page, and whoever sends no such header, under any name of the server."""
    path = f"/_mock/orgs/{doors.world.org.id}/clock"

    assert doors.client.put(path, json={"mode": "manual"}, headers=headers).status_code == 200


def test_with_a_token_any_name_of_the_server_will_do(orgs: Orgs) -> None:
    """A name that leads elsewhere tomorrow is no danger where the token is asked for; and the page needs none itself."""
    orgs.create(NewOrg(scale=0))
    client = create_app(orgs, "sesame").test_client()
    own = {"Origin": "http://mock.example", "Host": "mock.example"}

    assert client.get("/_mock/").status_code == 200
    assert client.post("/_mock/orgs", json={}, headers=own).status_code == 401
    assert client.post("/_mock/orgs", json={}, headers={**own, "Authorization": "Bearer sesame"}).status_code == 201


def test_reading_is_left_to_the_browser(doors: Doors) -> None:
    """A foreign page cannot read the answer, because nothing allows it to; so a link in a wiki still works."""
    answer = doors.client.get("/_mock/orgs", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_contacts_can_be_listed_and_looked_at(doors: Doors) -> None:
    """Everybody, with what they opted out of."""
    doors.control("POST", "/inbound", {"from": "+15551234567", "text": "STOP", "profileName": "Ada"})
    doors.control("POST", "/inbound", {"from": "+15557654321", "text": "hello"})
    everybody = doors.control("GET", "/contacts").body["items"]
    ada = everybody[1]

    assert [one["phone"] for one in everybody] == ["+15557654321", "+15551234567"]
    assert (ada["name"], ada["isOptedOut"]) == ("Ada", True)
    assert doors.control("GET", f"/contacts/{ada['id']}").body == ada
    assert doors.control("GET", "/contacts?isOptedOut=true").body["items"] == [ada]
    assert doors.control("GET", "/contacts/nobody").status == 404


def test_analytics_come_in_equal_parts(doors: Doors) -> None:
    """The parts follow each other without a gap, and their sums are the whole."""
    doors.control("POST", "/inbound", {"from": "+15551234567", "text": "hello"})
    for _ in range(3):
        doors.api("POST", "/messages", {"to": "+15551234567", "text": "hi"})
        doors.advance(3600)
    start, end = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    report = doors.control("GET", f"/analytics?startDate={start}&endDate={end}&buckets=7").body
    recent = doors.control("GET", "/analytics?buckets=5").body

    for one in (report, recent):
        edges = [part["start"] for part in one["series"]] + [one["series"][-1]["end"]]
        assert edges[0] == one["start"]
        assert edges[1:] == [part["end"] for part in one["series"]]
        assert one["total"] == sum(part["total"] for part in one["series"]) == 3
        assert one["counts"]["READ"] == 3
    assert doors.control("GET", "/analytics?buckets=0").status == 400
    assert doors.control("GET", f"/analytics?startDate={end}&endDate={start}").code == "VALIDATION_ERROR"
    assert doors.control("GET", f"/analytics?startDate={start}&endDate={start}").body["series"] == []


def test_every_offered_fault_can_be_ordered(doors: Doors) -> None:
    """What the form offers is taken by the server, and it offers every effect there is."""
    targets = doors.client.get("/_mock/fault-targets").get_json()["items"]
    settings = {
        "latency": {"seconds": 1},
        "status": {"status": 503},
        "metaError": {"code": 131026},
        "delay": {"seconds": 1},
    }
    refused = []
    for target in targets:
        for name, fields in target["effects"].items():
            match = {field: values[0] if values else "*" for field, values in list(fields.items())[:1]}
            body = {"on": target["on"], "effect": {"type": name, **settings.get(name, {})}, "match": match}
            made = doors.control("POST", "/faults", body)
            refused += [(body, made.message)] if made.status != 201 else []
            doors.control("DELETE", "/faults")

    assert refused == []
    assert {name for target in targets for name in target["effects"]} == set(EFFECTS)
    sends = {target["on"] for target in targets if "metaError" in target["effects"]}
    assert {"*", "sendMessage", "queueTemplateSend"} <= sends
    assert "listContacts" not in sends
    assert "metaError" in effects_for("listContacts")
