"""The command line: `flowella-contract`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from contracts import __version__
from contracts.command import guarded, read_rate, show_and_write
from contracts.receiver.cli import receiver

if TYPE_CHECKING:
    from contracts.settings import Settings


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
    "--rate", callback=read_rate, metavar="N/s", help="Requests a second. Default: 40 on this machine, 5 elsewhere."
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
    raise SystemExit(guarded(lambda: _check(reports, options, dry=dry_run)))


_NOT_FOR_WEBHOOKS = frozenset({"slow_after", "other_key", "revoked_key", "dry_run"})


@main.command()
@click.option("--listen", metavar="HOST:PORT", help="For a real deployment: where to receive, such as 127.0.0.1:9000.")
@click.option(
    "--webhook-secret", envvar="FLOWELLA_WEBHOOK_SECRET", metavar="S", help="With --listen: its signing secret."
)
def webhooks(reports: tuple[str, ...], **options: Any) -> None:
    """Look whether what a deployment sends is right: with --control-url on the fake, with --listen anywhere."""
    raise SystemExit(guarded(lambda: _webhooks(reports, options)))


webhooks.params[:0] = [option for option in check.params if option.name not in _NOT_FOR_WEBHOOKS]


def _check(reports: tuple[str, ...], options: dict[str, Any], *, dry: bool) -> int:
    from contracts.checking import run
    from contracts.report.files import wanted
    from contracts.settings import Settings

    files = [wanted(text) for text in reports]
    settings = Settings(**options)
    if dry:
        return _dry_run(settings)
    return show_and_write(lambda progress: run(settings, progress), files)


def _webhooks(reports: tuple[str, ...], options: dict[str, Any]) -> int:
    from contracts.report.files import wanted
    from contracts.settings import Settings
    from contracts.webhooks.checking import run

    files = [wanted(text) for text in reports]
    settings = Settings(**options)
    return show_and_write(lambda progress: run(settings, progress, ask=_ask), files)


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


main.add_command(receiver)
