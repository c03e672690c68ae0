"""Dates and times as strangers write them."""

from mock_server.domain.errors import Invalid
from mock_server.domain.instant import Instant, parse


def read_instant(field: str, text: str) -> Instant:
    """A date or date-time of a body or query. Raises Invalid naming `field` for one that no calendar has.

    A schema's format lets some through, such as a leap second.
    """
    try:
        return parse(text)
    except (ValueError, OverflowError):
        raise Invalid(field, f"{text!r} is not a date or date-time such as 2026-11-21T10:00:00Z") from None
