"""What may be expected in a drill: a table from a name to a small pure function over the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.drills.checks import client, receiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.drills.outcome import Check

CHECKS: Mapping[str, Check] = {**client.CHECKS, **receiver.CHECKS}
