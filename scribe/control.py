"""The reference of the control plane, from its spec: each call with what it takes, what it answers and an example."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scribe.documents import Operation, body, document, example, follow, kind, operations, parameters
from scribe.words import code, join, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOP = """# Control plane reference

Made from [control-openapi.yaml](../control-openapi.yaml) by `python -m scribe`; the fake serves the same document at
`/_mock/control-openapi.json`, and judges every call by it. `{org}` is an organization's id, or `default`."""

_EVERYWHERE = {"400", "401", "404", "413", "415"}
"""What nearly every call may answer; said once."""


def page() -> str:
    """docs/control-reference.md."""
    spec = document("control-openapi.yaml")
    about = str(spec["info"]["description"]).strip()
    return join([_TOP, about, _contents(spec), *(text for tag in spec["tags"] for text in _part(spec, tag))])


def _contents(spec: dict[str, Any]) -> str:
    rows = ([code(f"{one.method} {one.path}"), one.node["summary"]] for one in operations(spec))
    return table(["call", "what it does"], rows)


def _part(spec: dict[str, Any], tag: dict[str, Any]) -> Iterator[str]:
    yield f"## {tag['name']}\n\n{tag['description']}."
    for one in operations(spec):
        if tag["name"] in one.node["tags"]:
            yield from _call(spec, one)


def _call(spec: dict[str, Any], one: Operation) -> Iterator[str]:
    yield f"### {one.method} {one.path}"
    yield f"**{one.node['summary']}** (`{one.name}`)\n\n{one.node.get('description', '').strip()}"
    rows = [_parameter(spec, parameter) for parameter in parameters(spec, one) if parameter["name"] != "org"]
    yield table(["parameter", "type", "what"], rows)
    media = body(spec, one.node.get("requestBody", {}))
    if media:
        yield table(["field", "type", "what"], _fields(spec, media["schema"]))
        yield _example("", example(media))
    yield from _answers(spec, one)


def _parameter(spec: dict[str, Any], one: dict[str, Any]) -> list[str]:
    must = " (required)" if one.get("required") and one["in"] != "path" else ""
    return [code(one["name"]), kind(spec, one["schema"]), f"{one.get('description', '')}{must}"]


def _fields(spec: dict[str, Any], schema: Any) -> Iterator[list[str]]:
    """The fields of an object, those of its choices too."""
    schema = follow(spec, schema)
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        whole = {**follow(spec, inner), **(inner if isinstance(inner, dict) else {})}
        must = " (required)" if name in required else ""
        fallback = f" Default: `{json.dumps(whole['default'])}`." if "default" in whole else ""
        yield [code(name), kind(spec, inner), f"{whole.get('description', '')}{must}{fallback}"]
    for word in ("oneOf", "anyOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _fields(spec, one)


def _answers(spec: dict[str, Any], one: Operation) -> Iterator[str]:
    answers = {status: follow(spec, node) for status, node in one.node["responses"].items()}
    said = [f"`{s}` {str(node['description']).strip()}" for s, node in answers.items() if s not in _EVERYWHERE]
    rest = " ".join(code(status) for status in answers if status in _EVERYWHERE)
    yield "Answers: " + " · ".join([*(" ".join(text.split()) for text in said), *([rest] if rest else [])])
    for status, node in answers.items():
        media = body(spec, node)
        if status.startswith("2") and media:
            yield _example(status, example(media))


def _example(status: str, value: Any) -> str:
    if value is None or not isinstance(value, dict | list):
        return ""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    lines = text.splitlines()
    shown = text if len(lines) <= 40 else json.dumps(value, ensure_ascii=False, default=str)
    if len(shown) > 1500:
        return ""
    return f"```json\n{shown}\n```"
