"""Which rows of two lists are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.settings import digits

if TYPE_CHECKING:
    from contracts.comparing.pairs import Pairs

Beside = tuple[list[tuple[int, int]], list[int], list[int]]
"""Places of rows that belong together, and of those that are alone on the left and on the right."""


def beside(left: list[Any], right: list[Any], pairs: Pairs) -> Beside:
    """By known ids, then by what is in them; rows that carry no name of their own as they come."""
    lefts, rights = dict(enumerate(left)), dict(enumerate(right))
    together: list[tuple[int, int]] = []
    for name_left, name_right in (
        (lambda row: pairs.right_of(row.get("id")), lambda row: row.get("id")),
        (_by_nature, _by_nature),
        (_nameless, _nameless),
    ):
        known: dict[Any, list[int]] = {}
        for place, row in rights.items():
            known.setdefault(name_right(row), []).append(place)
        for place in list(lefts):
            name = name_left(lefts[place])
            if name is not None and known.get(name):
                together.append((place, other := known[name].pop(0)))
                del lefts[place], rights[other]
    return sorted(together), list(lefts), list(rights)


def same_order(together: list[tuple[int, int]], left: list[Any], right: list[Any]) -> bool:
    """Whether rows that belong together come in one order; `together` is in that of the left one.

    Where both lists go by one time, rows that were made in one moment may come in any order.
    """
    places = [place for _, place in together]
    return places == sorted(places) or bool(_rules(left) & _rules(right))


def _rules(rows: list[Any]) -> set[tuple[str, bool]]:
    """The times that rows are sorted by, and in which direction."""
    names = (name for name, value in rows[0].items() if isinstance(value, str) and name.endswith(("At", "_at")))
    times = {name: [str(row.get(name)) for row in rows] for name in names}
    return {
        (name, newest)
        for name, values in times.items()
        for newest in (True, False)
        if values == sorted(values, reverse=newest)
    }


def _by_nature(row: dict[str, Any]) -> tuple[str, ...] | None:
    """A person by the number, a template by name and language."""
    for holder in (row, row.get("contact")):
        for key in ("phone", "phone_number", "waId", "whatsapp_id"):
            if isinstance(holder, dict) and isinstance(holder.get(key), str):
                return ("person", digits(holder[key]))
    if isinstance(row.get("name"), str):
        return ("thing", row["name"], str(row.get("language")))
    return None


def _nameless(row: dict[str, Any]) -> str | None:
    return "nameless" if _by_nature(row) is None else None
