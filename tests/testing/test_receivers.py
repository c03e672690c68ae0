"""Receivers of every kind are called as their servers would call them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import bottle
import django
import flask
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import path

from mock_server.testing.receivers import Receiver
from mock_server.webhooks.signing import verify
from mock_server.webhooks.transport import Post, PostError

if TYPE_CHECKING:
    from mock_server.testing.handle import Handle

BODY = '{"data":{"text":"naïve"}}'.encode()
POST = Post(
    "http://receiver-1.flowella.localhost/hooks?a=b",
    (("Content-Type", "application/json"), ("X-Flowella-Event", "message.sent")),
    BODY,
    10.0,
)
heard: list[Any] = []


def flask_app() -> Any:
    """Flask, not in testing mode: it makes a 500 of an exception."""
    app = flask.Flask("hooks")

    @app.post("/hooks")
    def hooks() -> tuple[str, int]:
        heard.append((flask.request.get_data(), flask.request.headers["X-Flowella-Event"], flask.request.args["a"]))
        return "", 202

    @app.post("/broken")
    def broken() -> str:
        raise LookupError("flask")

    return app


def bottle_app() -> Any:
    """Bottle."""
    app = bottle.Bottle()

    @app.post("/hooks")  # type: ignore[untyped-decorator]
    def hooks() -> Any:
        request = bottle.request
        heard.append((request.body.read(), request.headers["X-Flowella-Event"], request.query.a))
        return bottle.HTTPResponse(status=202)

    return app


def django_app() -> Any:
    """Django, in one file."""
    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], DEBUG=False, LOGGING_CONFIG=None)
        django.setup(set_prefix=False)
    return WSGIHandler()


def django_hooks(request: Any) -> HttpResponse:
    """A view."""
    heard.append((request.body, request.headers["X-Flowella-Event"], request.GET["a"]))
    return HttpResponse(status=202)


def django_broken(_: Any) -> HttpResponse:
    """Another one."""
    raise LookupError("django")


urlpatterns = [path("hooks", django_hooks), path("broken", django_broken)]


def asgi_app() -> Any:
    """A bare ASGI application."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/broken":
            raise LookupError("asgi")
        message = await receive()
        event = dict(scope["headers"])[b"x-flowella-event"].decode()
        heard.append((message["body"], event, scope["query_string"].decode().removeprefix("a=")))
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


def function() -> Any:
    """A plain function."""

    def hook(headers: Any, body: bytes) -> int:
        heard.append((body, headers["x-flowella-event"], "b"))
        return 202

    return hook


def async_function() -> Any:
    """An asynchronous one."""

    async def hook(headers: Any, body: bytes) -> int:
        heard.append((body, headers.get("X-FLOWELLA-EVENT"), "b"))
        return 202

    return hook


@pytest.mark.parametrize("make", [flask_app, bottle_app, django_app, asgi_app, function, async_function])
def test_it_gets_the_exact_bytes_and_headers(make: Any) -> None:
    """What the receiver sees is what was sent, and its status is the answer."""
    heard.clear()
    receiver = Receiver(make())
    answer = receiver.deliver(POST)
    receiver.close()

    assert receiver.errors == []
    assert answer.status == 202
    assert heard == [(BODY, "message.sent", "b")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", [flask_app, django_app, asgi_app])
def test_what_it_raises_is_kept(make: Any) -> None:
    """Also where a framework makes a 500 of it."""
    receiver = Receiver(make())
    answer = receiver.deliver(Post(POST.url.replace("hooks?a=b", "broken"), POST.headers, BODY, 10.0))
    receiver.close()

    ((event, error),) = receiver.errors
    assert (answer.status, event, type(error)) == (500, "message.sent", LookupError)


@pytest.mark.parametrize("wrong", [7, None, lambda: None, lambda a: None, lambda a, b, c, d: None])
def test_what_cannot_be_called_is_refused(wrong: Any) -> None:
    """With a sentence that says what can."""
    with pytest.raises(TypeError, match="WSGI"):
        Receiver(wrong)


@pytest.mark.parametrize("answer", ["ok", True, (200, "ok")])
def test_a_function_that_answers_something_else_is_told(answer: Any) -> None:
    """None or a status."""
    receiver = Receiver(lambda headers, body: answer)
    assert receiver.deliver(POST).status == 500
    assert "None for 200" in str(receiver.errors[0][1])


def test_who_sleeps_too_long_has_not_answered() -> None:
    """Ten seconds, on the organization's clock."""

    def sleepy(headers: Any, body: bytes) -> None:
        receiver.slept += 10.5

    receiver: Receiver = Receiver(sleepy)
    assert receiver.deliver(POST).error is PostError.TIMEOUT


def test_everything_is_signed_and_a_url_goes_out_over_http(pair: tuple[Handle, Handle]) -> None:
    """A receiver in process and one behind a URL get the same bytes, rightly signed."""
    inside, outside = pair
    got: dict[str, list[tuple[Any, bytes]]] = {"inside": [], "outside": []}
    inside.subscribe(lambda headers, body: got["inside"].append((dict(headers), body)))
    url = f"{outside.origin}/nowhere"  # some server: this one answers 404
    made = inside.subscribe(url, ["message.received"])
    inside.receive("+15551234567", "hello")

    assert {type(value) for headers, _ in got["inside"] for value in headers.values()} == {str}
    assert all(verify(inside.webhook_secret, body, headers["X-Flowella-Signature"]) for headers, body in got["inside"])
    delivery = next(delivery for delivery in inside.deliveries if delivery.webhook_id == made.id)
    assert delivery.attempts[0].status == 404
    assert delivery.attempts[0].requestText == got["inside"][1][1].decode()
    assert json.loads(got["inside"][1][1])["event"] == "message.received"


def test_an_event_that_does_not_exist_is_refused(pair: tuple[Handle, Handle]) -> None:
    """With a guess."""
    with pytest.raises(ValueError, match=r"did you mean 'message\.read'"):
        pair[0].subscribe(lambda headers, body: None, ["message.reed"])


def test_a_receiver_that_refuses_what_is_right_is_told_why_that_may_be(flowella: Handle) -> None:
    """The signature is right; what it compares is not what came."""
    flowella.subscribe(lambda headers, body: 401)
    flowella.receive("+15551234567", "hello")

    with pytest.raises(
        AssertionError, match=r"answered 401 (.|\n)*The signature is right(.|\n)*parsed and written anew"
    ):
        flowella.assert_delivered("message.received")
