"""What the checks of one endpoint share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.ledger import Ledger
from contracts.settings import FULL
from contracts.stops import Denied

if TYPE_CHECKING:
    from contracts.dice import Dice
    from contracts.exchange import Exchange
    from contracts.findings import Findings
    from contracts.mask import Mask
    from contracts.receiver.letters import Letter, Writer
    from contracts.receiver.sender import Sender
    from contracts.receiver.settings import Settings
    from contracts.receiver.vendors import Vendor


@dataclass
class Scene:
    """One endpoint, as far as it is known."""

    settings: Settings
    vendor: Vendor
    client: Sender
    writer: Writer
    dice: Dice
    findings: Findings
    mask: Mask
    ledger: Ledger = field(default_factory=lambda: Ledger(()))
    welcome: str | None = None
    """How a valid event is answered, once that is known; empty for a success."""
    burst: list[tuple[Letter, Exchange]] | None = None

    def may_burst(self) -> None:
        """Raises Denied where the endpoint is not on this machine."""
        if self.settings.what_may_be_done != FULL:
            raise Denied("only profile full posts faster than --rate")
