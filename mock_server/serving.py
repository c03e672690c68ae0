"""A whole fake, running: organizations, application, HTTP server and pump. What `serve` and the live fixtures start."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mock_server.agenda import Pump
from mock_server.config import Config
from mock_server.domain.errors import Invalid
from mock_server.entrance import Entrance, error_body
from mock_server.orgs import (
    DEFAULT_API_KEY,
    DEFAULT_FLOWIQ_KEY,
    DEFAULT_WEBHOOK_SECRET,
    NewOrg,
    Orgs,
    scale_of,
    settings_are_no_story,
)
from mock_server.server import HttpServer
from mock_server.vendors.registry import DIALECTS
from mock_server.web.control import MAX_SNAPSHOT, is_control
from mock_server.webhooks.targets import check_url
from mock_server.webhooks.transport import HttpTransport

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from mock_server.directory import Directory

log = logging.getLogger("flowella_mock.serving")

MAX_BODY = 20 * (1 << 20) + 1
"""Bytes of a body that the server takes in; each operation has its own, smaller or equal limit (D14), but a snapshot."""

THREADS = 32
"""Calls at a time. A `wait` on the control plane holds one for as long as it waits; `orgs.MOST_WAITS` leaves some free."""


def max_body(method: str, path: str) -> int:
    """Bytes of a body that the server takes in for this call."""
    return MAX_SNAPSHOT if method == "PUT" and path.endswith("/snapshot") and is_control(path) else MAX_BODY


class Fake:
    """Context manager: serving inside, stopped and settled outside. `server.url` is where."""

    def __init__(self, config: Config) -> None:
        self.transport = HttpTransport()
        self.orgs = Orgs(
            self.transport,
            *DIALECTS,
            rng_seed=config.rng_seed,
            webhook_hosts=config.webhook_hosts,
            rate_limit=config.rate_limit,
            directory=_directory(config),
        )
        self.orgs.fault_header = config.fault_header
        self.pump = Pump()
        self.orgs.checks["pump"] = self.pump.trouble
        _settle_default(self.orgs, config)
        self.entrance = Entrance(self.orgs, config.control_token)
        self.server = HttpServer(
            self.entrance, host=config.host, port=config.port, threads=THREADS, max_body=max_body, error_body=error_body
        )

    def start(self) -> None:
        """Answer, and do what falls due."""
        self.orgs.run(self.pump)
        self.server.start()

    def stop(self) -> None:
        """Begin nothing new, record what is on the wire as it stands, stop answering. Within a second."""
        self.orgs.stop()
        self.transport.close()
        self.server.stop(0.4)
        self.orgs.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _directory(config: Config) -> Directory | None:
    """Where organizations are kept; None is in memory."""
    if config.store is None:
        return None
    try:
        from mock_server.keeping import opened

        return opened(config.store, config.rng_seed)
    except ModuleNotFoundError as missing:
        extra = "postgres" if config.store.startswith("postgres") else "sql"
        raise Invalid("--store", f"needs {missing.name}: pip install 'flowella-mock[{extra}]'") from None


def _beginnings(config: Config) -> list[str]:
    """What was asked for that only a new organization can begin with."""
    usual = Config()
    fields = {"--seed": "seed", "--clock": "clock", "--rng-seed": "rng_seed", "--webhook": "webhooks"}
    return [option for option, field in fields.items() if getattr(config, field) != getattr(usual, field)]


def _settle_default(orgs: Orgs, config: Config) -> None:
    """The default organization: the one that the store has, or a new one."""
    default = NewOrg(
        name="Default organization",
        seed=config.seed,
        seed_files=True,
        scale=scale_of(config.clock, "--clock"),
        rng_seed=config.rng_seed,
        api_key=DEFAULT_API_KEY,
        webhook_secret=DEFAULT_WEBHOOK_SECRET,
        hooks=tuple(check_url(url, config.webhook_hosts, "--webhook") for url in config.webhooks),
        rate_limit=config.rate_limit,
    )
    with orgs.lock:
        if orgs.default_id:
            if in_vain := _beginnings(config):
                log.info("the store has organizations already; %s: nothing of that changes there", ", ".join(in_vain))
            return
        world, _, _ = orgs.create(default)
        with settings_are_no_story(world):
            orgs.issue_key(world, "First FlowIQ key", DEFAULT_FLOWIQ_KEY)
