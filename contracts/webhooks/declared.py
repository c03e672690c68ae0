"""What the spec declares of each event: the shape of the body, and the headers with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.provenance import Mark, follow, pointed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.spec import Spec


@dataclass(frozen=True, slots=True)
class Header:
    """One declared header; `schema` leads to what its value looks like."""

    name: str
    required: bool
    mark: Mark
    schema: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """One event. `type` is the body's content type, `body` leads to its schema."""

    event: str
    type: str
    mark: Mark
    body: tuple[Any, ...]
    headers: tuple[Header, ...]


def declared(spec: Spec) -> Mapping[str, Declared]:
    """By event; empty for a spec without webhooks."""
    return {event: _event(spec, event) for event in spec.document.get("webhooks", {})}


def _event(spec: Spec, event: str) -> Declared:
    here: tuple[Any, ...] = ("webhooks", event, "post")
    node, mark = follow(spec.document, here)
    kind = next(iter(node["requestBody"]["content"]))
    headers = tuple(_header(spec, (*here, "parameters", index)) for index in range(len(node.get("parameters", ()))))
    return Declared(event, kind, mark, (*here, "requestBody", "content", kind, "schema"), headers)


def _header(spec: Spec, steps: tuple[Any, ...]) -> Header:
    node, mark = follow(spec.document, steps)
    if "$ref" in node:
        steps = pointed(node["$ref"])
        node, mark = follow(spec.document, steps)
    return Header(node["name"], bool(node.get("required")), mark, (*steps, "schema"))
