"""The line between bad manners and good ones."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.drills.manners import check
from mock_server.testing.records import Seen

SENDS = {"sendMessage"}


def call(second: float, status: int | None, to: str = "+1", *effects: str) -> Seen:
    """One line of a journal."""
    faults = [{"type": effect, "label": None, "ruleId": "c"} for effect in effects]
    at = f"2027-01-01T00:00:{second:06.3f}Z"
    about: dict[str, Any] = {
        "method": "POST",
        "path": "/m",
        "query": "",
        "operationId": "sendMessage",
        "body": {"to": to},
    }
    return Seen(id=str(second), at=at, status=status, faults=faults, **about)


GOOD = {
    "the same text twice, because somebody wants that": [call(1, 201), call(2, 201)],
    "another call right after a 5xx": [call(1, 503), call(1, 201, "+2"), call(2, 201)],
    "one call a tenth of a second after a 429": [call(1, 429), call(1.1, 201)],
    "something else after a refusal": [call(1, 400), call(1, 201, "+2")],
    "the same again after a refusal, and now it is allowed": [call(1, 403), call(2, 201)],
    "the same again after a call that never arrived": [call(1, None, "+1", "close"), call(2, 201)],
}
BAD = {
    "no pause after a 429": [call(1, 429), call(1.05, 201, "+2")],
    "no pause after a 500": [call(1, 500), call(1.05, 201)],
    "a permanent refusal was repeated": [call(1, 404), call(9, 404)],
    "sent twice after a lost answer": [call(1, None, "+1", "lostResponse"), call(9, 201)],
    "never gives up": [call(second, 503) for second in range(11)],
}


@pytest.mark.parametrize("calls", GOOD.values(), ids=GOOD)
def test_good_manners(calls: list[Seen]) -> None:
    """Nothing to say."""
    check(calls, [], SENDS, None)


@pytest.mark.parametrize("said", BAD)
def test_bad_manners(said: str) -> None:
    """Named, and nothing else is."""
    with pytest.raises(AssertionError, match=rf"not resilient \(1\):\n  {said}"):
        check(BAD[said], [], SENDS, None)
