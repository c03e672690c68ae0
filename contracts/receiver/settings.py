"""What a look at an endpoint was asked for. What can be wrong with it is refused here, before the first event."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.receiver.vendors import VENDORS
from contracts.settings import (
    FULL,
    READONLY,
    SANDBOX,
    WrongUsage,
    is_loopback,
    known_profile,
    more_than_nothing,
    phone_numbers,
    web_address,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """One endpoint. The lower half has no option: what is promised there is published, or only tests are in a hurry."""

    url: str
    secret: str | None = None
    vendor: str = "flowella"
    profile: str | None = None
    recipients: tuple[str, ...] = ()
    ledger_url: str | None = None
    fail_url: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    seed: int = 0
    rate: float | None = None
    time_limit: float | None = None
    timeout: float = 10.0
    settle: float = 5.0
    strict: bool = False

    burst: int = 120
    """Events of a burst."""
    median: float = 0.25
    """Seconds that half of the answers may take in a burst."""
    late: float = 1.0
    """Seconds that only one answer in a hundred may exceed."""
    drip: float = 3.0
    """Seconds that a slow sender takes for a body."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense, and what could make an endpoint write to people by accident."""
        web_address("--url", self.url, query=True)
        for option, url in (("--ledger-url", self.ledger_url), ("--fail-url", self.fail_url)):
            if url is not None:
                web_address(option, url, query=True)
        if self.vendor not in VENDORS:
            raise WrongUsage(f"--vendor: there is no {self.vendor!r}; there are {', '.join(VENDORS)}")
        if VENDORS[self.vendor].signs and not (self.secret or "").strip():
            raise WrongUsage(f"--secret: {self.vendor} signs its events; give the secret that the endpoint checks with")
        more_than_nothing(
            ("--rate", self.rate),
            ("--time-limit", self.time_limit),
            ("--timeout", self.timeout),
            ("--settle", self.settle),
        )
        known_profile(self.profile)
        phone_numbers(self.recipients)
        self._refuse_reaching_people()

    @property
    def local(self) -> bool:
        """Whether the endpoint, and whatever else we are to call, is on this machine."""
        urls = (self.url, self.ledger_url, self.fail_url)
        return all(is_loopback(urlsplit(url).hostname or "") for url in urls if url is not None)

    @property
    def what_may_be_done(self) -> str:
        """The profile, chosen by the host when none is given."""
        return self.profile or (FULL if self.local else READONLY)

    @property
    def pace(self) -> float:
        """Events a second; a burst has three times as many."""
        return self.rate or (20.0 if self.local else 5.0)

    @property
    def requests(self) -> int:
        """About how many requests it takes, for whoever watches."""
        return 140 + 3 * self.burst

    @property
    def seconds(self) -> float:
        """How long it may take."""
        return self.time_limit or 180.0

    def _refuse_reaching_people(self) -> None:
        profile = self.what_may_be_done
        if profile == READONLY:
            raise WrongUsage(
                "--profile readonly: looking at an endpoint is posting to it, and it acts on what it is told. If it is "
                "yours, say --profile sandbox and whom the events may be about: --recipient +15551234567 (yours)"
            )
        if profile == FULL and not self.local:
            raise WrongUsage(
                "--profile full: it makes events about invented numbers, and bursts, which is for endpoints on this "
                "machine; for another host use --profile sandbox with --recipient"
            )
        if profile == SANDBOX and not self.recipients:
            raise WrongUsage(
                "--profile sandbox: an endpoint may answer whom an event is about, so say who that is: "
                "--recipient +15551234567 (yours; may be repeated)"
            )
