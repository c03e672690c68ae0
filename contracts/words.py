"""How each kind of look is told: what it was, what was counted, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

HELD_EXIT, VIOLATED_EXIT, USAGE_EXIT, INCONCLUSIVE_EXIT, UNREACHABLE_EXIT = 0, 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Words:
    """`about` is for somebody who sees a report and has never heard of this tool."""

    about: str
    held: str
    violated: str
    unreachable: str = "the server cannot be reached"
    counted: str = "generated cases"
    succeeded: str = "operations answered with success"

    def verdict(self, exit_code: int) -> str:
        """The outcome."""
        return {
            HELD_EXIT: self.held,
            VIOLATED_EXIT: self.violated,
            USAGE_EXIT: "it cannot be looked at",
            INCONCLUSIVE_EXIT: "inconclusive: too little could be looked at",
            UNREACHABLE_EXIT: self.unreachable,
        }[exit_code]


CHECKED = Words(
    about="Does this server keep the contract of its API? Calls were made to it, and every answer was held against the "
    "specification and against rules that tie answers together.",
    held="the contract is kept",
    violated="the contract is broken",
)
EMITTED = Words(
    about="Is what this server sends right? It was made to send webhooks to an endpoint of the check's own, which "
    "accepted some, refused others, and looked at everything that came.",
    held="the contract is kept",
    violated="the contract is broken",
    counted="deliveries",
    succeeded="kinds of events arrived",
)
RECEIVED = Words(
    about="Is this webhook endpoint right? The check played the vendor: it posted valid events and forged ones, the same "
    "one again and again, late, out of order and many at once, and judged what the endpoint did.",
    held="the endpoint does right",
    violated="the endpoint does wrong",
    unreachable="the endpoint cannot be reached",
    succeeded="kinds of events were taken",
)
COMPARED = Words(
    about="Do two deployments behave alike? Both were asked the same, call by call, and every difference is here.",
    held="both behave alike",
    violated="they differ",
    unreachable="one of them cannot be reached",
)
AUDITED = Words(
    about="Does recorded traffic keep the contract? Nothing was sent; what was recorded was held against the specification.",
    held="what was recorded keeps the contract",
    violated="what was recorded breaks the contract",
)
