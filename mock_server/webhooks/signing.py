"""Signing bytes. HMAC-SHA256 over exactly what is sent, nothing else (vendor: /api-reference/webhooks)."""

import hmac


def to_bytes(text: str) -> bytes:
    """The bytes of a text; of a command line's, too, that is not UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def sign(secret: str, body: bytes) -> str:
    """The lower-case hex digest, without any prefix (D20)."""
    return hmac.digest(to_bytes(secret), body, "sha256").hex()


def verify(secret: str, body: bytes, signature: str) -> bool:
    """Is this the signature of these bytes? Constant time; never raises."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode(errors="surrogatepass"))
