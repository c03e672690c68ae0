"""The command line: `flowella-contract`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from contracts import __version__
from contracts.commands.audit import audit
from contracts.commands.common import CAREFUL, REPORT, SPEC, ended, options, told
from contracts.commands.compare import compare

if TYPE_CHECKING:
    from contracts.settings import Settings


@click.group()
@click.version_option(__version__, prog_name="flowella-contract")
def main() -> None:
    """Does a server keep the contract? Any server: the fake, staging, production."""


main.add_command(compare)
main.add_command(audit)


@main.command()
@click.option(
    "--base-url", required=True, metavar="URL", help="Where the API is, such as http://127.0.0.1:8484/api/v1."
)
@click.option(
    "--api-key", required=True, envvar="FLOWELLA_API_KEY", show_envvar=True, metavar="K", help="A key of that server."
)
@options(SPEC, *CAREFUL, REPORT)
@click.option(
    "--slow-after", default=5.0, show_default=True, metavar="S", help="An answer that takes longer is a finding."
)
@click.option("--other-key", envvar="FLOWELLA_OTHER_KEY", metavar="K", help="A key of another organization.")
@click.option("--revoked-key", envvar="FLOWELLA_REVOKED_KEY", metavar="K", help="A key that was revoked.")
@click.option("--control-url", metavar="URL", help="The fake's control plane, such as http://127.0.0.1:8484/_mock.")
@click.option("--control-token", envvar="FLOWELLA_CONTROL_TOKEN", metavar="T", help="Its bearer token.")
@click.option("--strict", is_flag=True, help="Drift fails too: what differs from inferred and designed promises.")
@click.option("--dry-run", is_flag=True, help="List what would be called, and call nothing.")
def check(reports: tuple[str, ...], dry_run: bool, **choices: Any) -> None:
    """Look whether the REST API keeps the contract."""
    ended(lambda: _check(reports, choices, dry=dry_run))


def _check(reports: tuple[str, ...], choices: dict[str, Any], *, dry: bool) -> int:
    from contracts.checking import run
    from contracts.report.files import wanted
    from contracts.settings import Settings

    files = [wanted(text) for text in reports]
    settings = Settings(**choices)
    return _dry_run(settings) if dry else told(lambda progress: run(settings, progress), files)


def _dry_run(settings: Settings) -> int:
    from rich.console import Console

    from contracts.checking import chosen, stage
    from contracts.report import terminal
    from contracts.timing import Clock

    scene = stage(settings, Clock())
    terminal.dry_run(Console(highlight=False), scene, chosen(settings, scene))
    return 0
