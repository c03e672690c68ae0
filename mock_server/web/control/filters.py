"""Filters named after the fields: a query parameter that is a field of the answer picks the records that show that value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.phones import parse
from mock_server.services import pages
from mock_server.web.paging import answer, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.store.protocol import Collection
    from mock_server.web.door import Call, Reply

    Render = Callable[[Any], dict[str, Any]]

_PAGING = {"limit", "cursor"}
_PHONES = {"to", "from"}


def listing(
    call: Call,
    collection: Collection[Any],
    render: Render,
    *,
    found_by: Render | None = None,
    indexed: tuple[str, str] | None = None,
) -> Reply:
    """A page of these records, with the call's filters; `found_by` shows what they are found by if `render` does not.

    `indexed` is a filter that the store has an index for, and its name there: no scan for that one.
    """
    wanted = {name: value for name, value in call.query.items() if name not in _PAGING}
    index = (indexed[1], wanted.pop(indexed[0])) if indexed and indexed[0] in wanted else None
    matches = by_fields(wanted, found_by or render)
    return answer(pages.read(call.world, collection, **window(call), index=index, matches=matches), render)


def by_fields(wanted: dict[str, Any], render: Render) -> Callable[[Any], bool] | None:
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
