"""The command line: `flowella-mock`."""

from __future__ import annotations

import gc
import json
import logging
import select
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_server import __version__, logs
from mock_server.commands import OnFirstUse
from mock_server.commands.stopping import asked_to_stop
from mock_server.config import ENVIRONMENT_PREFIX, Config, rate_limit
from mock_server.domain.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.serving import Fake
    from mock_server.world import World

log = logging.getLogger("flowella_mock")

HEAD_START = 0.2
"""Seconds that the first calls have the processor for themselves, before what others may need is made ready."""

MOST_SHOWN = 5
"""Webhooks in the banner."""

_LEVELS = ("debug", "info", "warning", "error")


@click.group(commands=OnFirstUse("drill", "listen", "trigger", "verify"))
@click.version_option(__version__, prog_name="flowella-mock")
def main() -> None:
    """A stateful fake of the Flowella WhatsApp API, with signed webhooks and a clock you own."""


def _option(name: str, **settings: Any) -> Callable[[Any], Any]:
    """An option that can also be given in the environment, as FLOWELLA_MOCK_<OPTION>."""
    variable = ENVIRONMENT_PREFIX + name.removeprefix("--").replace("-", "_").upper()
    return click.option(name, envvar=variable, show_envvar=True, **settings)


@main.command()
@_option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@_option("--port", default=8484, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes any free one.")
@_option("--seed", default="default", show_default=True, metavar="NAME|FILE", help="What the world starts from.")
@_option("--clock", default="real", show_default=True, metavar="real|manual|xN", help="How time passes.")
@_option("--rng-seed", default="0", show_default=True, metavar="N", help="Where ids and dice start.")
@_option("--webhook", multiple=True, metavar="URL", help="Send every event of the default organization here.")
@_option(
    "--allow-webhook-host",
    multiple=True,
    metavar="HOST",
    help="Allow http:// webhooks to a host that is not this machine.",
)
@_option(
    "--rate-limit",
    default="50/s",
    show_default=True,
    metavar="N/s",
    help="Calls per second of one organization, or off.",
)
@_option("--fault-header", is_flag=True, help="Let a call ask for its own fault, in the header X-Mock-Fault.")
@_option("--control-token", metavar="T", help="Ask this bearer token of every control call.")
@_option("--store", metavar="URL", help="Keep everything there: sqlite:///FILE or postgresql://…")
@_option("--log-level", default="info", show_default=True, type=click.Choice(_LEVELS), help="What goes to stderr.")
@_option("--log-format", default="text", show_default=True, type=click.Choice(logs.FORMATS), help="A line, or JSON.")
@_option(
    "--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Written, as JSON, once the server answers."
)
def serve(**options: Any) -> None:
    """Serve the fake until Ctrl-C."""
    logs.start(options["log_level"], options["log_format"], secrets=(options["control_token"] or "",))
    try:
        config = _config(options)
        _run(_fake(config), config)
    except Refusal as refusal:
        raise click.UsageError(logs.Mask()(str(refusal))) from None
    except OSError as error:
        raise click.ClickException(error.strerror or str(error)) from None


@main.command()
@_option("--store", required=True, metavar="URL", help="The PostgreSQL that the servers share.")
@_option("--concurrency", default=64, show_default=True, type=click.IntRange(1, 1_000), help="Jobs done at a time.")
@_option("--log-level", default="info", show_default=True, type=click.Choice(_LEVELS), help="What goes to stderr.")
@_option("--log-format", default="text", show_default=True, type=click.Choice(logs.FORMATS), help="A line, or JSON.")
def worker(store: str, concurrency: int, log_level: str, log_format: str) -> None:
    """Do the waiting work of servers that share a PostgreSQL: journeys, bulk sends, deliveries, retries."""
    logs.start(log_level, log_format)
    try:
        from mock_server.worker import work
    except ModuleNotFoundError as missing:
        raise click.UsageError(f"needs {missing.name}: pip install 'flowella-mock[postgres]'") from None
    try:
        work(store, concurrency)
    except Refusal as refusal:
        raise click.UsageError(logs.Mask()(str(refusal))) from None


def _config(options: dict[str, Any]) -> Config:
    return Config(
        host=options["host"],
        port=options["port"],
        seed=options["seed"],
        clock=options["clock"],
        rng_seed=options["rng_seed"],
        webhooks=options["webhook"],
        webhook_hosts=options["allow_webhook_host"],
        rate_limit=rate_limit(options["rate_limit"]),
        fault_header=options["fault_header"],
        control_token=options["control_token"] or None,
        log_format=options["log_format"],
        ready_file=options["ready_file"],
        store=options["store"],
    )


def _fake(config: Config) -> Fake:
    """What a start makes stays to the end: the collector need not look through it, neither now nor later."""
    gc.disable()
    try:
        from mock_server.serving import Fake

        return Fake(config)
    finally:
        gc.freeze()
        gc.enable()


def _run(fake: Fake, config: Config) -> None:
    """Serve until a signal asks to stop."""
    with asked_to_stop() as asked, fake:
        _announce(fake, config)
        if not select.select([asked], [], [], HEAD_START)[0]:
            fake.entrance.prepare()
        asked.recv(1)
    if config.ready_file is not None:
        config.ready_file.unlink(missing_ok=True)


def _announce(fake: Fake, config: Config) -> None:
    from mock_server.orgs import DEFAULT_API_KEY, DEFAULT_FLOWIQ_KEY, DEFAULT_WEBHOOK_SECRET

    url = fake.server.url
    ready = {
        "baseUrl": f"{url}/api/v1",
        "apiKey": DEFAULT_API_KEY,
        "webhookSecret": DEFAULT_WEBHOOK_SECRET,
        "flowiqBaseUrl": url,
        "flowiqApiKey": DEFAULT_FLOWIQ_KEY,
        "controlUrl": f"{url}/_mock",
    }
    if config.ready_file is not None:
        _write_whole(config.ready_file, json.dumps(ready, indent=2) + "\n")
    if config.log_format == "json":  # a program reads along: no banner between its lines
        log.info("flowella-mock %s serves", __version__, extra={"url": url})
    else:
        _banner(ready, config, fake.orgs.default)


def _write_whole(file: Path, text: str) -> None:
    """All or nothing: whoever waits for the file never reads half of it."""
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise OSError(f"--ready-file {file} cannot be written: {error.strerror}") from error


def _banner(ready: dict[str, str], config: Config, world: World) -> None:
    """Clock, seed and webhooks are those of the organization, which may have been there before."""
    hide = logs.Mask()
    with world.unit() as unit:
        hooks = [hide(endpoint.url) for endpoint in islice(unit.store.endpoints.newest(), MOST_SHOWN)]
    clock = f"x{world.clock.scale:g}" if world.clock.mode == "scaled" else world.clock.mode
    lines = [
        ("Flowella API", ready["baseUrl"]),
        ("API key", ready["apiKey"]),
        ("Webhook secret", ready["webhookSecret"]),
        ("FlowIQ API", ready["flowiqBaseUrl"]),
        ("FlowIQ key", ready["flowiqApiKey"]),
        ("Console", f"{ready['controlUrl']}/"),
        ("Control plane", f"{ready['controlUrl']}/orgs/default"),
        *([("Kept in", hide(config.store))] if config.store else []),
        *(("Webhooks to", url) for url in reversed(hooks)),
        ("Clock, seed", f"{clock}, {world.org.seed}"),
    ]
    click.echo(f"flowella-mock {__version__}: nothing you send here reaches anybody.")
    for name, value in lines:
        click.echo(click.style(f"{name:<16}", bold=True) + value)
    click.echo("Stop with Ctrl-C.")
