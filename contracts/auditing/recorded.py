"""What a recording shows of laws that otherwise have to ask: each call is judged by what it happened to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.laws.shape import objects
from contracts.provenance import HTTP, weaker
from contracts.settings import digits

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.exchange import Answer, Exchange
    from contracts.laws.case import Case
    from contracts.speech.base import Listing


def key_required(case: Case, exchange: Exchange) -> None:
    """A call without a key, in a recording that has keys: many archives leave all of them out."""
    operation = case.scene.spec.operations.get(exchange.operation or "")
    if exchange.answer is None or operation is None or operation.node.get("security") == []:
        return
    if case.scene.seen.get("keys recorded") and not _has(exchange, "authorization"):
        came = exchange.answer.status
        case.expect(_before_it(exchange.answer), "401 without a key", str(came), exchange=exchange)


def bad_input_refused(case: Case, exchange: Exchange) -> None:
    """A body that does not fit its schema, and was taken."""
    operation = case.scene.spec.operations.get(exchange.operation or "")
    if operation is None or exchange.answer is None or exchange.call.json is None:
        return
    if "application/json" not in operation.node.get("requestBody", {}).get("content", {}):
        return
    steps = ("paths", operation.path, operation.method.lower(), "requestBody", "content", "application/json", "schema")
    misfit = next(iter(case.scene.shapes.misfits(exchange.call.json, steps)), None)
    if misfit is None:
        return
    promised = f"400 for bad input: {misfit.where} {misfit.promised}"
    case.expect(
        not exchange.answer.ok,
        promised,
        f"{exchange.answer.status} though it {misfit.came}",
        exchange=exchange,
        mark=weaker(operation.mark, misfit.mark),
        cause=misfit.cause,
    )


def method_not_allowed(case: Case, exchange: Exchange) -> None:
    """A method that a known path does not take. Without a key 401 may come first."""
    answer, known = exchange.answer, case.scene.spec.methods(exchange.call.path)
    if answer is None or not known or exchange.call.method in {*known, "HEAD", "OPTIONS"} or _before_it(answer):
        return
    if case.expect(answer.status == 405, "405", f"{answer.status} to {exchange.call.method}", exchange=exchange):
        allow = {word.strip().upper() for word in (answer.header("Allow") or "").split(",")}
        came = f"Allow: {answer.header('Allow')}"
        case.expect(known <= allow, f"Allow with {', '.join(sorted(known))}", came, exchange=exchange)


def limit_bounds(case: Case, exchange: Exchange) -> None:
    """As many rows as were asked for at most, and 400 for a limit that is none."""
    listing = _listing(case, exchange)
    limit = _query(exchange).get("limit")
    if listing is None or exchange.answer is None or limit is None or _before_it(exchange.answer):
        return
    if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit) <= 100:
        came = exchange.answer.status
        case.expect(came == 400, f"400 for limit={limit}", str(came), exchange=exchange)
    elif exchange.answer.ok:
        rows = len(listing.items(exchange.answer.json))
        case.expect(rows <= int(limit), f"at most {limit} rows", f"{rows} rows", exchange=exchange, mark=listing.mark)


def pages_complete(case: Case, exchange: Exchange) -> None:
    """A page that was turned has none of the rows of those before it."""
    listing = _listing(case, exchange)
    if listing is None or exchange.answer is None or not exchange.answer.ok:
        return
    asked = _query(exchange)
    chains = case.scene.seen.setdefault("chains", {})
    rows = {row["id"] for row in listing.items(exchange.answer.json) if isinstance(row, dict) and "id" in row}
    before: set[Any] = chains.get((exchange.operation, asked.get("cursor")), set())
    if asked.get("cursor") and before:
        again = len(rows & before)
        case.expect(not again, "a further page repeats no row", f"{again} rows again", exchange=exchange)
    following = listing.following(exchange.answer.json)
    if following is not None:
        chains[exchange.operation, str(following)] = rows | before


def ids_agree(case: Case, exchange: Exchange) -> None:
    """One number, one contact id, in whatever answer it stands."""
    if exchange.answer is None or not exchange.answer.ok:
        return
    known = case.scene.seen.setdefault("contact of", {})
    told = [(row.get("phone"), row.get("id")) for row in objects(exchange.answer.json)]
    body = exchange.call.json
    if isinstance(body, dict) and isinstance(exchange.answer.json, dict):
        told.append((body.get("to"), exchange.answer.json.get("contactId")))
    for number, contact in told:
        if isinstance(number, str) and isinstance(contact, str) and "contact" not in contact:
            came = known.setdefault(digits(number), contact)
            case.expect(came == contact, "one number is one contact", "another contact's id", exchange=exchange)


def head_options(case: Case, exchange: Exchange) -> None:
    """HEAD has no body, OPTIONS is refused or described."""
    answer = exchange.answer
    if answer is None or (exchange.operation is None and exchange.call.method != "OPTIONS"):
        return
    if exchange.call.method == "HEAD":
        case.expect(not answer.body, "HEAD has no body", f"{len(answer.body)} bytes", exchange=exchange, mark=HTTP)
    elif exchange.call.method == "OPTIONS":
        fine = answer.status in {200, 204, 401, 405}
        case.expect(fine, "OPTIONS answers 405, or 200 or 204", str(answer.status), exchange=exchange)


def unsupported_media_type(case: Case, exchange: Exchange) -> None:
    """A body under another flag than JSON's."""
    operation = case.scene.spec.operations.get(exchange.operation or "")
    declared = next((value for name, value in exchange.sent if name.lower() == "content-type"), None)
    if operation is None or exchange.answer is None or not exchange.call.body or not operation.node.get("requestBody"):
        return
    if declared and "json" not in declared.lower() and exchange.answer.status != 401:
        came = exchange.answer.status
        case.expect(came == 415, f"415 for {declared}", str(came), exchange=exchange)


RECORDED: dict[str, Callable[[Case, Exchange], None]] = {
    "key-required": key_required,
    "method-not-allowed": method_not_allowed,
    "unsupported-media-type": unsupported_media_type,
    "head-options": head_options,
    "limit-bounds": limit_bounds,
    "pages-complete": pages_complete,
    "ids-agree": ids_agree,
    "bad-input-refused": bad_input_refused,
}
"""By the name of the law."""


def _before_it(answer: Answer) -> bool:
    """Refused or broken before anybody looked at what was asked."""
    return answer.status in {401, 429} or answer.status >= 500


def _has(exchange: Exchange, header: str) -> bool:
    return any(name.lower() == header and value.strip() for name, value in exchange.sent)


def _listing(case: Case, exchange: Exchange) -> Listing | None:
    return next((one for one in case.scene.speech.listings if one.operation == exchange.operation), None)


def _query(exchange: Exchange) -> dict[str, str]:
    from contracts.exchange import asked

    return asked(exchange.call.query)
