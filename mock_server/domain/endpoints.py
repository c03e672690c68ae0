"""Webhook endpoints: where events go, which ones, and when we stop trying (D22, D24)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from mock_server.domain.events import EventKind, Platform
from mock_server.domain.instant import Instant


class DisabledReason(StrEnum):
    """Why an endpoint gets nothing."""

    FAILURES = "too many failed attempts in a row"
    SETTINGS = "switched off in Settings"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`events` empty means all that its `vendor` tells of. `failures_in_row` counts failed attempts across events; a success
    resets it. `secret` is empty where nothing is signed.
    """

    id: str
    url: str
    events: tuple[EventKind, ...]
    secret: str
    created_at: Instant
    active: bool = True
    failures_in_row: int = 0
    disabled_at: Instant | None = None
    disabled_reason: DisabledReason | None = None
    vendor: str = "flowella"
    platform: Platform = Platform.WHATSAPP

    def wants(self, kind: EventKind, platform: Platform = Platform.WHATSAPP) -> bool:
        """Is it to be told of this kind of event?"""
        return self.active and (not self.events or kind in self.events) and platform is self.platform


def after_attempt(endpoint: Endpoint, succeeded: bool, limit: int | None, at: Instant) -> Endpoint:
    """Count an attempt; the `limit`-th failure in a row deactivates the endpoint (D22), None never does (D28)."""
    if succeeded:
        return replace(endpoint, failures_in_row=0) if endpoint.failures_in_row else endpoint
    counted = replace(endpoint, failures_in_row=endpoint.failures_in_row + 1)
    over = limit is not None and counted.failures_in_row >= limit
    return disable(counted, DisabledReason.FAILURES, at) if over else counted


def disable(endpoint: Endpoint, reason: DisabledReason, at: Instant) -> Endpoint:
    """Nothing more goes there. The first reason stays."""
    if not endpoint.active:
        return endpoint
    return replace(endpoint, active=False, disabled_at=at, disabled_reason=reason)


def enable(endpoint: Endpoint) -> Endpoint:
    """By hand, in Settings: a fresh start."""
    return replace(endpoint, active=True, failures_in_row=0, disabled_at=None, disabled_reason=None)
