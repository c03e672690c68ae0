"""`flowella-mock drill`: have a disaster happen to your client and your receiver, and get the verdict."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mock_server.config import ENVIRONMENT_PREFIX
from mock_server.domain.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.drills.drill import Drill
    from mock_server.drills.verdict import Report

UNREACHABLE_EXIT = 4


@click.group()
def drill() -> None:
    """Failure drills: order the disaster, get the verdict."""


@drill.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_drills(*, as_json: bool) -> None:
    """The drills there are."""
    from mock_server.commands import drill_pages

    _guarded(lambda: drill_pages.listing(as_json=as_json))


@drill.command()
@click.argument("name", metavar="NAME|FILE")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, *, as_json: bool) -> None:
    """What happens in a drill, and what is expected."""
    from mock_server.commands import drill_pages

    _guarded(lambda: drill_pages.page(name, as_json=as_json))


@drill.command()
@click.argument("names", metavar="NAME|FILE|all...", nargs=-1, required=True)
@click.option("--exec", "command", metavar="CMD", help="Your client: a command for the shell, run when it is its turn.")
@click.option("--webhook", metavar="URL", help="Your receiver; it has to be running.")
@click.option(
    "--secret",
    envvar=f"{ENVIRONMENT_PREFIX}WEBHOOK_SECRET",
    help="What webhooks are signed with; serve's own if not given.",
)
@click.option("--ledger-url", metavar="URL", help="Where your receiver says which events it processed, and how often.")
@click.option("--on-rotate", metavar="CMD", help="Tells your receiver a new secret, FLOWELLA_WEBHOOK_SECRET.")
@click.option("--set", "pairs", multiple=True, metavar="K=V", help="A parameter of the drill; may be repeated.")
@click.option("--skip", multiple=True, metavar="EXPECTATION", help="Do not judge this one; may be repeated.")
@click.option("--seed", default="0", show_default=True, metavar="N", help="The same seed gives the same report.")
@click.option("--patience", default=120.0, show_default=True, metavar="S", help="Seconds that your client may take.")
@click.option(
    "--settle", default=2.0, show_default=True, metavar="S", help="Seconds that an event may take into the ledger."
)
@click.option("--report", "reports", multiple=True, metavar="KIND=FILE", help="json, junit or html; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def run(names: tuple[str, ...], **options: Any) -> None:
    """Play drills with your client and your receiver."""
    _guarded(lambda: _run(names, options))


def _guarded(look: Callable[[], int]) -> None:
    """Exit as `look` says; what is wrong with the options is a sentence and exit 2."""
    try:
        sys.exit(look())
    except Refusal as refusal:
        raise click.UsageError(str(refusal)) from None


def _run(names: tuple[str, ...], options: dict[str, Any]) -> int:
    from mock_server.commands import drill_running
    from mock_server.drills.report import files

    wanted = [files.wanted(text) for text in options["reports"]]
    drills = drill_running.chosen(names, options)
    unreachable = drill_running.unreachable(options)
    if unreachable:
        click.echo(unreachable, err=True)
        return UNREACHABLE_EXIT
    reports = drill_running.played(drills, options, _shown(as_json=options["as_json"]))
    if options["as_json"]:
        click.echo(files.as_json(reports), nl=False)
    for kind, file in wanted:
        try:
            files.write(reports, kind, file)
        except OSError as error:
            raise click.ClickException(f"--report {kind}={file} cannot be written: {error.strerror}") from None
    return files.exit_code(reports)


def _shown(*, as_json: bool) -> Callable[[Drill, Report | None], None]:
    """What is shown as it goes on: before each drill that it begins, after it the report."""
    from rich.console import Console

    from mock_server.drills.report import terminal

    def show(one: Drill, report: Report | None) -> None:
        if report is None:
            Console(stderr=True, highlight=False).print(f"playing {one.name} …", style="dim")
        elif not as_json:
            terminal.show(Console(highlight=False, soft_wrap=True), report)

    return show
