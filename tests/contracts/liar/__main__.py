"""`python -m tests.contracts.liar --lie NAME`: one lie, served until Ctrl-C. Without a name: what there is."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import click

from mock_server.config import rate_limit
from mock_server.domain.errors import did_you_mean

from . import HOSTILE, LIES, Target, lying


def chosen(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    """A name that there is, or a hint at what was meant."""
    if name is None or name == "none" or name in LIES or name in HOSTILE:
        return name
    raise click.BadParameter(f"{name!r} is no lie{did_you_mean(name, [*LIES, *HOSTILE])}")


@click.command()
@click.option("--lie", "name", metavar="NAME", callback=chosen, help="A lie, a hostile server, or none.")
@click.option("--port", default=0, help="0 takes any free one; hostile servers always do.")
@click.option("--rate-limit", "limit", default="50/s", help="Calls per second, or off.")
@click.option("--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Written once the server answers.")
def main(name: str | None, port: int, limit: str, ready_file: Path | None) -> None:
    """Serve the fake with one promise broken, or list what can be broken."""
    if name is None:
        for lie in LIES.values():
            click.echo(f"{lie.name:32} {', '.join(lie.found_by):24} {lie.about}")
        for hostile in HOSTILE:
            click.echo(hostile)
        return
    told = None if name == "none" else name
    start = HOSTILE[name]() if name in HOSTILE else lying(told, rate_limit(limit), port)
    with start as target:
        announce(target, ready_file)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def announce(target: Target, ready_file: Path | None) -> None:
    """On the terminal, and for whoever waits for the file."""
    ready = {
        "baseUrl": target.base_url,
        "apiKey": target.api_key,
        "controlUrl": target.control_url,
        "otherApiKey": target.other_key,
        "revokedApiKey": target.revoked_key,
    }
    if ready_file is not None:
        part = ready_file.with_name(f"{ready_file.name}.part")
        part.write_text(json.dumps(ready, indent=2) + "\n", encoding="utf-8")
        part.replace(ready_file)
    click.echo("\n".join(f"{name:14} {value}" for name, value in ready.items()))


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
