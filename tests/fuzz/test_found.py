"""What the fuzzer found, each once and for good."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner

from bench.fuzz.house import KEYS, caller
from bench.fuzz.wire import adjustments
from contracts.auditing.recording import Damaged
from contracts.auditing.session import audit
from contracts.spec import BrokenSpec, load
from mock_server import plain, seeds, snapshots
from mock_server.cli import main
from mock_server.codec import Wrong, codec
from mock_server.domain.errors import Invalid
from mock_server.domain.instant import Instant
from mock_server.drills import drill
from mock_server.webhooks.signing import sign
from mock_server.webhooks.targets import check_url
from mock_server.wire.requests import Request

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-00:01"])
def test_a_moment_that_its_zone_moves_out_of_the_calendar(moment: str) -> None:
    """Refused in snapshots: it could be kept, but not written down again."""
    with pytest.raises(Wrong, match="must be a moment"):
        codec(Instant).decode(moment)


PLACED = {
    "a date": ("channels: [{name: 2026-11-21}]", "channels[0].name: '2026-11-21' is of type date; write it in quotes"),
    "a number as key": ("channels: [{1: a}]", "channels[0]: the key 1 is of type int; write it in quotes"),
    "bytes": ("a: !!binary aGk=", "a: \"b'hi'\" is of type bytes"),
    "a set": ("a: !!set {b}", "a: \"{'b'}\" is of type set"),
    "infinity": ("a: .inf", "a: inf is beyond the numbers"),
    "a huge number": (f"a: {10**30}", "is beyond the numbers"),
    "itself": ("a: &a [*a]", "is nested too deeply, or within itself"),
    "very deep": ("[" * 200 + "]" * 200, "is nested too deeply"),
    "too deep for the parser": ("[" * 500 + "]" * 500, "is not YAML: "),
    "month 13": ("a: 2026-13-45", "a value in it cannot be read: month must be in 1..12"),
    "no number": ("a: !!int abc", "a value in it cannot be read"),
    "no date": ("a: !!timestamp abc", "a value in it cannot be read"),
    "laughter": (
        "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise("zbcdefgh")
        ).replace("*z", "1"),
        "more than 200,000 values",
    ),
}


@pytest.mark.parametrize("kind", PLACED)
def test_yaml_that_is_no_plain_data(kind: str, tmp_path: Path) -> None:
    """A seed and a drill say where and what, whatever YAML can say that JSON cannot."""
    text, words = PLACED[kind]
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(Invalid) as of_seed:
        seeds.load(str(file), files=True)
    with pytest.raises(Invalid) as of_drill:
        drill.load(str(file))
    assert words in str(of_seed.value)
    assert "own.yaml is not YAML: " in str(of_drill.value)


def test_plain_yaml_is_read() -> None:
    """What JSON can say, the same value in two places included."""
    assert plain.yaml_values(lambda: yaml.safe_load("a: &x [1, 2.5, true, null, b]\nc: *x")) == {
        "a": [1, 2.5, True, None, "b"],
        "c": [1, 2.5, True, None, "b"],
    }


@pytest.mark.parametrize(
    "url", ["http://[::1]x:9/", "http://[::1]..:9/", "https://[::1].example.com/", "https://\\", "https://a\\b/"]
)
def test_a_host_that_is_none(url: str) -> None:
    """The standard library overlooks it; judged by one host and posted to another would be a way out of this machine."""
    with pytest.raises(Invalid, match="is not a host, or a host and a port"):
        check_url(url)


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-45",
        "openapi: 3.1.0\npaths: {1: {get: {responses: {}}}}",
        "openapi: 3.1.0\npaths: {/a: {get: {requestBody: null, responses: {}}}}",
        "openapi: 3.1.0\ninfo: none\npaths: {/a: {get: {responses: {}}}}",
        "openapi: 3.1.0\npaths: {/a: {get: {requestBody: {content: {application/json: {examples: {x: 1}}}}}}}",
    ],
)
def test_a_spec_of_another_shape(text: str, tmp_path: Path) -> None:
    """`--spec` says what is wrong with the document, whatever it is."""
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(BrokenSpec, match=r"cannot be read|is neither YAML nor JSON"):
        load(str(file))


def test_verify_reads_any_bytes(tmp_path: Path) -> None:
    """A body nested a thousandfold, a secret and a timestamp that are not UTF-8: a verdict, no traceback."""
    body = tmp_path / "body"
    body.write_bytes(b"[" * 100_000)
    command = ["verify", "--body", str(body), "--timestamp", "\udcff", "--secret", "whsec_\udcfe"]

    right = CliRunner().invoke(main, [*command, "--signature", sign("whsec_\udcfe", b"[" * 100_000)])
    wrong = CliRunner().invoke(main, [*command[:3], "--secret", "s", "--signature", "00"])

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert "right: HMAC-SHA256" in right.output
    assert "wrong, and of nothing known" in wrong.output


def test_half_a_surrogate_pair_as_flowiqs_message_type() -> None:
    """It is refused before there is a body to quote from; that was a 500."""
    body = b'{"phone_number":"15551234567","message_type":"\\ud800"}'
    with caller() as call:
        said = call("POST", "/send-whatsapp", body=body, headers=[("Authorization", f"Bearer {KEYS['flowiq']}")])

    assert (said.status, said.json["error"]) == (400, "Invalid request")
    assert said.json["message"].startswith("message_type: contains half of a surrogate pair")


def test_a_query_of_bare_bytes() -> None:
    """Our own server lets none through; behind another one they were a 500."""
    with caller() as call:
        said = call("GET", "/api/v1/contacts", "cursor=\xb5", headers=[("Authorization", f"Bearer {KEYS['flowella']}")])

    assert said.status == 400
    assert "not UTF-8" in said.json["error"]["message"]


def test_a_retry_after_success_beside_a_broken_answer(tmp_path: Path) -> None:
    """An audit judges the webhooks even where an answer in the same recording is broken in shape."""
    at = "2026-11-21T10:00:00.000Z"
    call = {
        "id": "r",
        "at": at,
        "method": "POST",
        "path": "/api/v1/messages",
        "query": "",
        "operationId": "sendMessage",
    }
    headers = {"X-Flowella-Event": "message.sent", "X-Flowella-Delivery": "d"}
    attempts: list[Any] = [
        {"at": at, "number": n, "requestHeaders": headers, "requestBody": "e30=", "status": 200} for n in (1, 2)
    ]
    broken = {**call, "body": {"te~t": "hi"}, "status": 201, "faults": []}
    rows = [broken, {"id": "d", "eventId": "e", "faults": [], "attempts": attempts}]
    file = tmp_path / "journal.json"
    file.write_text(json.dumps({"items": rows}), encoding="utf-8")

    assert "nothing-invented" in {finding.check for finding in audit([str(file)]).findings}


def test_a_snapshot_with_a_moment_outside_of_all_calendars() -> None:
    """Refused by its place, instead of taken and never given out again."""
    with caller() as call:
        path = f"/_mock/orgs/{call.world_id}/snapshot"
        document = json.loads(snapshots.write(snapshots.take(call.world)))
        document["records"]["templates"][0]["createdAt"] = "0001-01-01T00:00:00+23:59"
        said = call("PUT", path, body=json.dumps(document).encode())

    assert said.status == 400
    assert "records.templates[0].createdAt" in said.json["error"]["message"]


@pytest.mark.parametrize("blank", [b"\r\n", b"\n", b"\r"])
def test_blank_lines_before_a_request_are_taken_at_once(blank: bytes) -> None:
    """All of them by one request, which looks at none again; what follows is read as ever."""
    request = Request(adjustments())

    assert request.received(blank * 5_000) == len(blank) * 5_000
    assert request.received(blank + b"GET /a HTTP/1.1\r\n\r\n") == len(blank) + 19
    assert (request.completed, request.error, request.path) == (True, None, "/a")


RECORDED: dict[str, Any] = {
    "journal": {"items": [{"eventId": "e", "attempts": [{"number": 1e999, "requestHeaders": {}, "requestBody": ""}]}]},
    "archive": {"log": {"entries": [{"request": {"headers": [], "url": "", "method": "", "postData": None}}]}},
    "lines": {"headers": {}, "body": "{}", "status": 1e999},
}
RECORDED["archive"]["log"]["entries"][0] |= {
    "startedDateTime": "2026-11-21T10:00:00Z",
    "response": {"status": 1e999, "headers": []},
}
RECORDED["archive"]["log"]["entries"][0]["request"]["headers"] = [{"name": "X-Flowella-Event", "value": "a"}]


@pytest.mark.parametrize("kind", RECORDED)
def test_a_recording_with_an_endless_number(kind: str, tmp_path: Path) -> None:
    """JSON may say 1e999; the audit says where."""
    file = tmp_path / "recorded.json"
    file.write_text(json.dumps(RECORDED[kind]).replace("Infinity", "1e999"), encoding="utf-8")

    with pytest.raises(Damaged, match=r"recorded\.json: (items\[0\]|log\.entries\[0\]|line 1)"):
        audit([str(file)])
