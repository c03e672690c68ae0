"""Lists that do not hold what they should: limits, cursors, order."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .lying import Honest, lie

if TYPE_CHECKING:
    from .messages import Answer, Call

Rows = list[dict[str, Any]]


def everything(call: Call, honest: Honest) -> Rows:
    """The whole list, asked for honestly."""
    rows: Rows = []
    cursor: str | None = None
    while True:
        page = honest(call.asking(limit="100", cursor=cursor)).json
        rows += page["items"]
        cursor = page.get("nextCursor")
        if cursor is None:
            return rows


def asked_limit(call: Call) -> int:
    return int(call.query.get("limit", "25"))


def place(rows: Rows, cursor: str | None) -> int:
    """Where the page after this cursor begins."""
    return next((index + 1 for index, row in enumerate(rows) if row["id"] == cursor), 0)


def page(answer: Answer, rows: Rows, start: int, limit: int) -> Answer:
    """The rows from there, and a cursor if there are more."""
    items = rows[start : start + limit]
    more = {"nextCursor": items[-1]["id"]} if items and start + limit < len(rows) else {}
    return answer.saying({"items": items, **more})


@lie("GET /contacts", "limit-bounds")
def limit_is_clamped(call: Call, honest: Honest) -> Answer:
    """A `limit` over 100 is taken for 100"""
    limit = call.query.get("limit", "")
    return honest(call.asking(limit="100") if limit.isdigit() and int(limit) > 100 else call)


@lie("GET /contacts", "limit-bounds")
def limit_zero(call: Call, honest: Honest) -> Answer:
    """`limit=0` answers an empty page"""
    if call.query.get("limit") != "0":
        return honest(call)
    answer = honest(call.asking(limit=None))
    return answer.saying({"items": []}) if answer.ok else answer


@lie("GET /contacts", "limit-bounds")
def limit_is_ignored(call: Call, honest: Honest) -> Answer:
    """Pages have 25 rows, whatever `limit` says"""
    answer = honest(call)
    return honest(call.asking(limit=None)) if answer.ok else answer


@lie("GET /contacts", "limit-bounds")
def one_too_many(call: Call, honest: Honest) -> Answer:
    """A page holds one row more than asked for: the one that was fetched to see whether there is more"""
    answer = honest(call)
    limit = asked_limit(call) if answer.ok else 0
    return honest(call.asking(limit=str(limit + 1))) if 0 < limit < 100 else answer


@lie("GET /contacts", "pages-complete")
def cursor_skips(call: Call, honest: Honest) -> Answer:
    """Each further page begins one row too late"""
    answer, cursor = honest(call), call.query.get("cursor")
    if not answer.ok or cursor is None:
        return answer
    rows = everything(call, honest)
    return page(answer, rows, place(rows, cursor) + 1, asked_limit(call))


@lie("GET /contacts", "pages-complete")
def cursor_repeats(call: Call, honest: Honest) -> Answer:
    """Each further page begins with the last row of the one before"""
    answer, cursor = honest(call), call.query.get("cursor")
    if not answer.ok or cursor is None:
        return answer
    rows = everything(call, honest)
    return page(answer, rows, place(rows, cursor) - 1, asked_limit(call))


@lie("GET /contacts", "pages-complete")
def cursor_is_ignored(call: Call, honest: Honest) -> Answer:
    """Every page is the first"""
    answer = honest(call)
    return honest(call.asking(cursor=None)) if answer.ok else answer


@lie("GET /contacts", "pages-complete")
def last_page_leads_back(call: Call, honest: Honest) -> Answer:
    """The last page's `nextCursor` leads back to the beginning"""
    answer = honest(call)
    if not answer.ok or "cursor" not in call.query or "nextCursor" in answer.json:
        return answer
    first = everything(call, honest)[0]["id"]
    return answer.edited(lambda body: body.update(nextCursor=first))


@lie("GET /contacts", "pages-complete")
def last_page_never_comes(call: Call, honest: Honest) -> Answer:
    """There is always a `nextCursor`: behind the last row come empty pages without end"""
    answer = honest(call)
    if not answer.ok or "nextCursor" in answer.json:
        return answer
    items = answer.json["items"]
    cursor = items[-1]["id"] if items else call.query.get("cursor")
    return answer.edited(lambda body: body.update(nextCursor=cursor)) if cursor else answer


@lie("GET /contacts", "pages-complete")
def last_page_is_lost(call: Call, honest: Honest) -> Answer:
    """A last page that would not be full is not announced"""
    answer = honest(call)
    if not answer.ok or "nextCursor" not in answer.json:
        return answer
    left = honest(call.asking(cursor=answer.json["nextCursor"])).json["items"]
    return answer.edited(lambda body: {"items": body["items"]}) if len(left) < asked_limit(call) else answer


@lie("GET /contacts", "pages-stable")
def pages_by_offset(call: Call, honest: Honest) -> Answer:
    """The cursor hides an offset: rows that come in meanwhile push others onto the next page again"""
    answer, cursor = honest(call), call.query.get("cursor")
    if not answer.ok:
        return answer
    rows, limit = everything(call, honest), asked_limit(call)
    start = honest.memory.get(cursor, place(rows, cursor))
    changed = page(answer, rows, start, limit)
    if "nextCursor" in changed.json:
        honest.memory[changed.json["nextCursor"]] = start + limit
    return changed


@lie("GET /contacts", "pages-stable", "pages-complete")
def pages_by_last_change(call: Call, honest: Honest) -> Answer:
    """Sorted by last change: a row that changes while somebody pages jumps to the front and is never seen"""
    answer, cursor = honest(call), call.query.get("cursor")
    if not answer.ok:
        return answer
    rows = sorted(everything(call, honest), key=itemgetter("updatedAt"), reverse=True)
    return page(answer, rows, place(rows, cursor), asked_limit(call))
