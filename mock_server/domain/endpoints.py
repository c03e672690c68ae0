"""Webhook endpoints: where events go, which ones, and when we stop trying (D22, D24)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from mock_server.domain.events import EventKind
from mock_server.domain.instant import Instant


class DisabledReason(StrEnum):
    """Why an endpoint gets nothing."""

    FAILURES = "too many failed attempts in a row"
    SETTINGS = "switched off in Settings"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`events` empty means all. `failures_in_row` counts failed attempts across events; a success resets it."""

    id: str
    url: str
    events: tuple[EventKind, ...]
    secret: str
    created_at: Instant
    active: bool = True
    failures_in_row: int = 0
    disabled_at: Instant | None = None
    disabled_reason: DisabledReason | None = None

    def wants(self, kind: EventKind) -> bool:
        """Is it to be told of this kind of event?"""
        return self.active and (not self.events or kind in self.events)


def after_attempt(endpoint: Endpoint, succeeded: bool, limit: int, at: Instant) -> Endpoint:
    """Count an attempt; the `limit`-th failure in a row deactivates the endpoint (D22)."""
    if succeeded:
        return replace(endpoint, failures_in_row=0) if endpoint.failures_in_row else endpoint
    counted = replace(endpoint, failures_in_row=endpoint.failures_in_row + 1)
    return disable(counted, DisabledReason.FAILURES, at) if counted.failures_in_row >= limit else counted


def disable(endpoint: Endpoint, reason: DisabledReason, at: Instant) -> Endpoint:
    """Nothing more goes there. The first reason stays."""
    if not endpoint.active:
        return endpoint
    return replace(endpoint, active=False, disabled_at=at, disabled_reason=reason)


def enable(endpoint: Endpoint) -> Endpoint:
    """By hand, in Settings: a fresh start."""
    return replace(endpoint, active=True, failures_in_row=0, disabled_at=None, disabled_reason=None)
