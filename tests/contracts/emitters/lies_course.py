"""What becomes of a delivery on its way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.web.door import encode
from mock_server.webhooks.signing import sign

from .emitter import Way, course

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mock_server.webhooks.transport import Answer, Post


def _event(post: Post) -> str:
    return dict(post.headers)["X-Flowella-Event"]


def _with(post: Post, body: bytes, **headers: str) -> Post:
    """Another body, rightly signed; headers by their names without `X-Flowella-`."""
    changed = {f"X-Flowella-{name}": value for name, value in headers.items()}
    return replace(post, body=body, headers=tuple({**dict(post.headers), **changed}.items()))


@course("nothing-lost")
def missing_event(post: Post, way: Way) -> Future[Answer]:
    """`message.delivered` is never delivered."""
    return way.lost() if _event(post) == "message.delivered" else way.on(post)


@course("nothing-lost")
def missing_now_and_then(post: Post, way: Way) -> Future[Answer]:
    """Every second `optout.created` is lost."""
    if _event(post) != "optout.created":
        return way.on(post)
    seen = way.memory.setdefault(post.url, [])
    seen.append(post)
    return way.lost() if len(seen) % 2 == 0 else way.on(post)


@course("nothing-lost")
def one_endpoint_is_enough(post: Post, way: Way) -> Future[Answer]:
    """Of two endpoints that want an event only one gets it."""
    return way.lost() if "/some" in post.url else way.on(post)


@course("nothing-invented")
def extra_event(post: Post, way: Way) -> Future[Answer]:
    """A template that changes its status is told as two events."""
    if _event(post) != "template.status_updated":
        return way.on(post)
    body = json.loads(post.body)
    body["data"]["id"] = body["data"]["id"][:-4] + "zzzz"
    again = encode(body)
    delivery = dict(post.headers)["X-Flowella-Delivery"] + "z"
    return way.on(post, _with(post, again, Signature=sign(way.secret_of(post.url), again), Delivery=delivery))


@course("nothing-invented")
def sent_again_though_accepted(post: Post, way: Way) -> Future[Answer]:
    """What was answered with 200 comes once more."""
    return way.on(post, post) if _event(post) == "optout.created" else way.on(post)


@course("states-in-order")
def states_out_of_order(post: Post, way: Way) -> Future[Answer]:
    """`message.sent` overtakes nothing: it comes after `message.delivered`, on a clock that stands still."""
    if _event(post) == "message.sent":
        way.memory[post.url] = post
        return way.lost()
    if _event(post) == "message.delivered" and post.url in way.memory:
        return way.on(post, way.memory.pop(post.url))
    return way.on(post)


@course("redirects-not-followed")
def redirect_followed(post: Post, way: Way) -> Future[Answer]:
    """Wherever a redirect points to, the delivery goes."""
    if "/redirecting" not in post.url:
        return way.on(post)
    return way.on(post, replace(post, url=post.url.rpartition("/")[0] + "/elsewhere"))
