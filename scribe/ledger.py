"""The fidelity ledger: what is known of the vendors, and which test shows that the fake does it. `complaints` judges it."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from mock_server.domain.meta_errors import TITLES, UNTITLED
from scribe.documents import document, follow, load, operations

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "fidelity"
VENDORS = {"flowella": "openapi.yaml", "flowiq": "openapi-flowiq.yaml", "whatsapp": None}
"""Each vendor's file in the folder, and its spec if it has one."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row. What is left out has a reason instead of tests."""

    id: str
    fact: str
    grade: str
    source: str
    tests: tuple[str, ...] = ()
    spec: tuple[str, ...] = ()
    reason: str = ""


@cache
def read(vendor: str) -> dict[str, Any]:
    """A vendor's file as it stands."""
    return load(FOLDER / f"{vendor}.yaml")


def facts(vendor: str) -> list[Fact]:
    """What the fake does, as its tests show."""
    return [_fact(row) for row in read(vendor)["facts"]]


def left_out(vendor: str) -> list[Fact]:
    """What is known and not done."""
    return [_fact(row) for row in read(vendor)["left_out"]]


def complaints() -> list[str]:
    """Everything that is wrong with the ledger, one sentence each."""
    return [text for judge in (_shapes, _repeated, _tests, _specs, _codes, _decisions) for text in judge()]


def _fact(row: dict[str, Any]) -> Fact:
    words = {name: value for name, value in row.items() if name not in {"tests", "spec"}}
    return Fact(**words, tests=tuple(row.get("tests", ())), spec=tuple(row.get("spec", ())))


def _shapes() -> Iterator[str]:
    judge = jsonschema_rs.validator_for(json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")))
    for vendor in VENDORS:
        for error in judge.iter_errors(read(vendor)):
            yield f"{vendor}.yaml: {'/'.join(map(str, error.instance_path))}: {error.message}"


def _repeated() -> Iterator[str]:
    ids = Counter(row.id for vendor in VENDORS for row in (*facts(vendor), *left_out(vendor)))
    yield from (f"{name} names {count} rows" for name, count in ids.items() if count > 1)
    for vendor in VENDORS:
        for row in (*facts(vendor), *left_out(vendor)):
            if not row.id.startswith(f"{vendor}-"):
                yield f"{row.id} is not {vendor}'s"


def _tests() -> Iterator[str]:
    for vendor in VENDORS:
        for row in facts(vendor):
            for test in row.tests:
                file, _, name = test.partition("::")
                if name not in _collected(file):
                    yield f"{row.id}: there is no test {test}"


@cache
def _collected(name: str) -> frozenset[str]:
    """The tests of a file, without running it: functions, classes, and state machines by the name pytest finds them."""
    file = ROOT / name
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    functions = {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assigned = {
        t.id for node in tree.body if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)
    }
    return frozenset(functions | assigned)


def _specs() -> Iterator[str]:
    for vendor, name in VENDORS.items():
        told = {word for row in facts(vendor) for word in row.spec}
        known = dict(_statements(document(name))) if name else {}
        general = {f"* {word.split()[1]}" for word in known if " " in word}
        yield from (f"{vendor}.yaml: the spec has no {word!r}" for word in sorted(told - set(known) - general))
        for word, mark in known.items():
            everywhere = f"* {word.split()[1]}" if " " in word else word
            if mark == "documented" and not told & {word, everywhere}:
                yield f"{name}: {word!r} is documented, and no row of {vendor}.yaml is about it"


def _statements(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Operations, their answers and webhooks, each with its mark."""
    for one in operations(spec):
        yield one.name, one.node["x-provenance"]
        for status, answer in one.node["responses"].items():
            yield f"{one.name} {status}", answer.get("x-provenance") or follow(spec, answer)["x-provenance"]
    for one in operations(spec, "webhooks"):
        yield one.path, one.node["x-provenance"]


def _codes() -> Iterator[str]:
    """Each code has a row with its title, or where it has none with its details."""
    told = {row.id: row.fact for row in facts("whatsapp")}
    for code, (title, details) in TITLES.items():
        words = f"{code}: {(details if title == UNTITLED else title).rstrip('.')}"
        if not told.get(f"whatsapp-error-{code}", "").startswith(words):
            yield f"whatsapp.yaml: no row about code {code} that begins {words!r}"


def _decisions() -> Iterator[str]:
    """What was decided about a vendor is shown by a test, as what is documented is."""
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    named = {word for v in VENDORS for row in facts(v) for word in re.findall(r"\bD\d+\b", row.source)}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        if part.splitlines()[0] in {"REST", "Webhooks", "FlowIQ"}:
            for number in re.findall(r"^\| (D\d+) \|", part, re.MULTILINE):
                if number not in named:
                    yield f"docs/decisions.md: {number} is about a vendor, and no row of the ledger has it as its source"
