"""WhatsApp message ids, byte for byte."""

from __future__ import annotations

from base64 import b64decode, b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.wamids import Wamid, decode, encode

HEX = "0123456789ABCDEF"
wamids = st.builds(
    Wamid,
    st.text("0123456789", min_size=1, max_size=15),
    st.booleans(),
    st.text(HEX, min_size=1, max_size=32),
)
PUBLISHED = "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI4MjZG"
"""How an outbound id to 16467043595 begins in the platform's own examples."""


@given(wamids)
def test_round_trip(wamid: Wamid) -> None:
    """An id taken apart gives what it was made of."""
    assert decode(encode(wamid)) == wamid


def test_byte_layout_outbound() -> None:
    """A struct with the number, i32 = 1, the direction of what we sent, the inner id, stop."""
    text = encode(Wamid("16467043595", True, "826F0123456789ABCD"))
    expected = b"\x1c\x18\x0b16467043595\x15\x02\x00\x11\x18\x12826F0123456789ABCD\x00"
    assert b64decode(text.removeprefix("wamid."), validate=True) == expected


def test_byte_layout_inbound() -> None:
    """What came in differs in one byte, and in the length of the phone's own id."""
    text = encode(Wamid("447700900123", False, "3A" + "0" * 30))
    expected = b"\x1c\x18\x0c447700900123\x15\x02\x00\x12\x18\x203A" + b"0" * 30 + b"\x00"
    assert b64decode(text.removeprefix("wamid."), validate=True) == expected


def test_the_published_example_comes_out() -> None:
    """The same number and inner id give the published beginning, letter for letter."""
    assert encode(Wamid("16467043595", True, "826F0123456789ABCD")).startswith(PUBLISHED)


@pytest.mark.parametrize(
    ("digits", "prefix"), [(10, "wamid.HBgK"), (11, "wamid.HBgL"), (12, "wamid.HBgM"), (13, "wamid.HBgN")]
)
def test_the_prefix_tells_the_length_of_the_number(digits: int, prefix: str) -> None:
    """HBgK, HBgL, HBgM and HBgN stand for 10 to 13 digits."""
    assert encode(Wamid("1" * digits, True, "A" * 18)).startswith(prefix)


@pytest.mark.parametrize(
    ("wamid", "middle"),
    [
        (Wamid("1" * 11, True, "8" * 18), "VAgARGBI"),
        (Wamid("1" * 12, True, "8" * 18), "FQIAERgS"),
        (Wamid("1" * 11, False, "3A" + "0" * 18), "VAgASGBQzQ"),
        (Wamid("1" * 11, False, "0" * 32), "VAgASGCA"),
    ],
)
def test_the_middle_tells_direction_and_device(wamid: Wamid, middle: str) -> None:
    """The published middles of outbound, iOS and Android ids come out."""
    assert middle in encode(wamid)


@given(st.text() | st.text().map("wamid.".__add__) | st.binary().map(lambda raw: "wamid." + b64encode(raw).decode()))
def test_decoding_raises_nothing_but_value_error(text: str) -> None:
    """Whatever the text, it is a wamid or a ValueError."""
    with suppress(ValueError):
        assert encode(decode(text)) == text


@given(wamids, st.data())
def test_a_damaged_wamid_is_refused_or_another(wamid: Wamid, data: st.DataObject) -> None:
    """One letter changed, lost or added never gives the same wamid and never another error than ValueError."""
    text = encode(wamid)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(["", "=", "A", "é", "\ud800"]) | st.characters())
    damaged = text[:at] + letter + text[at + 1 :]
    if damaged != text:
        with suppress(ValueError):
            assert decode(damaged) != wamid


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\x1c",
        b"\x1c\x18\x0b1646",
        b"\x1d\x18\x011\x15\x02\x00\x11\x18\x018\x00",  # not a struct
        b"\x1c\x18\x011\x15\x04\x00\x11\x18\x018\x00",  # i32 = 2
        b"\x1c\x18\x011\x15\x02\x00\x13\x18\x018\x00",  # no such direction
        b"\x1c\x18\x011\x15\x02\x00\x11\x18\x028\x00",  # wrong length
        b"\x1c\x18\x011\x15\x02\x00\x11\x18\x018",  # no stop
        b"\x1c\x18\x011\x15\x02\x00\x11\x18\x018\x00\x00",  # two stops
        b"\x1c\x18\x01\xff\x15\x02\x00\x11\x18\x018\x00",  # not ASCII
    ],
)
def test_other_records_are_refused(record: bytes) -> None:
    """Any byte out of place is refused."""
    with pytest.raises(ValueError, match="wamid"):
        decode("wamid." + b64encode(record).decode())


@pytest.mark.parametrize("text", ["", "wamid", "wamid.", "WAMID.HBgL", "gBGGFlk", "wamid.HBg L", "wamid.HBgL\n"])
def test_other_texts_are_refused(text: str) -> None:
    """What is not the prefix and plain base64 is refused."""
    with pytest.raises(ValueError):  # noqa: PT011 (some come from base64, in its own words)
        decode(text)


@pytest.mark.parametrize("text", ["", "wamid", "WAMID.HBg", "HBgLMTU1NTEyMzQ1NjcVAgARGA=="])
def test_what_does_not_begin_like_one(text: str) -> None:
    """Says what it should begin with."""
    with pytest.raises(ValueError, match=f"^{text!r} does not start with 'wamid.'$"):
        decode(text)
