"""Reading lists page by page, newest first (D7).

The cursor is the id of the last item seen, and ids sort by creation: the next page starts after it, whatever came in
meanwhile, and costs what it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from mock_server.domain.errors import Invalid
from mock_server.store.protocol import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mock_server.domain.contacts import Contact
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.templates import Template
    from mock_server.store.protocol import Collection
    from mock_server.world import World

T = TypeVar("T")
R = TypeVar("R", bound=Record)

SCAN = 1_000
"""Records looked at before a filtered scan lets others have the lock."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None


def read(
    world: World,
    collection: Collection[R],
    *,
    limit: int,
    cursor: str | None,
    index: tuple[str, str] | None = None,
    matches: Callable[[R], bool] | None = None,
) -> Page[R]:
    """One page. `index` narrows by a listed index, `matches` by looking. Raises Invalid for a cursor that is not ours."""
    if cursor is not None and collection.get(cursor) is None:
        raise Invalid("cursor", f"{cursor!r} is not a nextCursor of this list")
    name, value = index or (None, None)
    found: list[R] = []
    before = cursor
    while len(found) <= limit:
        with world.lock:
            size = limit + 1 if matches is None else SCAN
            chunk = list(islice(collection.newest(before=before, index=name, value=value), size))
        found += chunk if matches is None else filter(matches, chunk)
        if len(chunk) < size:
            break
        before = chunk[-1].id
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def cut(found: Sequence[T], *, key: Callable[[T], str], limit: int, cursor: str | None) -> Page[T]:
    """One page of what is all at hand already. Raises Invalid for a cursor that is not ours."""
    keys = [key(item) for item in found]
    if cursor is not None and cursor not in keys:
        raise Invalid("cursor", f"{cursor!r} is not a nextCursor of this list")
    start = 0 if cursor is None else keys.index(cursor) + 1
    end = start + limit
    return Page(list(found[start:end]), keys[end - 1] if end < len(keys) else None)


@dataclass(frozen=True, slots=True)
class Numbered(Generic[T]):
    """Page `number`, counted from 1, of `size` items each; `total` items in all."""

    items: list[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many there are; none where there is nothing."""
        return -(-self.total // self.size)


def numbered(
    world: World,
    collection: Collection[R],
    wanted: tuple[int, int],
    *,
    index: tuple[str, str] | None = None,
    matches: Callable[[R], bool] | None = None,
    ascending: bool = False,
) -> Numbered[R]:
    """The page with this number and size, newest first or `ascending`. Costs what is before it; with `matches`, all there
    is.
    """
    number, size = wanted
    with world.lock:
        name, value = index or (None, None)
        found: Iterable[R] = collection.newest(index=name, value=value)
        if matches is None:
            total = collection.count(index=name, value=value)
        else:
            found = list(filter(matches, found))
            total = len(found)
        first = min((number - 1) * size, total)
        last = min(first + size, total)
        if ascending:
            first, last = total - last, total - first
        items = list(islice(found, first, last))
    return Numbered(items[::-1] if ascending else items, number, size, total)


def contacts(world: World, *, limit: int, cursor: str | None) -> Page[Contact]:
    """All contacts."""
    return read(world, world.store.contacts, limit=limit, cursor=cursor)


def conversations(
    world: World, *, limit: int, cursor: str | None, status: str | None
) -> Page[tuple[Conversation, Contact]]:
    """Conversations, each with its contact."""
    store = world.store
    index = ("status", status) if status else None
    page = read(world, store.conversations, limit=limit, cursor=cursor, index=index)
    pairs = [(c, contact) for c in page.items if (contact := store.contacts.get(c.contact_id))]
    return Page(pairs, page.next_cursor)


def templates(world: World, *, limit: int, cursor: str | None, status: str | None) -> Page[Template]:
    """Message templates."""
    index = ("status", status) if status else None
    return read(world, world.store.templates, limit=limit, cursor=cursor, index=index)
