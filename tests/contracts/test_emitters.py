"""The table: each lie is told, the harness looks at what arrives, and the right check finds it: once, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from emitters import LIES, Emitter
from emitters.table import DOCUMENT, rows_of
from liar.ours import blamed
from sampling import some

from contracts.webhooks.checking import BOOK, webhooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liar import Target

    from contracts.reporting import Report


@pytest.fixture(scope="module")
def emitter() -> Iterator[Emitter]:
    """Built once; a lie is switched on for a test."""
    with Emitter() as made:
        yield made


def look(target: Target, seed: int = 0) -> Report:
    """The whole check, as fast as it goes."""
    return webhooks(target.base_url, target.api_key, control_url=target.control_url, rate=100_000.0, seed=seed)


@pytest.mark.parametrize("name", some(LIES, every=3))
def test_the_right_check_finds_it(name: str, emitter: Emitter) -> None:
    """As one finding."""
    with emitter.telling(name) as target:
        report = look(target)

    assert blamed(report) == {LIES[name].found_by: 1}, report.text()


@pytest.mark.parametrize("seed", some(range(10), every=5))
def test_of_an_honest_emitter_nothing_is_said(seed: int, emitter: Emitter) -> None:
    """Everything could be looked at, and nothing was found."""
    with emitter.telling(None) as target:
        report = look(target, seed)

    assert report.ok, report.text()
    assert not report.findings, report.text()
    assert report.held == set(BOOK.laws)


def test_every_check_has_a_lie() -> None:
    """A promise that no lie breaks is not known to be checked; and no lie waits for a check that does not exist."""
    assert {lie.found_by for lie in LIES.values()} == set(BOOK.laws)


def test_the_documentation_has_every_lie() -> None:
    """`docs/contract-emitters.md` is as `python -m emitters.table` wrote it for these lies."""
    told = {(lie.name, lie.about, f"`{lie.found_by}`") for lie in LIES.values()}

    assert {(row.name, row.about, row.found_by) for row in rows_of(DOCUMENT.read_text(encoding="utf-8"))} == told
