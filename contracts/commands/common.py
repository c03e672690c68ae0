"""What the commands share: options, how wrong usage is told, and how a report comes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contracts.reporting import Report

_INSTALL = "it takes the extra packages of the harness: pip install 'flowella-mock[contracts]'"


def read_rate(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """`5/s` or `5`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/s)?", value or "")
    if value is not None and found is None:
        raise click.BadParameter(f"{value!r} is not a rate; write 5/s for 5 requests a second")
    return float(found[1]) if found else None


SERVER = (
    click.option(
        "--base-url", required=True, metavar="URL", help="Where the API is, such as http://127.0.0.1:8484/api/v1."
    ),
    click.option(
        "--api-key",
        required=True,
        envvar="FLOWELLA_API_KEY",
        show_envvar=True,
        metavar="K",
        help="A key of that server.",
    ),
)
CONTROL = (
    click.option("--control-url", metavar="URL", help="The fake's control plane, such as http://127.0.0.1:8484/_mock."),
    click.option("--control-token", envvar="FLOWELLA_CONTROL_TOKEN", metavar="T", help="Its bearer token."),
)
SPEC = click.option(
    "--spec", default="openapi.yaml", show_default=True, metavar="FILE", help="The contract: one of ours, or a file."
)
REPORT = click.option(
    "--report", "reports", multiple=True, metavar="KIND=FILE", help="json, junit, har or html; may be repeated."
)
STRICT = click.option(
    "--strict", is_flag=True, help="Drift fails too: what differs from inferred and designed promises."
)
TIMEOUT = click.option(
    "--timeout", default=10.0, show_default=True, metavar="S", help="Seconds that one answer may take."
)
ONLY = (
    click.option("--only", multiple=True, metavar="CHECK", help="Look at this check only; may be repeated."),
    click.option("--skip", multiple=True, metavar="CHECK", help="Do not look at this check; may be repeated."),
)
CAREFUL = (
    click.option(
        "--profile",
        metavar="NAME",
        help="readonly, sandbox or full. Default: full on this machine, readonly elsewhere.",
    ),
    click.option(
        "--recipient", "recipients", multiple=True, metavar="NUMBER", help="Whom sandbox may write to; may be repeated."
    ),
    *ONLY,
    click.option(
        "--seed", default=0, show_default=True, type=int, metavar="N", help="The same seed makes the same requests."
    ),
    click.option(
        "--rate", callback=read_rate, metavar="N/s", help="Requests a second. Default: 40 on this machine, 5 elsewhere."
    ),
    click.option("--max-requests", type=int, metavar="N", help="Default: 2,500 on this machine, 600 elsewhere."),
    click.option("--time-limit", type=float, metavar="S", help="Seconds. Default: 150 on this machine, 300 elsewhere."),
    TIMEOUT,
)
"""How a server is treated: by whoever sends something."""


def options(*each: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator, in this order."""

    def add(command: Any) -> Any:
        for option in reversed(each):
            command = option(command)
        return command

    return add


def ended(act: Callable[[], int]) -> NoReturn:
    """Do it and exit with its code. What is wrong with the question is told as wrong usage: exit 2."""
    try:
        from contracts.settings import WrongUsage
        from contracts.spec import BrokenSpec

        try:
            raise SystemExit(act())
        except (WrongUsage, BrokenSpec) as error:
            raise click.UsageError(str(error)) from None
    except ModuleNotFoundError as error:
        raise click.UsageError(f"there is no module {error.name!r}; {_INSTALL}") from None


def told(run: Callable[[Any], Report], files: list[tuple[str, Path]]) -> int:
    """Run with progress, show the report, write the files: the exit code."""
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
