"""Contacts: one per number, updated by halves, and there as soon as the answer is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.laws.registry import law
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark
from contracts.scene import find

if TYPE_CHECKING:
    from contracts.laws.case import Case

_PAGE = "/api-reference/contacts/create-or-update-contact"
_UNMOVED = Mark(DESIGNED, "D10")


@law(
    "upsert-idempotent",
    "The same upsert twice is one contact, unchanged",
    _PAGE,
    DOCUMENTED,
    needs=("upsert", "contacts"),
)
def upsert_idempotent(case: Case) -> None:
    """The phone number is the key."""
    number = case.scene.people.somebody()
    first, second = (_upsert(case, number, name="Grace Hopper", email="grace@example.com") for _ in range(2))
    case.expect(first.get("id") == second.get("id"), "the same id", "another id")
    case.expect(first.get("createdAt") == second.get("createdAt"), "the same createdAt", "another createdAt")
    moved = first.get("updatedAt") != second.get("updatedAt")
    case.expect(not moved, "updatedAt moves only when something changed", "it moved", mark=_UNMOVED)
    rows = [row for row in _newest(case) if row.get("phone") == first.get("phone")]
    case.expect(len(rows) <= 1, "one row in the list", f"{len(rows)} rows")


@law(
    "upsert-partial",
    "Fields left out keep their value, null clears",
    _PAGE,
    INFERRED,
    needs=("upsert",),
    stands_on=("upsert-idempotent",),
)
def upsert_partial(case: Case) -> None:
    """Field by field."""
    number = case.scene.people.somebody()
    fields = {"name": "Ada Lovelace", "email": "ada@example.com"}
    _upsert(case, number, **fields)
    for name in fields:
        others = {other: value for other, value in fields.items() if other != name}
        changed = "new@example.com" if name == "email" else "Ada King"
        row = _upsert(case, number, **{name: changed})
        documented = Mark(DOCUMENTED, _PAGE)
        case.expect(row.get(name) == changed, f"{name} is what was given", _came(row, name), mark=documented)
        for other, value in others.items():
            case.expect(row.get(other) == value, f"{other}, left out, stays", _came(row, other))
        row = _upsert(case, number, **{name: None})
        case.expect(row.get(name) is None, f"{name}: null clears it", _came(row, name))
        for other, value in others.items():
            case.expect(row.get(other) == value, f"{other}, left out, stays", _came(row, other))
        _upsert(case, number, **fields)


@law(
    "one-contact-per-number",
    "All spellings of a number are one contact",
    "D9",
    INFERRED,
    needs=("upsert",),
    stands_on=("upsert-idempotent",),
)
def one_contact_per_number(case: Case) -> None:
    """With and without +, with spaces, dashes and brackets."""
    number = case.scene.people.somebody()
    first = _upsert(case, number, name="One")
    for spelled in _spellings(number):
        answer = case.verb("upsert", spelled)
        if not case.expect(answer.ok, f"{_form(spelled)} is read", str(answer.status)):
            continue
        row = answer.json if isinstance(answer.json, dict) else {}
        case.expect(
            row.get("id") == first.get("id"), "the same contact in every spelling", f"{_form(spelled)}: another contact"
        )
        case.expect(
            row.get("phone") == first.get("phone"), "the same phone in every answer", f"{_form(spelled)}: another form"
        )


@law(
    "read-your-writes",
    "What was answered is there at the next reading",
    "common sense",
    INFERRED,
    needs=("upsert", "contacts", "lists"),
    stands_on=("upsert-idempotent",),
)
def read_your_writes(case: Case) -> None:
    """The contact just made or changed, in full, and the conversation of the message just sent."""
    number = case.scene.people.somebody()
    for name in ("First", "Second " + "long " * 38):
        written = _upsert(case, number, name=name, email=f"{name[:5].lower()}@example.com")
        found = find(case, "contacts", "the list of contacts", partial(_is, written.get("id")))
        if case.expect(found is not None, "the contact is in the list", "it is not"):
            differing = [key for key in written if found and found.get(key) != written[key]]
            case.expect(not differing, "the list shows what the upsert answered", f"other {', '.join(differing)}")
    if "send" in case.scene.speech.verbs:
        sent = case.must(case.scene.send(case, number), "sending a message")
        row = find(
            case, "conversations", "the list of conversations", lambda row: row.get("id") == sent.get("conversationId")
        )
        case.expect(row is not None, "the message's conversation is in the list", "it is not")


def _upsert(case: Case, number: str, **fields: Any) -> dict[str, Any]:
    row = case.must(case.verb("upsert", number, **fields), "an upsert")
    assert isinstance(row, dict)  # noqa: S101 - `must` saw to it
    return row


def _newest(case: Case) -> list[dict[str, Any]]:
    page = case.must(case.verb("contacts", 100), "the list of contacts")
    return [row for row in page.get("items", []) if isinstance(row, dict)]


def _is(contact: Any, row: dict[str, Any]) -> bool:
    return bool(row.get("id") == contact)


def _spellings(number: str) -> tuple[str, ...]:
    """Ways to write a number. Where the country code ends matters to people only."""
    digits = number.removeprefix("+")
    spread = f"+{digits[:1]} {digits[1:4]} {digits[4:7]} {digits[7:]}"
    return (
        digits,
        spread,
        spread.replace(" ", "-"),
        f"+{digits[:1]} ({digits[1:4]}) {digits[4:7]}-{digits[7:]}",
        f" {number} ",
    )


def _form(number: str) -> str:
    return "".join("9" if char.isdigit() else char for char in number)


def _came(row: dict[str, Any], name: str) -> str:
    return f"{name} is {row.get(name)!r}"
