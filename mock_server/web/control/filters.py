"""Filters named after the fields: a query parameter that is a field of the answer picks the records that show that value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.web.door import Call

_PAGING = {"limit", "cursor"}


def matching(call: Call, render: Callable[[Any], dict[str, Any]]) -> Callable[[Any], bool] | None:
    """A predicate for the filters of this call, by the record as it is shown; None when there are none."""
    return by_fields({name: value for name, value in call.query.items() if name not in _PAGING}, render)


def by_fields(wanted: dict[str, Any], render: Callable[[Any], dict[str, Any]]) -> Callable[[Any], bool] | None:
    """A predicate: does the record, as it is shown, have these values? Numbers may be given as text."""
    if not wanted:
        return None

    def matches(record: Any) -> bool:
        shown = render(record)
        return all(shown[name] == value or str(shown[name]) == value for name, value in wanted.items())

    return matches
