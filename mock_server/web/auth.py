"""Who is asking, by API key; and is it within the rate limit?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.services.accounts import admit_call
from mock_server.services.api_keys import mark_used
from mock_server.web.refusals import KeyTrouble, TooManyRequests, Unauthorized

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_server.web.door import Call


def bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer …`; None without the header, empty for another scheme."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def by_api_key(call: Call, request: Request, prefix: str) -> None:
    """Set the call's world and key. Missing, malformed, unknown and revoked keys are all 401 (D5), over the limit is 429.

    Keys of this API start with `prefix`. A revoked key still says whose journal the refusal belongs into.
    """
    secret = bearer(request)
    if secret is None:
        raise Unauthorized("Missing API key", KeyTrouble.MISSING)
    if not secret.startswith(prefix):
        raise Unauthorized("Invalid API key", KeyTrouble.FOREIGN)
    found = call.orgs.by_key(secret)
    if found is None:
        raise Unauthorized("Invalid API key", KeyTrouble.UNKNOWN)
    call.world, call.key = found
    if call.key.revoked_at is not None:
        raise Unauthorized("Invalid API key", KeyTrouble.REVOKED)
    mark_used(call.world, call.key)
    if not admit_call(call.world):
        raise TooManyRequests("Too many requests")
