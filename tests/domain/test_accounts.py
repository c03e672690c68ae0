"""Who may send."""

from __future__ import annotations

import pytest

from mock_server.domain.accounts import Account, Billing, Provider, require_sending
from mock_server.domain.errors import MetaNotConnected, OtherProvider, PaymentRequired, Refusal


@pytest.mark.parametrize(
    ("account", "refusal", "sentence"),
    [
        (
            Account(billing=Billing.PAST_DUE, meta_connected=False),
            PaymentRequired,
            "billing is past_due, sending needs it",
        ),
        (Account(billing=Billing.CANCELED), PaymentRequired, "Subscription required: billing is canceled, "),
        (
            Account(provider=Provider.WATI, meta_connected=False),
            OtherProvider,
            "needs Meta as the WhatsApp provider; it is wati",
        ),
        (
            Account(meta_connected=False),
            MetaNotConnected,
            "The organization is not connected to Meta; reconnect it before",
        ),
    ],
)
def test_who_may_not_send(account: Account, refusal: type[Refusal], sentence: str) -> None:
    """Billing first, then the provider, then the connection; each says how it stands."""
    with pytest.raises(refusal) as refused:
        require_sending(account)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("billing", set(Billing) - {Billing.PAST_DUE, Billing.CANCELED})
def test_who_may_send(billing: Billing) -> None:
    """Whoever pays, tries, or has paid until the end of the period."""
    require_sending(Account(billing=billing))
