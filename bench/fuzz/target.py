"""What a target is, and a bug planted to see that it can fail."""

from __future__ import annotations

import builtins
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Broken(AssertionError):
    """The property does not hold."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A bug: `name` of `module` (a dot leads into a class) replaced by what `bug` makes of it. `shown_by` shows it."""

    module: str
    name: str
    bug: Callable[[Any], Any]
    shown_by: bytes

    @contextmanager
    def planted(self) -> Iterator[None]:
        """While this lasts, the code is wrong."""
        *path, name = self.name.split(".")
        owner: Any = import_module(self.module)
        for step in path:
            owner = getattr(owner, step)
        own = name in vars(owner)  # else a built-in, which a module may have its own of
        sound = vars(owner)[name] if own else getattr(builtins, name)
        setattr(owner, name, self.bug(sound))
        try:
            yield
        finally:
            if own:
                setattr(owner, name, sound)
            else:
                delattr(owner, name)


@dataclass(frozen=True, slots=True)
class Target:
    """`attack` raises if what `holds` says does not hold for these bytes."""

    name: str
    holds: str
    attack: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    plant: Plant
    words: tuple[str, ...] = ()
    """For the fuzzer's dictionary."""
    longest: int = 512
    """Bytes of an input."""


def expect(holds: object, what: str) -> None:
    """Raises Broken, saying what."""
    if not holds:
        raise Broken(what)
