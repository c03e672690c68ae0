"""A spec of nobody we know: the laws of HTTP and of the document itself, and nothing about messaging."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contracts.exchange import get, post
from contracts.speech.base import Speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.exchange import Call
    from contracts.laws.case import Case


def _any_envelope(_: str | None, body: Any) -> str | None:
    return None if isinstance(body, dict) else "the body is not a JSON object"


def _everything(body: Mapping[str, Any]) -> Iterator[Any]:
    """Nobody knows which field is a person, so every text with seven digits or more is taken for one."""
    for text in _texts(json.loads(json.dumps(body))):
        if sum(char.isdigit() for char in text) >= 7:
            yield text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
    elif value is not None:
        yield str(value)


def examples(case: Case) -> Iterator[Call]:
    """Every operation with the example that the spec gives for it; those with parameters in their path are left out."""
    for operation in case.scene.spec.operations.values():
        if "{" in operation.path or (operation.writes and not case.scene.may_write):
            continue
        if operation.method == "GET":
            yield get(operation.path)
        else:
            yield post(operation.path, operation.example() or {}, operation.method)


def tour_by_examples(case: Case) -> None:
    """Each of them once."""
    for call in case.scene.samples(case):
        case.ask(call)


PLAIN = Speech(
    name="plain",
    operations=frozenset(),
    knock=None,
    envelope=_any_envelope,
    code=lambda _: None,
    reaches=_everything,
    tour=tour_by_examples,
    samples=examples,
)
