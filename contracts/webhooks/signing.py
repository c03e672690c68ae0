"""An independent verifier: HMAC-SHA256 of the bytes that came. It shares no code with anybody who signs."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from hashlib import sha256


def digest(secret: str, body: bytes) -> str:
    """Lower-case hex."""
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def is_genuine(secret: str, body: bytes, signature: str) -> bool:
    """Whether this signature is right, letter for letter."""
    return hmac.compare_digest(digest(secret, body).encode(), signature.encode("utf-8", "replace"))


def whats_wrong(secret: str, body: bytes, signature: str) -> str:
    """A signature that is not genuine, explained as far as it can be."""
    bare = re.sub(r"^\w+=", "", signature).lower()
    if bare == digest(secret, body):
        return "the right digest, but in upper case" if bare == signature.lower() else "the right digest with a prefix"
    if signature == b64encode(bytes.fromhex(digest(secret, body))).decode():
        return "the right digest, but in base64"
    if bare in {digest(secret, other) for other in _written_anew(body)}:
        return "the digest of the JSON written anew, not of the bytes that were sent"
    return "another digest"


def _written_anew(body: bytes) -> list[bytes]:
    """What careless senders sign instead of what they send."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    styles = (
        (separators, pure, order) for separators in _SEPARATORS for pure in (True, False) for order in (True, False)
    )
    return [
        json.dumps(value, separators=separators, ensure_ascii=pure, sort_keys=order).encode("utf-8", "surrogatepass")
        for separators, pure, order in styles
    ]


_SEPARATORS = ((",", ":"), (", ", ": "))
