"""The report as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.reporting import Report


def as_dict(report: Report) -> dict[str, Any]:
    """Names are stable; new ones may come."""
    findings = [{k: v for k, v in asdict(one).items() if k != "cause"} for one in report.findings]
    return {
        "verdict": report.verdict,
        "exitCode": report.exit_code,
        "reasons": list(report.reasons),
        **report.facts,
        "promises": {"counts": report.counts(), "all": [asdict(entry) for entry in report.promises]},
        "operations": [asdict(one) for one in report.operations],
        "findings": findings,
    }
