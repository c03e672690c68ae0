"""Which plain fields calls and events have, and what they may be, as a document says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Json = dict[str, Any]
    Resolve = Callable[[Json], Json]

Values = frozenset[str] | None
"""What a field may be, as text; None where it may be anything."""

_DEEPEST = 4


def plain_fields(schema: Json, resolve: Resolve) -> dict[str, Values]:
    """The fields of an object and of the objects in it that hold a plain value. A union has those of all its branches."""
    found: dict[str, Values] = {}
    for name, field in _properties(schema, resolve, 0):
        values = _values(field, resolve)
        if name not in found:
            found[name] = values
        else:
            known = found[name]
            found[name] = None if known is None or values is None else known | values
    return found


def _properties(schema: Json, resolve: Resolve, depth: int) -> Iterator[tuple[str, Json]]:
    for variant in _variants(schema, resolve):
        for name, unresolved in variant.get("properties", {}).items():
            field = resolve(unresolved)
            if depth < _DEEPEST and any("properties" in one for one in _variants(field, resolve)):
                yield from _properties(field, resolve, depth + 1)
            elif field.get("type") != "array":
                yield name, field


def _variants(schema: Json, resolve: Resolve) -> Iterator[Json]:
    schema = resolve(schema)
    yield schema
    for word in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(word, ()):
            yield from _variants(part, resolve)


def _values(field: Json, resolve: Resolve) -> Values:
    listed = [one.get("enum", [one["const"]] if "const" in one else None) for one in _variants(field, resolve)]
    if field.get("type") == "boolean":
        return frozenset({"true", "false"})
    known = [values for values in listed if values is not None]
    return frozenset(str(value) for values in known for value in values) if known else None
