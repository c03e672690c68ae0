"""Our harness before an endpoint: which checks it blames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .honest import PATH, SECRET, Receiver, standing
from .wrong import LONG

if TYPE_CHECKING:
    from contracts.reporting import Report

QUICK: dict[str, Any] = {
    "rate": 1000.0,
    "timeout": 2.5 * LONG,
    "settle": 1.0,
    "burst": 20,
    "median": 0.6 * LONG,
    "late": 1.5 * LONG,
    "drip": LONG,
}
"""For an endpoint in this process. What is slow is so by far more than a loaded machine makes anything."""

DRIPPING = ("slow-sender-accepted", "slow-sender-alone")
"""The checks that take seconds by nature."""


def look(url: str, **settings: Any) -> Report:
    """All checks that what we know of it allows, as fast as it goes."""
    from contracts import check_receiver

    return check_receiver(url, settings.pop("secret", SECRET), **{**QUICK, **settings})


def looked_at(receiver: Receiver, **settings: Any) -> Report:
    """One of the small receivers, with its ledger and its way to fail."""
    found_by = getattr(receiver, "found_by", None)
    settings.setdefault("skip", [name for name in DRIPPING if name != found_by])
    with standing(receiver) as root:
        return look(root + PATH, ledger_url=f"{root}/ledger", fail_url=f"{root}/fail", **settings)


def blamed(report: Report) -> dict[str, int]:
    """The checks that found something, and how many findings each has."""
    checks = [finding.check for finding in report.findings]
    return {check: checks.count(check) for check in checks}
