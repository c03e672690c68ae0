"""What a vendor's speech consists of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.exchange import Call
    from contracts.laws.case import Case
    from contracts.provenance import Mark

GREETING = "A test message of flowella-contract, please ignore it."
"""What is sent to people who were named."""

Reaches = Callable[[Mapping[str, Any]], Iterator[Any]]
"""Whom a body would reach: phone numbers and contact ids, whatever their type."""


def _as_it_is(_: dict[str, Any], __: list[str]) -> None:
    """Nothing is known that could be narrowed; the guard is there all the same."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in pages. `page(limit, cursor)` asks; the other two read the answer. `mark` says how sure its bounds are."""

    operation: str
    page: Callable[[Any, Any], Call]
    items: Callable[[Any], list[Any]]
    following: Callable[[Any], Any]
    mark: Mark
    default: int = 25
    """Rows of a page when no limit is given."""
    rows_by_upsert: bool = False


@dataclass(frozen=True, slots=True)
class Speech:
    """One vendor. A law runs where the verbs that it needs are there."""

    name: str
    operations: frozenset[str]
    knock: Callable[[], Call] | None
    """A harmless call that needs a key: it tells whether somebody is there, and who we are."""
    envelope: Callable[[str | None, Any], str | None]
    """What is wrong with an error's body; None when nothing is."""
    code: Callable[[Any], str | None]
    """The code or title of an error."""
    reaches: Reaches
    tour: Callable[[Case], None]
    """Calls every operation once, so that it succeeds."""
    samples: Callable[[Case], Iterator[Call]]
    """One call of each operation that would succeed, built when the server's channel and template are known."""
    narrow: Callable[[dict[str, Any], list[str]], None] = _as_it_is
    """Change a document so that nobody but these numbers is generated from it."""
    listings: tuple[Listing, ...] = ()
    verbs: Mapping[str, Callable[..., Call]] = field(default_factory=dict)
    largest_body: int = 1_048_576
    key_shape: str = "key_{}"
    owns_its_root: bool = True
    """Whether an unknown path below the base URL is the API's to answer."""
    controlled: bool = True
    """Whether the fake's control plane can be asked for what belongs to a key of this API."""
    not_in_sandbox: frozenset[str] = frozenset()
    """Operations that leave something behind at a real service that nobody can take away again."""
    unreached_in_readonly: frozenset[str] = frozenset()
    """Reading operations that need to know somebody."""
