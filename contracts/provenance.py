"""How sure is a promise? The spec's `x-provenance` marks, and what breaking such a promise weighs.

A container's mark covers what is inside it until a child carries its own. A `$ref` has two sides: the mark beside it
speaks of the field, the mark in the schema it points to of the value's shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCUMENTED, INFERRED, DESIGNED = "documented", "inferred", "designed"
VIOLATION, DRIFT, WARNING = "violation", "drift", "warning"

_SURE = (DESIGNED, INFERRED, DOCUMENTED)
"""From the least sure to the surest."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a statement is known, and from where."""

    provenance: str = DESIGNED
    source: str = "the spec"

    @property
    def severity(self) -> str:
        """What breaking it weighs: only what the vendor says can be violated."""
        return VIOLATION if self.provenance == DOCUMENTED else DRIFT


HTTP = Mark(DOCUMENTED, "RFC 9110")
"""What every HTTP server promises by being one."""


def weaker(one: Mark, other: Mark) -> Mark:
    """The less sure of two: a chain holds as its weakest link."""
    return min(one, other, key=lambda mark: _SURE.index(mark.provenance))


def own(node: Any) -> Mark | None:
    """The mark that a node carries itself. A word that is none of ours counts as a choice, the least sure."""
    if not isinstance(node, dict) or "x-provenance" not in node:
        return None
    word = str(node["x-provenance"])
    return Mark(word if word in _SURE else DESIGNED, str(node.get("x-source", "the spec")))


def pointed(reference: str) -> tuple[str, ...]:
    """The steps of a reference into the same document. Raises ValueError for one that leads elsewhere."""
    if not reference.startswith("#/"):
        raise ValueError(f"$ref {reference!r} leads out of the document; the harness reads one file")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))


def follow(document: Any, steps: Iterable[Any]) -> tuple[Any, Mark]:
    """Walk down, through references too: the node at the end, and the mark that covers it."""
    node, mark, _ = _walk(document, steps)
    return node, mark


def place(document: Any, steps: Iterable[Any]) -> str:
    """Where a walk really ends, after its references: two ways to one statement have one place."""
    return "/".join(str(step) for step in _walk(document, steps)[2])


def _walk(document: Any, steps: Iterable[Any]) -> tuple[Any, Mark, tuple[Any, ...]]:
    node, mark = document, own(document) or Mark()
    here: tuple[Any, ...] = ()
    for step in steps:
        if isinstance(node, dict) and "$ref" in node and (step == "$ref" or step not in node):
            node, mark, here = _walk(document, pointed(node["$ref"]))
        if step != "$ref":
            node, here = node[int(step)] if isinstance(node, list) else node[step], (*here, step)
            mark = own(node) or mark
    return node, mark, here
