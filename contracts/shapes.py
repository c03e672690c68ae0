"""Does an answer have the declared shape? And if not, which statement of the spec is broken, and how sure was it?

jsonschema judges here, and jsonschema-rs inside the fake, so that the two check each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from contracts.provenance import VIOLATION, Mark, follow, own, place, pointed, weaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.spec import Spec

_HERE = "urn:spec"


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that is not as declared, and `where` in the answer.

    `cause` is where in the spec, less its last field name: fields of one object that break in one way have one cause.
    """

    where: str
    cause: str
    promised: str
    came: str
    mark: Mark


class Shapes:
    """Judges values by the schemas of one document."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def misfits(self, value: Any, steps: tuple[Any, ...]) -> Iterator[Misfit]:
        """Everything in `value` that the schema at `steps` does not allow. Fields missing in one object are one thing."""
        missing: dict[tuple[Any, ...], list[Misfit]] = {}
        for error in map(_nearest, self._validator(steps).iter_errors(value)):
            misfit = self._misfit(error, steps)
            if error.validator == "required":
                missing.setdefault(tuple(error.absolute_path), []).append(misfit)
            else:
                yield misfit
        for together in missing.values():
            yield _joined(together)

    def extras(self, value: Any, steps: tuple[Any, ...]) -> Iterator[Misfit]:
        """Every field of `value` that the schema at `steps` does not name."""
        node, mark = follow(self._spec.document, steps)
        yield from self._extras(value, node, mark, "")

    def _extras(self, value: Any, node: Any, mark: Mark, where: str) -> Iterator[Misfit]:
        node, mark = self._resolved(node, mark)
        if isinstance(value, list) and "items" in node:
            for item in value:
                yield from self._extras(item, node["items"], mark, f"{where}[]")
        if not isinstance(value, dict):
            return
        named = self._named(node, value)
        if named is None:
            return
        for key, child in value.items():
            if key not in named:
                promised = f"only {', '.join(named)}"
                yield Misfit(f"{where}.{key}".lstrip("."), key, promised, f"also {key!r}", mark)
            else:
                yield from self._extras(child, named[key], mark, f"{where}.{key}")

    def _named(self, node: dict[str, Any], value: dict[str, Any]) -> dict[str, Any] | None:
        """The fields that a schema names, those of its branches included; None where it leaves them open."""
        if node.get("additionalProperties") not in (None, False) or "patternProperties" in node:
            return None
        named = dict(node.get("properties", {}))
        for branch in (*node.get("allOf", ()), *self._taken(node, value)):
            below = self._named(self._resolved(branch, Mark())[0], value)
            if below is None:
                return None
            named |= below
        return named or None

    def _taken(self, node: dict[str, Any], value: dict[str, Any]) -> list[Any]:
        """The branches of a choice that fit; all of them when none does."""
        branches = [*node.get("oneOf", ()), *node.get("anyOf", ())]
        fitting = [b for b in branches if self._fits(b, value)]
        return fitting or branches

    def _fits(self, branch: Any, value: Any) -> bool:
        return bool(self._validate(branch).is_valid(value))

    def _resolved(self, node: Any, mark: Mark) -> tuple[Any, Mark]:
        if "$ref" in node:
            return follow(self._spec.document, pointed(node["$ref"]))
        return node, own(node) or mark

    @cached_property
    def _registry(self) -> Any:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        return Registry().with_resource(_HERE, DRAFT202012.create_resource(self._spec.document))

    @cached_property
    def _known(self) -> dict[tuple[Any, ...], Any]:
        return {}

    def _validator(self, steps: tuple[Any, ...]) -> Any:
        if steps not in self._known:
            escaped = (str(step).replace("~", "~0").replace("/", "~1").replace("%", "%25") for step in steps)
            self._known[steps] = self._validate({"$ref": f"{_HERE}#/{'/'.join(escaped)}"})
        return self._known[steps]

    def _validate(self, schema: Any) -> Any:
        from jsonschema import Draft202012Validator

        if "$ref" in schema and schema["$ref"].startswith("#"):
            schema = {**schema, "$ref": f"{_HERE}{schema['$ref']}"}
        return Draft202012Validator(schema, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def _misfit(self, error: Any, steps: tuple[Any, ...]) -> Misfit:
        below = tuple(error.absolute_schema_path)
        _, mark = follow(self._spec.document, (*steps, *below))
        statement = place(self._spec.document, (*steps, *below))
        where = ".".join("[]" if isinstance(step, int) else str(step) for step in error.absolute_path).replace(
            ".[]", "[]"
        )
        if error.validator == "required":
            missing = _missing(error.message)
            holder = self._resolved(follow(self._spec.document, (*steps, *below[:-1]))[0], mark)[0]
            child = own(holder.get("properties", {}).get(missing))
            mark = weaker(mark, child) if child else mark
            return Misfit(f"{where}.{missing}".lstrip("."), statement, "is always there", "is missing", mark)
        promised = f"has {error.validator} {_short(error.validator_value)}"
        cause = re.sub(r"/properties/[^/]+/(\w+)$", r"/properties/*/\1", statement)
        return Misfit(where or "body", cause, promised, f"is {_short(error.instance)}", mark)


def _joined(missing: list[Misfit]) -> Misfit:
    """As heavy as the heaviest of them."""
    first = min(missing, key=lambda misfit: misfit.mark.severity != VIOLATION)
    names = ", ".join(misfit.where for misfit in missing)
    return Misfit(names, first.cause, first.promised, first.came, first.mark)


def _nearest(error: Any) -> Any:
    """Of a choice of schemas, the complaint about the branch that was meant: the one whose fixed words are all right."""
    from jsonschema.exceptions import best_match

    while error.context:
        branches: dict[Any, list[Any]] = {}
        for below in error.context:
            branches.setdefault(below.schema_path[0], []).append(below)
        meant = min(branches.values(), key=lambda errors: (any(e.validator == "const" for e in errors), len(errors)))
        error = best_match(meant)
    return error


def _missing(message: str) -> str:
    found = re.match(r"'(.+)' is a required", message)
    return found[1] if found else message


def _short(value: Any) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
