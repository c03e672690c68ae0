"""OpenAPI documents as a reader wants them: operations, fields, references followed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
METHODS = ("get", "put", "post", "patch", "delete")


def load(file: Path) -> dict[str, Any]:
    """A YAML file, by the quick parser where there is one."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
    return loaded


@cache
def document(name: str) -> dict[str, Any]:
    """One of the specs at the root, read once."""
    return load(ROOT / name)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call, or one webhook."""

    method: str
    path: str
    node: dict[str, Any]
    above: dict[str, Any]

    @property
    def name(self) -> str:
        """What the spec calls it."""
        return str(self.node["operationId"])


def operations(spec: dict[str, Any], part: str = "paths") -> Iterator[Operation]:
    """The calls under `paths`, or the posts under `webhooks`, in the order of the document."""
    for path, item in spec[part].items():
        for method in METHODS:
            if method in item:
                yield Operation(method.upper(), path, item[method], item)


def follow(spec: dict[str, Any], node: Any) -> Any:
    """What a `$ref` stands for; anything else is itself."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = spec
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def parameters(spec: dict[str, Any], operation: Operation) -> list[dict[str, Any]]:
    """Those of the path and those of its own."""
    given = [*operation.above.get("parameters", ()), *operation.node.get("parameters", ())]
    return [follow(spec, parameter) for parameter in given]


def body(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any] | None:
    """The first media type of a request or an answer."""
    content = follow(spec, node).get("content") if node else None
    return next(iter(content.values())) if content else None


def kind(spec: dict[str, Any], schema: Any) -> str:
    """A schema's type in a word or two."""
    if schema is True or not schema:
        return "any"
    if "$ref" in schema:
        return kind(spec, follow(spec, schema))
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(kind(spec, one) for one in schema[word]))
    if "allOf" in schema:
        return kind(spec, schema["allOf"][0])
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    names = schema.get("type", "object" if "properties" in schema else "any")
    word = " or ".join(names) if isinstance(names, list) else str(names)
    return f"{word} of {kind(spec, schema['items'])}" if word == "array" and "items" in schema else word


def example(media: dict[str, Any]) -> Any:
    """The first one, None if there is none."""
    if "example" in media:
        return media["example"]
    return next((one.get("value") for one in media.get("examples", {}).values()), None)
