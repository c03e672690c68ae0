"""Values as JSON and back, as their type hints say.

| hint                         | JSON                                                                      |
| ---------------------------- | ------------------------------------------------------------------------- |
| a dataclass                  | an object with all its fields, in camelCase                               |
| one of several dataclasses   | an object with one key, the name of the class: `{"message": {…}}`         |
| `Instant`                    | `"2026-11-21T10:00:00.300Z"`, to the microsecond where there are any      |
| `Duration`                   | `"PT0.3S"`                                                                |
| `bytes`                      | a string if they are UTF-8, else `{"base64": "…"}`                        |
| an enum                      | its value                                                                 |
| a tuple or list, `dict[str, …]` | an array, an object                                                       |

A codec is put together once for each hint and then only runs. `decode` raises Wrong, which knows where.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import sys
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from mock_server import domain
from mock_server.codec.scalars import SCALARS, Codec, Wrong, enum, literal, not_among, refuse
from mock_server.domain.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def codec(hint: Any) -> Codec:
    """The codec for a type hint. Raises TypeError for a hint that nobody has written JSON for."""
    if hint in SCALARS:
        return SCALARS[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in _GENERIC:
        return _GENERIC[origin](arguments)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return enum(hint)
    raise TypeError(f"{hint!r} has no form in JSON; add one to the table of {__name__}")


@cache
def array(hint: Any) -> Codec:
    """The codec for any number of these."""
    return _tuple((hint, Ellipsis))


@cache
def hints(cls: type) -> dict[str, Any]:
    """A class's type hints. Names imported for type checking only are found by looking through the whole domain."""
    return get_type_hints(cls, _domain(), vars(sys.modules[cls.__module__]), include_extras=True)


def camel(name: str) -> str:
    """`latest_change` as `latestChange`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def _domain() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for module in pkgutil.iter_modules(domain.__path__):
        names |= vars(importlib.import_module(f"{domain.__name__}.{module.name}"))
    return names


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else refuse("an array", value)


def _object(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else refuse("an object", value)


def _tuple(arguments: tuple[Any, ...]) -> Codec:
    if arguments[-1] is not Ellipsis:
        return _fixed([codec(hint) for hint in arguments])
    inner = codec(arguments[0])

    def encode(values: tuple[Any, ...]) -> list[Any]:
        return list(values) if inner.plain else [inner.encode(value) for value in values]

    def decode(value: Any) -> tuple[Any, ...]:
        return tuple(_items(_list(value), inner.decode))

    return Codec(encode, decode)


def _list_of(arguments: tuple[Any, ...]) -> Codec:
    inner = _tuple((arguments[0], Ellipsis))
    return Codec(inner.encode, lambda value: list(inner.decode(value)))


def _items(values: list[Any], decode: Callable[[Any], Any]) -> list[Any]:
    """Each decoded; what is wrong with one is said with its index."""
    items: list[Any] = []
    try:
        for value in values:
            items.append(decode(value))  # noqa: PERF401 (its length says where it went wrong)
    except Wrong as wrong:
        wrong.steps.append(len(items))
        raise
    return items


def _fixed(inners: list[Codec]) -> Codec:
    def encode(values: tuple[Any, ...]) -> list[Any]:
        return [inner.encode(value) for inner, value in zip(inners, values, strict=True)]

    def decode(value: Any) -> tuple[Any, ...]:
        if len(_list(value)) != len(inners):
            raise Wrong(f"must have {len(inners)} items; has {len(value)}")
        turns = iter(inners)
        return tuple(_items(value, lambda item: next(turns).decode(item)))

    return Codec(encode, decode)


def _dict(arguments: tuple[Any, ...]) -> Codec:
    inner = codec(arguments[1])

    def encode(values: dict[str, Any]) -> dict[str, Any]:
        return values if inner.plain else {name: inner.encode(value) for name, value in values.items()}

    def decode(value: Any) -> dict[str, Any]:
        return {name: field(inner, value, name) for name in _object(value)}

    return Codec(encode, decode)


def _union(arguments: tuple[Any, ...]) -> Codec:
    some = [hint for hint in arguments if hint is not NoneType]
    inner = codec(some[0]) if len(some) == 1 else _named(some)
    if len(some) == len(arguments):
        return inner

    def encode(value: Any) -> Any:
        return None if value is None else inner.encode(value)

    def decode(value: Any) -> Any:
        return None if value is None else inner.decode(value)

    return Codec(encode, decode, inner.plain)


def _named(classes: list[type]) -> Codec:
    names = {cls: cls.__name__[0].lower() + cls.__name__[1:] for cls in classes}
    inners = {name: codec(cls) for cls, name in names.items()}

    def encode(value: Any) -> dict[str, Any]:
        name = names[type(value)]
        return {name: inners[name].encode(value)}

    def decode(value: Any) -> Any:
        if len(_object(value)) != 1:
            refuse(f"an object with one of the keys {', '.join(inners)}", value)
        (name,) = value
        return field(inners[name], value, name) if name in inners else not_among(inners, name)

    return Codec(encode, decode)


def field(inner: Codec, value: dict[str, Any], name: str) -> Any:
    """One field of an object, decoded; what is wrong in it is said with its name."""
    try:
        return inner.decode(value[name])
    except Wrong as wrong:
        wrong.steps.append(name)
        raise


def _dataclass(cls: type) -> Codec:
    known = hints(cls)
    fields = [(f.name, camel(f.name), codec(known[f.name])) for f in dataclasses.fields(cls)]
    names = [name for _, name, _ in fields]

    def encode(record: Any) -> dict[str, Any]:
        return {
            name: getattr(record, attribute) if inner.plain else inner.encode(getattr(record, attribute))
            for attribute, name, inner in fields
        }

    def decode(value: Any) -> Any:
        require_keys(value, names)
        return cls(*[field(inner, value, name) for _, name, inner in fields])

    return Codec(encode, decode)


def require_keys(value: Any, names: list[str]) -> None:
    """Raises Wrong for a field too many, which explains best what is missing, or for one too few."""
    if len(_object(value)) == len(names) and all(map(value.__contains__, names)):
        return
    for name in value:
        if name not in names:
            raise Wrong(f"is not a known field{did_you_mean(name, names)} (known: {', '.join(names)})", name)
    raise Wrong("is required", next(name for name in names if name not in value))


_GENERIC: dict[Any, Callable[[tuple[Any, ...]], Codec]] = {
    tuple: _tuple,
    list: _list_of,
    dict: _dict,
    Literal: literal,
    Union: _union,
    UnionType: _union,
}
