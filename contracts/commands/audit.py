"""`flowella-contract audit`."""

from __future__ import annotations

from typing import Any

import click

from contracts.commands.common import REPORT, SPEC, STRICT, ended, options, told


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options(SPEC)
@click.option("--base-url", metavar="URL", help="Where the API was: what went elsewhere is left out.")
@click.option("--secret", envvar="FLOWELLA_WEBHOOK_SECRET", metavar="S", help="The webhooks' signing secret.")
@options(STRICT, REPORT)
def audit(files: tuple[str, ...], reports: tuple[str, ...], **choices: Any) -> None:
    """Judge recorded traffic, sending nothing: archives, the fake's journal, logged webhooks."""
    ended(lambda: _audit(files, reports, choices))


def _audit(files: tuple[str, ...], reports: tuple[str, ...], choices: dict[str, Any]) -> int:
    from contracts.auditing.session import audit as run
    from contracts.report.files import wanted

    return told(lambda _: run(files, **choices), [wanted(text) for text in reports])
