"""From a validator's error to a sentence that names the field, the value and what would be right."""

import json
from collections.abc import Callable
from typing import Any

from mock_server.domain.errors import Invalid, did_you_mean

_Error = Any
"""A jsonschema_rs.ValidationError. Each of its kinds has attributes of its own, which its type stubs do not tell."""

_SHOWN = 60


def explain(errors: list[_Error], schema: dict[str, Any]) -> Invalid:
    """The most telling of the errors as a refusal. `schema` is the root that was validated against."""
    error = _meant(min(errors, key=_rank))
    name, field = error.kind.name, path(error.instance_path)
    about = _ABOUT_KEYS.get(name)
    if about is not None:
        return about(error, f"{field}." if field else "", schema)
    sentence = _SENTENCES.get(name)
    return Invalid(field or "body", sentence(error) if sentence else error.message[:200])


def path(steps: list[str | int]) -> str:
    """`recipients[3].phone`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def show(value: Any) -> str:
    """A value for people, clipped."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _rank(error: _Error) -> int:
    """A misspelt field explains a missing one, and an empty object breaks `minProperties` last of all."""
    return {"additionalProperties": 0, "minProperties": 2, "maxProperties": 2}.get(error.kind.name, 1)


def _meant(error: _Error) -> _Error:
    """Within a union, the error of the branch that was meant: the only one whose constants fit."""
    while error.kind.name in {"oneOf", "anyOf"}:
        branches = [branch for branch in error.kind.context if not any(e.kind.name == "const" for e in branch)]
        if len(branches) != 1:
            return error
        error = branches[0][0]
    return error


def _unknown_key(error: _Error, prefix: str, schema: dict[str, Any]) -> Invalid:
    wrong = error.kind.unexpected[0]
    known = _known_keys(error.schema_path, schema)
    return Invalid(f"{prefix}{wrong}", f"is not a known field{did_you_mean(wrong, known)} (known: {', '.join(known)})")


def _missing_key(error: _Error, prefix: str, schema: dict[str, Any]) -> Invalid:
    missing = error.kind.property
    whole = "then" not in error.schema_path  # a condition's branch names only some of the fields
    unknown = set(error.instance) - set(_known_keys(error.schema_path, schema)) if whole else set()
    guess = did_you_mean(missing, sorted(unknown)).replace("did you mean", "did you mean it by")
    return Invalid(f"{prefix}{missing}", f"is required{guess}", missing=True)


def _union(error: _Error, prefix: str, _: dict[str, Any]) -> Invalid:
    """No branch fits: a constant that none has, a field that all want, or alternatives of which none is there."""
    branches = error.kind.context
    if not any(branches):
        return Invalid(prefix.rstrip(".") or "body", "fits more than one of the allowed forms; choose one")
    constants = [e for branch in branches for e in branch if e.kind.name == "const"]
    if constants:
        options, wrong = [e.kind.value for e in constants], constants[0].instance
        return Invalid(path(constants[0].instance_path), _choice(options, wrong))
    missing = [[e.kind.property for e in branch if e.kind.name == "required"] for branch in branches]
    shared = [name for name in missing[0] if all(name in others for others in missing)]
    if shared:
        return Invalid(f"{prefix}{shared[0]}", "is required", missing=True)
    if all(missing):
        return Invalid(prefix.rstrip(".") or "body", f"needs {' or '.join(names[0] for names in missing)}")
    return Invalid(prefix.rstrip(".") or "body", f"{show(error.instance)} fits none of the allowed forms")


_ABOUT_KEYS: dict[str, Callable[[_Error, str, dict[str, Any]], Invalid]] = {
    "required": _missing_key,
    "additionalProperties": _unknown_key,
    "oneOf": _union,
    "anyOf": _union,
}


def _known_keys(schema_path: list[str | int], schema: dict[str, Any]) -> list[str]:
    node: Any = schema
    for step in schema_path[:-1]:
        node = node[step]
    return list(node.get("properties", {}))


def _choice(options: list[Any], wrong: Any) -> str:
    words = [option for option in options if isinstance(option, str)]
    guess = did_you_mean(wrong, words) if isinstance(wrong, str) else ""
    return f"must be one of {', '.join(map(show, options))}; got {show(wrong)}{guess}"


def _type(error: _Error) -> str:
    types = error.kind.types
    return f"must be {' or '.join(types)}; got {_type_name(error.instance)} {show(error.instance)}"


def _type_name(value: Any) -> str:
    names: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


_SENTENCES: dict[str, Callable[[_Error], str]] = {
    "type": _type,
    "enum": lambda e: _choice(e.kind.value, e.instance),
    "const": lambda e: f"must be {show(e.kind.value)}; got {show(e.instance)}",
    "minLength": lambda e: f"must have at least {e.kind.limit} characters; has {len(e.instance)}",
    "maxLength": lambda e: f"must have at most {e.kind.limit} characters; has {len(e.instance)}",
    "minimum": lambda e: f"must be at least {e.kind.limit}; got {show(e.instance)}",
    "maximum": lambda e: f"must be at most {e.kind.limit}; got {show(e.instance)}",
    "exclusiveMinimum": lambda e: f"must be more than {e.kind.limit}; got {show(e.instance)}",
    "minItems": lambda e: f"must have at least {e.kind.limit} items; has {len(e.instance)}",
    "maxItems": lambda e: f"must have at most {e.kind.limit} items; has {len(e.instance)}",
    "uniqueItems": lambda e: f"must not name anything twice; got {show(e.instance)}",
    "minProperties": lambda e: f"needs at least {e.kind.limit} field(s); got {show(e.instance)}",
    "maxProperties": lambda e: f"takes at most {e.kind.limit} field(s); got {show(e.instance)}",
    "format": lambda e: f"{show(e.instance)} is not a valid {e.kind.format}",
    "pattern": lambda e: f"{show(e.instance)} does not match {e.kind.value}",
}
