"""Filters named after the fields: a query parameter that is a field of the answer picks the records that show that value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.phones import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.web.door import Call

_PAGING = {"limit", "cursor"}
_PHONES = {"to", "from"}


def matching(call: Call, render: Callable[[Any], dict[str, Any]]) -> Callable[[Any], bool] | None:
    """A predicate for the filters of this call, by the record as it is shown; None when there are none."""
    return by_fields({name: value for name, value in call.query.items() if name not in _PAGING}, render)


def by_fields(wanted: dict[str, Any], render: Callable[[Any], dict[str, Any]]) -> Callable[[Any], bool] | None:
    """A predicate: does the record, as it is shown, have these values? A phone number may be spelt in any way.

    Raises Invalid for what is no phone number where one is meant.
    """
    if not wanted:
        return None
    wanted = {name: parse(value, name).e164 if name in _PHONES else value for name, value in wanted.items()}

    def matches(record: Any) -> bool:
        shown = render(record)
        return all(shown[name] == value for name, value in wanted.items())

    return matches
