"""`audit`: what was recorded of an honest fake is clean, lies in a recording are found by the right law, nothing is sent."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from liar import LIES, honest, lying
from recordings import SECRET, archive, books, logged
from sampling import some

from contracts.auditing.hooks import AS_A_WHOLE
from contracts.auditing.session import audit
from contracts.cli import main
from contracts.report.har import har
from contracts.settings import WrongUsage
from contracts.webhooks.checking import BOOK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contracts.reporting import Report
    from mock_server.orgs import Orgs

Json = Any

OF_WEBHOOKS = {name for name, law in BOOK.laws.items() if law.watch is not None} | AS_A_WHOLE.keys()
"""What can be judged of webhooks that were recorded."""


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Called, it forbids every socket until the test is over."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("an audit opens no connection")

    return lambda: monkeypatch.setattr(socket, "socket", refuse)


def told(file: Path, rows: list[Json]) -> Path:
    """JSON lines."""
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def violated(report: Report) -> set[str]:
    """The laws that found something."""
    return {finding.check for finding in report.findings}


def test_an_honest_recording_is_clean(tmp_path: Path, offline: Callable[[], None]) -> None:
    """Judged without a socket; what a recording cannot show is not reached, with the reason."""
    with honest() as target:
        file = archive(target, tmp_path / "traffic.har", skip=("model",), max_requests=900)
    offline()
    report = audit([str(file)])

    assert report.exit_code == 0, report.text()
    assert not report.findings, report.text()
    assert {"response-schema", "key-required", "bad-input-refused", "pages-complete", "limit-bounds"} <= report.held
    reasons = {entry.name: entry.reason for entry in report.promises if entry.state == "not reached"}
    assert reasons["model"] == "it takes calls made for it, and a recording cannot be asked"
    assert reasons["states-in-order"] == "nothing of this kind was recorded"


RECORDED_LIES: dict[str, str | None] = {
    "contact-without-phone": None,
    "internal-field-of-contacts": None,
    "ok-is-not-created": None,
    "json-as-html": None,
    "crash-on-a-list": None,
    "flat-errors": None,
    "wamid-in-hex": None,
    "from-the-future": None,
    "every-second-id-again": None,
    "key-in-the-refusal": None,
    "writing-needs-no-key": None,
    "wrong-method-is-not-found": None,
    "any-content-type": None,
    "limit-is-clamped": None,
    "one-too-many": None,
    "cursor-repeats": None,
    "another-contact": "ids-agree",
    "options-is-not-found": None,
    "any-email-will-do": None,
}
"""And the law that finds it in a recording, where that is not the one that finds it live."""


@pytest.mark.parametrize("lie", some(RECORDED_LIES, every=4))
def test_a_lie_in_a_recording_is_found(lie: str, tmp_path: Path) -> None:
    """By the law that would have found it live, with the file and the place in it, and no other is blamed."""
    with lying(lie, slowness=0) as target:
        skip = ("model",) if "bad-input-refused" in LIES[lie].found_by else ("model", "bad-input-refused")
        file = archive(target, tmp_path / "traffic.har", skip=skip, max_requests=1200)
    report = audit([str(file)])
    law = RECORDED_LIES[lie]

    assert violated(report) == ({law} if law else set(LIES[lie].found_by)), report.text()
    assert all(f"in {file}: log.entries[" in finding.came for finding in report.findings)


def test_the_books_of_the_fake_are_clean(orgs: Orgs, transport: Any, tmp_path: Path) -> None:
    """Pages of the journal and of deliveries, the retries of which were answered in the end."""
    answers = iter([500, 503, None])
    transport.answer = lambda _: next(answers, 200) or 500
    requests, deliveries = books(orgs)
    files = []
    for name, pages in (("journal", requests), ("deliveries", deliveries)):
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(pages), encoding="utf-8")
    report = audit([str(file) for file in files], secret=SECRET)

    assert report.exit_code == 0, report.text()
    assert not report.findings, report.text()
    assert report.held >= OF_WEBHOOKS, report.text()
    assert "status-declared" in report.held
    reasons = {entry.name: entry.reason for entry in report.promises}
    assert reasons["response-schema"] == "the journal keeps no answers"
    assert SECRET not in report.text()


def edited(change: Callable[[Json], None]) -> Callable[[Json], None]:
    """A lie in the body, which is signed as it is."""

    def tell(row: Json) -> None:
        body = json.loads(row["body"])
        change(body)
        row["body"] = json.dumps(body)
        signed = hmac.new(SECRET.encode(), row["body"].encode(), hashlib.sha256).hexdigest()
        row["headers"]["X-Flowella-Signature"] = signed

    return tell


def header(name: str, value: str | None) -> Callable[[Json], None]:
    """A lie in a header; None leaves it out."""

    def tell(row: Json) -> None:
        del row["headers"][name]
        row["headers"] |= {} if value is None else {name: value}

    return tell


HOOK_LIES: dict[str, tuple[str, Callable[[Json], None]]] = {
    "an unknown event": ("delivery-body", edited(lambda body: body.update(event="message.imagined"))),
    "a field is missing": ("delivery-body", edited(lambda body: body["data"].pop("conversationId"))),
    "a wrong type": ("delivery-body", edited(lambda body: body["data"].update(contactId=7))),
    "no signature": ("delivery-headers", header("X-Flowella-Signature", None)),
    "another sender": ("delivery-headers", header("User-Agent", "curl/8")),
    "a forged signature": ("delivery-signature", header("X-Flowella-Signature", "0" * 64)),
    "an old timestamp": ("delivery-timestamp", header("X-Flowella-Timestamp", "1600000000")),
    "the secret in a header": ("delivery-no-secret", lambda row: row["headers"].update({"X-Debug": SECRET})),
    "a wamid that is none": ("wamid-well-formed", edited(lambda body: body["data"].update(metaMessageId="wamid.0000"))),
}


@pytest.mark.parametrize("lie", HOOK_LIES)
def test_a_lie_in_a_webhook_is_found(lie: str, orgs: Orgs, tmp_path: Path) -> None:
    """By the right promise and no other."""
    law, tell = HOOK_LIES[lie]
    rows = logged(books(orgs)[1])
    tell(next(row for row in rows if row["headers"]["X-Flowella-Event"] == "message.sent"))
    report = audit([str(told(tmp_path / "hooks.jsonl", rows))], secret=SECRET)

    assert violated(report) == {law}, report.text()


def _retold(rows: list[Json], event: str) -> Json:
    return json.loads(json.dumps(next(row for row in rows if row["headers"]["X-Flowella-Event"] == event)))


def test_a_retry_is_the_same_event(orgs: Orgs, tmp_path: Path) -> None:
    """Another event id under the same delivery, though it is signed and sound."""
    rows = logged(books(orgs)[1])
    rows[-1]["status"] = 500
    again = json.loads(json.dumps(rows[-1]))
    edited(lambda body: body["data"].update(id="c" + "z" * 24))(again)
    report = audit([str(told(tmp_path / "hooks.jsonl", [*rows, again]))], secret=SECRET)

    assert "retries-same" in violated(report), report.text()


def test_an_event_id_is_of_one_event(orgs: Orgs, tmp_path: Path) -> None:
    """`message.sent` and `message.delivered` with one id."""
    rows = logged(books(orgs)[1])
    first = json.loads(_retold(rows, "message.sent")["body"])["data"]["id"]
    late = next(row for row in rows if row["headers"]["X-Flowella-Event"] == "message.delivered")
    edited(lambda body: body["data"].update(id=first))(late)
    report = audit([str(told(tmp_path / "hooks.jsonl", rows))], secret=SECRET)

    assert violated(report) == {"event-ids-unique"}, report.text()


def test_states_come_in_order(orgs: Orgs, tmp_path: Path) -> None:
    """Delivered before it was sent, by the times in the events; the order of arrival is free."""
    rows = logged(books(orgs)[1])
    shuffled = audit([str(told(tmp_path / "shuffled.jsonl", [{**row, "at": None} for row in rows[::-1]]))])
    assert not shuffled.findings, shuffled.text()

    late = next(row for row in rows if row["headers"]["X-Flowella-Event"] == "message.delivered")
    edited(lambda body: body.update(createdAt="2026-11-21T09:00:00.000Z"))(late)
    report = audit([str(told(tmp_path / "hooks.jsonl", rows))], secret=SECRET)
    assert violated(report) == {"states-in-order"}, report.text()


def test_what_was_taken_is_not_sent_again(orgs: Orgs, tmp_path: Path) -> None:
    """A second attempt after 200."""
    rows = logged(books(orgs)[1])
    report = audit([str(told(tmp_path / "hooks.jsonl", [*rows, rows[-1]]))], secret=SECRET)

    assert violated(report) == {"nothing-invented"}, report.text()


def test_a_folder_of_webhooks(orgs: Orgs, tmp_path: Path) -> None:
    """Pairs of files, with the exact bytes."""
    for number, row in enumerate(logged(books(orgs)[1])):
        lines = [f"{name}: {value}" for name, value in row["headers"].items()]
        lines += [f"Received-At: {row['at']}", f"Answered: {row['status']}"]
        (tmp_path / f"{number:03}.headers").write_text("\n".join(lines), encoding="utf-8")
        (tmp_path / f"{number:03}.body").write_bytes(row["body"].encode())
    report = audit([str(tmp_path)], secret=SECRET)
    assert report.exit_code == 0, report.text()
    assert "delivery-signature" in report.held

    (tmp_path / "000.body").unlink()
    with pytest.raises(WrongUsage, match=r"there is 000\.headers, but no 000\.body"):
        audit([str(tmp_path)])


def test_masked_answers_are_not_judged(tmp_path: Path) -> None:
    """An archive of this harness hides numbers: what is hidden is left out and told, and alone it is not enough."""
    from contracts import check

    with honest() as target:
        report = check(target.base_url, target.api_key, rate=100_000.0, only=("upsert-partial", "ids-unique"))
    file = tmp_path / "masked.har"
    whole = har(report)
    file.write_text(json.dumps(whole), encoding="utf-8")
    judged = audit([str(file)])
    assert not judged.findings, judged.text()
    assert "masked, left out" in judged.text()

    whole["log"]["entries"] = [e for e in whole["log"]["entries"] if "<number>" in json.dumps(e["response"])]
    file.write_text(json.dumps(whole), encoding="utf-8")
    assert audit([str(file)]).exit_code == 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.har", b'{"log": {"entries": [{"request": {}}]}}', "a.har: log.entries[0] is damaged: KeyError 'response'"),
        ("a.har", b'{"log": {"entries"', "a.har: it is not JSON: Expecting ':' delimiter: line 1 column 19"),
        ("a.har", b'{"log": []}', "a.har: log.entries is not a list"),
        ("a.json", b'{"items": [{"id": 7}]}', "a.json: items[0] is neither a call of the journal nor a delivery"),
        ("a.jsonl", b'{"headers": {}, "body": ""}\n{"headers": {}}\n', "a.jsonl: line 2: there is neither body"),
        ("a.jsonl", b'{"headers": {}, "body": ""}\n{"head\n', "a.jsonl: line 2 is not JSON"),
        ("a.jsonl", b'{"headers": {}, "body": "", "at": "noon"}\n{}\n', "it is JSON, but no recording"),
        ("a.jsonl", b'[{"headers": {}, "body": "", "at": "noon"}]', "a.jsonl: line 1, at: 'noon' is not a time"),
        ("a.json", b'{"openapi": "3.1.0"}', "a.json: it is JSON, but no recording; it takes an HTTP archive (HAR)"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "a.png: byte 0 is not UTF-8"),
        ("a.json", b"[" * 100_000, "a.json: it is nested too deeply"),
        ("a.json", b"", "a.json: it is not JSON"),
    ],
)
def test_what_is_no_recording_is_2(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    """With the file and the place in it."""
    file = tmp_path / name
    file.write_bytes(content)
    ran = CliRunner(env={"COLUMNS": "500"}).invoke(main, ["audit", str(file)])

    assert ran.exit_code == 2, ran.output
    assert words in " ".join(ran.output.split())


@pytest.mark.parametrize(
    ("status", "found"), [(429, set()), (401, set()), (503, {"server-error"}), (200, {"limit-bounds"})]
)
def test_a_call_that_was_refused_beforehand_shows_nothing(status: int, found: set[str], tmp_path: Path) -> None:
    """Of a limit that is none, 400 is promised; but not to somebody who asks too often."""
    page: Json = {"items": []}
    body = page if status == 200 else {"error": {"code": "WHATEVER", "message": "no"}}
    entry = {
        "startedDateTime": "2026-11-21T10:00:00Z",
        "request": {"method": "GET", "url": "http://127.0.0.1:8484/api/v1/contacts?limit=0", "headers": []},
        "response": {
            "status": status,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"text": json.dumps(body)},
        },
    }
    file = tmp_path / "refused.har"
    file.write_text(json.dumps({"log": {"entries": [entry]}}), encoding="utf-8")

    assert violated(audit([str(file)])) & {"server-error", "limit-bounds", "method-not-allowed"} == found


def test_nothing_of_this_api_is_3(tmp_path: Path) -> None:
    """An archive of another site, and a file that is not there."""
    entry = {
        "startedDateTime": "2026-11-21T10:00:00Z",
        "request": {"method": "GET", "url": "https://example.com/cats", "headers": []},
        "response": {"status": 200, "headers": [], "content": {}},
    }
    file = tmp_path / "cats.har"
    file.write_text(json.dumps({"log": {"entries": [entry]}}), encoding="utf-8")
    ran = CliRunner(env={"COLUMNS": "500"}).invoke(main, ["audit", str(file)])
    assert ran.exit_code == 3, ran.output
    assert "nothing in it belongs to this API" in ran.output

    ran = CliRunner(env={"COLUMNS": "500"}).invoke(main, ["audit", str(tmp_path / "gone.har")])
    assert ran.exit_code == 2
    assert "it cannot be read: No such file" in ran.output
