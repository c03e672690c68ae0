"""Editing contacts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.contacts import Contact, edit, personalized, set_opt_out

CONTACT = Contact(
    id="c1",
    key="15551234567",
    phone="+15551234567",
    wa_id="15551234567",
    name="Ada",
    email="ada@example.com",
    created_at=1,
    updated_at=2,
)
values = st.none() | st.sampled_from(["Ada", "Grace", "ada@example.com", "15551234567"])
edits = st.dictionaries(st.sampled_from(["name", "email", "wa_id"]), values)


@given(edits)
def test_omitted_keeps_and_none_clears(changes: dict[str, Any]) -> None:
    """Each supplied field takes its value, each other keeps its own; updated_at moves only when something changed."""
    edited = edit(CONTACT, changes, 9)
    expected = {"name": CONTACT.name, "email": CONTACT.email, "wa_id": CONTACT.wa_id} | changes
    assert (edited.name, edited.email, edited.wa_id) == (expected["name"], expected["email"], expected["wa_id"])
    changed = any(getattr(CONTACT, field) != value for field, value in changes.items())
    assert edited.updated_at == (9 if changed else 2)
    assert edited.created_at == 1


@pytest.mark.parametrize("field", ["id", "key", "phone", "created_at", "updated_at", "opted_out_on", "nonsense"])
def test_only_three_fields_can_be_edited(field: str) -> None:
    """A change of anything but name, email and wa_id is not taken up."""
    assert edit(CONTACT, {field: "x"}, 9) == CONTACT


def test_opted_out_while_any_channel_is() -> None:
    """Opting out is per channel; the contact counts as opted out until the last channel is cleared."""
    one = set_opt_out(CONTACT, "ch1", active=True, at=3)
    both = set_opt_out(one, "ch2", active=True, at=4)
    left = set_opt_out(both, "ch1", active=False, at=5)
    none = set_opt_out(left, "ch2", active=False, at=6)
    assert [contact.is_opted_out for contact in (CONTACT, one, both, left, none)] == [False, True, True, True, False]
    assert set(both.opted_out_on) == {"ch1", "ch2"}
    assert left.opted_out_on == ("ch2",)
    assert none == replace(CONTACT, updated_at=6)


def test_opting_out_twice_is_once() -> None:
    """A channel stands in the list once, so that clearing it once is enough."""
    twice = set_opt_out(set_opt_out(CONTACT, "ch1", active=True, at=3), "ch1", active=True, at=4)
    assert twice.opted_out_on == ("ch1",)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dear {{first_name}} ({{ full_name }})", "Dear Ada (Ada King)"),
        ("{{email}} {{phone_number}} {{whatsapp_id}}", "ada@example.com +15551234567 15551234567"),
        ("{{1}} {{FIRST_NAME}} {first_name}", "{{1}} {{FIRST_NAME}} {first_name}"),
    ],
)
def test_a_text_is_made_personal(text: str, filled: str) -> None:
    """From what is known of the contact; other placeholders stay."""
    assert personalized(text, replace(CONTACT, name="Ada King")) == filled


def test_what_is_not_known_is_left_out() -> None:
    """And the number is the one that was written, where it was written otherwise."""
    stranger = replace(CONTACT, name=None, email=None, written="0555 123")

    assert personalized("{{first_name}}|{{full_name}}|{{email}}|{{phone_number}}", stranger) == "|||0555 123"
