"""The command line: `flowella-contract`."""

from __future__ import annotations

from typing import Any

import click

from contracts import __version__


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
def check(**options: Any) -> None:
    """Look whether the REST API keeps the contract."""
    from contracts.checking import run
    from contracts.settings import Settings

    report = run(Settings(**options))
    click.echo(report.text())
    raise SystemExit(report.exit_code)
