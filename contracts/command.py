"""What the commands share: a rate, mistakes as sentences, and an outcome shown and written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.reporting import Report

_INSTALL = "it takes the extra packages of the harness: pip install 'flowella-mock[contracts]'"


def read_rate(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """`5/s` or `5`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/s)?", value or "")
    if value is not None and found is None:
        raise click.BadParameter(f"{value!r} is not a rate; write 5/s for 5 requests a second")
    return float(found[1]) if found else None


def guarded(look: Callable[[], int]) -> int:
    """What `look` returns; what is wrong with the options becomes a sentence and exit 2."""
    try:
        from contracts.settings import WrongUsage
        from contracts.spec import BrokenSpec

        try:
            return look()
        except (WrongUsage, BrokenSpec) as error:
            raise click.UsageError(str(error)) from None
    except ModuleNotFoundError as error:
        raise click.UsageError(f"there is no module {error.name!r}; {_INSTALL}") from None


def show_and_write(run: Callable[[Any], Report], files: list[Any]) -> int:
    """Progress while it runs, then the report on the terminal and in its files: the exit code."""
    from rich.console import Console

    from contracts.report import terminal
    from contracts.report.files import write

    console = Console(highlight=False)
    with terminal.watching(Console(stderr=True)) as progress:
        report = run(progress)
    terminal.show(console, report)
    for kind, file in files:
        try:
            write(report, kind, file)
        except OSError as error:
            raise click.ClickException(f"--report {kind}={file} cannot be written: {error.strerror}") from None
    return report.exit_code
