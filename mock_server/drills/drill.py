"""Drills as data: `fixtures/drills/*.yaml`, or a file of one's own, read and judged by `drill.schema.json`.

A drill says what world it plays in, what happens in it, step by step, and what is expected of a sound integration.
`$name` stands for a parameter, which `--set name=value` changes; people are numbered from 1, so that no number is written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_server import data, plain
from mock_server.domain.errors import Invalid, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import yaml

_FIRST_PERSON = 15_551_230_000
"""Invented numbers, one after the other: who is called person 1 has +15551230001."""

_KINDS: Mapping[str, type] = {"integer": int, "number": float, "string": str, "boolean": bool}

Settings = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may be set from outside."""

    name: str
    default: Any
    help: str

    @property
    def kind(self) -> str:
        """In a word of JSON Schema."""
        return next(word for word, kind in _KINDS.items() if type(self.default) is kind)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens."""

    action: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a sound integration does. `says` is said when it does not."""

    name: str
    check: str
    says: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Drill:
    """A scenario, with its parameters put in. `clock` is the organization's while a client lives in real time."""

    name: str
    title: str
    description: str
    source: str
    parameters: tuple[Parameter, ...]
    values: Settings
    people: tuple[str, ...]
    world: Settings
    clock: str
    steps: tuple[Step, ...]
    expectations: tuple[Expectation, ...]

    @property
    def client_steps(self) -> int:
        """How often the client is asked to do something."""
        return sum(step.action == "client" for step in self.steps)

    @property
    def judges(self) -> list[str]:
        """Whom it is about: the client, the receiver, or both."""
        from mock_server.drills.checks import JUDGES

        return sorted({side for one in self.expectations for side in JUDGES[one.check]})

    def whom(self, wanted: Any) -> list[str]:
        """The numbers of `all`, of person 3, or of persons [3, 5]."""
        if wanted in (None, "all"):
            return list(self.people)
        chosen = wanted if isinstance(wanted, list) else [wanted]
        for one in chosen:
            if isinstance(one, int) and not 1 <= one <= len(self.people):
                raise Invalid(f"drill {self.name}", f"there is no person {one}; there are {len(self.people)}")
        return [self.people[one - 1] if isinstance(one, int) else one for one in chosen]


def names() -> list[str]:
    """The drills that travel with the package."""
    return sorted(file.stem for file in data.path("fixtures/drills").glob("*.yaml"))


def load(name: str, given: Mapping[str, Any] | None = None) -> Drill:
    """A drill by name or from a `.yaml` file, with its parameters set. Raises Invalid saying what would be right."""
    is_file = name.endswith((".yaml", ".yml"))
    if not is_file and name not in names():
        raise Invalid("drill", f"there is no drill {name!r}{did_you_mean(name, names())} (`drill list` has them all)")
    file = Path(name) if is_file else data.path(f"fixtures/drills/{name}.yaml")
    document = _parsed(name, file)
    stem = file.stem
    parameters = _parameters(stem, document)
    values = _values(stem, parameters, given or {})
    whole = {**document, **{key: _filled(document[key], values) for key in _FILLED if key in document}}
    _check(stem, whole)
    return _drill(stem, whole, parameters, values)


_FILLED = ("people", "world", "clock", "steps", "expect")
"""Where parameters may stand."""


def _parsed(name: str, file: Path) -> dict[str, Any]:
    import yaml

    try:
        text = file.read_text(encoding="utf-8")
        document = plain.yaml_values(lambda: yaml.load(text, _loader()))  # noqa: S506 (it is a safe one)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("drill", f"cannot read {name}: {error}") from None
    except yaml.YAMLError as error:
        raise Invalid("drill", f"{name} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise Invalid(f"drill {name}", "is no drill: it begins with `title:`, see docs/drills.md")
    return document


def _loader() -> type[yaml.SafeLoader]:
    """YAML's, but that `on` is a word: a fault is on something."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":bool") or letter in "tTfF"]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _parameters(stem: str, document: dict[str, Any]) -> tuple[Parameter, ...]:
    found = document.get("parameters", {})
    _check_part(stem, "parameters", found)
    return tuple(Parameter(name, one["default"], one["help"]) for name, one in found.items())


def _values(stem: str, parameters: Iterable[Parameter], given: Mapping[str, Any]) -> Settings:
    values = {one.name: one.default for one in parameters}
    for name, value in given.items():
        if name not in values:
            known = ", ".join(values) or "it has none"
            raise Invalid(
                f"drill {stem}", f"has no parameter {name!r}{did_you_mean(name, values)} (there are: {known})"
            )
        values[name] = _typed(stem, name, values[name], value)
    return values


def _typed(stem: str, name: str, default: Any, value: Any) -> Any:
    """As the default is. From a command line everything is text."""
    kind = type(default)
    if isinstance(value, str) and kind is not str:
        value = _read(value)
    if type(value) is int and kind is float:
        value = float(value)
    if type(value) is not kind:
        wanted = next(word for word, known in _KINDS.items() if known is kind)
        raise Invalid(f"drill {stem}: {name}", f"{value!r} is not of type {wanted}, like {default!r}")
    return value


def _read(text: str) -> Any:
    """A number or a truth value; other text as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _filled(value: Any, values: Settings) -> Any:
    """With every `$name` replaced by its value."""
    if isinstance(value, dict):
        return {key: _filled(child, values) for key, child in value.items()}
    if isinstance(value, list):
        return [_filled(child, values) for child in value]
    if isinstance(value, str) and value.startswith("$"):
        name = value[1:]
        if name not in values:
            raise Invalid(
                "drill", f"{value} is no parameter{did_you_mean(name, values)} (there are: {', '.join(values)})"
            )
        return values[name]
    return value


def _schema() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(data.path("fixtures/drills/drill.schema.json").read_bytes())
    return whole


def _check(stem: str, document: Any) -> None:
    _judge(f"drill {stem}", _schema(), document)


def _check_part(stem: str, part: str, value: Any) -> None:
    whole = _schema()
    _judge(f"drill {stem}: {part}", {"$defs": whole["$defs"], **whole["properties"][part]}, value)


def _judge(place: str, schema: dict[str, Any], value: Any) -> None:
    from mock_server.schema import Schema

    try:
        Schema(schema).check(value)
    except Invalid as mistake:
        raise Invalid(f"{place}: {mistake.field}", mistake.problem) from None


def _drill(stem: str, document: dict[str, Any], parameters: tuple[Parameter, ...], values: Settings) -> Drill:
    people = document.get("people", 1)
    if isinstance(people, int):
        people = [f"+{_FIRST_PERSON + number}" for number in range(1, people + 1)]
    return Drill(
        name=stem,
        title=document["title"],
        description=" ".join(document["description"].split()),
        source=" ".join(document["source"].split()),
        parameters=parameters,
        values=values,
        people=tuple(people),
        world=document.get("world", {}),
        clock=document.get("clock", "real"),
        steps=tuple(_step(step) for step in document["steps"]),
        expectations=tuple(_expectation(stem, number, one) for number, one in enumerate(document["expect"])),
    )


def _step(step: Any) -> Step:
    """`settle`, `advance: 60` or `inbound: {…}`."""
    if isinstance(step, str):
        return Step(step, {})
    ((action, settings),) = step.items()
    return Step(action, settings if isinstance(settings, dict) else {"value": settings})


def _expectation(stem: str, number: int, one: dict[str, Any]) -> Expectation:
    """Its check is one that there is, and has the settings that it is given."""
    from mock_server.drills.checks import CHECKS

    place, check = f"drill {stem}: expect[{number}]", one["check"]
    if check not in CHECKS:
        raise Invalid(
            f"{place}.check", f"there is no {check!r}{did_you_mean(check, CHECKS)} (known: {', '.join(CHECKS)})"
        )
    own = {key: value for key, value in one.items() if key not in {"check", "says", "name"}}
    known = CHECKS[check].settings
    for key in own:
        if key not in known:
            told = f"known: {', '.join(known)}" if known else "it has none"
            raise Invalid(f"{place}.{key}", f"{check} has no such setting{did_you_mean(key, known)} ({told})")
    return Expectation(one.get("name", check), check, " ".join(one["says"].split()), own)
