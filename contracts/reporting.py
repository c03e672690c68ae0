"""The outcome of a check, as a value: what was looked at, what was found, and the verdict with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.ledger import HELD, STATES, VIOLATED
from contracts.provenance import DRIFT, VIOLATION
from contracts.words import CHECKED, HELD_EXIT, INCONCLUSIVE_EXIT, VIOLATED_EXIT, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.exchange import Exchange
    from contracts.findings import Finding
    from contracts.ledger import Entry


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
    words: Words = field(default=CHECKED, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the contract is kept, and enough was looked at to say so."""
        return self.exit_code == HELD_EXIT

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        words = self.words.verdict(self.exit_code)
        drifts = sum(finding.severity == DRIFT for finding in self.findings)
        told = f"{words}, but for {drifts} drift{'s' * (drifts > 1)} (--strict fails on that)"
        return told if drifts and self.ok else words

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
