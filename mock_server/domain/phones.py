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

_SPELLING = re.compile(r"\+?[0-9 ().\-]+")
_BRAZIL_KEEPS_NINE = {*range(11, 20), 21, 22, 24, 27, 28}
_MAGIC = re.compile(r"1(5000\d{6}|500555\d{4})")


@dataclass(frozen=True, slots=True)
class Phone:
    """One number: `e164` such as `+15551234567`, `wa_id` such as `15551234567`."""

    e164: str
    wa_id: str


@lru_cache(maxsize=50_000)
def parse(text: str, field: str = "phone") -> Phone:
    """Read a number in any accepted spelling. Judged by being possible, not by being assigned: 555 numbers pass.

    Raises Invalid naming `field` for what cannot be a number of any country.
    """
    digits = "".join(filter(str.isdigit, text)) if _SPELLING.fullmatch(text) else ""
    if digits.startswith("521") and len(digits) == 13:
        digits = "52" + digits[3:]
    national = _possible(digits)
    if national is None:
        raise Invalid(
            field, f"{text!r} cannot be a phone number; write it in E.164: +, country code, number (+15551234567)"
        )
    return Phone(national, _wa_id(national[1:]))


def _possible(digits: str) -> str | None:
    """The number in E.164 if some country could have it, else None."""
    if _MAGIC.fullmatch(digits):
        return f"+{digits}"
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


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
