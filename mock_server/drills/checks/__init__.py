"""What may be expected in a drill: a table from a name to a small pure function over the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.drills.checks import client, hearing, receiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.drills.outcome import Rule

CHECKS: Mapping[str, Rule] = {**client.CHECKS, **receiver.CHECKS, **hearing.CHECKS}

JUDGES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(client.CHECKS, ("client",)),
    **dict.fromkeys(receiver.CHECKS, ("receiver",)),
    **dict.fromkeys(hearing.CHECKS, ("client", "receiver")),
}
"""Whom each of them is about."""
