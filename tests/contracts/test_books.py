"""The ledger, the findings, the verdict, and whom the harness invents."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.dice import Dice
from contracts.findings import Finding, Findings
from contracts.ledger import HELD, NOT_ALLOWED, NOT_REACHED, VIOLATED, Entry, Ledger
from contracts.people import People
from contracts.provenance import DRIFT, VIOLATION, WARNING
from contracts.reporting import exit_code
from contracts.stops import Denied, NotReached

if TYPE_CHECKING:
    from collections.abc import Callable

MOVES: dict[str, Callable[[Ledger], None]] = {
    "looked": lambda book: book.looked("law"),
    "violated": lambda book: book.violated("law"),
    "not reached": lambda book: book.not_reached("law", "no time"),
    "not allowed": lambda book: book.not_allowed("law", "readonly"),
}


@given(st.lists(st.sampled_from(sorted(MOVES))))
def test_a_violation_stays_and_nothing_holds_by_itself(moves: list[str]) -> None:
    """Whatever comes in whatever order: seen broken is broken, and what was never looked at is not held."""
    book = Ledger([Entry("law", "a promise", "documented", "a page")])
    for move in moves:
        MOVES[move](book)

    state = book["law"].state
    assert (state == VIOLATED) == ("violated" in moves)
    if state == HELD:
        assert "looked" in moves
    if "looked" not in moves and "violated" not in moves:
        assert state in {NOT_REACHED, NOT_ALLOWED}


def test_what_was_cut_short_is_not_held() -> None:
    """Half a look is none: the budget ran out in the middle of a law."""
    book = Ledger([Entry("law", "a promise", "documented", "a page")])
    book.looked("law")
    book.not_reached("law", "all 40 requests are spent")

    assert [entry.name for entry in book.missing()] == ["law"]


@given(st.lists(st.sampled_from([VIOLATION, DRIFT, WARNING])), st.booleans(), st.booleans())
def test_exit_codes(severities: list[str], strict: bool, missing: bool) -> None:
    """Broken before inconclusive before kept; a warning never decides."""
    code = exit_code([replace(FINDING, severity=severity) for severity in severities], strict=strict, missing=missing)

    if VIOLATION in severities or (strict and DRIFT in severities):
        assert code == 1
    else:
        assert code == (3 if missing else 0)


FINDING = Finding("law", ("ping",), DRIFT, "designed", "D1", "this", "that", "curl", ("law", ""), 1)


def test_one_cause_is_one_finding() -> None:
    """The heavier one speaks, operations are gathered, other words are kept once."""
    findings = Findings()
    findings.add(FINDING)
    findings.add(replace(FINDING, operations=("sendMessage",), severity=VIOLATION, promised="more", came="less"))
    findings.add(replace(FINDING, operations=("ping",)))
    findings.add(replace(FINDING, cause=("law", "another")))

    first, second = findings.all
    assert (first.severity, first.promised, first.times) == (VIOLATION, "more", 3)
    assert first.operations == ("ping", "sendMessage")
    assert first.also == ("this; came that",)
    assert second.times == 1


@given(st.integers())
def test_invented_people_have_numbers_of_nobody(seed: int) -> None:
    """555-0100 to 555-0199, in an area code that exists, each once."""
    numbers = People(seed, (), "full").several(40)

    assert len(set(numbers)) == 40
    assert all(re.fullmatch(r"\+1[2-9][0-8]\d55501\d\d", number) for number in numbers)
    assert not any(number.startswith(("+1500", "+1911")) for number in numbers)


def test_named_people_come_again() -> None:
    """And nobody else does."""
    people = People(0, ("+15551230001", "+15551230002"), "sandbox")

    assert {people.somebody() for _ in range(9)} == {"+15551230001", "+15551230002"}
    assert set(people.several(2)) == {"+15551230001", "+15551230002"}
    with pytest.raises(NotReached, match="it takes 3 different numbers; name them with --recipient"):
        people.several(3)
    with pytest.raises(Denied):
        People(0, (), "readonly").somebody()


def test_dice_repeat() -> None:
    """The same seed and name, the same throws; another name, other throws."""
    throws = [
        [dice.fictional_number() for _ in range(5)] for dice in (Dice(1, "a"), Dice(1, "a"), Dice(1, "b"), Dice(2, "a"))
    ]

    assert throws[0] == throws[1]
    assert len({tuple(words) for words in throws}) == 3
