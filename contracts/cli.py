"""The command line: `flowella-contract`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from contracts import __version__

if TYPE_CHECKING:
    from contracts.settings import Settings

_INSTALL = "it takes the extra packages of the harness: pip install 'flowella-mock[contracts]'"


def _rate(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """`5/s` or `5`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/s)?", value or "")
    if value is not None and found is None:
        raise click.BadParameter(f"{value!r} is not a rate; write 5/s for 5 requests a second")
    return float(found[1]) if found else None


@click.group()
@click.version_option(__version__, prog_name="flowella-contract")
def main() -> None:
    """Does a server keep the contract? Any server: the fake, staging, production."""


@main.command()
@click.option(
    "--base-url", required=True, metavar="URL", help="Where the API is, such as http://127.0.0.1:8484/api/v1."
)
@click.option(
    "--api-key", required=True, envvar="FLOWELLA_API_KEY", show_envvar=True, metavar="K", help="A key of that server."
)
@click.option(
    "--spec", default="openapi.yaml", show_default=True, metavar="FILE", help="The contract: one of ours, or a file."
)
@click.option(
    "--profile", metavar="NAME", help="readonly, sandbox or full. Default: full on this machine, readonly elsewhere."
)
@click.option(
    "--recipient", "recipients", multiple=True, metavar="NUMBER", help="Whom sandbox may write to; may be repeated."
)
@click.option("--only", multiple=True, metavar="CHECK", help="Look at this check only; may be repeated.")
@click.option("--skip", multiple=True, metavar="CHECK", help="Do not look at this check; may be repeated.")
@click.option(
    "--seed", default=0, show_default=True, type=int, metavar="N", help="The same seed makes the same requests."
)
@click.option(
    "--rate", callback=_rate, metavar="N/s", help="Requests a second. Default: 40 on this machine, 5 elsewhere."
)
@click.option("--max-requests", type=int, metavar="N", help="Default: 2,500 on this machine, 600 elsewhere.")
@click.option("--time-limit", type=float, metavar="S", help="Seconds. Default: 150 on this machine, 300 elsewhere.")
@click.option("--timeout", default=10.0, show_default=True, metavar="S", help="Seconds that one answer may take.")
@click.option(
    "--slow-after", default=5.0, show_default=True, metavar="S", help="An answer that takes longer is a finding."
)
@click.option("--other-key", envvar="FLOWELLA_OTHER_KEY", metavar="K", help="A key of another organization.")
@click.option("--revoked-key", envvar="FLOWELLA_REVOKED_KEY", metavar="K", help="A key that was revoked.")
@click.option("--control-url", metavar="URL", help="The fake's control plane, such as http://127.0.0.1:8484/_mock.")
@click.option("--control-token", envvar="FLOWELLA_CONTROL_TOKEN", metavar="T", help="Its bearer token.")
@click.option("--strict", is_flag=True, help="Drift fails too: what differs from inferred and designed promises.")
@click.option(
    "--report", "reports", multiple=True, metavar="KIND=FILE", help="json, junit, har or html; may be repeated."
)
@click.option("--dry-run", is_flag=True, help="List what would be called, and call nothing.")
def check(reports: tuple[str, ...], dry_run: bool, **options: Any) -> None:
    """Look whether the REST API keeps the contract."""
    try:
        raise SystemExit(_check(reports, options, dry=dry_run))
    except ModuleNotFoundError as error:
        raise click.UsageError(f"there is no module {error.name!r}; {_INSTALL}") from None


_NOT_FOR_WEBHOOKS = frozenset({"slow_after", "other_key", "revoked_key", "dry_run"})


@main.command()
@click.option("--listen", metavar="HOST:PORT", help="For a real deployment: where to receive, such as 127.0.0.1:9000.")
@click.option(
    "--webhook-secret", envvar="FLOWELLA_WEBHOOK_SECRET", metavar="S", help="With --listen: its signing secret."
)
def webhooks(reports: tuple[str, ...], **options: Any) -> None:
    """Look whether what a deployment sends is right: with --control-url on the fake, with --listen anywhere."""
    try:
        raise SystemExit(_check(reports, options, dry=False, sends=True))
    except ModuleNotFoundError as error:
        raise click.UsageError(f"there is no module {error.name!r}; {_INSTALL}") from None


webhooks.params[:0] = [option for option in check.params if option.name not in _NOT_FOR_WEBHOOKS]


def _check(reports: tuple[str, ...], options: dict[str, Any], *, dry: bool, sends: bool = False) -> int:
    from contracts.report.files import wanted
    from contracts.settings import Settings, WrongUsage
    from contracts.spec import BrokenSpec

    try:
        files = [wanted(text) for text in reports]
        settings = Settings(**options)
        if dry:
            return _dry_run(settings)
        return _run(settings, files, sends=sends)
    except (WrongUsage, BrokenSpec) as error:
        raise click.UsageError(str(error)) from None


def _run(settings: Settings, files: list[Any], *, sends: bool) -> int:
    from rich.console import Console

    from contracts.checking import run
    from contracts.report import terminal
    from contracts.report.files import write

    if sends:
        from contracts.webhooks.checking import run as look_at_webhooks

        run = partial(look_at_webhooks, ask=_ask)

    console = Console(highlight=False)
    with terminal.watching(Console(stderr=True)) as progress:
        report = run(settings, progress)
    terminal.show(console, report)
    for kind, file in files:
        try:
            write(report, kind, file)
        except OSError as error:
            raise click.ClickException(f"--report {kind}={file} cannot be written: {error.strerror}") from None
    return report.exit_code


def _ask(text: str) -> str:
    """What only a person can tell; nothing where nobody is there."""
    import sys

    return str(click.prompt(text, err=True)) if sys.stdin.isatty() else ""


def _dry_run(settings: Settings) -> int:
    from rich.console import Console

    from contracts.checking import chosen, stage
    from contracts.report import terminal
    from contracts.timing import Clock

    scene = stage(settings, Clock())
    terminal.dry_run(Console(highlight=False), scene, chosen(settings, scene))
    return 0
