"""Reports: what they tell, to whom, and what never gets into them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from liar import honest, lying

from contracts import Report, check
from contracts.mask import Mask
from contracts.report.files import WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liar import Target


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A server that is wrong about keys, and a great gossip of numbers."""
    with lying("half-a-key-will-do") as served:
        yield served


@pytest.fixture(scope="module")
def report(target: Target) -> Report:
    """What is said of it."""
    only = ["wrong-key-refused", "opt-out-blocks", "one-contact-per-number", "job-books", "wamid-well-formed"]
    return check(
        target.base_url, target.api_key, only=only, rate=1e5, other_key=target.other_key, recipients=["+447700900123"]
    )


@pytest.mark.parametrize("kind", WRITERS)
def test_no_key_and_no_number_gets_out(kind: str, report: Report, target: Target) -> None:
    """In no kind of report, in no spelling, not even inside a wamid."""
    written = WRITERS[kind](report)

    assert target.api_key not in written
    assert target.api_key[:-1] not in written
    assert target.api_key.partition("_")[2] not in written
    assert not re.search(r"\d{3}[ ().-]{0,2}555[ ().-]{0,2}01\d\d", written)
    assert not re.search(r"wamid\.[A-Za-z0-9]{8}", written)


def test_a_finding_can_be_seen_again(report: Report, target: Target) -> None:
    """Its curl line, run as it stands with the variables set, gets the answer that was complained about."""
    finding = report.findings[0]
    environment = {"API_KEY": target.api_key, "PATH": os.environ["PATH"]}
    ran = subprocess.run(["bash", "-c", finding.curl], capture_output=True, text=True, check=True, env=environment)

    assert finding.check == "wrong-key-refused"
    assert target.api_key[:-1] not in finding.curl
    assert ran.stdout.split()[1] == finding.came


def test_json_has_everything(report: Report) -> None:
    """Verdict, counts, each promise, each operation, each finding."""
    told = json.loads(WRITERS["json"](report))

    assert told["exitCode"] == 1
    assert told["promises"]["counts"] == {"held": 3, "violated": 1, "not reached": 1, "not allowed": 0}
    assert {entry["name"] for entry in told["promises"]["all"]} >= {"job-books", "opt-out-blocks"}
    assert {one["operation"] for one in told["operations"]} >= {"ping", "queueTemplateSend"}
    assert set(told["findings"][0]) >= {"check", "operations", "severity", "provenance", "promised", "came", "curl"}


def test_junit_is_read_by_builds(report: Report) -> None:
    """What was violated fails, what may be missing is skipped, the rest passes."""
    suite = ET.fromstring(WRITERS["junit"](report))
    outcomes = {case.get("name"): [child.tag for child in case] for case in suite}

    assert outcomes["wrong-key-refused"] == ["failure"]
    assert outcomes["job-books"] == ["skipped"]
    assert outcomes["opt-out-blocks"] == []
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "1", "1")


def test_junit_never_passes_when_nothing_was_looked_at() -> None:
    """A build that only counts failures must see it too."""
    report = check("http://127.0.0.1:9/api/v1", "flo_key")
    suite = ET.fromstring(WRITERS["junit"](report))

    assert int(suite.get("errors") or 0) > 0


def test_har_has_every_exchange(report: Report) -> None:
    """In order, with bodies and the law on whose account it was."""
    log = json.loads(WRITERS["har"](report))["log"]

    assert log["version"] == "1.2"
    assert len(log["entries"]) == report.facts["requests"]
    assert {entry["comment"] for entry in log["entries"]} >= {"wrong-key-refused", "opt-out-blocks"}


def test_html_needs_nothing_else(report: Report) -> None:
    """No script, no picture, no style from elsewhere; and what servers say is text, not markup."""
    written = WRITERS["html"](report)

    assert not re.search(r"<(script|link|img|iframe)|@import|url\(", written)
    assert "wrong-key-refused" in written


def test_what_a_server_says_is_text() -> None:
    """A page about a hostile server is not to be its mouthpiece."""
    from dataclasses import replace

    with honest() as target:
        report = check(target.base_url, target.api_key, only=["method-not-allowed"])
    shown = replace(report, reasons=("<script>alert(1)</script>",))

    assert "<script>" not in WRITERS["html"](shown)


def test_text_names_the_cause_and_the_way(report: Report) -> None:
    """For an assertion's message."""
    text = report.text()

    assert "VIOLATION wrong-key-refused: ping" in text
    assert "not reached: job-books: it takes a control plane: --control-url" in text
    assert "Verdict: the contract is broken (exit 1)" in text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Bearer flo_abcdefghijklmnopqrstuvwx", "Bearer <key>"),
        ("key my-own-secret!", "key <key>"),
        ("call +1 (555) 123-4567 now", "call <number> now"),
        ("15551234567 and 1-555-123-4567", "<number> and <number>"),
        ("+447700900123", "<number>"),
        ("wamid.HBgLMTU1NTEyMzQ1NjcVAgARGBI4NEI1Nzg5MDlDNEE3NTkxRjIA", "wamid.<hidden>"),
        ("2025-01-15T10:30:00.000Z, id cmdzdoc9is0j8ht9lgmxg9edn, 1034567890123456", None),
        ('"Authorization: Bearer $API_KEY"', None),
    ],
)
def test_masks(text: str, masked: str | None) -> None:
    """Keys, numbers in every spelling, wamids; not times, ids and variables."""
    mask = Mask(["my-own-secret!"], ["+15551234567"])

    assert mask(text) == (masked if masked is not None else text)
