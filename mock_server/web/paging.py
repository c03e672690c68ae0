"""Answering lists: `{"items": […], "nextCursor"?}` (D7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.services.pages import Page
    from mock_server.web.door import Call, Reply

R = TypeVar("R")

DEFAULT_LIMIT = 25
"""Vendor: list pages."""


def answer(page: Page[R], render: Callable[[R], Any]) -> Reply:
    """A page of records as JSON. `nextCursor` is absent on the last one."""
    body: dict[str, Any] = {"items": [render(record) for record in page.items]}
    if page.next_cursor is not None:
        body["nextCursor"] = page.next_cursor
    return 200, body


def window(call: Call) -> dict[str, Any]:
    """The limit and cursor of a call, as the page services take them."""
    return {"limit": call.query.get("limit", DEFAULT_LIMIT), "cursor": call.query.get("cursor")}
