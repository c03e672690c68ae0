"""The report as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.ledger import HELD

if TYPE_CHECKING:
    from contracts.findings import Finding
    from contracts.reporting import Report


def text(report: Report) -> str:
    """Findings first, then what could not be looked at, then the verdict."""
    blocks = [*(finding(one) for one in report.findings), _open(report), summary(report)]
    return "\n\n".join(block for block in blocks if block)


def summary(report: Report) -> str:
    """The last lines: how much was looked at, the verdict and its reasons."""
    counts = report.counts()
    reached = sum(1 for one in report.operations if one.successes)
    lines = [
        extent(report),
        f"{report.facts['laws']} laws looked at, {reached} of {len(report.operations)} {report.words.succeeded}",
        "Promises: " + ", ".join(f"{count} {state}" for state, count in counts.items()),
        f"Verdict: {report.verdict} (exit {report.exit_code})",
        *(f"  - {reason}" for reason in report.reasons[:12]),
    ]
    return "\n".join(lines)


def extent(report: Report) -> str:
    """How much there was of it."""
    facts = report.facts
    cases = f"{facts['cases']} {report.words.counted}, " if facts["cases"] else ""
    told = facts.get("told") or f"{facts['requests']} requests, {cases}{facts['seconds']} s, seed {facts['seed']}"
    return str(told)


def finding(one: Finding) -> str:
    """One finding, and how to see it again."""
    times = f", {one.times} times" if one.times > 1 else ""
    return "\n".join(
        (
            f"{one.severity.upper()} {one.check}: {', '.join(one.operations)}{times}",
            f"  promised  {one.promised}  ({one.provenance}: {one.source})",
            f"  came      {one.came}",
            *(f"  also      {also}" for also in one.also),
            *(f"  {name}      {words}" for name, words in (("risk", one.risk), ("mend", one.fix)) if words),
            *(f"  first     {line}" for line in one.before),
            f"  again     {one.curl}",
            *((f"  beside    {one.beside}",) if one.beside else ()),
        )
    )


def _open(report: Report) -> str:
    rest = [entry for entry in report.promises if entry.state not in {HELD, "violated"}]
    return "\n".join(f"{entry.state}: {entry.name}: {entry.reason}" for entry in rest)
