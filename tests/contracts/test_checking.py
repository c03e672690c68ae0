"""The whole check: of an honest server, of servers that are none, of one that must not be changed, and twice the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from liar import HOSTILE, honest, lying

from contracts import Report, check
from contracts.laws import LAWS, ORDER
from contracts.ledger import HELD, NOT_ALLOWED, NOT_REACHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liar import Target

FAST: dict[str, Any] = {"rate": 100_000.0}


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """An honest server that these tests share."""
    with honest() as served:
        yield served


def look(target: Target, **settings: Any) -> Report:
    """A check that is as fast as it goes."""
    return check(target.base_url, target.api_key, **{**FAST, **settings})


def look_with_everything(target: Target, **settings: Any) -> Report:
    """The same with all the means that laws can use."""
    means = {"other_key": target.other_key, "revoked_key": target.revoked_key, "control_url": target.control_url}
    return look(target, **means, **settings)


def test_an_honest_server_is_found_innocent(target: Target) -> None:
    """Every promise held, every operation succeeded, cases were generated, and nothing was found."""
    report = look_with_everything(target, max_requests=1600)

    assert report.exit_code == 0, report.text()
    assert not report.findings
    assert report.held == set(LAWS)
    assert all(operation.successes for operation in report.operations)
    assert report.facts["cases"] > 100


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 10))])
def test_no_seed_makes_an_honest_server_guilty(target: Target, seed: int) -> None:
    """Ten seeds, one server: what earlier runs left behind disturbs none."""
    report = look_with_everything(target, seed=seed, skip=("bad-input-refused", "rate-limit"))

    assert report.exit_code == 0, report.text()
    assert not report.findings, report.text()


def test_the_same_seed_again_on_the_same_server() -> None:
    """The people of the first run are there already; that is no reason to complain."""
    with honest() as target:
        reports = [look(target, seed=4, skip=("bad-input-refused", "rate-limit")) for _ in range(2)]

    assert [report.exit_code for report in reports] == [0, 0], reports[1].text()


def test_every_law_has_its_place_and_every_place_its_law() -> None:
    """The order is written down by name; a law that is missing in it would never be looked at."""
    from contracts.laws.registry import ENTERED
    from contracts.webhooks.checking import BOOK

    assert set(ORDER) | set(BOOK.laws) == set(ENTERED)
    assert len(ORDER) + len(BOOK.laws) == len(ENTERED)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("dead-port", 4, "connection refused. Is the server running"),
        ("hangs", 4, "no answer in time"),
        ("hangs-up", 4, "closed without an answer"),
        ("resets", 4, "the connection was reset"),
        ("garbage", 4, "what came is not HTTP"),
        ("wrong-key", 3, "the key was refused (401)"),
        ("login-page", 3, "200 text/html, not the API; a login page"),
        ("redirects-elsewhere", 3, "it redirects to http://elsewhere.invalid"),
        ("empty-object", 1, "mend that first"),
        ("always-500", 1, "answered 500"),
    ],
)
def test_servers_that_are_none(name: str, code: int, words: str) -> None:
    """The right exit code in bounded time, and a sentence that says what to do."""
    with HOSTILE[name]() as target:
        report = look(target, timeout=0.5, time_limit=20)

    assert report.exit_code == code, report.text()
    assert any(words in reason for reason in report.reasons), report.reasons
    assert words in report.text()
    assert report.facts["seconds"] < 20


def test_readonly_sends_nothing_but_get() -> None:
    """Seen by the server, whatever laws, model and generated cases would like; and it is a verdict all the same."""
    with HOSTILE["records"]() as target:
        report = look(target, profile="readonly", max_requests=800)

        assert len(target.calls) > 300
        assert {call.method for call in target.calls} == {"GET"}
    assert report.exit_code == 0, report.text()
    states = {entry.name: entry.state for entry in report.promises}
    assert states["opt-out-blocks"] == states["rate-limit"] == states["head-options"] == NOT_ALLOWED
    assert states["limit-bounds"] == states["response-schema"] == states["bad-input-refused"] == HELD


def test_sandbox_writes_to_nobody_but_the_recipient() -> None:
    """Every number in every body that arrives is the one that was named, generated cases included."""
    with HOSTILE["records"]() as target:
        report = look(target, profile="sandbox", recipients=["+15005550006", "+15557654321"], max_requests=1500)

        numbers = {
            re.sub(r"\D", "", number)
            for call in target.calls
            for number in re.findall(rb'"(?:to|phone)": ?"([^"]*)"', call.body)
            for number in [number.decode()]
        }
        methods = {call.method for call in target.calls}
    assert numbers == {"15005550006", "15557654321"}
    assert methods <= {"GET", "POST", "HEAD", "OPTIONS"}
    assert report.facts["cases"] > 50


def test_what_cannot_be_looked_at_is_not_kept(target: Target) -> None:
    """Requests that run out before the laws do make it inconclusive, and the report says which option gives more."""
    report = look(target, max_requests=40)

    assert report.exit_code == 3
    assert any("--max-requests allows more" in reason for reason in report.reasons)
    assert {entry.state for entry in report.promises} >= {HELD, NOT_REACHED}


def test_time_that_runs_out_too(target: Target) -> None:
    """A check of a tenth of a second is none."""
    report = look(target, time_limit=0.1)

    assert report.exit_code == 3
    assert any("--time-limit allows more" in reason for reason in report.reasons)


def test_a_focused_check_looks_at_what_was_asked(target: Target) -> None:
    """Only that law is in the book, and what it does not need is not called."""
    report = look(target, only=["upsert-partial"])

    assert [entry.name for entry in report.promises] == ["upsert-partial"]
    assert report.exit_code == 0
    assert report.facts["requests"] < 20


def test_drift_fails_only_when_it_is_asked_to() -> None:
    """A 413 that never comes is our choice, not the vendor's promise."""
    with lying("no-size-limit") as target:
        lenient = look(target, only=["payload-too-large"])
        strict = look(target, only=["payload-too-large"], strict=True)

    assert [finding.severity for finding in lenient.findings] == ["drift"]
    assert (lenient.exit_code, strict.exit_code) == (0, 1)


def test_a_seed_makes_a_run_repeat() -> None:
    """The same calls with the same bodies in the same order, but for ids, which are the server's."""
    skip = ("rate-limit", "analytics-agree", "bad-input-refused")  # these ask until something happens

    def calls() -> list[str]:
        with honest() as target:
            report = look(target, seed=7, skip=skip)
        lines = [
            f"{e.call.method} {e.call.target} {e.call.body!r}"
            for e in report.exchanges
            if e.operation != "getOutboundAnalytics"
        ]
        return [re.sub(r"\bc[a-z0-9]{24}\b", "ID", line) for line in lines]

    assert calls() == calls()


def test_generated_cases_repeat_too() -> None:
    """schemathesis is given the seed."""

    def bodies(seed: int) -> list[bytes | None]:
        with honest() as target:
            report = look(target, seed=seed, only=["bad-input-refused"], max_requests=600)
        return [e.call.body for e in report.exchanges if e.operation == "upsertContact"]

    first, again = bodies(1), bodies(1)
    assert len(first) > 12
    assert first[:12] == again[:12]
