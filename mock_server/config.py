"""What `serve` was asked for. The command line and the environment both end here; nothing else reads the environment."""

from dataclasses import dataclass
from pathlib import Path

from mock_server.domain.errors import Invalid
from mock_server.domain.rate_limits import RateLimit
from mock_server.webhooks.targets import is_loopback

ENVIRONMENT_PREFIX = "FLOWELLA_MOCK_"


@dataclass(frozen=True, slots=True)
class Config:
    """`port` 0 is any free one; `clock` real, manual or xN; `rate_limit` None is no limit."""

    host: str = "127.0.0.1"
    port: int = 8484
    seed: str = "default"
    clock: str = "real"
    rng_seed: str = "0"
    webhooks: tuple[str, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    rate_limit: RateLimit | None = RateLimit()
    fault_header: bool = False
    control_token: str | None = None
    log_level: str = "info"
    log_format: str = "text"
    ready_file: Path | None = None
    store: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would open this fake, and its control plane, to a network without a lock."""
        if not is_loopback(self.host) and not self.control_token:
            raise Invalid(
                "--host",
                f"{self.host} is reachable from outside, and whoever reaches the control plane owns this fake; "
                f"add --control-token SECRET, or stay on 127.0.0.1",
            )
        for host in self.webhook_hosts:
            if "/" in host or host.count(":") == 1:  # an IPv6 address has more
                raise Invalid(
                    "--allow-webhook-host", f"{host!r} is more than a host name; leave out scheme, port and path"
                )


def rate_limit(text: str) -> RateLimit | None:
    """`50/s`, `50`, or `off`. The burst is twice the rate, as in the default of 50 and 100 (D6). Raises Invalid."""
    if text in {"off", "none"}:
        return None
    try:
        per_second = float(text.removesuffix("/s"))
    except ValueError:
        per_second = 0.0
    if not 0.001 <= per_second <= 1_000_000:
        raise Invalid("--rate-limit", f"{text!r} is not a rate; write 50/s for 50 calls a second, or off")
    return RateLimit(per_second, max(1, round(per_second * 2)))
