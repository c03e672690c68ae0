"""API keys: only a hash is kept (D5)."""

import hashlib
from dataclasses import dataclass, replace

from mock_server.domain.errors import Conflict
from mock_server.domain.instant import Instant, iso, seconds

USAGE_RESOLUTION = seconds(60)
"""`last_used_at` is right to about a minute (vendor: /settings/api-keys)."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`digest` is the SHA-256 of the secret in hex; `prefix` its first eight characters, for people."""

    id: str
    label: str
    prefix: str
    digest: str
    created_at: Instant
    last_used_at: Instant | None = None
    revoked_at: Instant | None = None


def digest(secret: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def revoke(key: ApiKey, at: Instant) -> ApiKey:
    """Final: a revoked key never works again (vendor: /settings/api-keys)."""
    if key.revoked_at is not None:
        raise Conflict(f"API key {key.id} was revoked at {iso(key.revoked_at)} already; revoking is final")
    return replace(key, revoked_at=at)


def usage_is_stale(key: ApiKey, at: Instant) -> bool:
    """Is it time to move `last_used_at`?"""
    return key.last_used_at is None or at - key.last_used_at >= USAGE_RESOLUTION
