"""`flowella-contract webhooks`."""

from __future__ import annotations

from typing import Any

import click

from contracts.commands.common import CAREFUL, CONTROL, REPORT, SERVER, SPEC, STRICT, ended, options, told


@click.command()
@options(*SERVER, SPEC, *CAREFUL, *CONTROL, STRICT, REPORT)
@click.option("--listen", metavar="HOST:PORT", help="For a real deployment: where to receive, such as 127.0.0.1:9000.")
@click.option(
    "--webhook-secret", envvar="FLOWELLA_WEBHOOK_SECRET", metavar="S", help="With --listen: its signing secret."
)
def webhooks(reports: tuple[str, ...], **choices: Any) -> None:
    """Look whether what a deployment sends is right: with --control-url on the fake, with --listen anywhere."""
    ended(lambda: _webhooks(reports, choices))


def _webhooks(reports: tuple[str, ...], choices: dict[str, Any]) -> int:
    from contracts.report.files import wanted
    from contracts.settings import Settings
    from contracts.webhooks.checking import run

    files = [wanted(text) for text in reports]
    settings = Settings(**choices)
    return told(lambda progress: run(settings, progress, ask=_ask), files)


def _ask(text: str) -> str:
    """What only a person can tell; nothing where nobody is there."""
    import sys

    return str(click.prompt(text, err=True)) if sys.stdin.isatty() else ""
