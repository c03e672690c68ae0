"""Phone numbers: every spelling of one number is one contact (D9).

`e164` is the number as people write it (`+` and digits). `wa_id` is how WhatsApp names the same person: digits only, and
for three countries not the same digits. It identifies the contact, because the spellings that differ only in those
digits reach one handset.

| country   | dialled                                | wa_id                                                    |
| --------- | -------------------------------------- | -------------------------------------------------------- |
| Brazil    | +55, area code, 9 and eight digits     | without the 9, but for area codes 11-19, 21, 22, 24, 27, 28 |
| Mexico    | +52 and ten digits, or +52 1 and ten   | 52 and ten digits (the 1 is history)                     |
| Argentina | +54 and ten digits, or +54 9 and ten   | 549 and ten digits                                       |
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from mock_server.domain.errors import Invalid

_SPELLING = re.compile(r"[ (]*\+?[0-9 ().\-]+")
_BRAZIL_KEEPS_NINE = {*range(11, 20), 21, 22, 24, 27, 28}


@dataclass(frozen=True, slots=True)
class Phone:
    """One number: `e164` such as `+15551234567`, `wa_id` such as `15551234567`."""

    e164: str
    wa_id: str


def parse(text: str, field: str = "phone") -> Phone:
    """Read a number in any accepted spelling. Judged by being possible, not by being assigned: 555 numbers pass.

    Raises Invalid naming `field` for what cannot be a number of any country.
    """
    phone = _read(text)
    if phone is None:
        raise Invalid(
            field, f"{text!r} cannot be a phone number; write it in E.164: +, country code, number (+15551234567)"
        )
    return phone


@lru_cache(maxsize=100_000)
def _read(text: str) -> Phone | None:
    if not _SPELLING.fullmatch(text):
        return None
    digits = "".join(filter(str.isdigit, text))
    if digits.startswith("521") and len(digits) == 13:
        digits = "52" + digits[3:]
    e164 = _possible(digits)
    return None if e164 is None else Phone(e164, _wa_id(e164[1:]))


def _possible(digits: str) -> str | None:
    """The number in E.164 if some country could have it, else None.

    The library's full parser, which also removes a trunk prefix written after the country code (+44 (0)20 …), is asked
    only where there could be one: its metadata alone tell the lengths of all other numbers, ten times as fast.
    """
    for width in (1, 2, 3) if not digits.startswith("0") else ():
        plan = _plan(digits[:width])
        if plan is not None:
            lengths, trunk = plan
            if len(digits) - width in lengths and not (trunk and trunk.match(digits, width)):
                return f"+{digits}"
            break
    return _parsed(digits)


@lru_cache(maxsize=1_200)
def _plan(country_code: str) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """A country's possible lengths of national numbers and its trunk prefix; None if this is no country code."""
    import phonenumbers

    code = int(country_code or 0)
    region = phonenumbers.region_code_for_country_code(code)
    get = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code
    metadata = get(code, region) if region != "ZZ" else None
    if metadata is None or metadata.general_desc is None:
        return None
    trunk = metadata.national_prefix_for_parsing
    return frozenset(metadata.general_desc.possible_length), re.compile(trunk) if trunk else None


def _parsed(digits: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # that is also the answer for a number without its area code
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164 if e164[1:] == digits else _possible(e164[1:])  # until nothing is left to remove


def _wa_id(digits: str) -> str:
    if (
        digits.startswith("55")
        and len(digits) == 13
        and digits[4] == "9"
        and int(digits[2:4]) not in _BRAZIL_KEEPS_NINE
    ):
        return digits[:4] + digits[5:]
    if digits.startswith("54") and len(digits) == 12:
        return "549" + digits[2:]
    return digits
