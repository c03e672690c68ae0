"""Every lie before the harness, as a table. It takes a minute and writes `docs/contract-emitters.md`:

PYTHONPATH=tests/contracts python -m emitters.table
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.webhooks.checking import webhooks

from . import KINDS, LIES, Emitter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.reporting import Report

    from .emitter import Lie

DOCUMENT = Path(__file__).parents[3] / "docs" / "contract-emitters.md"

INTRODUCTION = """# Lies about webhooks

How do we know that `flowella-contract webhooks` sees anything? By lying to it. `tests/contracts/emitters` is the honest
fake with one promise about its webhooks broken at a time. Each lie has to be found by the right check, as one finding, with
no other check blamed, and the honest fake has to be found innocent with ten seeds: `tests/contracts/test_emitters.py`.
The {all} lies below are {found} found. The severity follows from how sure the promise is: see [contract.md](contract.md).

    PYTHONPATH=tests/contracts python -m emitters.table    # writes this page

| lie | what is wrong | found by | as | what the report says |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    about: str
    found_by: str
    severity: str
    came: str

    def __str__(self) -> str:
        cells = (f"`{self.name}`", self.about, self.found_by, self.severity, self.came)
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def rows_of(document: str) -> Iterator[Row]:
    """The rows of the written table."""
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) == 5 and cells[0].startswith("`"):
            yield Row(cells[0].strip("`"), *cells[1:])


def row(lie: Lie, report: Report) -> Row:
    """What was found; what was blamed wrongly is shown as such."""
    right = [one for one in report.findings if one.check == lie.found_by]
    wrong = [f"(wrongly: {one.check})" for one in report.findings if one.check != lie.found_by]
    if not right:
        return Row(lie.name, lie.about, " ".join(["**not found**", *wrong]), "", "")
    checks = " ".join([f"`{lie.found_by}`", *wrong])
    return Row(lie.name, lie.about, checks, right[0].severity, _short(right[0].came))


def in_order() -> list[Lie]:
    """File by file."""
    files = [vars(kind).values() for kind in KINDS]
    names = [getattr(thing, "__name__", "").replace("_", "-") for things in files for thing in things]
    return sorted(LIES.values(), key=lambda lie: names.index(lie.name))


def main() -> None:
    """Look at all of them, and write the page."""
    rows = []
    with Emitter() as emitter:
        for lie in in_order():
            with emitter.telling(lie.name) as target:
                report = webhooks(target.base_url, target.api_key, control_url=target.control_url, rate=100_000.0)
                rows.append(row(lie, report))
    missed = sum("**" in one.found_by for one in rows)
    head = INTRODUCTION.format(all=len(rows), found=f"all but {missed}" if missed else "all")
    DOCUMENT.write_text(head + "\n".join(map(str, rows)) + "\n", encoding="utf-8")


def _short(text: str) -> str:
    """Without the digits that differ from run to run."""
    import re

    text = re.sub(r"[0-9a-fA-F]{40,}|[\w+/]{43}=", "…", text)
    text = re.sub(r"\bc[a-z0-9]{23,24}\b", "cm…", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+(\+00:00|Z)?", "(a time)", text)
    text = re.sub(r"\b\d{10,}", "(a number)", text)
    return text if len(text) <= 70 else f"{text[:69]}…"


if __name__ == "__main__":
    main()
