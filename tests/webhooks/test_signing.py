"""The signature, and its check."""

from __future__ import annotations

import pytest

from mock_server.webhooks.signing import sign, verify

# RFC 4231, test case 2.
KEY, BODY = "Jefe", b"what do ya want for nothing?"
DIGEST = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_a_published_vector() -> None:
    """HMAC-SHA256 in lower-case hex."""
    assert sign(KEY, BODY) == DIGEST
    assert verify(KEY, BODY, DIGEST)


@pytest.mark.parametrize("signature", ["", DIGEST[:-1], DIGEST.upper(), f"sha256={DIGEST}", "é", "\udcff"])
def test_anything_else_is_not_it(signature: str) -> None:
    """Whatever came in the header, it never raises."""
    assert not verify(KEY, BODY, signature)
    assert not verify("jefe", BODY, DIGEST)
    assert not verify(KEY, BODY + b" ", DIGEST)
