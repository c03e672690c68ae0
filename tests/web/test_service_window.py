"""The 24 hours in which free-form text may go, from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Doors

ADA = "+15551230001"
HOUR = 3600


def _fate(doors: Doors) -> str:
    """What becomes of a text that is sent now."""
    sent = doors.api("POST", "/messages", {"to": ADA, "text": "hello"}).body["id"]
    doors.advance(10)
    return str(doors.control("GET", f"/messages/{sent}").body["status"])


def test_twenty_four_hours_from_their_last_message(doors: Doors) -> None:
    """Each message of theirs starts it anew, none of ours does; after it text fails until they write again."""
    for waited, ends in ((20 * HOUR, "READ"), (24 * HOUR - 1, "READ"), (24 * HOUR, "FAILED"), (5, "READ")):
        doors.control("POST", "/inbound", {"from": ADA, "text": "hi"})
        doors.advance(waited)
        assert _fate(doors) == ends
