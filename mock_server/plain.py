"""Somebody's own YAML file as JSON could have said it: objects with names, arrays, texts, finite numbers, true, false, null.

YAML says more: dates, sets, keys that are lists, texts that stand in a hundred places, or within themselves. Nothing
behind this knows what to do with those, and its parser raises whatever comes to it where a date has 13 months.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 64
MOST_VALUES = 200_000
"""In all; what stands in two places counts twice."""

_STUMBLES = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)


def yaml_values(read: Callable[[], Any]) -> Any:
    """What `read` makes of a YAML text. Raises yaml.YAMLError naming the place of a value that is not plain."""
    import yaml

    try:
        value = read()
    except yaml.YAMLError:
        raise
    except _STUMBLES as error:
        raise yaml.YAMLError(f"a value in it cannot be read: {str(error) or type(error).__name__}") from None
    _check(value)
    return value


def _check(value: Any) -> None:
    """Level by level, so that it needs no stack itself, and a value within itself ends it."""
    level, seen = [("", value)], 1
    for _ in range(DEEPEST):
        seen += sum(len(one) for _, one in level if isinstance(one, dict | list))
        if seen > MOST_VALUES:
            _refuse("", f"it holds more than {MOST_VALUES:,} values")
        level = [inner for place, one in level for inner in _inside(place, one)]
        if not level:
            return
    _refuse(level[0][0][:80], f"it is nested too deeply, or within itself; {DEEPEST} levels are plenty")


def _inside(place: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                _refuse(place, f"the key {key!r} is of type {type(key).__name__}; write it in quotes")
        return [(f"{place}.{key}" if place else key, inner) for key, inner in value.items()]
    if isinstance(value, list):
        return [(f"{place}[{index}]", inner) for index, inner in enumerate(value)]
    if not (value is None or isinstance(value, str | bool | int | float)):
        _refuse(place, f"{str(value)[:60]!r} is of type {type(value).__name__}; write it in quotes")
    if (isinstance(value, int) and abs(value) >= 1 << 63) or (isinstance(value, float) and not math.isfinite(value)):
        _refuse(place, f"{str(value)[:40]} is beyond the numbers that are read here")
    return []


def _refuse(place: str, problem: str) -> NoReturn:
    import yaml

    raise yaml.YAMLError(f"{place}: {problem}" if place else problem)
