"""All targets by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.fuzz import calls, contract, files, values, wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.fuzz.target import Target

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (*wire.TARGETS, *values.TARGETS, *calls.TARGETS, *files.TARGETS, *contract.TARGETS)
}
