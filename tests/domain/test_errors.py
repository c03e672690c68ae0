"""What refusals say: the thing, its state, what would have been allowed, and the way out."""

from __future__ import annotations

import pytest

from mock_server.domain.errors import (
    AlreadyThere,
    Invalid,
    MediaFailed,
    MetaNotConnected,
    MetaRejected,
    NotFound,
    OptedOut,
    OtherProvider,
    PaymentRequired,
    Refusal,
    did_you_mean,
)


@pytest.mark.parametrize(
    ("kind", "about", "sentence"),
    [
        (Invalid, ("to", "is empty"), "to: is empty"),
        (Invalid, ("", "the body is empty"), "the body is empty"),
        (NotFound, ("channel", "c9"), "No channel 'c9' in this organization"),
        (NotFound, ("organization", "o9"), "No organization 'o9' on this server"),
        (NotFound, ("channel", "c9", "there is c1"), "No channel 'c9' in this organization; there is c1"),
        (OptedOut, ("+1555", "c1"), "Contact opted out: +1555 does not accept messages from channel c1"),
        (MetaRejected, (132001, "No translation", "hi in en"), "(#132001) No translation: hi in en"),
        (OtherProvider, ("wati",), "Sending needs Meta as the WhatsApp provider; it is wati"),
        (MetaNotConnected, ("Channel c1",), "Channel c1 is not connected to Meta; reconnect it before sending"),
        (PaymentRequired, ("past_due",), "Subscription required: billing is past_due, sending needs it active"),
    ],
)
def test_a_refusal_is_a_sentence(kind: type[Refusal], about: tuple[object, ...], sentence: str) -> None:
    """For people to read."""
    assert str(kind(*about)) == sentence


def test_a_refusal_carries_what_programs_need() -> None:
    """The vendors' problems are made of it."""
    invalid, unknown = Invalid("to", "is empty", missing=True), NotFound("channel", "c9")

    assert (invalid.field, invalid.problem, invalid.missing) == ("to", "is empty", True)
    assert not Invalid("to", "is empty").missing
    assert (unknown.thing, unknown.wanted) == ("channel", "c9")
    assert MetaRejected(132001, "No translation", "hi").code == 132001
    assert OtherProvider("wati").provider == "wati"
    assert [MediaFailed("gone", store=ours).store for ours in (True, False)] == [True, False]
    assert (str(MediaFailed("gone", store=True)), str(AlreadyThere("It exists", 7))) == ("gone", "It exists")
    assert AlreadyThere("It exists", 7).existing == 7


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("lable", "; did you mean 'label'?"),
        ("LABELS", "; did you mean 'label'?"),
        ("zzz", ""),
        ("metaeror", "; did you mean 'metaError'?"),
    ],
)
def test_did_you_mean(wrong: str, meant: str) -> None:
    """The nearest known word in its own spelling, whatever the case; nothing where none is near."""
    assert did_you_mean(wrong, ["label", "metaError", "times"]) == meant
