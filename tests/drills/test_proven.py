"""Each drill is proven: the sound shop passes it, and at least one that is wrong in one way fails it with its sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from drills.shops import BROKEN, drilled, siblings
from mock_server.drills.drill import names

if TYPE_CHECKING:
    from mock_server.testing.handle import Handle

PAIRS = [(drill, kind) for drill, wrong in BROKEN.items() for kind in wrong]


def test_every_drill_and_every_sibling_is_in_the_table() -> None:
    """A drill that nobody fails proves nothing, and a mistake that no drill finds is not found."""
    assert sorted(BROKEN) == names()
    assert sorted(kind for _, kind in PAIRS) == sorted(siblings())


@pytest.mark.parametrize("drill", names())
def test_the_sound_shop_passes(flowella: Handle, drill: str) -> None:
    """Nothing unreasonable is expected, and everything that is expected was seen."""
    report = drilled(flowella, drill)

    assert report.verdict == "PASS", report.text()


@pytest.mark.parametrize(("drill", "kind"), PAIRS)
def test_the_wrong_one_fails_with_its_sentence(flowella: Handle, drill: str, kind: str) -> None:
    """It fails for what is wrong with it, and the moment is marked."""
    report = drilled(flowella, drill, kind)

    assert report.verdict == "FAIL", report.text()
    assert re.search(f"FAIL +{BROKEN[drill][kind]}", report.text()), report.text()
    assert any(moment.evidence for moment in report.moments)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", siblings())
@pytest.mark.parametrize("drill", names())
def test_no_other_fails_it(flowella: Handle, drill: str, kind: str) -> None:
    """What a drill is about is what it finds."""
    if kind not in BROKEN[drill]:
        assert drilled(flowella, drill, kind).failed == ()


@pytest.mark.thorough
def test_a_campaign_to_ten_thousand(flowella: Handle) -> None:
    """As it is without our making it smaller."""
    report = drilled(flowella, "slow-receiver", recipients=10_000)

    assert report.ok, report.text()
    assert report.counts["webhooks"] >= 30_000
