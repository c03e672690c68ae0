"""What a check was asked for. Everything that can be wrong with it is refused here, before the first request."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

READONLY, SANDBOX, FULL = "readonly", "sandbox", "full"
PROFILES = (READONLY, SANDBOX, FULL)


class WrongUsage(Exception):
    """The check cannot be made as it was asked for; the message names the option and what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One check. What is None is chosen by the host: gentle and read-only elsewhere, thorough on this machine."""

    base_url: str
    api_key: str
    spec: str = "openapi.yaml"
    profile: str | None = None
    recipients: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    seed: int = 0
    rate: float | None = None
    max_requests: int | None = None
    time_limit: float | None = None
    timeout: float = 10.0
    slow_after: float = 5.0
    other_key: str | None = None
    revoked_key: str | None = None
    control_url: str | None = None
    control_token: str | None = None
    strict: bool = False
    listen: str | None = None
    webhook_secret: str | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense, and what could reach people by accident."""
        web_address("--base-url", self.base_url)
        if self.control_url is not None:
            web_address("--control-url", self.control_url)
        if not self.api_key or not self.api_key.isprintable() or " " in self.api_key:
            raise WrongUsage("--api-key: it is empty or not one word; give the key as it was shown")
        more_than_nothing(
            ("--rate", self.rate), ("--max-requests", self.max_requests), ("--time-limit", self.time_limit)
        )
        known_profile(self.profile)
        phone_numbers(self.recipients)
        if self.listen is not None:
            _address(self.listen)
        self._refuse_reaching_people()

    @property
    def local(self) -> bool:
        """Whether the server is on this machine."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def listens_at(self) -> tuple[str, int]:
        """Where webhooks are received: as it was asked for, or any free port of this machine."""
        return _address(self.listen) if self.listen is not None else ("127.0.0.1", 0)

    @property
    def what_may_be_done(self) -> str:
        """The profile, chosen by the host when none is given."""
        return self.profile or (FULL if self.local else READONLY)

    @property
    def pace(self) -> float:
        """Requests a second: below the limit that the fake assumes of the real service, and far below elsewhere."""
        return self.rate or (40.0 if self.local else 5.0)

    @property
    def requests(self) -> int:
        """How many requests may be made."""
        return self.max_requests or (2500 if self.local else 600)

    @property
    def seconds(self) -> float:
        """How long the check may take."""
        return self.time_limit or (150.0 if self.local else 300.0)

    def _refuse_reaching_people(self) -> None:
        profile = self.what_may_be_done
        if profile == FULL and not self.local:
            raise WrongUsage(
                "--profile full: it writes to invented numbers, which is for servers on this machine; against "
                "another host use --profile sandbox with --recipient, or readonly"
            )
        if profile == SANDBOX and not self.recipients:
            raise WrongUsage(
                "--profile sandbox: it sends real messages, so say to whom: --recipient +15551234567 (yours; may be repeated)"
            )


def known_profile(profile: str | None) -> None:
    """Raises WrongUsage for a word that is none."""
    if profile is not None and profile not in PROFILES:
        raise WrongUsage(f"--profile: there is no {profile!r}; there are {', '.join(PROFILES)}")


def phone_numbers(recipients: Iterable[str]) -> None:
    """Raises WrongUsage for what is none."""
    for number in recipients:
        if len(digits(number)) < 7:
            raise WrongUsage(f"--recipient: {number!r} is not a phone number; write it as +15551234567")


def more_than_nothing(*options: tuple[str, float | None]) -> None:
    """Raises WrongUsage for a limit that allows nothing."""
    for option, value in options:
        if value is not None and value <= 0:
            raise WrongUsage(f"{option}: {value} leaves no room for a single request; give more than 0")


def named(known: Iterable[str], only: tuple[str, ...], skip: tuple[str, ...]) -> list[str]:
    """The names of the checks that were asked for, in order. Raises WrongUsage for a name that is none."""
    names = list(known)
    for name in (*only, *skip):
        if name not in names:
            from difflib import get_close_matches

            near = get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise WrongUsage(f"--only, --skip: there is no check {name!r}{hint}")
    return [name for name in names if name not in skip and (not only or name in only)]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine for certain; a name that somebody else resolves is not."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def digits(number: str) -> str:
    """A phone number's digits, which all its spellings share."""
    return "".join(char for char in number if char.isdigit())


def _address(text: str) -> tuple[str, int]:
    """`127.0.0.1:9000` taken apart."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise WrongUsage(f"--listen: {text!r} is not HOST:PORT; write it as 127.0.0.1:9000")
    return host.strip("[]"), int(port)


def web_address(option: str, url: str, *, query: bool = False) -> None:
    """Raises WrongUsage for what is none, or would end up in a report with a secret in it."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or any(char.isspace() for char in url):
        raise WrongUsage(f"{option}: {url!r} is not a web address; write it as http://127.0.0.1:8484/api/v1")
    if parts.username or parts.password:
        raise WrongUsage(
            f"{option}: there is a user name or password in it, which would end up in reports; leave it out"
        )
    if (parts.query and not query) or parts.fragment:
        raise WrongUsage(f"{option}: {url!r} has a query or fragment; leave off what follows the path")
