"""The table of checks. A check is a promise, where it stands, what is at risk, how to mend it, and one small function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.provenance import Mark

if TYPE_CHECKING:
    from contracts.receiver.case import Case
    from contracts.receiver.vendors import Vendor

Act = Callable[["Case"], None]


@dataclass(frozen=True, slots=True)
class Check:
    """`needs` is what a vendor has to have. `stands_on` are checks without which this one would only repeat them.

    `alone` is for the checks that find out whether a valid event is welcome; all others take that for granted.
    """

    name: str
    promise: str
    mark: Mark
    act: Act
    risk: str
    fix: str
    needs: tuple[str, ...] = ()
    stands_on: tuple[str, ...] = ()
    alone: bool = False
    optional: bool = False

    def applies(self, vendor: Vendor) -> bool:
        """Whether the vendor posts in a way that the check is about."""
        return vendor.has.issuperset(self.needs)


ENTERED: dict[str, Check] = {}
"""By name, in the order in which they are looked at."""


def check(name: str, promise: str, known: str, *, risk: str, fix: str, **more: Any) -> Callable[[Act], Act]:
    """Enter a check. `known` is `documented: where it stands`; more: `needs`, `stands_on`, `alone`, `optional`."""
    provenance, _, source = known.partition(": ")

    def enter(act: Act) -> Act:
        ENTERED[name] = Check(name, promise, Mark(provenance, source), act, risk, fix, **more)
        return act

    return enter
