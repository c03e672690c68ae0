"""Ids, secrets and dice: shaped as the vendors', sorted by creation, and the same for the same seed."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.clock import END
from mock_server.domain.instant import parse
from mock_server.ids import Dice, time_prefix

NOW = parse("2026-11-21T10:00:00Z")
SHAPE = re.compile(r"c[a-z0-9]{24}")
SCRIPT = """
from mock_server.ids import Dice
dice = Dice("seed")
print([dice.record_id(1_795_255_200_000_000), dice.api_key("flo_"), dice.signing_secret(), dice.upper_hex(18)])
"""

instants = st.integers(0, END)
"""Clocks stand nowhere else."""


def test_ids_sort_by_creation_on_a_standing_clock() -> None:
    """Ten thousand ids of one instant are unique, of the right shape, and sorted as they were made."""
    dice = Dice("seed")
    ids = [dice.record_id(NOW) for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert all(SHAPE.fullmatch(made) for made in ids)


@given(st.lists(st.integers(NOW, NOW + 10**12), max_size=30).map(sorted))
def test_ids_sort_by_creation_as_time_moves(times: list[int]) -> None:
    """Later instants give later ids, and the same instant does too."""
    dice = Dice("seed")
    ids = [dice.record_id(now) for now in times]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("year", [1970, 1971, 2020, 2026, 2058])
def test_the_shape_holds_in_every_year(year: int) -> None:
    """Wherever a clock may stand, an id is c and 24 of [a-z0-9]."""
    assert SHAPE.fullmatch(Dice("seed").record_id(parse(f"{year:04}-12-31")))


@given(instants, instants)
@example(0, END)
@example(END - 1_000, END)
def test_ids_sort_by_creation_through_all_of_time(one: int, other: int) -> None:
    """An id of a later instant sorts after an id of an earlier one, however far apart they are."""
    dice = Dice("seed")
    earlier, later = (dice.record_id(now) for now in sorted((one, other)))
    assert earlier < later


@pytest.mark.parametrize("drawn", [35, 36**2, 36**4, 36**5, 10**8])
def test_the_count_of_draws_may_grow(drawn: int) -> None:
    """Ids stay unique and keep their shape, and sort by creation wherever the clock moves on a millisecond."""
    dice = Dice("seed")
    dice.drawn = drawn - 3
    ids = [dice.record_id(NOW + number * 1_000) for number in range(6)]
    assert ids == sorted(set(ids))
    dice.drawn = drawn - 3
    at_once = [dice.record_id(NOW) for _ in range(6)]
    assert len(set(at_once)) == 6
    assert at_once == sorted(at_once) or drawn == 36**5  # where the count begins again, once in sixty million draws
    assert all(SHAPE.fullmatch(made) for made in ids + at_once)


@given(instants, st.integers(0, 10**9))
@example(END, 1)
def test_the_beginning_of_a_millisecond(now: int, drawn: int) -> None:
    """All ids of earlier milliseconds sort before its prefix, all of this one and later ones after."""
    dice = Dice("seed")
    dice.drawn = drawn
    assert dice.record_id(now) >= time_prefix(now)
    if now >= 1_000:
        assert dice.record_id(now - 1_000) < time_prefix(now)


def test_a_time_before_the_epoch_has_a_beginning() -> None:
    """Asked what came before 1970, it answers at once, with something no id sorts before."""
    script = "from mock_server.ids import time_prefix; print(time_prefix(-1) <= time_prefix(0))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize("hash_seed", ["0", "1", "12345"])
def test_the_same_seed_gives_the_same_in_another_process(hash_seed: str) -> None:
    """Nothing depends on the process: neither its hashes nor what happened in it before."""
    dice = Dice("seed")
    expected = [dice.record_id(NOW), dice.api_key("flo_"), dice.signing_secret(), dice.upper_hex(18)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{expected}\n"


@given(st.text(), st.text())
def test_streams_are_their_own(one: str, other: str) -> None:
    """Two streams with one seed agree, with two seeds they do not."""
    assert (Dice(one).record_id(NOW) == Dice(other).record_id(NOW)) is (one == other)


@given(st.text())
@example("\ud800")
def test_any_text_is_a_seed(seed: str) -> None:
    """Whatever somebody names as a seed, it gives ids."""
    assert SHAPE.fullmatch(Dice(seed).record_id(NOW))


def test_setting_the_count_back_repeats_the_stream() -> None:
    """The count is the whole state: a rollback sets it back and nothing was drawn."""
    dice = Dice("seed")
    dice.signing_secret()
    mark = dice.drawn
    first = [dice.record_id(NOW), dice.digits(15), dice.upper_hex(32)]
    dice.drawn = mark
    assert [dice.record_id(NOW), dice.digits(15), dice.upper_hex(32)] == first


def test_what_is_drawn_has_its_shape() -> None:
    """Keys, secrets, Meta's numbers and inner ids look like the vendors' own, and no two are alike."""
    dice = Dice("seed")
    shapes = {
        r"flo_[a-z0-9]{24}": [dice.api_key("flo_") for _ in range(200)],
        r"whsec_[A-Za-z0-9]{32}": [dice.signing_secret() for _ in range(200)],
        r"[1-9][0-9]{14}": [dice.digits(15) for _ in range(200)],
        r"[0-9A-F]{18}": [dice.upper_hex(18) for _ in range(200)],
        r"[0-9A-F]{32}": [dice.upper_hex(32) for _ in range(200)],
    }
    for shape, drawn in shapes.items():
        assert all(re.fullmatch(shape, one) for one in drawn)
        assert len(set(drawn)) == 200
