"""The rate limit: it never comes, it never goes, it comes in the wrong words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.services import accounts

from .lying import Honest, lie
from .messages import error, reply

if TYPE_CHECKING:
    from .messages import Answer, Call


@lie("* /*", "rate-limit")
def never_limited(call: Call, honest: Honest) -> Answer:
    """Whoever calls too often is served all the same"""
    world = honest.world(call)
    if world.rate_limit is not None:
        accounts.update(world, {"rate_limit": None})
    return honest(call)


@lie("GET /*, POST /*", "rate-limit")
def limited_for_ever(call: Call, honest: Honest) -> Answer:
    """Who was over the limit once stays out"""
    if call.path.startswith("/_mock"):
        return honest(call)
    org = honest.world(call).org.id
    answer = honest.memory.get(org) or honest(call)
    if answer.status == 429:
        honest.memory[org] = answer
    return answer


@lie("GET /*, POST /*", "rate-limit", "error-envelope")
def limited_by_the_proxy(call: Call, honest: Honest) -> Answer:
    """429 comes from the proxy in front, in its own envelope"""
    answer = honest(call)
    return reply(429, {"message": "API rate limit exceeded"}) if answer.status == 429 else answer


@lie("GET /*, POST /*", "rate-limit", "server-error")
def limited_as_unavailable(call: Call, honest: Honest) -> Answer:
    """Too many calls answer 503"""
    answer = honest(call)
    return error(503, "SERVICE_UNAVAILABLE", "Try again later") if answer.status == 429 else answer
