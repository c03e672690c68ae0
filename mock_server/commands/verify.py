"""`flowella-mock verify`: is this signature right, and if not, what is it the signature of?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from mock_server.commands.client import masked
from mock_server.config import ENVIRONMENT_PREFIX
from mock_server.domain.errors import Refusal
from mock_server.domain.instant import SECOND, parse


@click.command()
@click.option(
    "--secret",
    required=True,
    envvar=f"{ENVIRONMENT_PREFIX}WEBHOOK_SECRET",
    show_envvar=True,
    help="The signing secret.",
)
@click.option(
    "--signature", required=True, metavar="H", help="What X-Flowella-Signature said, or what your code makes."
)
@click.option("--body", required=True, metavar="FILE", help="The exact bytes of the body; - reads them from stdin.")
@click.option("--timestamp", metavar="T", help="What X-Flowella-Timestamp said, in case it was signed along.")
def verify(secret: str, signature: str, body: str, timestamp: str | None) -> None:
    """Say whether a signature is right, and if not, what it is the signature of. Exit code 1 if it is not right."""
    from mock_server.webhooks.diagnosis import diagnose

    content = _read(body)
    finding = diagnose(secret, signature, content, (timestamp,) if timestamp else _timestamps(content))
    if finding.right:
        click.echo(f"right: HMAC-SHA256 of these {len(content)} bytes with the secret {masked(secret)}")
        return
    if finding.mistakes:
        click.echo("wrong, and this is why. The signature")
        for mistake in finding.mistakes:
            click.echo(f"  {mistake}")
    else:
        click.echo(
            f"wrong, and of nothing known: none of {finding.tried} ways to sign these {len(content)} bytes with the secret "
            f"{masked(secret)} gives it. Most likely it is another secret (each webhook has its own, and a rotated one is "
            f"no longer used), or the bytes are not the ones that came."
        )
    click.echo(f"right would be {finding.expected}")
    sys.exit(1)


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise click.UsageError(f"--body: cannot read {name}: {error.strerror}") from None


def _timestamps(body: bytes) -> tuple[str, ...]:
    """Without a header to go by, the timestamps that the body itself names."""
    try:
        event: Any = json.loads(body)
        created: str = event["createdAt"]
        return created, str(parse(created) // SECOND)
    except (ValueError, KeyError, TypeError, RecursionError, Refusal):
        return ()
