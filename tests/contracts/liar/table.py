"""`python -m tests.contracts.liar.table`: every lie before our check and before plain schemathesis, as a table.

It takes half an hour and writes `docs/contract-lies.md`. What was measured is kept in a file, so that it can be
interrupted; remove a lie's line there to have it looked at again.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import KINDS, LIES, lying, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .lying import Lie

Measured = dict[str, dict[str, list[str]]]
"""Who looked, at which lie, and what they found."""

DOCUMENT = plain.ROOT / "docs" / "contract-lies.md"
KEPT = plain.ROOT / "build" / "contract-lies.json"

KIND_NAMES = {
    "schema": "the shape of answers",
    "protocol": "HTTP",
    "refusals": "errors",
    "input": "odd input",
    "auth": "keys and organizations",
    "limits": "the rate limit",
    "pages": "lists",
    "state": "what is remembered",
    "books": "figures, ids, times",
}

INTRODUCTION = """# Lies

How do we know that `flowella-contract check` sees anything? By lying to it. `tests/contracts/liar` is the honest fake
with one promise broken at a time, in ways in which real services break theirs. Each lie has to be found by the right check,
as one finding, with no other check blamed, and the honest fake has to be found innocent: `tests/contracts/test_lies.py`.

    python -m tests.contracts.liar --lie {example} --port 9090

`flowella-contract` looks without its generated cases here, except at the lies that only these can find; one look takes a
second or two, and it finds {ours}. The last column is schemathesis {version} by itself: `schemathesis run openapi.yaml` with
the key, all of its checks and phases, {examples} examples, seed {seed}, without a limit on calls, set up so that the honest
fake passes. It finds {plain} of {all}, for it is not made for promises that no schema can express.

| the promise about | lie | what is wrong | found by | plain schemathesis |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    kind: str
    name: str
    about: str
    ours: str
    plain: str

    def __str__(self) -> str:
        about = self.about.replace("|", "\\|")
        return f"| {self.kind} | `{self.name}` | {about} | {self.ours} | {self.plain} |"


def rows_of(document: str) -> Iterator[Row]:
    """The rows of the written table."""
    for line in document.splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in line.replace(" | ", "\0").strip("|").split("\0")]
        if len(cells) == 5 and cells[1].startswith("`"):
            yield Row(cells[0], cells[1].strip("`"), *cells[2:])


def ours(lie: Lie) -> list[str]:
    """The checks of ours that find something, as in the tests."""
    from .ours import SLOWNESS, blamed, look, quickly

    with lying(lie.name, slowness=SLOWNESS) as target:
        return list(blamed(look(target, skip=quickly(lie))))


def theirs(lie: Lie) -> list[str]:
    """The failures of schemathesis."""
    with lying(lie.name) as target:
        return plain.finds(target)


MEASURES: dict[str, Callable[[Lie], list[str]]] = {"ours": ours, "schemathesis": theirs}


def in_order() -> list[Lie]:
    """Kind by kind, and as they stand in their files."""
    kinds = [kind.__name__.rpartition("lies_")[2] for kind in KINDS]
    return sorted(LIES.values(), key=lambda lie: kinds.index(lie.kind))


def row(lie: Lie, measured: Measured) -> Row:
    """A line of the table. What was blamed wrongly is shown as such."""
    found = measured["ours"][lie.name]
    right = [f"`{check}`" for check in found if check in lie.found_by]
    wrong = [f"(wrongly: {check})" for check in found if check not in lie.found_by]
    checks = ", ".join([*right, *wrong]) or "**not found**"
    return Row(KIND_NAMES[lie.kind], lie.name, lie.about, checks, "yes" if measured["schemathesis"][lie.name] else "no")


def write(measured: Measured) -> None:
    """The document."""
    rows = [row(lie, measured) for lie in in_order()]
    missed = sum("`" not in one.ours for one in rows)
    head = INTRODUCTION.format(
        example=rows[0].name,
        version=version("schemathesis"),
        examples=plain.EXAMPLES,
        seed=plain.SEED,
        plain=sum(one.plain == "yes" for one in rows),
        all=len(rows),
        ours=f"all but {missed}" if missed else "all of them",
    )
    DOCUMENT.write_text(head + "\n".join(map(str, rows)) + "\n", encoding="utf-8")


def measure(kept: Path, jobs: int) -> Measured:
    """What is not measured yet, written down lie by lie."""
    measured: Measured = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    with ThreadPoolExecutor(jobs) as pool:
        for who, look in MEASURES.items():
            known = measured.setdefault(who, {})
            waiting = [lie for lie in in_order() if lie.name not in known]
            for lie, found in zip(waiting, pool.map(look, waiting), strict=True):
                known[lie.name] = found
                kept.parent.mkdir(exist_ok=True)
                kept.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
                click.echo(f"{who}: {lie.name}: {', '.join(found) or 'nothing'}")
    return measured


@click.command()
@click.option("--jobs", default=2, help="Lies at a time.")
@click.option("--kept", type=click.Path(path_type=Path), default=KEPT, help="Where what was measured is kept.")
def main(jobs: int, kept: Path) -> None:
    """Measure what is not measured yet, and write the table."""
    write(measure(kept, jobs))


if __name__ == "__main__":
    main()
