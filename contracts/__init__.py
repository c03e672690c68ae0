"""The contract harness: does a server keep what the spec promises?

    from contracts import check

    report = check("http://127.0.0.1:8484/api/v1", "flo_thisisafakeflowellakey00")
    assert report.ok, report.text()

It knows the specs and HTTP, and nothing of any server. Importing it costs nothing; the engines come with the first check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.checking import check
    from contracts.receiver.running import check_receiver
    from contracts.reporting import Report
    from contracts.settings import Settings

__all__ = ["Report", "Settings", "check", "check_receiver"]
__version__ = "1.0.0"

_HOMES = {
    "check": "contracts.checking",
    "check_receiver": "contracts.receiver.running",
    "Report": "contracts.reporting",
    "Settings": "contracts.settings",
}


def __getattr__(name: str) -> Any:
    """Import on first use: whoever imports this package in a test suite pays for it when a check runs."""
    if name not in _HOMES:
        raise AttributeError(f"module 'contracts' has no attribute {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
