"""Made pages are as they would be made now, and the ledger that some of them come from is sound."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from scribe import ledger
from scribe.pages import stale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_made_pages_are_fresh() -> None:
    """Commands, specs or ledger have changed? `python -m scribe` rewrites what is made of them."""
    assert stale() == []


def test_every_fact_has_a_source_and_a_test_that_exists() -> None:
    """So has everything that a spec says is documented, every code of WhatsApp's, and every decision about a vendor."""
    assert ledger.complaints() == []


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the ledger to spoil."""
    shutil.copytree(ledger.FOLDER, tmp_path / "fidelity")
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "fidelity")
    ledger.read.cache_clear()
    yield tmp_path / "fidelity"
    ledger.read.cache_clear()


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("id: flowella-bearer", "id: flowella-url", "flowella-url names 2 rows"),
        ("id: flowella-bearer", "id: flowiq-bearer", "flowiq-bearer is not flowella's"),
        (
            "::test_bad_key_is_401",
            "::test_no_key_is_402",
            "there is no test tests/e2e/test_bad_input.py::test_no_key_is_402",
        ),
        ("tests/e2e/test_serve.py", "tests/e2e/test_sreve.py", "there is no test tests/e2e/test_sreve.py"),
        ('"* 401"', '"* 418"', "the spec has no '* 418'"),
        ("spec: [message.read]", "spec: [message.sent]", "'message.read' is documented, and no row"),
        ("grade: documented", "grade: certain", "flowella.yaml: facts/0/grade"),
        ("source: D21", "source: somewhere", "D21 is about a vendor"),
    ],
)
def test_what_is_wrong_with_a_ledger_is_said(books: Path, before: str, after: str, complaint: str) -> None:
    """Each rule of it can be broken, and is noticed."""
    file = books / "flowella.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")

    assert any(complaint in line for line in ledger.complaints()), ledger.complaints()


@pytest.mark.parametrize(
    ("before", "after"), [("-error-131026", "-error-131027"), ("Message Undeliverable", "Undelivered")]
)
def test_a_code_without_a_row_is_noticed(books: Path, before: str, after: str) -> None:
    """WhatsApp's table and the ledger have the same codes, with the same titles."""
    file = books / "whatsapp.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")

    (complaint,) = ledger.complaints()
    assert complaint == "whatsapp.yaml: no row about code 131026 that begins '131026: Message Undeliverable'"
