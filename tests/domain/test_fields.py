"""What the patterns of fault rules are held against."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.domain.fields import fields_of, spellings


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (True, ("true",)),
        (False, ("false",)),
        (7, ("7",)),
        (15551234567, ("15551234567",)),
        (1.5, ("1.5",)),
        ("hello", ("hello",)),
        ("1 555 123-4567", ("1 555 123-4567", "+15551234567")),
        ("+15551234567", ("+15551234567", "+15551234567")),
        ("12", ("12",)),
        ("+1555" + "-" * 19 + "1234567", ("+1555" + "-" * 19 + "1234567", "+15551234567")),  # 31 characters
        ("+1555" + "-" * 20 + "1234567", ("+1555" + "-" * 20 + "1234567", "+15551234567")),
        ("+1555" + "-" * 21 + "1234567", ("+1555" + "-" * 21 + "1234567",)),  # 33: nobody writes a number so
    ],
)
def test_spellings(value: Any, texts: tuple[str, ...]) -> None:
    """As text; a phone number as E.164 too."""
    assert spellings(value) == texts


def test_fields_of() -> None:
    """Plain values by name, those within objects too; the first of a name counts, outer ones before inner."""
    first = {
        "inner": {"name": "Ada", "type": "inner", "deep": {"size": 3}},
        "type": "text",
        "list": [1],
        "nothing": None,
    }
    second = {"type": "later", "size": 4, "read": True}

    assert fields_of(first, None, [first], second) == {
        "type": ("text",),
        "name": ("Ada",),
        "size": ("3",),
        "read": ("true",),
    }
