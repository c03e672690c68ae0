"""docs/fidelity-fields.md: each statement of the two specs with how sure it is and where that comes from.

A mark covers what is inside it until something inside carries its own. Beside a `$ref` it speaks of the field, in the schema
that is pointed to of what is inside.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from contracts.provenance import Mark, own
from scribe.documents import Operation, body, document, follow, operations, parameters
from scribe.words import code, join, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECS = ("openapi.yaml", "openapi-flowiq.yaml")
_DEEP = 4
"""Fields further down than this say nothing that those above do not."""

_TOP = """# Fidelity, field by field

What the `x-provenance` marks of [openapi.yaml](../openapi.yaml) and [openapi-flowiq.yaml](../openapi-flowiq.yaml) say of each
operation, parameter, field and answer; made by `python -m scribe`. `D…` is a [decision](decisions.md), anything else a page
of the vendor. The facts behind it, with their tests: [fidelity](fidelity.md)."""

Row = tuple[str, Mark]


def page() -> str:
    """docs/fidelity-fields.md."""
    return join([_TOP, *(text for name in SPECS for text in _spec(name))])


def counts(name: str) -> dict[str, Counter[str]]:
    """Statements by grade, for each operation and webhook of a spec."""
    return {heading: Counter(mark.provenance for _, mark in rows) for heading, rows in _all(document(name))}


def _spec(name: str) -> Iterator[str]:
    spec = document(name)
    yield f"## {spec['info']['title']}"
    for heading, rows in _all(spec):
        yield f"### {heading}"
        shown = ([what, mark.provenance, mark.source] for what, mark in rows)
        yield table(["", "how sure", "source"], shown)


def _all(spec: dict[str, Any]) -> Iterator[tuple[str, list[Row]]]:
    for one in operations(spec):
        yield f"{one.name}: {one.method} {one.path}", list(_operation(spec, one))
    for one in operations(spec, "webhooks"):
        yield f"webhook {one.path}", list(_operation(spec, one))


def _operation(spec: dict[str, Any], one: Operation) -> Iterator[Row]:
    mark = own(one.node) or Mark()
    yield "it exists", mark
    for parameter in parameters(spec, one):
        yield f"{parameter['in']} {code(parameter['name'])}", own(parameter) or mark
    media = body(spec, one.node.get("requestBody", {}))
    if media:
        yield from _fields(spec, media["schema"], mark, "body ", 0)
    for status, node in one.node["responses"].items():
        yield from _answer(spec, status, node, mark)


def _answer(spec: dict[str, Any], status: str, node: dict[str, Any], mark: Mark) -> Iterator[Row]:
    answer = follow(spec, node)
    inner = own(node) or own(answer) or mark
    yield f"answer `{status}`", inner
    media = body(spec, answer)
    if status.startswith("2") and media:
        yield from _fields(spec, media["schema"], inner, f"{status} ", 0)


def _fields(spec: dict[str, Any], schema: Any, mark: Mark, path: str, depth: int) -> Iterator[Row]:
    """The fields of an object and of what is inside, choices and lists included; each once."""
    seen: set[str] = set()
    for what, found in _walk(spec, schema, mark, path, depth):
        if what not in seen:
            seen.add(what)
            yield what, found


def _walk(spec: dict[str, Any], schema: Any, mark: Mark, path: str, depth: int) -> Iterator[Row]:
    if not isinstance(schema, dict) or depth > _DEEP:
        return
    target = follow(spec, schema)
    inside = own(target) or own(schema) or mark
    for name, inner in target.get("properties", {}).items():
        where = f"{path[:-1]}.{name}`" if path.endswith("`") else f"{path}`{name}`"
        yield where, own(inner) or inside
        yield from _walk(spec, inner, own(inner) or inside, where, depth + 1)
    if "items" in target:
        listed = f"{path[:-1]}[]`" if path.endswith("`") else f"{path}`[]`"
        yield from _walk(spec, target["items"], inside, listed, depth + 1)
    for word in ("oneOf", "anyOf", "allOf"):
        for choice in target.get(word, ()):
            yield from _walk(spec, choice, inside, path, depth)
