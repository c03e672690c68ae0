"""The fake's own books: pages of calls (`GET /_mock/orgs/{org}/requests`) and of deliveries.

The journal keeps what was asked and the status of the answer, and nothing else of it. Calls that a fault was played on are
left out: what was ordered is not the API's doing.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from contracts.auditing.recording import STATUS_ONLY, Damaged, answer_of, call_of, hook_of, moment
from contracts.exchange import Exchange

if TYPE_CHECKING:
    from contracts.auditing.recording import Recording


def read_pages(pages: list[Any], name: str, recording: Recording) -> None:
    """Both kinds of rows, in any order of pages. Raises Damaged."""
    for page_number, page in enumerate(pages):
        for number, row in enumerate(page["items"]):
            place = f"{name}: {f'[{page_number}].' if len(pages) > 1 else ''}items[{number}]"
            try:
                _take(row, place, recording)
            except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
                raise Damaged(f"{place} is damaged: {type(error).__name__} {error}") from None


def _take(row: Any, place: str, recording: Recording) -> None:
    if "attempts" in row and "eventId" in row:
        _delivery(row, place, recording)
    elif "operationId" in row and "method" in row:
        _call(row, place, recording)
    else:
        raise Damaged(f"{place} is neither a call of the journal nor a delivery")


def _delivery(row: dict[str, Any], place: str, recording: Recording) -> None:
    if row.get("faults"):
        recording.left_out += 1
        return
    for attempt in row["attempts"]:
        headers = tuple((str(name), str(value)) for name, value in attempt["requestHeaders"].items())
        body = base64.b64decode(attempt["requestBody"], validate=True)
        where = f"{place}.attempts[{int(attempt['number']) - 1}]"
        recording.hooks.append(hook_of(moment(attempt["at"], f"{where}.at"), headers, body, where, attempt["status"]))


def _call(row: dict[str, Any], place: str, recording: Recording) -> None:
    path = recording.below(str(row["path"]))
    if path is None or row.get("faults"):
        recording.left_out += 1
        return
    body, operation = row["body"], recording.spec.match(str(row["method"]), path)
    raw = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    recording.exchanges.append(
        Exchange(
            len(recording.exchanges) + 1,
            place,
            operation.id if operation else None,
            call_of(str(row["method"]), path, str(row["query"]), raw, ()),
            str(row["path"]),
            (),
            answer_of(int(row["status"] or 0), (), b"", 0.0),
            None,
            moment(row["at"], f"{place}.at"),
            {"judged": STATUS_ONLY, "why": "the journal keeps no answers"},
        )
    )
