"""API keys as pure rules."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.domain.api_keys import ApiKey, digest, revoke, usage_is_stale
from mock_server.domain.errors import Conflict
from mock_server.domain.instant import SECOND

SECRET = "flo_" + "x" * 24
KEY = ApiKey("k1", "First key", SECRET[:8], digest(SECRET), created_at=1)


def test_only_a_hash_is_kept() -> None:
    """The digest is SHA-256 in hex, and nothing kept of a key holds its secret."""
    assert digest(SECRET) == hashlib.sha256(SECRET.encode()).hexdigest()
    assert SECRET not in repr(KEY)


@given(st.text())
@example("\ud800")
def test_any_text_has_a_digest(text: str) -> None:
    """Whatever a caller sends as a key can be looked up, half a surrogate pair included."""
    assert len(digest(text)) == 64


def test_revoking() -> None:
    """The key stays, marked with the instant."""
    assert revoke(KEY, 9) == replace(KEY, revoked_at=9)


def test_revoking_is_final() -> None:
    """Revoking again is refused, naming the key and when it was revoked."""
    with pytest.raises(Conflict, match=r"k1 .* 1970-01-01T00:00:09\.000Z"):
        revoke(revoke(KEY, 9 * SECOND), 10 * SECOND)


@pytest.mark.parametrize(
    ("last_used_at", "now", "stale"),
    [(None, 0, True), (0, 0, False), (0, 59_999_999, False), (0, 60_000_000, True), (5, 60_000_004, False)],
)
def test_last_use_is_right_to_the_minute(last_used_at: int | None, now: int, stale: bool) -> None:
    """It is moved at the first use, and then when a minute has gone by."""
    assert usage_is_stale(replace(KEY, last_used_at=last_used_at), now) is stale
