"""The law of all laws together: whatever is done in whatever order, the server is what the documentation says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.laws.registry import law
from contracts.provenance import DOCUMENTED, INFERRED
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.laws.case import Case


_SIMPLE = (
    *("server-error", "read-your-writes", "upsert-idempotent", "upsert-partial", "one-contact-per-number", "ids-agree"),
    *("opt-out-blocks", "opt-out-clear", "same-shape", "pages-complete"),
)


@law(
    "model",
    "Whatever is done in whatever order, the server is as the documentation says",
    "the laws above, in any order",
    INFERRED,
    needs=("send", "upsert", "opt_out", "contacts", "conversations", "queue"),
    stands_on=_SIMPLE,
)
def model(case: Case) -> None:
    """A state machine; see `contracts.model`."""
    _worth_it(case)
    from contracts.model import explore

    explore(case, case.scene.channel(case))


@law("bad-input-refused", "Input that does not fit the spec is refused: 400", "/api-reference/introduction", DOCUMENTED)
def bad_input_refused(case: Case) -> None:
    """Cases that schemathesis makes; see `contracts.fuzz`. Good ones go out too, for the laws that look on."""
    _worth_it(case)
    from contracts.fuzz import fuzz

    case.scene.seen["cases"] = fuzz(case)


def _worth_it(case: Case) -> None:
    """Raises NotReached for a server whose operations do not even answer one good call each."""
    if "lost" in case.scene.seen:
        raise NotReached(f"operations do not answer as they should, so mend that first: {case.scene.seen['lost']}")
