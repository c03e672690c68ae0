"""Commands that talk to a running server, or to nobody. Each is a module; `cli` registers them by name."""

from collections import UserDict
from importlib import import_module

import click

_LATER = click.Command(None)


class OnFirstUse(UserDict[str, click.Command]):
    """Commands by name, each imported when it is asked for; help asks for all."""

    def __init__(self, *names: str) -> None:
        super().__init__(dict.fromkeys(names, _LATER))

    def __getitem__(self, name: str) -> click.Command:
        """Raises KeyError for what is no command."""
        if self.data[name] is _LATER:
            self.data[name] = getattr(import_module(f"{__name__}.{name}"), name)
        return self.data[name]
