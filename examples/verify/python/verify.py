"""Is a webhook of Flowella's genuine? Copy the function; the rest reads vectors.tsv, to show that it works."""

import base64
import hashlib
import hmac
import sys


def genuine(secret: str, body: bytes, signature: str, timestamp: str, now: float) -> bool:
    """`body` is what came, before anybody parses it; the other two are X-Flowella-Signature and X-Flowella-Timestamp."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        return False
    return timestamp.isdecimal() and abs(now - int(timestamp)) <= 300


for line in sys.stdin.buffer.read().decode().splitlines():
    secret, now, timestamp, signature, body = line.split("\t")
    print("genuine" if genuine(secret, base64.b64decode(body), signature, timestamp, float(now)) else "refused")
