"""Everything that was sent and answered, as an HTTP archive. Keys and numbers are masked, long bodies cut."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from contracts import __version__
from contracts.exchange import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.exchange import Exchange, Headers
    from contracts.reporting import Report


def har(report: Report) -> dict[str, Any]:
    """HAR 1.2."""
    creator = {"name": "flowella-contract", "version": __version__}
    entries = [_entry(exchange, report.mask) for exchange in report.exchanges]
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def _entry(exchange: Exchange, mask: Callable[[str], str]) -> dict[str, Any]:
    answer = exchange.answer
    milliseconds = round(answer.seconds * 1000, 1) if answer else 0
    return {
        "startedDateTime": exchange.at.isoformat(),
        "time": milliseconds,
        "request": _request(exchange, mask),
        "response": _response(exchange, mask),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": exchange.part,
    }


def _request(exchange: Exchange, mask: Callable[[str], str]) -> dict[str, Any]:
    call = exchange.call
    request = {
        "method": call.method,
        "url": mask(exchange.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(exchange.sent, mask),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(call.body or b""),
    }
    if call.body is not None:
        kind = dict(exchange.sent).get("Content-Type", "application/octet-stream")
        request["postData"] = {"mimeType": kind, "text": _text(call.body, mask)}
    return request


def _response(exchange: Exchange, mask: Callable[[str], str]) -> dict[str, Any]:
    answer = exchange.answer
    status = answer.status if answer else 0
    body = answer.body if answer else b""
    return {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(answer.headers if answer else (), mask),
        "content": {"size": len(body), "mimeType": (answer and answer.type) or "x-unknown", "text": _text(body, mask)},
        "redirectURL": (answer.header("Location") if answer else None) or "",
        "headersSize": -1,
        "bodySize": len(body),
        "comment": exchange.trouble or "",
    }


def _headers(headers: Headers, mask: Callable[[str], str]) -> list[dict[str, str]]:
    return [{"name": name, "value": mask(value)} for name, value in headers]


def _text(body: bytes, mask: Callable[[str], str]) -> str:
    return mask(body[:KEPT].decode("utf-8", "replace"))
