"""The table: each lie is told, the whole check looks, and the right check finds it: once, and no other is blamed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from liar import LIES, lying
from liar.ours import SLOWNESS, blamed, look, quickly
from liar.table import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

DOCUMENT = Path(__file__).parents[2] / "docs" / "contract-lies.md"


def _some_always() -> Iterator[ParameterSet]:
    """Every lie; those after the first of a check only when there is time to be thorough."""
    checks: set[str] = set()
    for name, told in LIES.items():
        marks = [pytest.mark.thorough] if checks.issuperset(told.found_by) else []
        checks.update(told.found_by)
        yield pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [*_some_always()])
def test_the_right_check_finds_it(name: str) -> None:
    """As one finding of one check, or one of each where a cause necessarily shows in two."""
    with lying(name, slowness=SLOWNESS) as target:
        report = look(target, skip=quickly(LIES[name]))
    found = blamed(report)

    assert found, report.text()
    assert set(found) <= set(LIES[name].found_by), report.text()
    assert set(found.values()) == {1}, report.text()


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (2, 3))])
def test_of_an_honest_server_nothing_is_said(seed: int) -> None:
    """Everything could be looked at, and nothing was found."""
    with lying(None) as target:
        report = look(target, seed=seed, skip=quickly(None) if seed else ())

    assert report.ok, report.text()
    assert not report.findings, report.text()


def test_the_documentation_has_every_lie() -> None:
    """`docs/contract-lies.md` is as `python -m tests.contracts.liar.table` wrote it for these lies."""
    told = {(lie.name, lie.about) for lie in LIES.values()}

    assert {(row.name, row.about) for row in rows_of(DOCUMENT.read_text(encoding="utf-8"))} == told
