"""docs/fidelity.md and its picture, from the ledger and from the marks of the specs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scribe import marks
from scribe.ledger import VENDORS, Fact, facts, left_out
from scribe.words import code, join, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GRADES = ("documented", "inferred", "designed")
NAMES = {"flowella": "Flowella", "flowiq": "FlowIQ", "whatsapp": "WhatsApp"}
COLOURS = {"documented": "#009485", "inferred": "#5c9bd5", "designed": "#b07cc6", "left out": "#9e9e9e"}

_TOP = """# Fidelity: what is known, and what shows that the fake does it

A fact is something that a vendor's page says, that follows from it or was observed, or that was decided where the pages are
silent. Each has an id, a source and the tests that fail when the fake does otherwise. Facts are in our own words and live in
[docs/fidelity/](fidelity/). `python -m scribe` makes this page and its picture of them. The build fails when a fact has
no test, a test does not exist, or something documented in a spec has no row. [Field by field](fidelity-fields.md)."""

_PICTURE = (
    """![Facts by vendor: documented, inferred, designed, all shown by tests, and left out](pictures/fidelity.svg)"""
)

_WORDS = """| word | what it means here |
| --- | --- |
| documented | a page of the vendor, or of who resells it, says so; every such fact below has a test |
| inferred | it follows from what a page says or shows, or people have observed it |
| designed | nobody says: a choice, with its number in the [decisions](decisions.md) |
| left out | a page says so, and the fake does nothing of it, for the reason given |"""


def page() -> str:
    """docs/fidelity.md."""
    parts = [_TOP, _figures(), _PICTURE, _WORDS, "## Both specs, operation by operation", *_operations()]
    return join([*parts, *(text for vendor in VENDORS for text in _vendor(vendor))])


def _count(rows: Iterable[Fact]) -> Counter[str]:
    return Counter(row.grade for row in rows)


def figures() -> dict[str, dict[str, int]]:
    """For each vendor: how many facts of each grade the fake does, how many are left out, how many tests show them."""
    return {
        vendor: {
            **{grade: _count(facts(vendor))[grade] for grade in GRADES},
            "left out": len(left_out(vendor)),
            "tests": len({test for row in facts(vendor) for test in row.tests}),
        }
        for vendor in VENDORS
    }


def _figures() -> str:
    rows = figures()
    head = ["", "documented facts", "of these done, with a test", "left out", "inferred", "designed", "tests"]
    lines = [
        [
            NAMES[vendor],
            str(row["documented"] + row["left out"]),
            str(row["documented"]),
            *(str(row[word]) for word in ("left out", "inferred", "designed", "tests")),
        ]
        for vendor, row in rows.items()
    ]
    tests = len({test for vendor in VENDORS for fact in facts(vendor) for test in fact.tests})
    sums = [str(sum(int(line[k]) for line in lines)) for k in range(1, 6)]
    return table(head, [*lines, ["all", *sums, str(tests)]])


def _operations() -> Iterator[str]:
    yield (
        "How many of the statements about each (that it exists, its parameters, fields, answers) are documented, inferred "
        "and designed."
    )
    for name in ("openapi.yaml", "openapi-flowiq.yaml"):
        rows = (
            [code(heading), *(str(count[grade]) for grade in GRADES)] for heading, count in marks.counts(name).items()
        )
        yield table([f"[{name}](../{name})", *GRADES], rows)


def _vendor(vendor: str) -> Iterator[str]:
    yield f"## {NAMES[vendor]}"
    rows = ([code(row.id), row.fact, row.grade, row.source, _shown(row)] for row in facts(vendor))
    yield table(["id", "fact", "", "source", "shown by"], rows)
    yield f"### {NAMES[vendor]}: left out"
    out = ([code(row.id), row.fact, row.source, row.reason] for row in left_out(vendor))
    yield table(["id", "what is known", "source", "why the fake does nothing of it"], out)


def _shown(row: Fact) -> str:
    pairs = (test.split("::") for test in row.tests)
    return ", ".join(f"[{name.removeprefix('test_')}](../{file})" for file, name in pairs)


def picture() -> str:
    """docs/pictures/fidelity.svg: one bar for each vendor."""
    rows = figures()
    whole = max(sum(row[word] for word in COLOURS) for row in rows.values())
    parts = [text for at, (vendor, row) in enumerate(rows.items()) for text in _bar(at, NAMES[vendor], row, whole)]
    legend = [
        f'<rect x="{90 + 150 * at}" y="144" width="12" height="12" fill="{colour}"/>'
        f'<text x="{108 + 150 * at}" y="154">{word}</text>'
        for at, (word, colour) in enumerate(COLOURS.items())
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 170" role="img" font-family="sans-serif" font-size="12" '
        'fill="#888"><title>Facts by vendor</title>' + "".join([*parts, *legend]) + "</svg>\n"
    )


def _bar(at: int, name: str, row: dict[str, int], whole: int) -> Iterator[str]:
    left, y = 90.0, 16 + 40 * at
    yield f'<text x="80" y="{y + 18}" text-anchor="end">{name}</text>'
    for word, colour in COLOURS.items():
        width = 600 * row[word] / whole
        yield f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="26" fill="{colour}"/>'
        if row[word]:
            yield f'<text x="{left + width / 2:.1f}" y="{y + 18}" text-anchor="middle" fill="#fff">{row[word]}</text>'
        left += width
