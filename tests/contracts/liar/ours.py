"""Our harness before a liar: which checks it blames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.reporting import Report

    from .lying import Lie
    from .serving import Target

SLOWNESS = 0.4
"""Six seconds are 2.4, which is over `slow_after` here."""

QUICK: dict[str, Any] = {"rate": 100_000.0, "slow_after": 2.0, "max_requests": 1500}
"""For a server in this process without a rate limit: nobody is to be spared. Not many generated cases are needed."""

EXPLORING = ("model", "bad-input-refused")
"""The laws that make their cases up as they go, which takes half a minute."""


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


def quickly(lie: Lie | None) -> tuple[str, ...]:
    """What to leave out to be done in a second or two: exploring, unless it is what has to find this lie."""
    return tuple(law for law in EXPLORING if lie is None or law not in lie.found_by)


def blamed(report: Report) -> dict[str, int]:
    """The checks that found something, and how many findings each has."""
    checks = [finding.check for finding in report.findings]
    return {check: checks.count(check) for check in checks}
