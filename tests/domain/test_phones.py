"""Phone numbers: every spelling of one number is one wa_id, and what cannot be a number is refused by name."""

from __future__ import annotations

from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.domain import phones
from mock_server.domain.errors import Invalid
from mock_server.domain.phones import Phone, parse

EXAMPLES = sorted(
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in phonenumbers.SUPPORTED_REGIONS
    if (number := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
)
"""A mobile number of every country that has one."""

separators = st.lists(st.sampled_from([" ", "-", ".", "(", ")"]), max_size=2).map("".join)


@given(st.sampled_from(EXAMPLES), st.booleans(), st.data())
def test_punctuation_is_one_spelling_of_many(number: str, plus: bool, data: st.DataObject) -> None:
    """Separators anywhere behind the plus, and the plus itself, make no difference to who is meant."""
    digits = number.removeprefix("+")
    spelled = "".join(digit + data.draw(separators) for digit in digits)
    assert parse(("+" if plus else "") + spelled) == parse(number)


@given(st.from_regex(r"\+1[0-9]{8,11}", fullmatch=True))
@example("+15550100001")
@example("+15000131026")
@example("+11234567890")
def test_american_numbers_are_possible_as_the_library_has_it(number: str) -> None:
    """Those with ten digits are known by that, without asking it."""
    parsed = None
    with suppress(Invalid):
        parsed = parse(number).e164

    assert parsed == phones._possible(number[1:])


@pytest.mark.parametrize("number", EXAMPLES)
def test_numbers_of_every_country_keep_their_digits(number: str) -> None:
    """An assigned mobile number in E.164 is kept as it is written."""
    assert parse(number).e164 == number


@pytest.mark.parametrize("spelled", [" +15551234567", "(+1) 555 123 4567", "(+1)5551234567"])
def test_a_plus_may_have_something_before_it(spelled: str) -> None:
    """A space or bracket before the plus is punctuation like any other."""
    assert parse(spelled).e164 == "+15551234567"


@pytest.mark.parametrize(
    ("spelled", "e164", "wa_id"),
    [
        # Brazil: area codes 11-19, 21, 22, 24, 27 and 28 keep the 9, the others lose it.
        ("+55 11 98765-4321", "+5511987654321", "5511987654321"),
        ("+55 19 98765-4321", "+5519987654321", "5519987654321"),
        ("+55 21 98765-4321", "+5521987654321", "5521987654321"),
        ("+55 22 98765-4321", "+5522987654321", "5522987654321"),
        ("+55 24 98765-4321", "+5524987654321", "5524987654321"),
        ("+55 27 98765-4321", "+5527987654321", "5527987654321"),
        ("+55 28 98765-4321", "+5528987654321", "5528987654321"),
        ("+55 31 98172-1234", "+5531981721234", "553181721234"),
        ("+55 92 98172-1234", "+5592981721234", "559281721234"),
        ("+55 92 8172-1234", "+559281721234", "559281721234"),
        ("+55 11 3456-7890", "+551134567890", "551134567890"),
        ("+55 31 81721-2345", "+5531817212345", "5531817212345"),  # not a 9, so not the 9
        # Mexico: the 1 after the country code is history.
        ("+52 55 1234 5678", "+525512345678", "525512345678"),
        ("+52 1 55 1234 5678", "+525512345678", "525512345678"),
        # Argentina: always 549, and no local 15.
        ("+54 9 11 2345-6789", "+5491123456789", "5491123456789"),
        ("+54 11 2345-6789", "+541123456789", "5491123456789"),
        ("+54 11 15 2345-6789", "+5491123456789", "5491123456789"),
        # Everywhere else the wa_id is the number's digits; a trunk prefix after the country code is dropped.
        ("+44 (0)20 7946 0958", "+442079460958", "442079460958"),
        ("+49 (0)170 1234567", "+491701234567", "491701234567"),
        ("+43 (0)664 1234567", "+436641234567", "436641234567"),
        ("+39 06 1234 5678", "+390612345678", "390612345678"),
        ("+1 (555) 123-4567", "+15551234567", "15551234567"),
    ],
)
def test_countries(spelled: str, e164: str, wa_id: str) -> None:
    """The numbers come out as dialled, the wa_ids as WhatsApp names the same people."""
    assert parse(spelled) == Phone(e164, wa_id)


@given(st.from_regex(r"(\+?1)(5000[0-9]{6}|500555[0-9]{4})", fullmatch=True))
def test_magic_numbers_always_pass(spelled: str) -> None:
    """Every +15000… and +1500555… number is taken as it is."""
    digits = spelled.removeprefix("+")
    assert parse(spelled) == Phone(f"+{digits}", digits)


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "+",
        "()",
        "hello",
        "+1 555 CALL ME",
        "++15551234567",
        "+15551234567,5",
        "+1-555-123-4567 ext 5",
        "+1",
        "+123",
        "+999123456789",
        "+1555123456789012",
        "0015551234567",
        "+١٥٥٥١٢٣٤٥٦٧",
        "+15551234567\n",
        "1" * 5_000,
    ],
)
def test_garbage_is_refused_by_name(garbage: str) -> None:
    """What no country could have is Invalid, naming the field it was in and what it said."""
    with pytest.raises(Invalid) as refusal:
        parse(garbage, "recipients[3].phone")
    assert refusal.value.field == "recipients[3].phone"
    assert repr(garbage) in refusal.value.problem


@pytest.mark.parametrize("local", ["+15551234", "+1 555-1234", "15551234"])
def test_a_number_without_its_area_code_is_refused(local: str) -> None:
    """What can only be dialled within one town has the wrong length for the world."""
    with pytest.raises(Invalid):
        parse(local)


def test_the_same_garbage_is_refused_under_each_field() -> None:
    """The field named is the one asked about, whatever was asked before."""
    for field in ("to", "phone", "to"):
        with pytest.raises(Invalid) as refusal:
            parse("garbage", field)
        assert refusal.value.field == field


@given(st.text() | st.text("+0123456789 ()-."))
def test_nothing_but_invalid_is_raised(text: str) -> None:
    """Whatever the text, it is a number or it is Invalid."""
    with suppress(Invalid):
        parse(text)


@given(st.text("0123456789", min_size=7, max_size=16))
@example("4400663083188")  # a trunk prefix behind a trunk prefix
@example("86005924513")
def test_what_was_read_reads_the_same(digits: str) -> None:
    """A number as we answer it, given back to us, is the same person with the same number; so is their wa_id."""
    with suppress(Invalid):
        phone = parse(digits)
        assert parse(phone.e164) == phone
        assert parse(phone.wa_id).wa_id == phone.wa_id
