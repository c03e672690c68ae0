"""Instants and how they are written."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.domain.instant import EARLIEST, LATEST, iso, iso_or_none, parse, seconds

instants = st.integers(0, LATEST)


@given(instants)
@example(LATEST)
def test_round_trip(instant: int) -> None:
    """What is written is read again as the same millisecond."""
    assert parse(iso(instant)) == instant // 1000 * 1000


@given(instants)
def test_the_form_of_the_samples(instant: int) -> None:
    """UTC, milliseconds, Z; so later instants are later texts too."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", iso(instant))
    assert iso(instant) <= iso(LATEST)


@given(instants, instants)
def test_texts_sort_like_instants(one: int, other: int) -> None:
    """The order of two instants is the order of their texts."""
    assert (one <= other) or (iso(one) >= iso(other))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01", 0),
        ("1970-01-02", 86_400_000_000),
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:01.000001Z", 1_000_001),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T19:00:00-05:00", 0),
        ("1969-12-31T23:59:59.999Z", -1_000),
        ("2026-11-21T10:00:00.000Z", 1_795_255_200_000_000),
    ],
)
def test_parse(text: str, expected: int) -> None:
    """Dates are midnight UTC, date-times UTC where no zone is given."""
    assert parse(text) == expected


@pytest.mark.parametrize("text", ["", "now", "2026-13-01", "2026-02-30", "10:00", "1795255200", "2026-11-21T25:00"])
def test_other_texts_are_refused(text: str) -> None:
    """What is neither a date nor a date-time is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 (in the words of datetime)
        parse(text)


@given(st.text() | st.datetimes().map(str) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d)?"))
@example("0001-01-01T00:00:00+23:59")
@example("9999-12-31T23:59:59-23:59")
def test_nothing_but_value_error_is_raised(text: str) -> None:
    """Whatever the text, it is an instant or a ValueError."""
    with suppress(ValueError):
        assert isinstance(parse(text), int)


@pytest.mark.parametrize(
    "text", ["0999-01-01", "0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "0001-01-01", "9999-12-31"]
)
def test_what_is_read_can_be_written(text: str) -> None:
    """With four digits for the year; what a zone leads out of the calendar is written as the calendar's end."""
    instant = parse(text)
    assert parse(iso(instant)) == min(max(instant, EARLIEST), LATEST)


@given(st.integers(0, 10**9))
def test_seconds_are_exact(microseconds: int) -> None:
    """A duration in seconds is the nearest number of microseconds, so that sums of them are exact."""
    assert seconds(microseconds / 1_000_000) == microseconds


def test_what_has_not_happened() -> None:
    """No instant is null, and the epoch is an instant."""
    assert iso_or_none(None) is None
    assert iso_or_none(0) == "1970-01-01T00:00:00.000Z"
