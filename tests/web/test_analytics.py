"""getOutboundAnalytics over its door (D15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Doors


def _send(doors: Doors, count: int) -> None:
    for number in range(count):
        doors.control("POST", "/inbound", {"from": f"+1555123{number:04d}", "text": "hi"})
        doors.api("POST", "/messages", {"to": f"+1555123{number:04d}", "text": "hello"})


def test_counts_follow_the_messages(doors: Doors) -> None:
    """Each message is in one bucket, the one of its status now; inbound ones are in none."""
    _send(doors, 3)
    seen = []
    for seconds in (0, 0.3, 0.9, 3.8):
        doors.advance(seconds)
        seen.append(doors.api("GET", "/analytics").body["outboundMessages"]["counts"])

    empty = dict.fromkeys(("PENDING", "SENT", "DELIVERED", "READ", "FAILED"), 0)
    assert seen == [{**empty, status: 3} for status in ("PENDING", "SENT", "DELIVERED", "READ")]


def test_rates_are_the_decided_ones(doors: Doors) -> None:
    """deliveryRate of what left, readRate of what arrived, failureRate of all; zero where nothing is (D15)."""
    nothing = doors.api("GET", "/analytics").body["outboundMessages"]
    assert (nothing["deliveryRate"], nothing["readRate"], nothing["failureRate"]) == (0, 0, 0)
    _send(doors, 3)
    newest = [m["id"] for m in doors.control("GET", "/messages?direction=OUTBOUND").body["items"]]
    for message_id, status in zip(newest, ("READ", "DELIVERED", "FAILED"), strict=True):
        doors.control("POST", f"/messages/{message_id}/status", {"status": status})

    report = doors.api("GET", "/analytics").body["outboundMessages"]
    assert report["total"] == 3
    assert (report["deliveryRate"], report["readRate"], report["failureRate"]) == (0.6667, 0.5, 0.3333)


def test_a_period_is_half_open(doors: Doors) -> None:
    """What was created at the start counts, what was created at the end does not, to the millisecond."""
    _send(doors, 1)
    doors.advance(0.5)
    _send(doors, 1)

    def total(start: str, end: str) -> int:
        answer = doors.api("GET", f"/analytics?startDate={start}&endDate={end}")
        return int(answer.body["outboundMessages"]["total"])

    assert total("2026-11-21T10:00:00Z", "2026-11-21T10:00:00.500Z") == 1
    assert total("2026-11-21T10:00:00.001Z", "2026-11-21T10:00:00.501Z") == 1
    assert total("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z") == 0
    assert total("2026-11-21", "2026-11-22") == 2
    assert total("2026-11-22", "2026-11-23") == 0
    assert total("0001-01-01", "9999-12-31") == 2


def test_default_period_is_thirty_days_with_now_in_it(doors: Doors) -> None:
    """What was just sent counts, also on a clock that stands still (D44)."""
    _send(doors, 1)
    report = doors.api("GET", "/analytics").body

    assert report["period"] == {"start": "2026-10-22T10:00:00.001Z", "end": "2026-11-21T10:00:00.001Z"}
    assert report["outboundMessages"]["total"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("startDate=2026-11-21&endDate=2026-11-20", "endDate"),
        ("startDate=yesterday", "startDate"),
        ("endDate=2026-02-30", "endDate"),
        ("startDate=2026-11-21&startDate=2026-11-20", "startDate"),
    ],
)
def test_dates_that_make_no_sense_are_refused_by_name(doors: Doors, query: str, field: str) -> None:
    """400, and the message begins with the parameter that is wrong."""
    answer = doors.api("GET", f"/analytics?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.message.startswith(f"{field}:")
