"""Signing bytes. HMAC-SHA256 over exactly what is sent, nothing else (vendor: /api-reference/webhooks)."""

import hashlib
import hmac


def sign(secret: str, body: bytes) -> str:
    """The lower-case hex digest, without any prefix (D20)."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(secret: str, body: bytes, signature: str) -> bool:
    """Is this the signature of these bytes? Constant time; never raises."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode(errors="surrogatepass"))
