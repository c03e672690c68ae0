"""Lists: bounds, and that paging shows everything once, in order, while the world goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.laws.registry import law
from contracts.provenance import DESIGNED, INFERRED, Mark
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.laws.case import Case
    from contracts.speech.base import Listing

_MOST_PAGES = 60
_ORDER = Mark(DESIGNED, "D7")


@law(
    "limit-bounds",
    "A page has at most `limit` rows, and a limit outside 1 to 100 is refused",
    "D7",
    DESIGNED,
    needs=("lists",),
)
def limit_bounds(case: Case) -> None:
    """The bounds are documented for what is shown; that others are refused is a choice."""
    some_rows(case)
    for listing in case.scene.speech.listings:
        for limit in (1, 2, 100):
            rows = listing.items(case.must(case.ask(listing.page(limit, None)), listing.operation))
            case.expect(len(rows) <= limit, f"at most {limit} rows", f"{len(rows)} rows", mark=listing.mark)
        rows = listing.items(case.must(case.ask(listing.page(None, None)), listing.operation))
        case.expect(
            len(rows) <= listing.default,
            f"at most {listing.default} rows when no limit is given",
            f"{len(rows)} rows",
            mark=listing.mark,
        )
        for wrong in (0, -1, 101, 1000, "abc", "1.5", ""):
            answer = case.ask(listing.page(wrong, None))
            case.expect(answer.status == 400, f"400 for limit={wrong}", str(answer.status))
        answer = case.ask(listing.page(None, "no-cursor-of-ours"))
        case.expect(answer.status == 400, "400 for a cursor that is not ours", str(answer.status))


@law(
    "pages-complete",
    "Paging shows every row once, newest first, and ends",
    "/api-reference/introduction",
    INFERRED,
    needs=("lists",),
)
def pages_complete(case: Case) -> None:
    """Small pages against one large one."""
    some_rows(case)
    looked = [_judge_paging(case, listing) for listing in case.scene.speech.listings]
    if not any(looked):
        raise NotReached("no list has three rows", required=case.scene.may_write)


def _judge_paging(case: Case, listing: Listing) -> bool:
    """Whether there was enough to look at."""
    whole = listing.items(case.must(case.ask(listing.page(100, None)), listing.operation))
    if len(whole) < 3:
        return False
    times = [str(row["createdAt"]) for row in whole if "createdAt" in row]
    case.expect(
        times == sorted(times, reverse=True), "newest first", f"another order in {listing.operation}", mark=_ORDER
    )
    for size in _sizes(len(whole)):
        paged = _walk(case, listing, size, enough=len(whole))
        missing = [i for i in _ids(whole) if i not in set(_ids(paged))]
        case.expect(not missing, "every row is on some page", f"{len(missing)} of {len(whole)} rows on none")
        twice = len(paged) - len(set(_ids(paged)))
        case.expect(not twice, "no row is on two pages", f"{twice} rows came twice")
        if not missing and not twice:
            same = _ids(paged)[: len(whole)] == _ids(whole)
            case.expect(same, "the same order whatever the page size", "another order", mark=_ORDER)
    return True


def _sizes(rows: int) -> list[int]:
    """Page sizes that show a full last page and one that is not."""
    small = [size for size in range(max(1, rows // 6), rows) if -(-rows // size) <= _MOST_PAGES]
    full = next((size for size in small if rows % size == 0), None)
    part = next((size for size in small if rows % size), None)
    return [size for size in (full, part) if size is not None]


@law(
    "pages-stable",
    "A page turned while rows are added skips and repeats nothing",
    "D7",
    DESIGNED,
    needs=("lists", "upsert"),
    stands_on=("pages-complete",),
)
def pages_stable(case: Case) -> None:
    """Between each two pages one row more, and one changed that was not seen yet."""
    ours = [case.scene.people.somebody() for _ in range(6 if case.scene.people.invented else 1)]
    for number in ours:
        case.must(case.verb("upsert", number, name="Here before"), "an upsert")
    for listing in (one for one in case.scene.speech.listings if one.rows_by_upsert):
        before = _ids(listing.items(case.must(case.ask(listing.page(20, None)), listing.operation)))
        seen = _walk_while_changing(case, listing, len(before), ours)
        skipped = [i for i in before[: len(seen)] if i not in seen]
        case.expect(not skipped, "what was there is on some page", f"{len(skipped)} rows were skipped")
        twice = len(seen) - len(set(seen))
        case.expect(not twice, "nothing comes twice", f"{twice} rows came twice")


def _walk_while_changing(case: Case, listing: Listing, enough: int, ours: list[str]) -> list[Any]:
    seen: list[Any] = []
    cursor = None
    for turn in range(_MOST_PAGES):
        body = case.must(case.ask(listing.page(3, cursor)), listing.operation)
        seen += _ids(listing.items(body))
        cursor = listing.following(body)
        if cursor is None or len(seen) >= enough:
            break
        case.must(case.verb("upsert", case.scene.people.somebody(), name="Newcomer"), "an upsert")
        case.must(case.verb("upsert", ours[0], name=f"Changed {turn}"), "an upsert")
    return seen


def some_rows(case: Case) -> None:
    """See to it that there are rows to be counted, where that is allowed and costs nobody anything."""
    scene = case.scene
    if not scene.may_write or not scene.people.invented or scene.seen.get("rows"):
        return
    scene.seen["rows"] = True
    for number in scene.people.several(8):
        if "upsert" in scene.speech.verbs:
            case.must(case.verb("upsert", number, name="One of many"), "an upsert")
    if "send" in scene.speech.verbs:
        for number in scene.people.several(4):
            scene.send(case, number)


def _walk(case: Case, listing: Listing, size: int, enough: int) -> list[Any]:
    """Page after page, until the end or until as many rows as were wanted."""
    rows: list[Any] = []
    cursor = None
    for _ in range(_MOST_PAGES):
        body = case.must(case.ask(listing.page(size, cursor)), listing.operation)
        rows += listing.items(body)
        cursor = listing.following(body)
        if cursor is None:
            return rows
        if enough >= 100 and len(rows) >= enough:
            return rows
    case.broken("paging comes to an end", f"after {_MOST_PAGES} pages there is still a cursor")
    return rows


def _ids(rows: list[Any]) -> list[Any]:
    return [row.get("id") for row in rows if isinstance(row, dict)]
