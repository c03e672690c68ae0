"""What was seen, as the control plane shows it, pleasant to assert on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Seen(dict[str, Any]):
    """A record of the control plane: `message["createdAt"]`, `message.created_at`. A mistyped name says what there is."""

    def __getattr__(self, name: str) -> Any:
        key = camel(name)
        if key in self:
            return seen(self[key])
        raise AttributeError(f"no {name!r} here; there is {', '.join(snake(known) for known in self)}")


def seen(value: Any) -> Any:
    """Objects of a JSON document as records, at any depth of lists."""
    if isinstance(value, list):
        return [seen(item) for item in value]
    return Seen(value) if isinstance(value, dict) and not isinstance(value, Seen) else value


def camel(name: str) -> str:
    """`created_at` and `from_` as the API spells them."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name: str) -> str:
    """`createdAt` as Python spells it; `from` gets the underline it needs."""
    spelled = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
    return f"{spelled}_" if spelled == "from" else spelled


def as_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments as fields of the API; None is not given."""
    return {camel(name): value for name, value in given.items() if value is not None}


def by_time(records: Iterable[Any]) -> list[Seen]:
    """The control plane lists newest first; a test reads oldest first."""
    return [Seen(record) for record in records][::-1]
