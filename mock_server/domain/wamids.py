"""WhatsApp message ids: `wamid.` and the base64 of a small Thrift-compact record.

    1c                   a struct
    18 <len> <digits>    the other party's wa_id
    15 02 00             i32 = 1, end of the inner struct
    11 | 12              11: the business sent it, 12: it came in
    18 <len> <hex>       the client's own message id, upper-case hex
    00                   stop

Decoding one gives back the number and the direction; Meta's published examples come out byte for byte.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass

_PREFIX = "wamid."
_OUTBOUND, _INBOUND = 0x11, 0x12

OUTBOUND_INNER_LENGTH = 18
INBOUND_INNER_LENGTH = 32
"""The length an Android phone's ids have; 20 with a leading `3A` on iOS."""


@dataclass(frozen=True, slots=True)
class Wamid:
    """`wa_id` digits of the other party, `outbound`, and the `inner` id in upper-case hex."""

    wa_id: str
    outbound: bool
    inner: str


def encode(wamid: Wamid) -> str:
    """The id as text."""
    record = b"".join(
        (
            b"\x1c",
            _string(wamid.wa_id),
            b"\x15\x02\x00",
            bytes([_OUTBOUND if wamid.outbound else _INBOUND]),
            _string(wamid.inner),
            b"\x00",
        )
    )
    return _PREFIX + b64encode(record).decode()


def decode(text: str) -> Wamid:
    """Take one apart. Raises ValueError for what is not a wamid of this shape."""
    if not text.startswith(_PREFIX):
        raise ValueError(f"{text!r} does not start with {_PREFIX!r}")
    record = b64decode(text[len(_PREFIX) :], validate=True)
    digits_end = 3 + record[2] if len(record) > 3 else 0
    inner_start = digits_end + 6
    try:
        wa_id, inner = record[3:digits_end].decode("ascii"), record[inner_start:-1].decode("ascii")
        wamid = Wamid(wa_id, record[digits_end + 3] == _OUTBOUND, inner)
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"{text!r} is not a whole wamid") from error
    if encode(wamid) != text:
        raise ValueError(f"{text!r} does not have the shape of a wamid")
    return wamid


def _string(text: str) -> bytes:
    return b"\x18" + bytes([len(text)]) + text.encode("ascii")
