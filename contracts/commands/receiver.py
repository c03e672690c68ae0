"""`flowella-contract receiver`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from contracts.commands.common import ONLY, REPORT, STRICT, TIMEOUT, ended, options, read_rate, told

if TYPE_CHECKING:
    from contracts.receiver.settings import Settings


@click.command()
@click.option("--url", metavar="URL", help="Your endpoint, such as http://127.0.0.1:9000/webhooks/flowella.")
@click.option("--secret", envvar="FLOWELLA_WEBHOOK_SECRET", show_envvar=True, metavar="S", help="What it checks with.")
@click.option("--vendor", default="flowella", show_default=True, metavar="NAME", help="flowella or flowiq.")
@click.option("--ledger-url", metavar="URL", help="Where the endpoint says which events it processed, and how often.")
@click.option("--fail-url", metavar="URL", help="Where a POST makes the endpoint fail at its next event.")
@click.option(
    "--profile", metavar="NAME", help="sandbox or full. Default: full on this machine; elsewhere say sandbox."
)
@click.option(
    "--recipient", "recipients", multiple=True, metavar="NUMBER", help="Whom events may be about; may be repeated."
)
@options(*ONLY)
@click.option("--list", "listing", is_flag=True, help="List the checks, and post nothing.")
@click.option(
    "--seed", default=0, show_default=True, type=int, metavar="N", help="The same seed makes the same events."
)
@click.option(
    "--rate",
    callback=read_rate,
    metavar="N/s",
    help="Events a second; a burst has three times as many. Default: 20 on this machine, 5 elsewhere.",
)
@click.option("--time-limit", type=float, metavar="S", help="Seconds. Default: 180.")
@options(TIMEOUT)
@click.option(
    "--settle", default=5.0, show_default=True, metavar="S", help="Seconds that an event may take into the ledger."
)
@options(STRICT, REPORT)
def receiver(reports: tuple[str, ...], listing: bool, **choices: Any) -> None:
    """Look whether your own endpoint does right by webhooks."""
    ended(lambda: _list(choices["vendor"]) if listing else _receiver(reports, choices))


def _receiver(reports: tuple[str, ...], choices: dict[str, Any]) -> int:
    from contracts.receiver.running import run
    from contracts.receiver.settings import Settings
    from contracts.report.files import wanted

    if choices["url"] is None:
        raise click.UsageError("--url: where is the endpoint? Such as http://127.0.0.1:9000/webhooks/flowella")
    files = [wanted(text) for text in reports]
    settings: Settings = Settings(**choices)
    return told(lambda progress: run(settings, progress), files)


def _list(vendor: str) -> int:
    from contracts.receiver.checks import CHECKS
    from contracts.receiver.vendors import VENDORS
    from contracts.settings import WrongUsage

    if vendor not in VENDORS:
        raise WrongUsage(f"--vendor: there is no {vendor!r}; there are {', '.join(VENDORS)}")
    for check in CHECKS.values():
        if check.applies(VENDORS[vendor]):
            click.echo(f"{check.name:24} {check.mark.severity:10} {check.promise} ({check.mark.provenance})")
    return 0
