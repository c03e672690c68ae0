"""Two JSON bodies side by side. Ids are paired as they are seen; times are compared by whether they move.

Rows of a list are laid beside each other by what is known of their ids, then by the number or name in them, then as they
come.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.comparing.difference import Difference, differ
from contracts.comparing.pairs import form, is_id
from contracts.comparing.rows import beside, same_order
from contracts.laws.shape import read_wamid
from contracts.settings import digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.comparing.pairs import Pairs

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_APART = timedelta(minutes=5)
_KINDS = {bool: "a truth value", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}


class Bodies:
    """Compares bodies, and remembers what it saw; times only once `settle` says that the comparison counts."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        self._times: dict[tuple[str, str], tuple[str, str]] = {}
        self._fresh: dict[tuple[str, str], tuple[str, str]] = {}
        self._skew: timedelta | None = None

    def differences(self, place: str, left: Any, right: Any, *, made: bool) -> list[Difference]:
        """Everything that is not alike."""
        self._fresh = {}
        return list(_Look(self, self._pairs, place, made).walk(left, right, "", frozenset()))

    def shapes(self, place: str, left: Any, right: Any) -> Iterator[Difference]:
        """Fields and types only."""
        alike = _Look(self, self._pairs, place, made=False).walk(left, right, "", frozenset())
        return (one for one in alike if one.aspect in {"fields", "types", "nulls"})

    def settle(self) -> None:
        """The latest comparison counts: from these times on others have moved."""
        self._times |= self._fresh

    def moved(self, owner: str, name: str, times: tuple[str, str]) -> tuple[bool, bool]:
        """Whether the left and the right time are others than before."""
        self._fresh[owner, name] = times
        known = self._times.get((owner, name), times)
        return known[0] != times[0], known[1] != times[1]

    def off(self, left: str, right: str) -> bool:
        """Whether a time that this session made is far from its pair: the first pair says how the two clocks differ."""
        read = [_instant(value) for value in (left, right)]
        if read[0] is None or read[1] is None:
            return False
        apart = read[1] - read[0]
        self._skew = apart if self._skew is None else self._skew
        return abs(apart - self._skew) > _APART


class _Look:
    """One comparison."""

    def __init__(self, bodies: Bodies, pairs: Pairs, place: str, made: bool) -> None:
        self._bodies, self._pairs, self._place, self._made = bodies, pairs, place, made

    def walk(self, left: Any, right: Any, name: str, about: frozenset[str]) -> Iterator[Difference]:
        """`name` is the nearest field; `about` what the nearest object is about."""
        if left is None and right is None:
            return
        if left is None or right is None:
            told = tuple(f"{name or 'body'} is {_kind(value)}" for value in (left, right))
            yield differ("nulls", (name, *map(_kind, (left, right))), told, about)
        elif _kind(left) != _kind(right):
            told = tuple(f"{name or 'body'} is {_kind(value)}" for value in (left, right))
            yield differ("types", (name, *map(_kind, (left, right))), told)
        elif isinstance(left, dict):
            yield from self._objects(left, right, name, about)
        elif isinstance(left, list):
            yield from self._lists(left, right, name, about)
        elif isinstance(left, str):
            yield from self._texts(left, right, name, about)
        elif left != right:
            yield self._value(name, left, right, about)

    def _objects(self, left: Any, right: Any, name: str, about: frozenset[str]) -> Iterator[Difference]:
        missing, extra = sorted(left.keys() - right.keys()), sorted(right.keys() - left.keys())
        about = tokens(left) | tokens(right) or about
        if {*missing, *extra} and all(field.endswith("Cursor") for field in (*missing, *extra)):
            told = tuple(f"{'a' if names else 'no'} further page" for names in (missing, extra))
            yield differ("rows", (self._place,), told)
        elif missing or extra:
            told = tuple(f"{name or 'body'} has {', '.join(names) or 'nothing more'}" for names in (missing, extra))
            yield differ("fields", (*missing, "/", *extra), told)
        for key in (key for key in left if key in right):
            yield from self.walk(left[key], right[key], key, about)

    def _lists(self, left: list[Any], right: list[Any], name: str, about: frozenset[str]) -> Iterator[Difference]:
        if not all(isinstance(row, dict) for row in (*left, *right)):
            for one, other in zip(left, right, strict=False):
                yield from self.walk(one, other, name, about)
            if len(left) != len(right):
                yield self._value(name, f"{len(left)} items", f"{len(right)} items", about)
            return
        pairs, only_left, only_right = beside(left, right, self._pairs)
        for one, other in pairs:
            yield from self.walk(left[one], right[other], name, about)
        if only_left or only_right:
            told = (
                f"{len(left)} rows, {len(only_left)} of them only here",
                f"{len(right)}, {len(only_right)} only here",
            )
            lonely = [*(left[n] for n in only_left), *(right[n] for n in only_right)]
            yield differ("rows", (self._place,), told, frozenset().union(*map(tokens, lonely)))
        elif not same_order(pairs, left, right):
            yield Difference("order", (self._place,), "rows in one order", "the same rows in another")

    def _texts(self, left: str, right: str, name: str, about: frozenset[str]) -> Iterator[Difference]:
        forms = [_form(name, value) for value in (left, right)]
        if forms[0] != forms[1]:
            yield Difference("types", (name, *forms), f"{name} is {forms[0]}", f"{name} is {forms[1]}")
        elif is_id(name, left):
            yield from self._ids(left, right, name, about)
        elif _TIME.fullmatch(left):
            yield from self._times(left, right, name, about)
        elif self._pairs.translated(left) != right:
            yield self._value(name, left, right, about)

    def _ids(self, left: str, right: str, name: str, about: frozenset[str]) -> Iterator[Difference]:
        if left.startswith("wamid.") and read_wamid(left) != read_wamid(right):
            told = (f"{name}: {_inside(value)}" for value in (left, right))
            yield differ("values", (f"{name} inside",), told, about)
        if not self._pairs.agree(left, right, made=self._made):
            words = f"{name} of something else than before" if self._pairs.right_of(left) else f"{name} seen before"
            yield Difference("ids", (self._place, name), f"{name} of what it was before", words, about | {left, right})

    def _times(self, left: str, right: str, name: str, about: frozenset[str]) -> Iterator[Difference]:
        owner = next((one for one in sorted(about) if one in self._pairs.ours), None)
        if owner is None:
            return
        moved = self._bodies.moved(owner, name, (left, right))
        if moved[0] != moved[1]:
            told = (f"{name} {'moves' if one else 'stays'}" for one in moved)
            yield differ("values", (f"{name} moves",), told, about)
        elif self._bodies.off(left, right):
            yield self._value(name, left, right, about)

    def _value(self, name: str, left: Any, right: Any, about: frozenset[str]) -> Difference:
        """Of a thing, each field by itself; figures of one answer together."""
        cause = (name,) if about else (self._place,)
        return Difference("values", cause, f"{name or 'body'}: {left!r:.80}", f"{name or 'body'}: {right!r:.80}", about)


def tokens(value: Any) -> frozenset[str]:
    """The id and the numbers that an object is about, and those of the contact in it."""
    if not isinstance(value, dict):
        return frozenset()
    ids = (value[key] for key in ("id", "contactId", "conversationId", "jobId") if isinstance(value.get(key), str))
    found = {next(ids, "")}
    found |= {digits(value[key]) for key in ("phone", "to", "phone_number") if isinstance(value.get(key), str)}
    return frozenset(found - {""}) | tokens(value.get("contact"))


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "null")


def _form(name: str, value: str) -> str:
    if is_id(name, value):
        return "an id" if name.endswith("Cursor") else form(value)
    return re.sub(r"\d", "9", value) if _TIME.fullmatch(value) else "a text"


def _inside(wamid: str) -> str:
    read = read_wamid(wamid)
    return "does not decode" if read is None else f"{'to' if read[1] else 'from'} +{read[0]}"


def _instant(value: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return when if when.tzinfo else None
