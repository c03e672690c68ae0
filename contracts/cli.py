"""The command line: `flowella-contract`."""

import click

from contracts import __version__
from contracts.commands.audit import audit
from contracts.commands.check import check
from contracts.commands.compare import compare
from contracts.commands.receiver import receiver
from contracts.commands.webhooks import webhooks


@click.group()
@click.version_option(__version__, prog_name="flowella-contract")
def main() -> None:
    """Does a server keep the contract? Any server: the fake, staging, production."""


for command in (check, webhooks, receiver, compare, audit):
    main.add_command(command)
