"""What every answer must be, whoever asked: these laws look on while all the others work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contracts.laws.registry import watch
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark, own

if TYPE_CHECKING:
    from contracts.exchange import Answer, Exchange
    from contracts.laws.case import Case
    from contracts.spec import Operation, Response


@watch("response-schema", "An answer has the shape that the spec gives it", "the spec", DOCUMENTED)
def response_schema(case: Case, exchange: Exchange) -> None:
    """jsonschema, with formats; each broken statement of the spec is one finding."""
    found = _declared(case, exchange)
    if found is None:
        return
    answer, steps = found
    if _is_error(case, exchange):  # error-envelope's business
        return
    if answer.json is None:
        case.broken("the body is JSON", _excerpt(answer), exchange=exchange, mark=Mark(DOCUMENTED, "the spec"))
        return
    for misfit in case.scene.shapes.misfits(answer.json, steps):
        promised, came = f"{misfit.where} {misfit.promised}", f"{misfit.where} {misfit.came}"
        case.broken(promised, came, mark=misfit.mark, cause=misfit.cause, exchange=exchange)
    case.held()


@watch("status-declared", "An operation answers only with statuses that the spec declares", "the spec", DOCUMENTED)
def status_declared(case: Case, exchange: Exchange) -> None:
    """The mark is that of the declared answer of the same kind: a 200 for a 201 is as sure as the 201 is."""
    operation, answer = _operation(case, exchange), exchange.answer
    if operation is None or answer is None or answer.status >= 500:
        return
    fine = operation.response(answer.status) is not None
    kind = [r for status, r in operation.responses.items() if status[0] == str(answer.status)[0]]
    mark = kind[0].mark if kind else operation.mark
    declared = ", ".join(operation.responses)
    cause = str(answer.status)
    case.expect(fine, f"one of {declared}", str(answer.status), mark=mark, cause=cause, exchange=exchange)


@watch("content-type", "An answer says truly what it is: JSON", "the spec", DOCUMENTED)
def content_type(case: Case, exchange: Exchange) -> None:
    """Where the spec declares nothing, as on an unknown path, it is JSON too."""
    answer = exchange.answer
    if answer is None or not answer.body or answer.status >= 500 or exchange.call.control:
        return
    response = _response(case, exchange)
    allowed = list(response.types) if response and response.types else ["application/json"]
    came = answer.type or "no Content-Type"
    mark = response.mark if response else case.law.mark
    case.expect(
        answer.type in allowed, f"Content-Type {' or '.join(allowed)}", came, mark=mark, cause=came, exchange=exchange
    )


@watch("server-error", "No request makes the server fail", "RFC 9110 15.6", DOCUMENTED)
def server_error(case: Case, exchange: Exchange) -> None:
    """5xx, or a connection that ends without an answer."""
    if exchange.call.control:
        return
    if exchange.answer is None:
        if exchange.trouble and (
            "closed" in exchange.trouble or "reset" in exchange.trouble or "broke" in exchange.trouble
        ):
            case.broken("an answer", exchange.trouble, exchange=exchange, cause=exchange.trouble)
        return
    status = exchange.answer.status
    came = f"{status} {_excerpt(exchange.answer)}"
    case.expect(status < 500, "no 5xx", came, exchange=exchange, cause=_digitless(came))


@watch("no-extra-fields", "An answer has no fields but those of the spec", "the spec", DOCUMENTED)
def no_extra_fields(case: Case, exchange: Exchange) -> None:
    """As sure as the object that has the field."""
    found = _declared(case, exchange)
    if found is None or found[0].json is None:
        return
    for extra in case.scene.shapes.extras(found[0].json, found[1]):
        promised, came = f"{extra.where}: {extra.promised}", f"{extra.where}: {extra.came}"
        case.broken(promised, came, mark=extra.mark, cause=extra.cause, exchange=exchange)
    case.held()


@watch("no-secrets-echoed", "An answer never repeats the key", "common sense", INFERRED)
def no_secrets_echoed(case: Case, exchange: Exchange) -> None:
    """In the body or in a header: logs and screens are full of answers."""
    answer = exchange.answer
    if answer is None or exchange.call.control:
        return
    sent = dict(exchange.sent).get("Authorization", "").partition(" ")[2].strip()
    if len(sent) < 12:
        return
    where = next((name for name, value in answer.headers if sent in value), None)
    where = "the body" if sent.encode() in answer.body else where
    case.expect(where is None, "the key stays out of answers", f"it is in {where}", exchange=exchange)


@watch("response-time", "An answer comes in a bearable time", "D75", DESIGNED)
def response_time(case: Case, exchange: Exchange) -> None:
    """Absurdly slow, not slow: this is no benchmark."""
    limit = case.scene.settings.slow_after
    if exchange.answer is None:
        if exchange.trouble == "no answer in time":
            case.broken(f"an answer within {case.scene.settings.timeout:g} s", "none", exchange=exchange)
        return
    came = f"{exchange.answer.seconds:.1f} s"
    case.expect(exchange.answer.seconds <= limit, f"an answer within {limit:g} s", came, exchange=exchange)


def envelope_of(case: Case, exchange: Exchange) -> None:
    """The watching half of error-envelope: the envelope on every 4xx, and a code that the spec lists for it."""
    answer = exchange.answer
    if answer is None or exchange.call.method == "HEAD" or exchange.call.control:
        return
    if answer.ok and _is_error(case, exchange):
        case.broken(
            "an error has an error's status", f"{answer.status} {_excerpt(answer)}", exchange=exchange, cause="status"
        )
    if not 400 <= answer.status < 500:
        return
    wrong = case.scene.speech.envelope(exchange.operation, answer.json)
    came = f"{answer.status} {_excerpt(answer)}"
    if not case.expect(
        wrong is None, "an error in the vendor's envelope", f"{wrong}: {came}", exchange=exchange, cause=wrong or ""
    ):
        return
    codes, mark = _codes(case, exchange)
    code = case.scene.speech.code(answer.json)
    if codes:
        promised = f"{answer.status} with the code {' or '.join(codes)}"
        case.expect(code in codes, promised, f"code {code}", mark=mark, exchange=exchange, cause=f"{promised} {code}")


def _codes(case: Case, exchange: Exchange) -> tuple[list[str], Mark]:
    """The codes that the spec lists for an answer, and how sure they are."""
    response = _response(case, exchange)
    node = None
    if exchange.operation and response:
        operation = case.scene.spec.operations[exchange.operation]
        node = operation.node["responses"].get(response.status)
    if node is None:
        return [], Mark()
    if "$ref" in node:
        from contracts.provenance import follow, pointed

        node = follow(case.scene.spec.document, pointed(node["$ref"]))[0]
    codes = [str(code) for code in node.get("x-error-codes", [])]
    examples = case.scene.spec.document.get("components", {}).get("examples", {})
    return codes, next((mark for code in codes if (mark := own(examples.get(code)))), Mark())


def _operation(case: Case, exchange: Exchange) -> Operation | None:
    if exchange.operation is None or exchange.call.method == "HEAD":
        return None
    return case.scene.spec.operations[exchange.operation]


def _response(case: Case, exchange: Exchange) -> Response | None:
    operation = _operation(case, exchange)
    return operation.response(exchange.answer.status) if operation and exchange.answer else None


def _declared(case: Case, exchange: Exchange) -> tuple[Answer, tuple[Any, ...]] | None:
    """An answer whose JSON shape is declared, and where."""
    response = _response(case, exchange)
    if response is None or exchange.answer is None or "application/json" not in response.types:
        return None
    if exchange.answer.status >= 400:  # error-envelope's business
        return None
    return exchange.answer, response.types["application/json"]


def _is_error(case: Case, exchange: Exchange) -> bool:
    """Whether the body says that it is an error, whatever the status says."""
    body = exchange.answer.json if exchange.answer else None
    return case.scene.speech.code(body) is not None and case.scene.speech.envelope(exchange.operation, body) is None


def _digitless(text: str) -> str:
    """Without what differs from one time to the next: ids and numbers."""
    return re.sub(r"\w*\d\w*", "#", text[4:])


def _excerpt(answer: Answer) -> str:
    text = " ".join(answer.body[:400].decode("utf-8", "replace").split())
    return text[:120] or "(empty body)"
