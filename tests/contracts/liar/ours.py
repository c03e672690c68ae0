"""Our harness before a liar: which checks it blames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.reporting import Report

    from .serving import Target

QUICK = {"rate": 100_000.0, "slow_after": 2.0}
"""For a server in this process without a rate limit: nobody is to be spared, and six seconds are 2.4 at `SLOWNESS`."""

SLOWNESS = 0.4


def look(target: Target, **settings: Any) -> Report:
    """The whole check, as fast as it goes."""
    from contracts import check

    return check(
        target.base_url,
        target.api_key,
        other_key=target.other_key,
        revoked_key=target.revoked_key,
        control_url=target.control_url,
        **{**QUICK, **settings},
    )


def blamed(report: Report) -> dict[str, int]:
    """The checks that found something, and how many findings each has."""
    checks = [finding.check for finding in report.findings]
    return {check: checks.count(check) for check in checks}
