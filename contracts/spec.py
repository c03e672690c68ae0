"""An OpenAPI document as the harness reads it: operations, and what each may answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from contracts import data
from contracts.provenance import Mark, follow, pointed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STUMBLES = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)
"""What YAML's parser raises, beside its own errors, on months 13 and the like."""

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class BrokenSpec(Exception):
    """The document cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Response:
    """One declared answer: `types` leads from content types to the steps that lead to their schema."""

    status: str
    mark: Mark
    types: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, and its declared answers by status."""

    id: str
    method: str
    path: str
    mark: Mark
    node: Mapping[str, Any] = field(repr=False, compare=False, hash=False)
    responses: Mapping[str, Response] = field(repr=False, compare=False, hash=False)

    def response(self, status: int) -> Response | None:
        """What is declared for a status: itself, its class, or the default."""
        return (
            self.responses.get(str(status)) or self.responses.get(f"{status // 100}XX") or self.responses.get("default")
        )

    @property
    def writes(self) -> bool:
        """Whether it can change anything."""
        return self.method != "GET"

    def example(self) -> Any:
        """A body that fits, from the spec's own examples; None for an operation without a body."""
        content = self.node.get("requestBody", {}).get("content", {})
        examples = content.get("application/json", {}).get("examples", {})
        return next((example.get("value") for example in examples.values()), None)


class Spec:
    """A whole document. Reading raises BrokenSpec."""

    def __init__(self, document: Any, name: str) -> None:
        if not str(isinstance(document, dict) and document.get("openapi", "")).startswith("3."):
            raise BrokenSpec(f"{name} is not an OpenAPI 3 document: it has no `openapi: 3.x` at its top")
        self.document, self.name = document, name
        try:
            self.operations = {operation.id: operation for operation in self._read()}
            self._try_out()
        except (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError) as error:
            raise BrokenSpec(f"{name} cannot be read: {type(error).__name__} {error}") from error
        if not self.operations:
            raise BrokenSpec(f"{name} describes no operation: its `paths` are empty")

    @cached_property
    def title(self) -> str:
        """What the document calls the API."""
        return str(self.document.get("info", {}).get("title", self.name))

    def match(self, method: str, path: str) -> Operation | None:
        """The operation that a call is of; HEAD counts as GET. `path` has no query."""
        wanted = "GET" if method == "HEAD" else method
        return next(
            (o for o in self.operations.values() if o.method == wanted and _pattern(o.path).fullmatch(path)), None
        )

    def methods(self, path: str) -> set[str]:
        """What may be asked of a path."""
        return {o.method for o in self.operations.values() if o.path == path}

    def _try_out(self) -> None:
        """What is asked of it later is asked now, where a part of another shape than OpenAPI's can still be refused."""
        self.match("GET", f"/{self.title}")
        for operation in self.operations.values():
            operation.response(200)
            operation.example()

    def _read(self) -> Iterator[Operation]:
        for path, item in self.document.get("paths", {}).items():
            for method in (m for m in _METHODS if m in item):
                node, mark = follow(self.document, ("paths", path, method))
                responses = {str(s): self._response(path, method, s) for s in node.get("responses", {})}
                yield Operation(
                    node.get("operationId") or f"{method} {path}", method.upper(), path, mark, node, responses
                )

    def _response(self, path: str, method: str, status: Any) -> Response:
        steps: tuple[Any, ...] = ("paths", path, method, "responses", status)
        node, mark = follow(self.document, steps)
        if "$ref" in node:
            steps = pointed(node["$ref"])
            node, mark = follow(self.document, steps)
        types = {
            name: (*steps, "content", name, "schema")
            for name, body in node.get("content", {}).items()
            if "schema" in body
        }
        return Response(str(status), mark, types)


@cache
def load(name: str) -> Spec:
    """The spec in a file, or one of ours by its name. Raises BrokenSpec."""
    import yaml

    try:
        file = data.path(name)
        document = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenSpec(str(error)) from error
    except (yaml.YAMLError, *_STUMBLES) as error:
        raise BrokenSpec(f"{name} is neither YAML nor JSON: {' '.join(str(error).split())}") from error
    return Spec(document, file.name)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join(r"[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", path))
    )
