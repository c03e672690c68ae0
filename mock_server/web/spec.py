"""A vendor's OpenAPI document, compiled: which operations there are, and a validator for what each takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mock_server import data
from mock_server.domain.errors import Invalid, did_you_mean
from mock_server.explain import show
from mock_server.schema import Schema
from mock_server.web.spec_fields import Values, plain_fields

_METHODS = ("get", "post", "put", "patch", "delete")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_INTEGER = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `path` is the spec's own, with `{name}` placeholders."""

    id: str
    method: str
    path: str
    types: dict[str, str]
    query: Schema | None
    body: Schema | None
    body_required: bool


class Spec:
    """One document. `closed` refuses query parameters it does not name; vendors ignore them, the control plane teaches."""

    def __init__(self, name: str, *, closed: bool = False) -> None:
        self.name = name
        self._closed = closed

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document as it is served."""
        found: dict[str, Any] = data.document(self.name)
        return found

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """By operationId."""
        found = [self._operation(path, method, self.document["paths"][path]) for path, method in self._methods()]
        return {operation.id: operation for operation in found}

    def component(self, name: str) -> Schema:
        """A schema of the document by its name."""
        return self._compile({"$ref": f"#/components/schemas/{name}"})

    def read_query(self, operation: Operation, arguments: dict[str, list[str]]) -> dict[str, Any]:
        """Query parameters as typed values with their defaults left to the caller. Raises Invalid."""
        if operation.query is None:
            return {}
        known = operation.types
        for name in arguments.keys() - known.keys() if self._closed else ():
            raise Invalid(name, f"is not a parameter here{did_you_mean(name, known)} (known: {', '.join(known)})")
        values = {name: _typed(name, arguments[name], known[name]) for name in known if name in arguments}
        operation.query.check(values)
        return values

    def call_fields(self) -> dict[str, dict[str, Values]]:
        """By operationId, the plain fields of its calls: in the path, the query and the body."""
        found = {}
        for path, method in self._methods():
            item = self.document["paths"][path]
            definition = item[method]
            named = {p["name"]: p["schema"] for p in self._parameters(item, definition) if p["in"] in {"path", "query"}}
            body = self._json(definition.get("requestBody", {}))
            both = {"allOf": [{"properties": named}, body]}
            found[definition["operationId"]] = plain_fields(both, self._resolve)
        return found

    def event_fields(self) -> dict[str, dict[str, Values]]:
        """By the event's name, the plain fields of its webhook's body."""
        events = self.document.get("webhooks", {})
        return {
            name: plain_fields(self._json(item["post"]["requestBody"]), self._resolve) for name, item in events.items()
        }

    def event_headers(self) -> dict[str, frozenset[str]]:
        """By the event's name, the headers that its webhook has, in lower case."""
        return {
            name: frozenset(p["name"].lower() for p in self._parameters(item, item["post"]) if p["in"] == "header")
            for name, item in self.document.get("webhooks", {}).items()
        }

    def _json(self, body: dict[str, Any]) -> dict[str, Any]:
        schema: dict[str, Any] = self._resolve(body).get("content", {}).get("application/json", {}).get("schema", {})
        return schema

    def _operation(self, path: str, method: str, item: dict[str, Any]) -> Operation:
        definition = item[method]
        query = [p for p in self._parameters(item, definition) if p["in"] == "query"]
        body = self._resolve(definition.get("requestBody", {}))
        content = body.get("content", {}).get("application/json")
        return Operation(
            id=definition["operationId"],
            method=method.upper(),
            path=path,
            types={p["name"]: self._type_of(p["schema"]) for p in query},
            query=self._compile(_object_of(query)) if query else None,
            body=self._compile(content["schema"]) if content else None,
            body_required=body.get("required", False),
        )

    def _methods(self) -> list[tuple[str, str]]:
        return [
            (path, method) for path, item in self.document["paths"].items() for method in _METHODS if method in item
        ]

    def _parameters(self, item: dict[str, Any], definition: dict[str, Any]) -> list[dict[str, Any]]:
        return [self._resolve(p) for p in (*item.get("parameters", []), *definition.get("parameters", []))]

    def _resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _type_of(self, schema: dict[str, Any]) -> str:
        kind: str = self._resolve(schema).get("type", "string")
        return kind

    def _compile(self, schema: dict[str, Any]) -> Schema:
        return Schema({**schema, "components": {"schemas": self.document["components"]["schemas"]}})


def _object_of(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {p["name"]: p["schema"] for p in parameters},
        "required": [p["name"] for p in parameters if p.get("required")],
    }


def _typed(name: str, values: list[str], kind: str) -> Any:
    if len(values) > 1:
        raise Invalid(name, f"is given {len(values)} times; give it once")
    text = values[0]
    if kind == "integer":
        if not _INTEGER.fullmatch(text):
            raise Invalid(name, f"must be an integer; got {show(text)}")
        return int(text)
    if kind == "number":
        if not _NUMBER.fullmatch(text):
            raise Invalid(name, f"must be a number; got {show(text)}")
        return float(text)
    if kind == "boolean":
        if text not in {"true", "false"}:
            raise Invalid(name, f"must be true or false; got {show(text)}")
        return text == "true"
    return text
