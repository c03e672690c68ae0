"""The first law: every operation can be reached. What the others look on at happens here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.laws.registry import law
from contracts.provenance import DOCUMENTED

if TYPE_CHECKING:
    from contracts.laws.case import Case

NAME = "operations-answer"


@law(NAME, "Every operation succeeds when it is called as the spec says", "the spec", DOCUMENTED)
def operations_answer(case: Case) -> None:
    """One success each. A failure here is not a broken promise by itself: the harness may lack something."""
    case.scene.speech.tour(case)
