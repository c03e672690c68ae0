"""One law, whatever becomes of it: how the end of a look gets into the ledger. Laws of every kind are looked at here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from contracts.ledger import VIOLATED
from contracts.stops import Denied, Gone, NotReached, OverBudget, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.ledger import Ledger
    from contracts.record import Record


class Looked(Protocol):
    """What is known of a law here."""

    @property
    def name(self) -> str:
        """Its name in the ledger."""

    @property
    def optional(self) -> bool:
        """Whether it needs means that not everybody has."""

    @property
    def stands_on(self) -> tuple[str, ...]:
        """The laws without which it would only repeat what they found."""


def look(law: Looked, ledger: Ledger, record: Record, act: Callable[[], None]) -> None:
    """`act` is the law at work. Raises Gone when nobody is there any more; the rest ends in the ledger."""
    before = len(record.exchanges)
    try:
        _stand(law, ledger)
        act()
        if len(record.exchanges) > before and not ledger[law.name].looked:
            ledger.looked(law.name)
    except Denied as denied:
        if not ledger[law.name].looked:
            ledger.not_allowed(law.name, str(denied))
    except NotReached as error:
        ledger.not_reached(law.name, str(error), required=error.required and not law.optional)
    except (OverBudget, Unanswered) as error:
        ledger.not_reached(law.name, str(error))
        if isinstance(error, Gone):
            raise


def _stand(law: Looked, ledger: Ledger) -> None:
    """Raises NotReached for a law that would only repeat what another one found."""
    for name in law.stands_on:
        if ledger[name].state == VIOLATED:
            raise NotReached(f"{name} is violated, and this law stands on it")
