"""The fuzzer's targets do not rot: their seeds hold, and each fails where its planted bug is shown. Without atheris."""

from __future__ import annotations

import pytest

from bench.fuzz.draw import Draw
from bench.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_hold_and_the_planted_bug_shows(name: str) -> None:
    """Sound code passes with every input here; with the bug, one of them fails."""
    target = TARGETS[name]
    for seed in (*target.seeds, target.plant.shown_by):
        assert len(seed) <= target.longest
        target.attack(seed)

    with target.plant.planted(), pytest.raises(Exception):  # noqa: B017, PT011 - whichever the bug brings about
        target.attack(target.plant.shown_by)
    target.attack(target.plant.shown_by)


def test_decisions_never_run_out() -> None:
    """No bytes are decisions too: the first choice of each."""
    document = {"a": [1, {"b": "c"}], "d": None}
    draw = Draw(b"")

    assert not draw
    assert draw.edited(document) == document
    assert draw.pick("xyz") == "x"
    assert all(Draw(bytes([n] * 40)).edited(document) is not document for n in range(256))
    assert document == {"a": [1, {"b": "c"}], "d": None}
