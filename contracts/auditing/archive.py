"""HTTP archives, as browsers, proxies and this harness write them. Webhooks in one are told by their headers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from contracts.auditing.recording import STATUS_ONLY, Damaged, answer_of, call_of, hook_of, moment
from contracts.exchange import Exchange, Headers
from contracts.mask import KEY, NUMBER

if TYPE_CHECKING:
    from contracts.auditing.recording import Recording

_MASKS = (KEY, NUMBER, "wamid.<hidden>")
_SENDER = "x-flowella-"


def read_archive(document: dict[str, Any], name: str, recording: Recording) -> None:
    """Every entry. Raises Damaged."""
    log = document["log"]
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise Damaged(f"{name}: log.entries is not a list, so it is no HTTP archive")
    for number, entry in enumerate(entries):
        place = f"{name}: log.entries[{number}]"
        try:
            _take(entry, place, recording)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise Damaged(f"{place} is damaged: {type(error).__name__} {error}") from None


def _take(entry: Any, place: str, recording: Recording) -> None:
    request, response = entry["request"], entry["response"]
    sent, url, method = _headers(request["headers"]), str(request["url"]), str(request["method"]).upper()
    body = _body(request.get("postData"))
    at = moment(entry["startedDateTime"], f"{place}.startedDateTime")
    if any(name.lower().startswith(_SENDER) for name, _ in sent):
        recording.hooks.append(hook_of(at, sent, body or b"", place, int(response["status"]) or None))
        return
    path = recording.below(url)
    if path is None:
        recording.left_out += 1
        return
    content = response.get("content") or {}
    came = _body(content) or b""
    if any(mask in f"{came!r}{body!r}" for mask in _MASKS):
        recording.masked += 1
        return
    answer = answer_of(
        int(response["status"]), _headers(response["headers"]), came, max(0.0, float(entry.get("time", 0)) / 1000)
    )
    operation = recording.spec.match(method, path)
    lost = not came and int(content.get("size") or 0) > 0
    query = url.partition("?")[2].partition("#")[0]
    recording.exchanges.append(
        Exchange(
            len(recording.exchanges) + 1,
            place,
            operation.id if operation else None,
            call_of(method, path, query, body, sent),
            url,
            sent,
            answer,
            str(response.get("comment") or "no answer was recorded") if answer is None else None,
            at,
            {"judged": STATUS_ONLY, "why": "no body was recorded"} if lost else {},
        )
    )


def _headers(rows: Any) -> Headers:
    return tuple((str(row["name"]), str(row["value"])) for row in rows)


def _body(content: Any) -> bytes | None:
    if not isinstance(content, dict) or content.get("text") is None:
        return None
    text = str(content["text"])
    return base64.b64decode(text, validate=True) if content.get("encoding") == "base64" else text.encode("utf-8")
