"""The outcome of a check, as a value: what was looked at, what was found, and the verdict with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.ledger import HELD, STATES, VIOLATED
from contracts.provenance import DRIFT, VIOLATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contracts.exchange import Exchange
    from contracts.findings import Finding
    from contracts.ledger import Entry

HELD_EXIT, VIOLATED_EXIT, USAGE_EXIT, INCONCLUSIVE_EXIT, UNREACHABLE_EXIT = 0, 1, 2, 3, 4

VERDICTS = {
    HELD_EXIT: "the contract is kept",
    VIOLATED_EXIT: "the contract is broken",
    USAGE_EXIT: "the check cannot be made",
    INCONCLUSIVE_EXIT: "inconclusive: too little could be looked at",
    UNREACHABLE_EXIT: "the server cannot be reached",
}

DIFFERENT = {
    **VERDICTS,
    HELD_EXIT: "both behave alike",
    VIOLATED_EXIT: "they differ",
    USAGE_EXIT: "the comparison cannot be made",
    UNREACHABLE_EXIT: "one of them cannot be reached",
}
"""The same for two servers that are compared."""

AUDITED = {
    **VERDICTS,
    HELD_EXIT: "what was recorded keeps the contract",
    VIOLATED_EXIT: "what was recorded breaks the contract",
    USAGE_EXIT: "the audit cannot be made",
}
"""The same for a recording."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One operation: how often it was asked, how often it succeeded, and whether it had to."""

    operation: str
    calls: int
    successes: int
    required: bool


@dataclass(frozen=True)
class Report:
    """What a check found. `reasons` say why it is not conclusive, or what to do. All text in it is masked."""

    exit_code: int
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    promises: tuple[Entry, ...]
    operations: tuple[Reached, ...]
    facts: dict[str, Any]
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)
    """What was sent and answered, as it was: for the archive, which goes through `mask`."""
    mask: Callable[[str], str] = field(default=str, repr=False)
    counted: str = "generated cases"
    succeeded: str = "operations answered with success"
    """What `cases` and the successes among `operations` are, in words."""
    verdicts: Mapping[int, str] = field(default_factory=lambda: VERDICTS, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the contract is kept, and enough was looked at to say so."""
        return self.exit_code == HELD_EXIT

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        return self.verdicts[self.exit_code]

    @property
    def violated(self) -> frozenset[str]:
        """The names of the checks that were violated."""
        return frozenset(entry.name for entry in self.promises if entry.state == VIOLATED)

    @property
    def held(self) -> frozenset[str]:
        """The names of the checks that held."""
        return frozenset(entry.name for entry in self.promises if entry.state == HELD)

    def counts(self) -> dict[str, int]:
        """How many promises ended how."""
        states = [entry.state for entry in self.promises]
        return {state: states.count(state) for state in STATES}

    def text(self) -> str:
        """Everything that matters, for a terminal or an assertion."""
        from contracts.report.text import text

        return text(self)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        from contracts.report.as_json import as_dict

        return as_dict(self)


def exit_code(findings: list[Finding], *, strict: bool, missing: bool) -> int:
    """A broken promise is certain, whatever could not be looked at; what was not looked at is never kept."""
    heavy = {VIOLATION, DRIFT} if strict else {VIOLATION}
    if any(finding.severity in heavy for finding in findings):
        return VIOLATED_EXIT
    return INCONCLUSIVE_EXIT if missing else HELD_EXIT
