"""Reading JSON from strangers.

Stricter than the standard library where a sloppy reading would hide a mistake or break something later: duplicate keys,
numbers beyond a double, lone surrogates and U+0000 are refused, each by name.
"""

import codecs
import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from mock_server.domain.errors import Invalid
from mock_server.web.refusals import InvalidJson

DEEPEST = 64
"""Levels of nesting. No body here needs more than five; a validator gives up at some hundreds."""

MOST_VALUES = 50_000
"""Values in a body, unless somebody allows more."""

_SUSPICIOUS = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


def parse(raw: bytes, most_values: int = MOST_VALUES) -> Any:
    """The value. Raises InvalidJson, or Invalid naming the field whose text no database could keep.

    More than `most_values` commas are refused before anything is built of them.
    """
    if raw.count(b",") >= most_values:
        raise InvalidJson(f"The body holds more than {most_values:,} values")
    value = _decoded(raw)
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _depth_exceeds(value, DEEPEST):
        raise _too_deep()
    if _SUSPICIOUS.search(raw):
        for field, text in _strings(value, ""):
            _check_text(field, text)
    return value


def _decoded(raw: bytes) -> Any:
    if raw.startswith(codecs.BOM_UTF8):
        raise InvalidJson("The body begins with a byte order mark; JSON has none (RFC 8259, section 8.1)")
    try:
        return _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidJson(f"The body is not UTF-8: byte {error.start} is 0x{raw[error.start]:02x}") from None
    except json.JSONDecodeError as error:
        raise InvalidJson(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> InvalidJson:
    return InvalidJson(f"The body is nested too deeply; {DEEPEST} levels are plenty")


def _depth_exceeds(value: Any, levels: int) -> bool:
    """Level by level, so that it needs no stack itself."""
    level = [value]
    for _ in range(levels):
        level = [inner for outer in level for inner in _children(outer)]
        if not level:
            return False
    return True


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidJson(f"The body has the key {twice!r} twice in one object")
    return value


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise InvalidJson(f"The body has a number beyond the range of a double: {text[:40]}")
    return value


def _int(text: str) -> int:
    if len(text) > 300:
        raise InvalidJson(f"The body has a number of {len(text)} digits: {text[:20]}…")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise InvalidJson(f"The body has {text}, which is not JSON")


def _strings(value: Any, field: str) -> Iterator[tuple[str, str]]:
    """Every text in the value with its path; keys count as texts of their object."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield field, key
            yield from _strings(inner, f"{field}.{key}" if field else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, f"{field}[{index}]")


def _check_text(field: str, text: str) -> None:
    if "\0" in text:
        raise Invalid(field, "must not contain the character U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid(_printable(field), "contains half of a surrogate pair, which is no character") from None


def _printable(field: str) -> str:
    return field.encode("ascii", "backslashreplace").decode()


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)
