"""What happens in one organization, as it happens: numbered, and the latest of it kept for whoever comes a little late.

Theory. One ring of entries, and listeners that are nothing but a place in it: the number of the entry seen last. So a
listener costs no memory, however slow; coming back is the same as listening; and who falls behind by more than the ring
is told how much is missing. Entries hold frozen records and are put into words by whoever reads them first.

Nobody listening costs nothing: nothing is taken down until somebody has come (`recording`). Once the last one has left it
goes on until the ring has turned over, because until then they may come back for what they missed.

Entries are added under the world's lock and read without it: an entry is in its slot before `last` says so, and a slot
that was taken by a later entry meanwhile is a gap like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mock_server.store.protocol import Change
    from mock_server.world import World

RING = 10_000
"""Entries that are kept."""

BOOKKEEPING = frozenset(
    {"audiences", "chats", "held", "lettings", "marketed", "meters", "pacings", "reached", "tallies"}
)
"""Collections that nobody sees anywhere, and so not here."""


@dataclass(slots=True)
class Entry:
    """One change in one world. `text` is kept by whoever puts it into words, for the others."""

    id: int
    change: Change
    world: World | None
    text: bytes | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries up to `id` are not there: so many, or None if nobody knows."""

    id: int
    missed: int | None


class Feed:
    """The changes of one organization, whichever world it lives in at the time."""

    def __init__(self, ring: int = RING) -> None:
        self.recording = False
        self.closed = False
        self.last = 0
        self._size = ring
        self._ring: list[Entry | Gap | None] = []
        self._first_after = 0
        self._left_at = 0
        self._listeners: set[Callable[[], None]] = set()

    def begin(self) -> int:
        """Take down what happens from now on; the number it comes after."""
        self._left_at = self.last
        if not self.recording:
            self._ring = [None] * self._size
            self._first_after = self.last
            self.recording = True
        return self.last

    def join(self, wake: Callable[[], None]) -> None:
        """Call this, from whatever thread, when there is something to read."""
        self._listeners.add(wake)

    def leave(self, wake: Callable[[], None]) -> None:
        """Not any more."""
        self._listeners.discard(wake)
        self._left_at = self.last

    @property
    def listeners(self) -> int:
        """How many there are."""
        return len(self._listeners)

    def add(self, world: World, changes: list[Change]) -> None:
        """Take these down, if anybody wants them by now. The world's lock is held."""
        for change in changes if self.recording else ():
            if change.collection in BOOKKEEPING:
                continue
            number = self.last + 1
            self._ring[number % self._size] = Entry(number, change, world)
            self.last = number
        if not self._listeners and self.last - self._left_at >= self._size:
            self.recording, self._ring = False, []

    def miss(self) -> None:
        """Something happened where it could not be taken down. The world's lock is held."""
        number = self.last + 1
        self._ring[number % self._size] = Gap(number, None)
        self.last = number

    def wake(self) -> None:
        """There is something to read. Called without a lock."""
        for wake in tuple(self._listeners):
            wake()

    def close(self) -> None:
        """The organization is gone."""
        self.closed = True
        self.wake()

    def after(self, place: int) -> Iterator[Entry | Gap]:
        """What came after this place, a gap first if some of it is gone."""
        if place > self.last:
            yield Gap(self.last, None)
            return
        while place < self.last:
            ring = self._ring
            entry = ring[(place + 1) % self._size] if ring else None
            if entry is not None and entry.id == place + 1:
                place = entry.id
                yield entry
            else:
                oldest = max(self.last - self._size, self._first_after if ring else self.last)
                if oldest <= place:  # overwritten this very moment; `last` is about to say so
                    return
                yield Gap(oldest, oldest - place)
                place = oldest


def worded(entry: Entry, text: bytes) -> bytes:
    """Keep the words and let go of what they were made of."""
    entry.text, entry.world = text, None
    return text
