"""The reference of both command lines, read off click: what `--help` says is what the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from contracts.cli import main as contract
from mock_server.cli import main as mock
from scribe.words import code, join, table

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS: dict[str, click.Command] = {"flowella-mock": mock, "flowella-contract": contract}

_TOP = """# Command line reference

Every command and option of both programs, made from the programs themselves by `python -m scribe`.
[The command line by example](cli.md) · [does a server keep the contract?](contract.md)"""


def page() -> str:
    """docs/cli-reference.md."""
    return join([_TOP, *(text for name, command in walk() for text in _section(name, command))])


def walk() -> Iterator[tuple[str, click.Command]]:
    """Each program and command by the words that call it."""
    for name, program in PROGRAMS.items():
        yield from _below(name, program)


def _below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for word in sorted(command.commands):
            yield from _below(f"{name} {word}", command.commands[word])


def _section(name: str, command: click.Command) -> Iterator[str]:
    heading = "##" if isinstance(command, click.Group) else "###"
    yield f"{heading} {name}"
    yield (command.help or "").replace("\b", "").strip()
    if not isinstance(command, click.Group):
        arguments = [param for param in command.params if isinstance(param, click.Argument)]
        words = [(param.name or "").upper() + ("..." if param.nargs < 0 else "") for param in arguments]
        yield f"    {' '.join([name, '[OPTIONS]', *words])}"
    options = [param for param in command.params if isinstance(param, click.Option) and not param.hidden]
    yield table(["option", "default", "environment", "what"], map(_row, options))


def _row(option: click.Option) -> list[str]:
    flag = " ".join(part for part in (option.opts[0], *option.secondary_opts, _value(option)) if part)
    return [code(flag), code(_default(option)), code(_variable(option)), _what(option)]


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    return option.metavar or {"integer range": "N", "integer": "N", "float": "N"}.get(option.type.name, "TEXT").upper()


def _default(option: click.Option) -> str:
    shown = option.show_default and not option.is_flag
    return option.show_default if isinstance(option.show_default, str) else str(option.default) if shown else ""


def _variable(option: click.Option) -> str:
    return option.envvar if isinstance(option.envvar, str) else " ".join(option.envvar or ())


def _what(option: click.Option) -> str:
    more = "" if not option.multiple or "repeated" in (option.help or "") else " May be repeated."
    return f"{option.help or ''}{more}"
