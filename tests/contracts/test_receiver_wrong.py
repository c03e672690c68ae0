"""The table: each wrong endpoint is found by the right check, as one finding, and no other check blames it."""

from __future__ import annotations

import re

import pytest
from receivers import WRONG, Receiver, blamed, looked_at
from receivers.table import DOCUMENT, told
from sampling import some


@pytest.mark.parametrize("name", some(WRONG, every=8))
def test_the_right_check_finds_it(name: str) -> None:
    """Once, with what is at risk, how to mend it, and a line that shows it again."""
    report = looked_at(WRONG[name]())

    assert blamed(report) == {WRONG[name].found_by: 1}, report.text()
    assert report.exit_code == (1 if report.findings[0].severity == "violation" else report.exit_code)
    assert report.findings[0].risk
    assert report.findings[0].fix
    assert "curl" in report.findings[0].curl


@pytest.mark.parametrize("seed", some(range(10), every=10))
def test_of_a_right_one_nothing_is_said(seed: int) -> None:
    """Everything could be looked at, and nothing was found."""
    report = looked_at(Receiver(), seed=seed, **({} if seed else {"skip": []}))

    assert report.exit_code == 0, report.text()
    assert not report.findings, report.text()
    assert not [entry for entry in report.promises if entry.state != "held"], report.text()


def test_the_documentation_has_every_endpoint() -> None:
    """`docs/contract-receivers.md` is as `python -m tests.contracts.receivers.table` wrote it for these."""
    rows = dict(
        re.findall(r"^\| `([^`]+)` \| (.+) \| `[\w-]+` \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert rows == told()
