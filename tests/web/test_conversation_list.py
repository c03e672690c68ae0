"""listConversations over its door: what it shows, and what its filter leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mock_server.domain.conversations import ConversationStatus

if TYPE_CHECKING:
    from .conftest import Doors

ADA, GRACE = "+15551230001", "+15551230002"


def _shown(doors: Doors, query: str = "") -> list[dict[str, Any]]:
    items = doors.api("GET", f"/conversations{query}").body["items"]
    assert isinstance(items, list)
    return items


@pytest.mark.parametrize("status", ConversationStatus)
def test_a_filter_shows_that_status_and_no_other(doors: Doors, status: ConversationStatus) -> None:
    """Of two conversations the one that is in it; both, newest first, where nothing is asked for."""
    for number in (ADA, GRACE):
        doors.control("POST", "/inbound", {"from": number, "text": "hi"})
        doors.advance(1)
    graces, adas = _shown(doors)
    assert [item["contact"]["phone"] for item in (graces, adas)] == [GRACE, ADA]
    other = ConversationStatus.CLOSED if status is not ConversationStatus.CLOSED else ConversationStatus.OPEN
    for item, wanted in ((adas, status), (graces, other)):
        doors.control("PATCH", f"/conversations/{item['id']}", {"status": wanted})

    assert [item["id"] for item in _shown(doors, f"?status={status}")] == [adas["id"]]
    assert [item["id"] for item in _shown(doors, f"?status={other}")] == [graces["id"]]
    assert len(_shown(doors)) == 2
