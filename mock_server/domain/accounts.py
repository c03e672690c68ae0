"""The organization's own standing: does it pay, and is it connected to Meta?"""

from dataclasses import dataclass
from enum import StrEnum

from mock_server.domain.errors import MetaNotConnected, PaymentRequired
from mock_server.domain.limits import OFF, Limits


class Role(StrEnum):
    """Who acts in Settings (vendor: /account/team-and-roles). The base role is called Member on the newer pages."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MEMBER = "MEMBER"


class Billing(StrEnum):
    """Subscription states (vendor: /troubleshooting/billing-locked-actions)."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED_IN_GRACE = "canceled_in_grace"
    CANCELED = "canceled"


BLOCKS_SENDING = frozenset({Billing.PAST_DUE, Billing.CANCELED})
"""D18. A subscription cancelled but paid for until the period's end still has full access."""


@dataclass(frozen=True, slots=True)
class Account:
    """One per organization."""

    id: str = "account"
    billing: Billing = Billing.ACTIVE
    meta_connected: bool = True
    limits: Limits = OFF


NEW = Account()
"""Where every organization begins."""


def require_sending(account: Account) -> None:
    """Refuse when the account may not send: billing first, then the connection (D4)."""
    if account.billing in BLOCKS_SENDING:
        raise PaymentRequired(account.billing)
    if not account.meta_connected:
        raise MetaNotConnected("The organization")
