"""`flowella-contract check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from contracts.commands.common import CAREFUL, CONTROL, REPORT, SERVER, SPEC, STRICT, ended, options, told

if TYPE_CHECKING:
    from contracts.settings import Settings


@click.command()
@options(*SERVER, SPEC, *CAREFUL)
@click.option(
    "--slow-after", default=5.0, show_default=True, metavar="S", help="An answer that takes longer is a finding."
)
@click.option("--other-key", envvar="FLOWELLA_OTHER_KEY", metavar="K", help="A key of another organization.")
@click.option("--revoked-key", envvar="FLOWELLA_REVOKED_KEY", metavar="K", help="A key that was revoked.")
@options(*CONTROL, STRICT, REPORT)
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
