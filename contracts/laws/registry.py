"""The table of laws. A law is a promise, where it stands, and one small function that looks whether it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.provenance import Mark

if TYPE_CHECKING:
    from contracts.exchange import Exchange
    from contracts.laws.case import Case
    from contracts.speech.base import Speech

Act = Callable[["Case"], None]
Watch = Callable[["Case", "Exchange"], None]


@dataclass(frozen=True, slots=True)
class Law:
    """`act` makes calls of its own; `watch` looks at every exchange of all parts. `needs` are verbs of the speech.

    `stands_on` are laws without which this one would only repeat what they found.
    """

    name: str
    promise: str
    mark: Mark
    needs: tuple[str, ...] = ()
    optional: bool = False
    act: Act | None = None
    watch: Watch | None = None
    stands_on: tuple[str, ...] = ()

    def applies(self, speech: Speech) -> bool:
        """Whether the vendor's speech has what the law is about."""
        return all(verb in speech.verbs for verb in self.needs if verb != "lists") and (
            "lists" not in self.needs or bool(speech.listings)
        )


ENTERED: dict[str, Law] = {}
"""By name. `contracts.laws` puts them in order."""


def law(name: str, promise: str, source: str, provenance: str, **more: Any) -> Callable[[Act], Act]:
    """Enter a law that acts; more: `needs`, `stands_on`, and `optional` for what needs means that not everybody has."""

    def enter(act: Act) -> Act:
        known = ENTERED.get(name)
        watch = known.watch if known else None
        ENTERED[name] = Law(name, promise, Mark(provenance, source), act=act, watch=watch, **more)
        return act

    return enter


def watch(name: str, promise: str, source: str, provenance: str) -> Callable[[Watch], Watch]:
    """Enter a law that looks on."""

    def enter(watcher: Watch) -> Watch:
        known = ENTERED.get(name)
        act, needs = (known.act, known.needs) if known else (None, ())
        ENTERED[name] = Law(name, promise, Mark(provenance, source), needs, act=act, watch=watcher)
        return watcher

    return enter
